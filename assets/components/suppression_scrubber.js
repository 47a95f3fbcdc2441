// Non-maximum suppression, one decision at a time. Frame 0 shows all candidates; then every kept box has two frames: its
// choice, with the overlaps that are compared, and what is left after it. Everything is here already: the slider never
// asks the server.

const SHOWN = new WeakMap();
const SVG = 'http://www.w3.org/2000/svg';
const PACE_MS = 900;
const LABELS_MOST = 14;                      // more labels than this would hide the photo

const node = (name, classes, parent, text = '') => {
  const made = document.createElement(name);
  made.className = classes;
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
};
const shape = (name, classes, parent, values) => {
  const made = document.createElementNS(SVG, name);
  made.setAttribute('class', classes);
  Object.entries(values).forEach(([key, value]) => made.setAttribute(key, value));
  parent.append(made);
  return made;
};

class Scrubber {
  constructor(root) {
    this.box = root.querySelector('.scrubber');
    this.stage = root.querySelector('svg'); this.list = root.querySelector('.list'); this.says = root.querySelector('.says');
    this.range = root.querySelector('input[type=range]'); this.play = root.querySelector('.play');
    this.range.addEventListener('input', () => { this.pause(); this.go(Number(this.range.value)); });
    root.querySelector('.back').addEventListener('click', () => { this.pause(); this.go(this.at - 1); });
    root.querySelector('.on').addEventListener('click', () => { this.pause(); this.go(this.at + 1); });
    this.play.addEventListener('click', () => (this.timer ? this.pause() : this.run()));
    this.list.addEventListener('click', (event) => this.pick(event.target.closest('.row')));
    this.list.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      this.pick(event.target.closest('.row'));
    });
    this.at = 0; this.picked = null;
  }

  leave() { this.pause(); }

  update({ data }) {
    const text = JSON.stringify(data);
    if (text === this.taken) return;
    this.taken = text;
    this.data = data;
    this.last = 2 * data.steps.length;
    this.range.max = this.last;
    this.box.setAttribute('aria-label', data.alt);
    this.picked = null;
    this.fate();
    this.build();
    this.go(Math.min(this.at, this.last));
  }

  fate() {                                   // of each box: in which step it is kept, removed, and by how much overlap
    this.kept = new Map(); this.gone = new Map();
    this.data.steps.forEach((step, number) => {
      this.kept.set(step.kept, number);
      step.removed.forEach(([who, overlap]) => this.gone.set(who, { number, by: step.kept, overlap }));
    });
  }

  build() {
    const { width, height, image, boxes } = this.data;
    this.stage.replaceChildren();
    this.stage.setAttribute('viewBox', `0 0 ${width} ${height}`);
    shape('image', '', this.stage, { href: image, width, height });
    const unit = Math.max(width, height) / 520;   // a line of 2 and letters of 13 CSS pixels on a usual screen
    this.marks = boxes.map((each) => {
      const [x0, y0, x1, y1] = each.box;
      const group = shape('g', 'mark', this.stage, {});
      shape('rect', 'rim', group, { x: x0, y: y0, width: x1 - x0, height: y1 - y0, 'stroke-width': 4.4 * unit });
      shape('rect', 'line', group, { x: x0, y: y0, width: x1 - x0, height: y1 - y0, 'stroke-width': 2.2 * unit });
      const label = shape('text', 'label', group, { x: x0 + 4 * unit, y: y0 + 14 * unit, 'font-size': 12.5 * unit, 'stroke-width': 3 * unit });
      return { group, label };
    });
    this.list.replaceChildren();
    this.rows = boxes.map((each, place) => {
      const row = node('div', 'row', this.list);
      row.tabIndex = 0; row.dataset.at = place; row.setAttribute('role', 'button');
      node('span', 'rank', row, `${place + 1}`);
      node('span', 'name', row, each.name);
      node('span', 'score', row, each.score.toFixed(3));
      const state = node('span', 'state', row);
      return { row, state };
    });
  }

  go(at) {
    this.at = Math.min(Math.max(at, 0), this.last);
    this.range.value = this.at;
    if (this.at === this.last) this.pause();
    this.draw();
  }

  stateOf(place) {                           // after the frame that is shown
    const decided = Math.floor(this.at / 2), choosing = this.at % 2 === 1;
    const kept = this.kept.get(place), gone = this.gone.get(place);
    if (kept !== undefined && kept < decided) return ['kept', `kept, number ${kept + 1}`];
    if (kept === decided && choosing) return ['best', 'the best that is left'];
    if (gone && gone.number < decided) return ['gone', `removed by ${gone.by + 1}, ${this.data.measure} ${gone.overlap.toFixed(3)}`];
    if (gone && gone.number === decided && choosing) return ['doomed', `${this.data.measure} ${gone.overlap.toFixed(3)} > ${this.data.threshold}`];
    return ['waits', ''];
  }

  draw() {
    const states = this.rows.map((_, place) => this.stateOf(place));
    const strong = states.filter(([state]) => state !== 'gone' && state !== 'waits').length;
    states.forEach(([state, words], place) => {
      const picked = this.picked === place;
      const { group, label } = this.marks[place], { row, state: cell } = this.rows[place];
      group.setAttribute('class', `mark ${state}${picked ? ' picked' : ''}`);
      const named = picked || state === 'best' || (strong <= LABELS_MOST && state === 'kept');
      const { name, score } = this.data.boxes[place];
      label.textContent = named ? `${name} ${score.toFixed(2)}` : '';
      row.className = `row ${state}${picked ? ' picked' : ''}`;
      row.setAttribute('aria-pressed', picked);
      cell.textContent = words;
    });
    for (const order of ['gone', 'waits', 'doomed', 'kept', 'best']) {       // the important ones on top
      states.forEach(([state], place) => { if (state === order) this.stage.append(this.marks[place].group); });
    }
    if (this.picked !== null) this.stage.append(this.marks[this.picked].group);
    this.says.textContent = this.sentence();
    this.play.textContent = this.timer ? '❚❚' : '▶';
    this.play.setAttribute('aria-label', this.timer ? 'Pause' : 'Play');
  }

  sentence() {
    const { boxes, steps, threshold, measure } = this.data;
    if (!boxes.length) return 'No candidate is over the score threshold: lower it.';
    if (!this.at) return `${boxes.length} candidates, sorted by score. The best one goes first.`;
    const number = Math.floor((this.at - 1) / 2), step = steps[number], name = boxes[step.kept].name;
    const many = step.removed.length;
    if (this.at % 2) return `Decision ${number + 1}: keep number ${step.kept + 1} (${name}). ${many ? `${many} overlap it by more than ${threshold}.` : `Nothing overlaps it by more than ${threshold}.`}`;
    const left = boxes.length - this.rows.filter((_, place) => this.stateOf(place)[0] === 'gone').length;
    if (this.at === this.last) return `Done: ${steps.length} of ${boxes.length} stay. The list is now the kill list: who was removed, by whom, at which ${measure}.`;
    return `${many} removed, ${left} left, ${number + 1} of them kept.`;
  }

  run() {
    if (this.at === this.last) this.at = 0;
    this.timer = setInterval(() => this.go(this.at + 1), PACE_MS);
    this.go(this.at);
  }

  pause() { clearInterval(this.timer); this.timer = null; if (this.data) this.play.textContent = '▶'; }

  pick(row) {
    if (!row) return;
    const place = Number(row.dataset.at);
    this.picked = this.picked === place ? null : place;
    this.draw();
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!SHOWN.has(root)) SHOWN.set(root, new Scrubber(root));
  SHOWN.get(root).update(component);
  return () => { SHOWN.get(root)?.leave(); SHOWN.delete(root); };
}
