// The stack editor: one row of settings per layer, the cone of stack_cone.js beside it (below it on a phone).
// Python holds the stack: an edit is sent there as the whole list of layers and comes back checked, or refused. Its
// layers stand in the rows at once; an answer to an older edit than the last one is not taken.
const FIELDS = ["kernel", "stride", "padding", "dilation", "channels"];
const BENCHES = new WeakMap();

const element = (tag, attributes = {}, parent = null) => {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") node.textContent = value;
    else node.setAttribute(key, value);
  }
  if (parent) parent.append(node);
  return node;
};
const plural = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

class Bench {
  constructor(root) {
    this.root = root.querySelector(".bench");
    this.rows = root.querySelector(".rows");
    this.status = root.querySelector(".status");
    this.told = root.querySelector(".told");
    this.selected = 0;
    this.serial = 0;                         // the number of the last edit
    this.cone = new Cone(root.querySelector(".drawing"), (...at) => this.tell(...at));
    this.actions = {};
    for (const [name, label] of [["add", "Add layer"], ["up", "Move up"], ["down", "Move down"], ["remove", "Remove"]]) {
      this.actions[name] = element("button", { type: "button", text: label, "data-action": name }, root.querySelector(".actions"));
      this.actions[name].addEventListener("click", () => this.act(name));
    }
    this.watch = new ResizeObserver(() => this.place());
    this.watch.observe(this.root);
  }

  update(component) {
    this.api = component;
    if (component.data.serial < this.serial) return;
    this.serial = component.data.serial;
    this.answered = component.data;
    this.show(component.data);
    this.place();
    this.root.dataset.ready = "1";
  }

  show(data) {
    this.data = data;
    this.selected = Math.min(this.selected, data.layers.length - 1);
    if (this.controls?.length !== data.layers.length) this.build();
    this.fill();
  }

  build() {
    this.rows.replaceChildren();
    const head = element("div", { class: "row head", "aria-hidden": "true" }, this.rows);
    for (const text of ["layer", ...FIELDS, "size", "sees"]) element("span", { text, class: `cell ${text}` }, head);
    const input = element("div", { class: "row input" }, this.rows);
    element("span", { text: "image", class: "cell" }, input);
    this.input = {};
    for (const name of ["size", "channels"]) {
      const holder = element("label", { class: `cell ${name}` }, input);
      element("span", { text: name === "size" ? "pixels" : "channels" }, holder);
      this.input[name] = this.box(holder, `image ${name}`, () => this.send(this.layers()));
    }
    this.controls = this.data.layers.map((_, i) => this.row(i));
  }

  box(parent, label, changed) {
    const box = element("input", { type: "number", inputmode: "numeric", "aria-label": label }, parent);
    box.addEventListener("change", changed);
    return box;
  }

  row(i) {
    const row = element("div", { class: "row layer", role: "group", "aria-label": `layer ${i + 1}` }, this.rows);
    row.addEventListener("focusin", () => this.select(i));
    row.addEventListener("pointerdown", () => this.select(i));
    const controls = { row, kind: element("select", { class: "cell", "aria-label": `layer ${i + 1}: kind` }, row) };
    for (const { value, label } of this.data.kinds) element("option", { value, text: label }, controls.kind);
    controls.kind.addEventListener("change", () => this.send(this.layers()));
    for (const name of FIELDS) controls[name] = this.box(row, `layer ${i + 1}: ${name}`, () => this.send(this.layers()));
    for (const name of FIELDS) controls[name].classList.add("cell");
    controls.size = element("output", { class: "cell size" }, row);
    controls.field = element("output", { class: "cell field" }, row);
    return controls;
  }

  fill() {
    const { input, layers, limits, veiled } = this.data;
    for (const name of ["size", "channels"]) this.set(this.input[name], input[name], limits[`input_${name}`]);
    layers.forEach((layer, i) => {
      const controls = this.controls[i];
      controls.kind.value = layer.kind;
      for (const name of FIELDS) {
        this.set(controls[name], layer[name], limits[name]);
        controls[name].disabled = layer.fixed.includes(name);
      }
      controls.size.textContent = layer.size;
      controls.field.textContent = veiled ? "?" : layer.field === null ? "…" : `${layer.field} px`;
    });
    this.status.textContent = this.data.refused;
    this.status.hidden = !this.data.refused;
    this.select(this.selected);
  }

  set(box, value, [low, high]) {
    Object.assign(box, { min: low, max: high, value });
  }

  select(i) {
    this.selected = i;
    this.controls.forEach(({ row }, at) => row.classList.toggle("selected", at === i));
    this.actions.up.disabled = i <= 0;
    this.actions.down.disabled = i >= this.controls.length - 1;
    this.actions.remove.disabled = this.controls.length < 2;
    this.actions.add.disabled = this.controls.length >= this.data.limits.layers;
  }

  layers() {
    const number = (box) => Math.min(Math.max(Math.round(Number(box.value) || 0), Number(box.min)), Number(box.max));
    return this.controls.map((controls, i) => ({
      ...this.data.layers[i],
      kind: controls.kind.value,
      ...Object.fromEntries(FIELDS.map((name) => [name, number(controls[name])])),
    }));
  }

  act(name) {
    const layers = this.layers(), i = this.selected;
    if (name === "add") {
      const channels = layers[i].channels;
      const fresh = { kind: this.data.kinds[0].value, kernel: 3, stride: 1, padding: 1, dilation: 1, output_padding: 0 };
      layers.splice(i + 1, 0, { ...fresh, channels, fixed: [] });
      this.selected = i + 1;
    } else if (name === "remove") {
      layers.splice(i, 1);
    } else {
      const to = name === "up" ? i - 1 : i + 1;
      [layers[i], layers[to]] = [layers[to], layers[i]];
      this.selected = to;
    }
    this.send(layers);
    this.show({ ...this.data, layers: layers.map((layer) => ({ ...layer, size: "…", field: null })) });
  }

  send(layers) {
    const input = Object.fromEntries(["size", "channels"].map((name) => [name, Math.round(Number(this.input[name].value) || 0)]));
    const plain = layers.map((layer) => Object.fromEntries(["kind", "output_padding", ...FIELDS].map((name) => [name, layer[name]])));
    this.serial += 1;
    this.api.setTriggerValue("edit", { input, layers: plain, serial: this.serial });
  }

  // On a wide page every map stands beside its row of settings; on a phone the drawing has rows of its own.
  place() {
    if (!this.answered) return;
    const wide = this.root.clientWidth >= 760;
    this.root.classList.toggle("wide", wide);
    const rows = [...this.rows.querySelectorAll(".row:not(.head)")];
    const pitch = wide ? (rows.at(-1).offsetTop - rows[0].offsetTop) / (rows.length - 1) : 38;
    const top = wide ? rows[0].offsetTop + rows[0].offsetHeight / 2 : 44;
    const { input, layers, veiled } = this.answered;
    const image = { name: "image", size: input.size, start: 0.5, jump: 1, field: 1 };
    this.cone.veiled = veiled;
    this.cone.update([image, ...layers], { pitch, top, labelled: !wide });
  }

  tell({ level, unit }, sets, pinned) {
    const { layers, input, veiled } = this.answered;
    const name = level ? layers[level - 1].name : "image";
    if (!level || veiled) {
      this.told.textContent = veiled ? "What a unit reads is hidden until you have made your prediction." : `Pixel ${unit} of the image.`;
      return;
    }
    const pixels = [...sets[0].keys()].filter((at) => at >= 0 && at < input.size).sort((a, b) => a - b);
    const span = pixels.length ? pixels.at(-1) - pixels[0] + 1 : 0;
    const { start, jump, field } = layers[level - 1];
    const left = start + unit * jump - field / 2;
    const outside = Math.min(field, Math.max(0, -left) + Math.max(0, left + field - input.size));
    const parts = [`Unit ${unit} of ${name} reads ${plural(pixels.length, "pixel", "pixels")}`];
    if (pixels.length) parts[0] += ` (${pixels[0]} to ${pixels.at(-1)})`;
    if (span > pixels.length) parts.push(`${plural(span - pixels.length, "pixel", "pixels")} in between are never read`);
    if (outside) parts.push(`${outside} of its ${field} px lie outside the image`);
    this.told.textContent = `${parts.join("; ")}.${pinned ? " Pinned: click again to let go." : ""}`;
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!BENCHES.has(root)) BENCHES.set(root, new Bench(root));
  BENCHES.get(root).update(component);
  return () => {
    BENCHES.get(root)?.watch.disconnect();
    BENCHES.delete(root);
  };
}
