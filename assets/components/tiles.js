// Many small pictures in a grid, each with what is to be said of it, and marks drawn in its own pixels. A click (or
// Enter) names a tile to the server; everything else happens here.

const SVG = 'http://www.w3.org/2000/svg';
const GRIDS = new WeakMap();

function unpack(message) {                   // header length, header as JSON, then the files of the pictures
  const bytes = message instanceof Uint8Array ? message : new Uint8Array(message);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let place = 4 + view.getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, place)));
  for (const picture of data.pictures) {
    picture.bytes = bytes.subarray(place, place + picture.length);
    place += picture.length;
  }
  return data;
}

const node = (name, classes, parent, text = '') => {
  const made = document.createElement(name);
  made.className = classes;
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
};
const draw = (parent, name, classes, values) => {
  const made = document.createElementNS(SVG, name);
  made.setAttribute('class', classes);
  Object.entries(values).forEach(([key, value]) => made.setAttribute(key, value));
  parent.append(made);
  return made;
};

class Tiles {
  constructor(root) {
    this.box = root.querySelector('.tiles');
    this.urls = new Map();                   // checksum to address: a picture that is shown again is not decoded again
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(this.box);
  }

  update({ data: message, setTriggerValue }) {
    const data = unpack(message);
    this.data = data; this.send = setTriggerValue;
    const focus = this.box.querySelector(':focus')?.dataset.number;
    const before = this.urls;
    this.urls = new Map();
    for (const picture of data.pictures) {
      const known = before.get(picture.checksum) || this.urls.get(picture.checksum);
      this.urls.set(picture.checksum, known || URL.createObjectURL(new Blob([picture.bytes], { type: picture.type })));
    }
    this.box.replaceChildren(...data.tiles.map((tile, number) => this.tile(tile, number)));
    for (const [checksum, url] of before) if (!this.urls.has(checksum)) URL.revokeObjectURL(url);
    this.box.setAttribute('aria-label', data.alt);
    this.box.dataset.name = data.name;
    this.fit();
    if (focus !== undefined) this.box.querySelector(`[data-number="${focus}"]`)?.focus();
    this.box.dataset.drawn = Number(this.box.dataset.drawn || 0) + 1;
    Promise.all([...this.box.querySelectorAll('img')].map((image) => image.decode().catch(() => {})))
      .then(() => { this.box.dataset.ready = '1'; });
  }

  fit() {                                    // as many columns as wanted, fewer where tiles would be too narrow
    if (!this.data) return;
    this.box.classList.toggle('strip', this.data.scrolls);
    if (this.data.scrolls) {
      this.box.style.gridTemplateColumns = `repeat(${this.data.columns}, minmax(${this.data.least}px, 1fr))`;
      return;
    }
    const gap = 11, room = Math.max(1, Math.floor((this.box.clientWidth + gap) / (this.data.least + gap)));
    this.box.style.gridTemplateColumns = `repeat(${Math.min(this.data.columns, room)}, minmax(0, 1fr))`;
  }

  tile(tile, number) {
    const { pickable, ratio } = this.data;
    const box = node(pickable ? 'button' : 'figure', `tile${tile.state ? ` ${tile.state}` : ''}`, null);
    box.dataset.number = number;
    if (pickable) {
      box.type = 'button';
      box.setAttribute('aria-pressed', String(tile.state === 'picked'));
      box.addEventListener('click', () => this.send('picked', number));
    }
    const frame = node('span', 'frame', box);
    frame.style.setProperty('--ratio', String(ratio));
    this.picture(tile, frame, ratio);
    if (tile.title) node('span', 'title', box, tile.title);
    if (tile.shares) {
      const bar = node('span', 'shares', box);
      tile.shares.forEach((share) => { node('span', '', bar).style.width = `${100 * share}%`; });
    }
    tile.lines.forEach(({ text, role }) => node('span', `said ${role}`, box, text));
    return box;
  }

  picture(tile, frame, ratio) {
    const { width, height, checksum } = this.data.pictures[tile.picture];
    const shown = node('span', 'shown', frame);
    const own = Math.min(Math.max(width / height, 1 / 24), 24);
    Object.assign(shown.style, own >= ratio ? { width: '100%', aspectRatio: String(own) } : { height: '100%', aspectRatio: String(own) });
    const image = node('img', width * height < 4096 ? 'small' : '', shown);
    image.src = this.urls.get(checksum);
    image.alt = tile.alt;
    if (!tile.marks.length && tile.mask === null) return;
    if (tile.mask !== null) {
      const over = node('img', 'over', shown);
      over.src = this.urls.get(this.data.pictures[tile.mask].checksum);
      over.alt = '';
      Object.assign(over.style, { position: 'absolute', inset: '0' });
    }
    const [wide, high] = tile.size;
    const svg = draw(shown, 'svg', 'marks', { viewBox: `0 0 ${wide} ${high}`, preserveAspectRatio: 'none' });
    tile.marks.forEach((mark) => this.mark(mark, svg, shown, [wide, high]));
  }

  mark({ outline, point, label, role, dashed }, svg, shown, [wide, high]) {
    const line = `line ${role}${dashed ? ' dashed' : ''}`;
    let at = point;
    if (outline) {
      const points = outline.map((pair) => pair.join(',')).join(' ');
      for (const kind of ['casing', line]) draw(svg, 'polygon', kind, { points });
      const top = Math.min(...outline.map((pair) => pair[1])), left = Math.min(...outline.map((pair) => pair[0]));
      at = [Math.max(left, 0), Math.max(top, 0)];
    } else {
      const radius = 0.016 * Math.max(wide, high);
      draw(svg, 'circle', `dot ${role}`, { cx: point[0], cy: point[1], r: radius });
    }
    if (!label) return;
    const [x, y] = [at[0] / wide, at[1] / high];
    if (x < 0 || y < 0 || x > 1 || y > 1) return;
    const text = node('span', `mark ${role}${outline ? (y < 0.1 ? ' under' : '') : ' point'}${x > 0.6 ? ' flush' : ''}`, shown, label);
    Object.assign(text.style, { left: `${100 * x}%`, top: `${100 * y}%` });
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!GRIDS.has(root)) GRIDS.set(root, new Tiles(root));
  const grid = GRIDS.get(root);
  grid.update(component);
  return () => {
    grid.watch.disconnect();
    grid.urls.forEach((url) => URL.revokeObjectURL(url));
    GRIDS.delete(root);
  };
}
