// A picture that answers with the pixel that was clicked. Marks are drawn in image pixels, so they stay put
// at every width; hovering moves two lines and a readout and never reaches the server.

const SVG = 'http://www.w3.org/2000/svg';
const WIDEST = 24;          // shapes beyond 24 : 1 are stretched, else they would be a hairline
const FARTHEST = 1.5;       // how far a box may push the margin out, in picture sides
const SHOWN = new WeakMap();

const shape = (name, classes) => {
  const node = document.createElementNS(SVG, name);
  node.setAttribute('class', classes);
  return node;
};
const place = (node, values) => Object.entries(values).forEach(([name, value]) => node.setAttribute(name, value));
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

function unpack(message) {                   // header length, header as JSON, then the files of the pictures
  const bytes = message instanceof Uint8Array ? message : new Uint8Array(message);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + view.getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  let place = start;
  for (const picture of data.pictures) {
    picture.bytes = bytes.subarray(place, place + picture.length);
    place += picture.length;
  }
  [data.image, data.overlay] = data.pictures;
  return data;
}

class Picture {
  constructor(root) {
    const find = (name) => root.querySelector(name);
    this.frame = find('.picture'); this.stage = find('.stage'); this.marks = find('.marks');
    this.base = find('img.base'); this.overlay = find('img.overlay'); this.where = find('.where');
    this.strength = find('.strength'); this.slider = find('.strength input'); this.scale = find('.scale');
    this.fixed = shape('g', 'fixed'); this.hairs = shape('g', 'hairs');
    this.marks.append(this.fixed, this.hairs);
    this.lines = ['hair under', 'hair', 'hair under', 'hair'].map((name) => this.hairs.appendChild(shape('line', name)));
    this.drawn = 0; this.cursor = null; this.picked = null;
    this.listen();
    this.watch = new ResizeObserver(() => this.sharpness());
    this.watch.observe(this.stage);
  }

  listen() {
    this.stage.addEventListener('pointermove', (event) => this.point(this.pixel(event)));
    this.stage.addEventListener('pointerleave', () => this.point(null));
    this.stage.addEventListener('click', (event) => this.pick(this.pixel(event)));
    this.stage.addEventListener('keydown', (event) => this.key(event));
    this.stage.addEventListener('blur', () => this.point(null));
    this.slider.addEventListener('input', () => { this.overlay.style.opacity = this.slider.value / 100; });
  }

  update({ data: message, setStateValue }) {
    const data = unpack(message);
    const strength = this.data?.strength;
    const fresh = this.base.dataset.checksum !== String(data.image.checksum);
    this.data = data; this.send = setStateValue;
    this.layout();
    this.drawMarks();
    this.point(this.cursor);
    this.stage.setAttribute('aria-label', data.alt);
    this.frame.dataset.name = data.name;
    this.strength.hidden = !data.overlay;
    this.legend(data.scale);
    if (strength !== data.strength) { this.slider.value = data.strength * 100; this.overlay.style.opacity = data.strength; }
    if (!fresh) return this.show(this.overlay, data.overlay);
    delete this.frame.dataset.ready;
    return Promise.all([this.show(this.base, data.image), this.show(this.overlay, data.overlay)])
      .then(() => { if (this.data === data) this.ready(); });
  }

  legend(scale) {
    this.scale.hidden = !scale;
    if (!scale) return;
    const [low, strip, high] = this.scale.children;
    low.textContent = scale.low; high.textContent = scale.high;
    strip.style.background = `linear-gradient(90deg, ${scale.colours.join(', ')})`;
    this.scale.title = scale.range;
  }

  ready() {
    this.drawn += 1;
    this.frame.dataset.drawn = this.drawn;
    this.frame.dataset.ready = '1';
  }

  async show(image, picture) {
    image.hidden = !picture;
    if (!picture || image.dataset.checksum === String(picture.checksum)) return;
    URL.revokeObjectURL(image.src);
    image.dataset.checksum = picture.checksum;
    image.src = URL.createObjectURL(new Blob([picture.bytes], { type: picture.type }));
    await image.decode().catch(() => {});    // replaced before it was decoded: the next one reports
  }

  layout() {                                 // what is seen: the picture and every box that reaches beyond it
    const { width, height, boxes } = this.data;
    const far = FARTHEST * Math.max(width, height);
    const x0 = Math.min(0, ...boxes.map((box) => box.x0)), x1 = Math.max(width, ...boxes.map((box) => box.x1));
    const y0 = Math.min(0, ...boxes.map((box) => box.y0)), y1 = Math.max(height, ...boxes.map((box) => box.y1));
    const rim = boxes.length && (x0 < 0 || y0 < 0 || x1 > width || y1 > height) ? 0.02 * Math.max(x1 - x0, y1 - y0) : 0;
    const view = { x: Math.max(x0 - (x0 < 0) * rim, -far), y: Math.max(y0 - (y0 < 0) * rim, -far) };
    view.w = Math.min(x1 + (x1 > width) * rim, width + far) - view.x;
    view.h = Math.min(y1 + (y1 > height) * rim, height + far) - view.y;
    this.view = view;
    const ratio = clamp(view.w / view.h, 1 / WIDEST, WIDEST);
    this.stretched = ratio !== view.w / view.h;
    this.stage.style.aspectRatio = String(ratio);
    this.stage.style.width = `min(100%, ${this.data.tallest * ratio}px)`;
    this.marks.setAttribute('viewBox', `${view.x} ${view.y} ${view.w} ${view.h}`);
    for (const image of [this.base, this.overlay]) {
      Object.assign(image.style, { left: this.across(0), top: this.down(0),
        width: `${100 * width / view.w}%`, height: `${100 * height / view.h}%` });
    }
    this.sharpness();
  }

  across(x) { return `${100 * (x - this.view.x) / this.view.w}%`; }
  down(y) { return `${100 * (y - this.view.y) / this.view.h}%`; }

  sharpness() {
    if (!this.view) return;
    const scale = this.stage.clientWidth / this.view.w;
    this.stage.classList.toggle('enlarged', scale * (window.devicePixelRatio || 1) >= 2);
  }

  drawMarks() {
    this.fixed.replaceChildren();
    this.stage.querySelectorAll('.label').forEach((label) => label.remove());
    this.data.boxes.forEach((box) => this.drawBox(box));
    const spot = this.data.marker || this.picked;
    if (spot && spot[0] < this.data.height && spot[1] < this.data.width) this.drawMarker(spot);
  }

  drawBox(box) {
    for (const kind of ['casing', `line ${box.role}${box.dashed ? ' dashed' : ''}`]) {
      const frame = this.fixed.appendChild(shape('rect', kind));
      place(frame, { x: box.x0, y: box.y0, width: box.x1 - box.x0, height: box.y1 - box.y0 });
    }
    if (!box.label) return;
    const label = document.createElement('div');
    const inside = (Math.max(box.y0, this.view.y) - this.view.y) / this.view.h < 0.08;
    const covers = inside && this.stage.clientHeight * (box.y1 - box.y0) / this.view.h < 32;   // then below the box
    const flush = (box.x0 - this.view.x) / this.view.w > 0.6;
    label.className = `label ${box.role}${inside ? ' inside' : ''}${flush ? ' flush' : ''}`;
    label.textContent = box.label;
    label.style.left = this.across(Math.max(flush ? box.x1 : box.x0, this.view.x));
    label.style.top = this.down(covers ? box.y1 : Math.max(box.y0, this.view.y));
    this.stage.append(label);
  }

  drawMarker([row, column]) {                // the pixel itself, and a ring that stays visible when it is tiny
    const arm = 0.018 * Math.max(this.view.w, this.view.h);
    for (const kind of ['casing', 'line primary']) {
      const pixel = this.fixed.appendChild(shape('rect', kind));
      place(pixel, { x: column, y: row, width: 1, height: 1 });
      if (arm < 1) continue;
      const ring = this.fixed.appendChild(shape('ellipse', kind));
      place(ring, { cx: column + 0.5, cy: row + 0.5, rx: arm, ry: arm });
    }
  }

  pixel(event) {
    const box = this.stage.getBoundingClientRect();
    const column = Math.floor(this.view.x + this.view.w * (event.clientX - box.left) / box.width);
    const row = Math.floor(this.view.y + this.view.h * (event.clientY - box.top) / box.height);
    return [row, column];
  }

  holds([row, column]) { return row >= 0 && column >= 0 && row < this.data.height && column < this.data.width; }

  point(spot) {
    this.cursor = spot;
    const inside = Boolean(spot) && this.holds(spot);
    this.hairs.toggleAttribute('hidden', !inside);
    this.where.textContent = this.sentence(spot, inside);
    if (!inside) return;
    const [y, x] = [spot[0] + 0.5, spot[1] + 0.5];
    const { view } = this;
    this.lines.forEach((line, index) => place(line, index < 2
      ? { x1: view.x, x2: view.x + view.w, y1: y, y2: y } : { x1: x, x2: x, y1: view.y, y2: view.y + view.h }));
  }

  sentence(spot, inside) {
    const [height, width] = this.data.of;  // of what is shown: where it is enlarged, its own pixels are counted
    if (spot) {
      const [row, column] = [spot[0] * height / this.data.height, spot[1] * width / this.data.width].map(Math.floor);
      return inside ? `row ${row}, column ${column}` : 'outside the picture';
    }
    const size = `${height} × ${width} pixels`;
    const range = this.data.scale ? `, ${this.data.scale.range}` : '';
    return `${size}${range}${this.stretched ? ', stretched so that it can be seen' : ''}`;
  }

  pick(spot) {
    if (!spot || !this.holds(spot)) return;
    this.picked = spot;
    this.data.marker = null;                 // shown at once; the server's answer may move it
    this.drawMarks();
    this.send('pixel', spot);
  }

  key(event) {
    const step = event.shiftKey ? 16 : 1;
    const moves = { ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] };
    const start = this.cursor && this.holds(this.cursor) ? this.cursor : this.data.marker || this.picked
      || [this.data.height >> 1, this.data.width >> 1];
    if (event.key === 'Enter' || event.key === ' ') this.pick(start);
    else if (event.key === 'Escape') this.point(null);
    else if (moves[event.key]) {
      const [down, right] = moves[event.key];
      this.point([clamp(start[0] + down, 0, this.data.height - 1), clamp(start[1] + right, 0, this.data.width - 1)]);
    } else return;
    event.preventDefault();
  }
}

export default function (component) {
  const root = component.parentElement;
  let picture = SHOWN.get(root);
  if (!picture) { picture = new Picture(root); SHOWN.set(root, picture); }
  picture.update(component);
  return () => { picture.watch.disconnect(); SHOWN.delete(root); };
}
