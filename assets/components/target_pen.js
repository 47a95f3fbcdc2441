// Boxes, keypoints and a brush on the photo, with the mouse, a finger or the keyboard. Places are thousandths of the
// photo's width and height. Python holds the marks: an edit is sent there as a whole and comes back checked.

const SVG = 'http://www.w3.org/2000/svg';
const PENS = new WeakMap();
const TOOLS = [['move', 'Move'], ['box', 'Box'], ['point', 'Keypoint'], ['brush', 'Brush'], ['erase', 'Eraser']];
const HELP = {
  move: 'Drag a corner, a box or a keypoint. Keyboard: arrows go, Enter takes the nearest one and lets it go.',
  box: 'Drag a box. Keyboard: arrows go, Enter sets one corner and then the other.',
  point: 'Click where the keypoint is. Keyboard: arrows go, Enter sets it. A name with left or right swaps in a mirror.',
  brush: 'Paint the object. Keyboard: arrows go, Enter begins and ends a stroke.',
  erase: 'Wipe the paint away. Keyboard: arrows go, Enter begins and ends a stroke.',
};
const clamp = (value) => Math.min(1000, Math.max(0, Math.round(value)));
const el = (tag, attributes = {}, parent = null) => {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'text') made.textContent = value; else made.setAttribute(key, value);
  }
  parent?.append(made);
  return made;
};

function unpack(message) {
  const bytes = message instanceof Uint8Array ? message : new Uint8Array(message);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + view.getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  data.bytes = bytes.subarray(start);
  return data;
}

function thinned(places, most) {             // Douglas and Peucker 1973: no place that a straight line would pass by
  if (places.length < 3) return places;
  const [[ax, ay], [bx, by]] = [places[0], places.at(-1)];
  const long = Math.hypot(bx - ax, by - ay);
  let far = 0, at = 0;
  places.forEach(([x, y], i) => {
    const off = long ? Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / long : Math.hypot(x - ax, y - ay);
    if (off > far) { far = off; at = i; }
  });
  if (far <= most) return [places[0], places.at(-1)];
  return [...thinned(places.slice(0, at + 1), most).slice(0, -1), ...thinned(places.slice(at), most)];
}

class Pen {
  constructor(root) {
    const find = (name) => root.querySelector(name);
    this.root = find('.pen'); this.stage = find('.stage'); this.image = find('img'); this.canvas = find('canvas');
    this.svg = find('svg'); this.list = find('.names'); this.where = find('.where'); this.status = find('.status');
    this.radius = find('.size input'); this.tool = 'move'; this.cursor = null; this.hold = null; this.serial = 0;
    this.buttons = TOOLS.map(([tool, text]) => {
      const button = el('button', { type: 'button', text, 'data-tool': tool });
      button.addEventListener('click', () => this.choose(tool));
      find('.tools').insertBefore(button, find('.size'));
      return button;
    });
    find('.undo').addEventListener('click', () => { this.marks.strokes.pop(); this.send(); });
    find('.clear').addEventListener('click', () => { this.marks = { boxes: [], points: [], strokes: [] }; this.send(); });
    this.stage.addEventListener('pointerdown', (event) => this.down(event));
    this.stage.addEventListener('pointermove', (event) => this.drag(this.at(event)));
    this.stage.addEventListener('pointerup', (event) => this.up(this.at(event)));
    this.stage.addEventListener('pointercancel', () => this.cancel());
    this.stage.addEventListener('keydown', (event) => this.key(event));
    this.stage.addEventListener('blur', () => { this.cursor = null; this.cancel(); });
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.stage);
    this.choose('move');
  }

  update({ data: message, setTriggerValue }) {
    const data = unpack(message);
    this.data = data; this.trigger = setTriggerValue;
    const late = data.serial < this.serial;  // the answer to an older edit than the last one
    if (!this.marks || (!late && !this.hold)) this.marks = structuredClone(data.marks);
    this.serial = Math.max(this.serial, data.serial);
    const ratio = Math.min(Math.max(data.width / data.height, 1 / 24), 24);
    Object.assign(this.stage.style, { aspectRatio: String(ratio), width: `min(100%, ${data.tallest * ratio}px)` });
    this.stage.setAttribute('aria-label', data.alt);
    if (this.image.dataset.checksum !== String(data.checksum)) {
      URL.revokeObjectURL(this.image.src);
      this.image.dataset.checksum = data.checksum;
      this.image.src = URL.createObjectURL(new Blob([data.bytes], { type: data.type }));
    }
    this.buttons.forEach((button) => { button.hidden = !data.tools.includes(button.dataset.tool); });
    this.root.querySelector('.undo').hidden = !data.tools.includes('brush');
    this.status.textContent = data.refused; this.status.hidden = !data.refused;
    this.names();
    this.draw();
    this.image.decode().catch(() => {}).then(() => { this.root.dataset.ready = '1'; });
  }

  choose(tool) {
    this.tool = tool; this.hold = null;
    this.stage.dataset.tool = tool;
    this.buttons.forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.tool === tool)));
    this.radius.style.visibility = tool === 'brush' || tool === 'erase' ? 'visible' : 'hidden';   // nothing moves
    this.where.textContent = HELP[tool];
    if (this.data) this.draw();
  }

  send() {
    this.draw();
    this.serial += 1;
    this.trigger('edit', { ...this.marks, serial: this.serial });
  }

  at(event) {
    const box = this.stage.getBoundingClientRect();
    return [clamp(1000 * (event.clientX - box.left) / box.width), clamp(1000 * (event.clientY - box.top) / box.height)];
  }

  down(event) {
    if (event.button) return;
    this.stage.focus({ preventScroll: true });
    this.cursor = null;
    this.begin(this.at(event));
    if (this.hold) this.stage.setPointerCapture(event.pointerId);
  }

  begin(place) {
    this.before = structuredClone(this.marks);
    if (this.tool === 'move') this.hold = this.nearest(place);
    else if (this.tool === 'box') this.hold = { kind: 'box', start: place, end: place };
    else if (this.tool === 'point') this.hold = { kind: 'point', end: place };
    else this.hold = { kind: 'stroke', stroke: { radius: Number(this.radius.value), places: [place], erases: this.tool === 'erase' } };
    this.draw();
  }

  drag(place) {
    const { hold } = this;
    if (!hold) return;
    if (hold.kind === 'stroke') {
      const last = hold.stroke.places.at(-1);
      if (Math.hypot(place[0] - last[0], place[1] - last[1]) >= 4) hold.stroke.places.push(place);
    } else if (hold.kind === 'corner') {
      const { edges } = this.marks.boxes[hold.index];
      edges[hold.x] = place[0]; edges[hold.y] = place[1];
    } else if (hold.kind === 'whole') {
      const { edges } = this.marks.boxes[hold.index], [w, h] = [hold.edges[2] - hold.edges[0], hold.edges[3] - hold.edges[1]];
      const left = Math.min(Math.max(hold.edges[0] + place[0] - hold.start[0], 0), 1000 - w);
      const top = Math.min(Math.max(hold.edges[1] + place[1] - hold.start[1], 0), 1000 - h);
      edges.splice(0, 4, left, top, left + w, top + h);
    } else if (hold.kind === 'spot') this.marks.points[hold.index].at = place;
    else hold.end = place;
    hold.moved = true;
    this.draw();
  }

  up(place) {
    const { hold } = this;
    if (!hold) return;
    this.drag(place);
    this.hold = null;
    const { boxes, points, strokes } = this.marks;
    const ordered = ([a, b], [c, d]) => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
    if (hold.kind === 'box') {
      const edges = ordered(hold.start, hold.end);
      if (edges[2] - edges[0] < 4 || edges[3] - edges[1] < 4) return this.draw();
      boxes.push({ edges, name: `object ${boxes.length + 1}` });
    } else if (hold.kind === 'point') points.push({ at: place, name: `point ${points.length + 1}` });
    else if (hold.kind === 'stroke') strokes.push({ ...hold.stroke, places: thinned(hold.stroke.places, Math.max(3, hold.stroke.radius / 12)) });
    else if (hold.kind === 'corner') {
      const box = boxes[hold.index], [a, b, c, d] = box.edges;
      box.edges = ordered([a, b], [c, d]);
      if (box.edges[2] === box.edges[0] || box.edges[3] === box.edges[1]) box.edges = hold.edges;
    }
    this.send();
  }

  cancel() {
    if (!this.hold) return;
    this.hold = null;
    if (this.before) this.marks = this.before;
    this.draw();
  }

  nearest([x, y]) {                          // a keypoint or a corner close by, else the smallest box around the place
    const { width, height } = this.stage.getBoundingClientRect();
    const off = (px, py) => Math.hypot((px - x) * width, (py - y) * height) / 1000;
    const near = [];
    this.marks.points.forEach(({ at }, index) => near.push([off(...at), { kind: 'spot', index }]));
    this.marks.boxes.forEach(({ edges }, index) => [0, 2].forEach((ex) => [1, 3].forEach((ey) =>
      near.push([off(edges[ex], edges[ey]), { kind: 'corner', index, x: ex, y: ey, edges: [...edges] }]))));
    near.sort((a, b) => a[0] - b[0]);
    if (near.length && near[0][0] < 18) return near[0][1];
    const around = this.marks.boxes.map(({ edges }, index) => ({ kind: 'whole', index, start: [x, y], edges: [...edges] }))
      .filter(({ edges: [a, b, c, d] }) => a <= x && x <= c && b <= y && y <= d);
    around.sort((a, b) => (a.edges[2] - a.edges[0]) * (a.edges[3] - a.edges[1]) - (b.edges[2] - b.edges[0]) * (b.edges[3] - b.edges[1]));
    return around[0] || null;
  }

  key(event) {
    const step = event.shiftKey ? 50 : 10;
    const moves = { ArrowUp: [0, -step], ArrowDown: [0, step], ArrowLeft: [-step, 0], ArrowRight: [step, 0] };
    if (moves[event.key]) {
      const [x, y] = this.cursor || [500, 500];
      this.cursor = [clamp(x + moves[event.key][0]), clamp(y + moves[event.key][1])];
      this.drag(this.cursor);
      this.draw();
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.cursor ||= [500, 500];
      if (this.hold) this.up(this.cursor);
      else { this.begin(this.cursor); if (this.tool === 'point') this.up(this.cursor); }
    } else if (event.key === 'Escape') { this.cursor = null; this.cancel(); this.draw(); } else return;
    event.preventDefault();
  }

  names() {
    const focus = this.root.getRootNode().activeElement?.dataset?.focus;
    this.list.replaceChildren();
    for (const [kind, held] of [['box', 'boxes'], ['point', 'points']]) {
      this.marks[held].forEach((mark, i) => {
        const label = el('label', { class: kind }, this.list);
        el('i', {}, label);
        const input = el('input', { value: mark.name, maxlength: 40, 'aria-label': `name of ${kind} ${i + 1}`, 'data-focus': `${kind} ${i}` }, label);
        input.addEventListener('change', () => { this.marks[held][i].name = input.value.replaceAll(';', ' ').replace(/^[\d, ]+/, ''); this.send(); });
        const remove = el('button', { type: 'button', text: '✕', 'aria-label': `remove ${mark.name || kind}` }, label);
        remove.addEventListener('click', () => { this.marks[held].splice(i, 1); this.send(); });
      });
    }
    if (focus) this.list.querySelector(`[data-focus="${focus}"]`)?.focus();
  }

  draw() {
    if (!this.data) return;
    this.paint();
    this.svg.replaceChildren();
    this.stage.querySelectorAll('.dot, .corner, .tag').forEach((node) => node.remove());
    const { boxes, points } = this.marks, { hold } = this;
    boxes.forEach(({ edges, name }) => this.box(edges, name));
    if (hold?.kind === 'box') this.box([...hold.start, ...hold.end], '', ' draft');
    points.forEach(({ at, name }) => this.spot('dot', at, name));
    if (this.cursor) {
      const [x, y] = this.cursor;
      for (const kind of ['casing', 'cross']) this.shape('path', kind, { d: `M${x - 25} ${y}H${x + 25}M${x} ${y - 25}V${y + 25}` });
    }
  }

  paint() {
    const { clientWidth: w, clientHeight: h } = this.stage, brush = this.canvas.getContext('2d');
    if (!w || !h) return;
    Object.assign(this.canvas, { width: w, height: h });
    const strokes = this.hold?.kind === 'stroke' ? [...this.marks.strokes, this.hold.stroke] : this.marks.strokes;
    brush.lineCap = brush.lineJoin = 'round';
    brush.strokeStyle = '#4dd0ff';
    for (const { radius, places, erases } of strokes) {
      brush.globalCompositeOperation = erases ? 'destination-out' : 'source-over';
      brush.lineWidth = 2 * radius * Math.max(w, h) / 1000;
      brush.beginPath();
      places.forEach(([x, y], i) => brush[i ? 'lineTo' : 'moveTo'](x * w / 1000, y * h / 1000));
      if (places.length === 1) brush.lineTo(places[0][0] * w / 1000 + 0.01, places[0][1] * h / 1000);   // no length, no dot
      brush.stroke();
    }
  }

  shape(name, classes, values) {
    const made = document.createElementNS(SVG, name);
    made.setAttribute('class', classes);
    Object.entries(values).forEach(([key, value]) => made.setAttribute(key, value));
    this.svg.append(made);
  }

  box([a, b, c, d], name, more = '') {
    const values = { x: Math.min(a, c), y: Math.min(b, d), width: Math.abs(c - a), height: Math.abs(d - b) };
    for (const kind of ['casing', `line${more}`]) this.shape('rect', kind, values);
    if (this.tool === 'move' && !more) for (const x of [a, c]) for (const y of [b, d]) this.spot('corner', [x, y], '');
    if (name) this.tag(name, values.x, values.y, values.y < 70 ? 'tag under' : 'tag');
  }

  spot(kind, [x, y], name) {
    Object.assign(el('span', { class: kind }, this.stage).style, { left: `${x / 10}%`, top: `${y / 10}%` });
    if (name) this.tag(name, x, y, `tag point${x > 650 ? ' flush' : ''}`);
  }

  tag(text, x, y, classes) { Object.assign(el('span', { class: classes, text }, this.stage).style, { left: `${x / 10}%`, top: `${y / 10}%` }); }
}

export default function (component) {
  const root = component.parentElement;
  if (!PENS.has(root)) PENS.set(root, new Pen(root));
  PENS.get(root).update(component);
  return () => { PENS.get(root)?.watch.disconnect(); PENS.delete(root); };
}
