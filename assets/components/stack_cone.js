// The one-dimensional cone: a row of units per map, and everything one unit reads in the maps above it.
// The sizes, centres and the range each unit reads come ready from Python; here they are only followed and drawn.
const SVG = "http://www.w3.org/2000/svg";
const MAX_LINES = 80; // beyond this the single connections merge into a grey area anyway

const shape = (name, attributes, parent) => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (parent) parent.append(node);
  return node;
};

// What unit `unit` of map `level` reads: sets[i] = Map(position in map i -> number of ways), padding included.
function follow(maps, level, unit) {
  const sets = maps.map(() => new Map());
  sets[level].set(unit, 1);
  for (let i = level; i > 0; i--) {
    const { first, step, count } = maps[i];
    for (const [at, ways] of sets[i]) {
      if (at < 0 || at >= maps[i].size) continue; // padding holds a constant: it reads nothing
      for (let tap = 0; tap < count[at]; tap++) {
        const below = first[at] + tap * step;
        sets[i - 1].set(below, (sets[i - 1].get(below) || 0) + ways);
      }
    }
  }
  return sets;
}

class Cone {
  constructor(holder, onUnit) {
    this.holder = holder;
    this.onUnit = onUnit;
    this.svg = shape("svg", { tabindex: 0, role: "application" }, holder);
    const pattern = shape("pattern", { id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)" }, shape("defs", {}, this.svg));
    shape("rect", { width: 5, height: 5, class: "hatch-ground" }, pattern);
    shape("line", { x1: 1, x2: 1, y1: 0, y2: 5, class: "hatch-line" }, pattern);
    this.back = shape("g", {}, this.svg);
    this.front = shape("g", {}, this.svg);
    this.pinned = this.next = null;
    this.listen();
  }

  listen() {
    this.svg.addEventListener("pointermove", (event) => { if (!this.pinned) this.hover(this.nearest(event)); });
    this.svg.addEventListener("pointerleave", () => { if (!this.pinned) this.hover(this.resting()); });
    this.svg.addEventListener("click", (event) => {
      const unit = this.nearest(event);
      const same = this.pinned && this.pinned.level === unit.level && this.pinned.unit === unit.unit;
      this.pinned = same ? null : unit;
      this.show(unit);
    });
    this.svg.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const { level, unit } = this.current;
    if (event.key in moves) {
      const [dl, du] = moves[event.key];
      const to = Math.min(Math.max(level + dl, 0), this.maps.length - 1);
      const here = this.maps[level], there = this.maps[to];
      const at = dl ? Math.round((here.start + unit * here.jump - there.start) / there.jump) : unit + du;
      this.pinned = { level: to, unit: Math.min(Math.max(at, 0), there.size - 1) };
    } else if (event.key === "Escape") this.pinned = null;
    else return;
    event.preventDefault();
    this.show(this.pinned || this.resting());
  }

  // Drawn once a frame at most, and only when the pointer has reached another unit.
  hover(unit) {
    const waiting = this.next;
    this.next = unit;
    if (waiting) return;
    requestAnimationFrame(() => {
      const { level, unit: at } = this.next;
      this.next = null;
      if (level !== this.current.level || at !== this.current.unit) this.show({ level, unit: at });
    });
  }

  resting() {
    const level = this.maps.length - 1;
    return { level, unit: Math.floor(this.maps[level].size / 2) };
  }

  nearest(event) {
    const box = this.svg.getBoundingClientRect();
    const level = Math.round((event.clientY - box.top - this.top) / this.pitch);
    const map = this.maps[Math.min(Math.max(level, 0), this.maps.length - 1)];
    const pixel = (event.clientX - box.left - this.left) / this.scale + this.low;
    const unit = Math.round((pixel - map.start) / map.jump);
    return { level: this.maps.indexOf(map), unit: Math.min(Math.max(unit, 0), map.size - 1) };
  }

  // maps[0] is the input; pitch and top tell where the rows are, so that they stand beside the editor's rows.
  update(maps, { pitch, top, labelled }) {
    const same = this.maps && this.maps.length === maps.length && this.pinned && this.pinned.unit < maps[this.pinned.level].size;
    Object.assign(this, { maps, pitch, top, labelled, pinned: same ? this.pinned : null });
    const reach = maps.slice(1).map((map, i) => this.reach(map, maps[i]));
    this.low = Math.min(0, ...reach.map((r) => r[0]));
    this.high = Math.max(maps[0].size, ...reach.map((r) => r[1]));
    this.draw();
  }

  // How far, in pixels, the padding that `map` reads stands out of the map before it.
  reach(map, before) {
    const lows = map.first, highs = map.first.map((at, i) => at + Math.max(map.count[i] - 1, 0) * map.step);
    return [before.start + (Math.min(0, ...lows) - 0.5) * before.jump,
      before.start + (Math.max(before.size - 1, ...highs) + 0.5) * before.jump];
  }

  draw() {
    const width = Math.max(this.holder.clientWidth, 120);
    this.left = 6;
    this.scale = (width - 12) / (this.high - this.low);
    const height = this.top + this.pitch * (this.maps.length - 1) + 30;
    this.bar = Math.min(16, this.pitch * 0.42);
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", height);
    this.svg.setAttribute("aria-label", "Rows of units, the image on top. Arrow keys choose a unit, Escape lets go.");
    this.back.replaceChildren();
    this.maps.forEach((map, i) => {
      const all = Array.from({ length: map.size }, (_, unit) => unit);
      shape("path", { d: this.cells(i, all), class: i ? "map" : "map image" }, this.back);
      if (this.labelled) {
        const label = shape("text", { x: 6, y: this.y(i) - this.bar / 2 - 4, class: "label" }, this.back);
        label.textContent = `${map.name} · ${map.size}`;
      }
    });
    this.show(this.pinned || this.resting());
  }

  y(level) { return this.top + level * this.pitch; }
  x(level, position) {
    const map = this.maps[level];
    return this.left + (map.start + position * map.jump - this.low) * this.scale;
  }

  cells(level, positions) {
    const width = this.maps[level].jump * this.scale;
    const gap = width > 5 ? 1.5 : width > 3 ? 0.7 : 0;
    const y = this.y(level) - this.bar / 2;
    return this.runs(positions, gap < 1).map(([from, to]) => {
      const x = this.x(level, from) - width / 2 + gap / 2, across = (to - from + 1) * width - gap;
      return `M${x.toFixed(1)} ${y}h${across.toFixed(1)}v${this.bar}h${(-across).toFixed(1)}z`;
    }).join("");
  }

  // Cells too narrow for a gap of their own are drawn as one bar: many small shapes would slow the pointer down.
  runs(positions, merged) {
    if (!merged) return positions.map((at) => [at, at]);
    const found = [];
    for (const at of [...positions].sort((a, b) => a - b)) {
      if (found.length && at === found.at(-1)[1] + 1) found.at(-1)[1] = at;
      else found.push([at, at]);
    }
    return found;
  }

  show(current) {
    this.current = current;
    const { level, unit } = current;
    const sets = follow(this.maps, level, unit);
    this.front.replaceChildren();
    this.svg.dataset.unit = `${level}:${unit}`;
    if (this.veiled) { // a cone could be counted out
      shape("path", { d: this.cells(level, [unit]), class: "chosen" }, this.front);
      this.onUnit(current, sets, Boolean(this.pinned));
      return;
    }
    this.lines(sets, level);
    for (let i = level; i >= 0; i--) this.read(sets[i], i, i === level);
    this.bracket(level, unit);
    this.onUnit(current, sets, Boolean(this.pinned));
  }

  lines(sets, level) {
    for (let i = level; i > 0; i--) {
      const half = this.bar / 2, real = [...sets[i].keys()].filter((at) => at >= 0 && at < this.maps[i].size);
      if (!real.length) continue;
      const below = [...sets[i - 1].keys()];
      if (!below.length) continue;
      const edge = (at, l) => (this.maps[l].jump * this.scale) / 2 * at;
      const [a, b] = [Math.min(...real), Math.max(...real)], [c, d] = [Math.min(...below), Math.max(...below)];
      const y = this.y(i) - half, up = this.y(i - 1) + half;
      shape("path", { class: "cone", d: `M${this.x(i, a) - edge(1, i)} ${y}L${this.x(i - 1, c) - edge(1, i - 1)} ${up}` +
        `H${this.x(i - 1, d) + edge(1, i - 1)}L${this.x(i, b) + edge(1, i)} ${y}Z` }, this.front);
      const { first, step, count } = this.maps[i];
      if (real.reduce((sum, at) => sum + count[at], 0) > MAX_LINES) continue;
      const d1 = real.map((at) => Array.from({ length: count[at] }, (_, tap) =>
        `M${this.x(i, at).toFixed(1)} ${y}L${this.x(i - 1, first[at] + tap * step).toFixed(1)} ${up}`).join("")).join("");
      shape("path", { class: "wires", d: d1 }, this.front);
    }
  }

  read(set, level, chosen) {
    const inside = (at) => at >= 0 && at < this.maps[level].size;
    const real = [...set.keys()].filter(inside), padding = [...set.keys()].filter((at) => !inside(at));
    if (padding.length) shape("path", { d: this.cells(level, padding), class: "padding", fill: "url(#hatch)" }, this.front);
    if (level || chosen) shape("path", { d: this.cells(level, real), class: chosen ? "chosen" : "read" }, this.front);
    else this.pixels(set, real);
  }

  // The image row: the more paths lead to a pixel, the stronger its colour.
  pixels(set, real) {
    const most = Math.max(...real.map((at) => set.get(at)), 1);
    const shades = new Map();
    for (const at of real) {
      const shade = (0.3 + 0.7 * Math.ceil((set.get(at) / most) * 12) / 12).toFixed(2);
      shades.set(shade, [...(shades.get(shade) || []), at]);
    }
    for (const [shade, positions] of shades) shape("path", { d: this.cells(0, positions), class: "chosen", "fill-opacity": shade }, this.front);
  }

  bracket(level, unit) {
    if (!level) return;
    const map = this.maps[level], centre = map.start + unit * map.jump;
    const at = (pixel) => this.left + (Math.min(Math.max(pixel, this.low), this.high) - this.low) * this.scale;
    const [x1, x2] = [at(centre - map.field / 2), at(centre + map.field / 2)], y = this.y(0) - this.bar / 2 - 6;
    shape("path", { class: "bracket", d: `M${x1} ${y + 4}V${y}H${x2}V${y + 4}` }, this.front);
    const text = shape("text", { x: Math.min(Math.max((x1 + x2) / 2, 30), this.svg.clientWidth - 30), y: y - 5, class: "field" }, this.front);
    text.textContent = `${map.field} px`;
  }
}
