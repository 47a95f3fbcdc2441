// The photos of a set, one card per class. All of them come in one picture, of which each button shows its square.
// Clicks pick photos here at once; the server hears a moment later which ones. Shift takes all in between.

const SHEETS = new WeakMap();
const SEND_AFTER_MS = 180;

function unpack(message) {                   // header length, header as JSON, then the picture's file
  const bytes = message instanceof Uint8Array ? message : new Uint8Array(message);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + view.getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  return { ...data, file: bytes.subarray(start) };
}

const node = (name, classes, parent, text = '') => {
  const made = document.createElement(name);
  made.className = classes;
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
};

class Sheets {
  constructor(root) {
    this.box = root.querySelector('.sheets');
    this.picked = new Set();
    this.open = new Set();                   // names of the classes that are shown in full length
    this.version = this.url = this.checksum = null;
  }

  update({ data: message, setStateValue }) {
    const data = unpack(message);
    this.data = data; this.send = setStateValue;
    if (this.version !== data.version) this.picked.clear();
    this.version = data.version;
    if (this.checksum !== data.checksum) {
      if (this.url) URL.revokeObjectURL(this.url);
      this.url = URL.createObjectURL(new Blob([data.file], { type: data.type }));
      this.checksum = data.checksum;
    }
    this.draw();
    this.box.dataset.ready = '1';
  }

  draw() {
    const focus = this.box.querySelector(':focus')?.dataset.number;
    this.box.replaceChildren(this.whole(), this.classes());
    this.box.dataset.name = this.data.name;
    if (focus !== undefined) this.box.querySelector(`[data-number="${focus}"]`)?.focus();
  }

  whole() {                                  // the parts of the split, as wide as they have photos
    const bar = node('div', 'whole', null);
    const sums = this.data.parts.map((_, part) => this.data.classes.reduce((sum, one) => sum + one.counts[part], 0));
    this.data.parts.forEach(({ name, colour }, part) => {
      if (!sums[part]) return;
      const share = node('span', '', bar);
      share.style.flex = `${sums[part]} 0 max-content`;
      share.style.setProperty('--part', colour);
      node('b', '', share);
      const words = node('i', '', share, `${name} `);
      node('strong', '', words, sums[part].toLocaleString('en'));
    });
    return bar;
  }

  classes() {
    const all = node('div', 'classes', null);
    all.setAttribute('role', 'group');
    all.setAttribute('aria-label', this.data.alt);
    this.data.classes.forEach((one) => all.append(this.card(one)));
    return all;
  }

  card(one) {
    const card = node('section', 'card', null);
    const head = node('div', 'head', card);
    node('h3', '', head, one.name);
    const total = one.cells.length;
    if (total) node('span', 'total', head, `${total.toLocaleString('en')} photo${total === 1 ? '' : 's'}`);
    const counts = node('span', 'counts', head);
    this.data.parts.forEach(({ name, colour }, part) => {
      if (!one.counts[part]) return;
      const chip = node('i', '', counts, String(one.counts[part]));
      chip.style.setProperty('--part', colour);
      chip.title = `${name}: ${one.counts[part]}`;
    });
    if (!total) { node('div', 'none', card, 'No photos yet.'); return card; }
    const photos = node('div', 'photos', card);
    const shown = this.open.has(one.name) ? one.cells : this.sample(one.cells);
    shown.forEach((cell) => photos.append(this.photo(cell, shown)));
    if (total > this.data.least) {
      const text = this.open.has(one.name) ? 'Show fewer' : `Show all ${total.toLocaleString('en')}`;
      const more = node('button', 'more', card, text);
      more.type = 'button';
      more.addEventListener('click', () => {
        if (!this.open.delete(one.name)) this.open.add(one.name);
        this.draw();
      });
    }
    return card;
  }

  sample(cells) {                            // of a long class a few of each part, in proportion, copies and picked first
    const least = this.data.least;
    if (cells.length <= least) return cells;
    const marked = cells.filter((cell) => cell.group || this.picked.has(cell.number)).slice(0, least);
    const others = cells.filter((cell) => !marked.includes(cell)), room = least - marked.length;
    const taken = Array.from({ length: room }, (_, i) => others[Math.floor((i * others.length) / room)]);
    const kept = new Set([...marked, ...taken]);
    return cells.filter((cell) => kept.has(cell));
  }

  photo(cell, shown) {
    const { columns, rows, parts } = this.data;
    const button = node('button', `photo${this.picked.has(cell.number) ? ' picked' : ''}`, null);
    button.type = 'button';
    button.title = cell.alt;
    button.dataset.number = cell.number;
    button.setAttribute('aria-label', cell.alt);
    button.setAttribute('aria-pressed', String(this.picked.has(cell.number)));
    const [x, y] = [cell.number % columns, Math.floor(cell.number / columns)];
    button.style.backgroundImage = `url("${this.url}")`;
    button.style.backgroundSize = `${100 * columns}% ${100 * rows}%`;
    button.style.backgroundPosition = `${columns > 1 ? (100 * x) / (columns - 1) : 0}% ${rows > 1 ? (100 * y) / (rows - 1) : 0}%`;
    button.style.setProperty('--part', parts[cell.part].colour);
    if (cell.part) node('span', 'tag part', button, parts[cell.part].name[0]);
    if (cell.group) node('span', 'tag copy', button, `≈${cell.group}`);
    button.addEventListener('click', (event) => this.pick(cell.number, event.shiftKey, shown));
    return button;
  }

  pick(number, range, shown) {
    const numbers = shown.map((cell) => cell.number);
    const [from, to] = [numbers.indexOf(this.last), numbers.indexOf(number)].sort((a, b) => a - b);
    if (range && from >= 0) numbers.slice(from, to + 1).forEach((each) => this.picked.add(each));
    else if (!this.picked.delete(number)) this.picked.add(number);
    this.last = number;
    this.box.querySelectorAll('.photo').forEach((button) => {
      const on = this.picked.has(Number(button.dataset.number));
      button.classList.toggle('picked', on);
      button.setAttribute('aria-pressed', String(on));
    });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send('picked', { version: this.version, numbers: [...this.picked] }), SEND_AFTER_MS);
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!SHEETS.has(root)) SHEETS.set(root, new Sheets(root));
  const sheets = SHEETS.get(root);
  sheets.update(component);
  return () => {
    clearTimeout(sheets.timer);
    if (sheets.url) URL.revokeObjectURL(sheets.url);
    SHEETS.delete(root);
  };
}
