// A network as a row of bars, one for each stage and the head at the right. The handle stands between what is frozen and
// what trains; it is dragged, moved with the arrow keys, or put in front of a stage by a click. How many parameters
// train is counted here at once; the server hears of it on release. Edits are numbered: an answer to an older edit than
// the last one is not taken.

const STRIPS = new WeakMap();
const SEND_AFTER_MS = 250;                   // of the last key press

const node = (name, classes, parent, text = '') => {
  const made = document.createElement(name);
  made.className = classes;
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
};
const full = (number) => number.toLocaleString('en-US');
const short = (number) => {
  const [divisor, letter] = number >= 1e6 ? [1e6, 'M'] : number >= 1e3 ? [1e3, 'k'] : [1, ''];
  return `${Number((number / divisor).toPrecision(number >= 100 * divisor ? 3 : 2))}${letter}`;
};
const share = (part, whole) => {
  const percent = whole ? (100 * part) / whole : 0;
  if (part === whole || part === 0) return `${percent} %`;
  return `${percent < 0.1 ? '< 0.1' : percent > 99.9 ? '> 99.9' : percent.toFixed(1)} %`;
};

class Strip {
  constructor(root) {
    this.box = root.querySelector('.strip');
    this.scroll = root.querySelector('.scroll'); this.bars = root.querySelector('.bars');
    this.handle = root.querySelector('.handle'); this.count = root.querySelector('.count');
    this.sides = [...root.querySelectorAll('.side')];
    this.serial = 0;                         // the number of the last edit
    this.dragged = false;
    this.handle.addEventListener('pointerdown', (event) => this.grab(event));
    this.handle.addEventListener('pointermove', (event) => { if (this.dragged) this.follow(event.clientX); });
    for (const name of ['pointerup', 'pointercancel']) this.handle.addEventListener(name, () => this.drop());
    this.handle.addEventListener('keydown', (event) => this.key(event));
    this.watch = new ResizeObserver(() => this.place());
    this.watch.observe(this.bars);
  }

  leave() { clearTimeout(this.timer); this.watch.disconnect(); }

  update({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    if (this.dragged || this.timer) this.waiting = data; else this.take(data);
  }

  take(data) {
    this.waiting = null;
    if (data.serial < this.serial) return;   // the answer to an older edit than the last one
    this.serial = data.serial;
    const text = JSON.stringify(data);
    if (text === this.taken) return;
    this.taken = text;
    this.data = data;
    this.total = data.stages.reduce((sum, stage) => sum + stage.parameters, data.head);
    this.frozen = data.stages.length - Math.min(Math.max(data.trained, 0), data.stages.length);
    this.fixed = data.disabled || data.random;
    this.sent = this.frozen;
    this.build();
    this.box.dataset.ready = '1';
  }

  build() {
    const { stages, head, alt } = this.data;
    const most = Math.max(head, 1, ...stages.map((stage) => stage.parameters));
    const last = { title: 'new head', parameters: head, shape: [] };
    this.cells = [...stages, last].map((stage, at) => this.cell(stage, at, most));
    this.bars.replaceChildren(...this.cells);
    this.box.setAttribute('aria-label', alt);
    this.box.classList.toggle('fixed', this.fixed);
    this.handle.hidden = this.data.random;
    this.handle.tabIndex = this.fixed ? -1 : 0;
    this.handle.setAttribute('aria-disabled', String(this.fixed));
    this.handle.setAttribute('aria-valuemax', String(stages.length));
    this.show();
    if (!this.seen && this.scroll.scrollWidth > this.scroll.clientWidth) {
      this.scroll.scrollLeft = this.edge(this.frozen) - this.scroll.clientWidth / 2;
    }
    this.seen = true;
  }

  cell(stage, at, most) {
    const head = at === this.data.stages.length;
    const cell = node('div', `cell${head ? ' head' : ''}`, null);
    const room = node('div', 'room', cell);
    node('span', 'size', room, short(stage.parameters));
    node('div', 'bar', room).style.height = `${Math.max(2, 78 * Math.sqrt(stage.parameters / most))}%`;
    node('span', 'title', cell, stage.title);
    const [channels, height, width] = stage.shape;
    if (height !== undefined) node('span', 'shape', cell, `${height} × ${width}`);
    if (channels !== undefined) node('span', 'shape', cell, `${channels} ch.`);
    cell.title = `${stage.title}: ${full(stage.parameters)} parameters`;
    if (!head && !this.fixed) cell.addEventListener('click', () => { this.move(this.frozen === at ? at + 1 : at); this.send(); });
    return cell;
  }

  edge(frozen) {                             // where the boundary is, from the left of the row
    const cell = this.cells[frozen];
    const gap = frozen ? (cell.offsetLeft - this.cells[frozen - 1].offsetLeft - this.cells[frozen - 1].offsetWidth) / 2 : 0;
    return cell.offsetLeft - gap;
  }

  place() {
    if (this.cells) this.handle.style.left = `${this.edge(this.frozen)}px`;
  }

  show() {
    const { stages, random } = this.data, count = stages.length;
    let training = this.data.head;
    this.cells.forEach((cell, at) => {
      const still = at < this.frozen;
      cell.classList.toggle('frozen', still);
      if (!still && at < count) training += stages[at].parameters;
    });
    const said = `${full(training)} of ${full(this.total)} parameters train (${share(training, this.total)})`;
    this.count.textContent = said;
    const open = count - this.frozen, word = (number) => `${number} stage${number === 1 ? '' : 's'}`;
    this.sides[0].textContent = this.frozen ? `❄ frozen: ${word(this.frozen)}` : '';
    this.sides[1].textContent = `${random ? 'from random weights: ' : 'training: '}${open ? `${word(open)} and ` : ''}the head`;
    this.handle.setAttribute('aria-valuenow', String(this.frozen));
    this.handle.setAttribute('aria-valuetext', `${word(this.frozen)} of ${count} frozen; ${said}`);
    this.place();
  }

  move(frozen) {
    const kept = Math.min(Math.max(frozen, 0), this.data.stages.length);
    if (kept === this.frozen) return;
    this.frozen = kept;
    this.show();
  }

  grab(event) {
    if (this.fixed || event.button !== 0) return;
    event.preventDefault();
    this.handle.focus();
    this.handle.setPointerCapture(event.pointerId);
    this.dragged = true;
    this.box.classList.add('dragged');
  }

  follow(clientX) {
    const view = this.scroll.getBoundingClientRect();
    if (clientX > view.right - 24) this.scroll.scrollLeft += 12;
    if (clientX < view.left + 24) this.scroll.scrollLeft -= 12;
    const x = clientX - this.bars.getBoundingClientRect().left + this.bars.offsetLeft;
    const far = this.cells.map((_, frozen) => Math.abs(this.edge(frozen) - x));
    this.move(far.indexOf(Math.min(...far)));
  }

  drop() {
    if (!this.dragged) return;
    this.dragged = false;
    this.box.classList.remove('dragged');
    this.send();
  }

  key(event) {
    if (this.fixed) return;
    const to = { ArrowRight: this.frozen + 1, ArrowUp: this.frozen + 1, ArrowLeft: this.frozen - 1, ArrowDown: this.frozen - 1,
      Home: 0, End: this.data.stages.length }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.move(to);
    const left = this.edge(this.frozen), view = this.scroll;
    if (left < view.scrollLeft + 40 || left > view.scrollLeft + view.clientWidth - 40) view.scrollLeft = left - view.clientWidth / 2;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), SEND_AFTER_MS);
  }

  send() {
    clearTimeout(this.timer);
    this.timer = null;
    const waiting = this.waiting;
    if (this.frozen !== this.sent) {
      this.serial += 1;
      this.sent = this.frozen;
      this.taken = null;                     // a refusal looks like what was shown before, and is drawn again
      this.trigger('edit', { trained: this.data.stages.length - this.frozen, serial: this.serial });
    }
    if (waiting) this.take(waiting);
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!STRIPS.has(root)) STRIPS.set(root, new Strip(root));
  STRIPS.get(root).update(component);
  return () => { STRIPS.get(root)?.leave(); STRIPS.delete(root); };
}
