// The descent as a short film: the learned kernel, what it makes of the photo, and the loss, step by step. Every
// frame was computed in Python; here they are only shown in turn.

const SVG = 'http://www.w3.org/2000/svg';
const SECONDS = 1.6;
const WIDE = 420, HIGH = 190, LEFT = 58, BOTTOM = 34;
const FILMS = new WeakMap();

function readable(colour) {
  const [red, green, blue] = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? '#111' : '#fff';
}

function fill(table, cells) {
  if (table.rows.length !== cells.length || table.rows[0].cells.length !== cells[0].length) {
    table.replaceChildren();
    cells.forEach((line) => { const row = table.insertRow(); line.forEach(() => row.insertCell()); });
  }
  cells.forEach((line, y) => line.forEach(([text, colour], x) => {
    const cell = table.rows[y].cells[x];
    cell.textContent = text; cell.style.background = colour; cell.style.color = readable(colour);
  }));
}

function svg(parent, name, values, text = '') {
  const node = document.createElementNS(SVG, name);
  Object.entries(values).forEach(([key, value]) => node.setAttribute(key, value));
  node.textContent = text;
  return parent.appendChild(node);
}

class Film {
  constructor(root) {
    const find = (name) => root.querySelector(name);
    this.box = find('.learn'); this.goal = find('.goal img'); this.learned = find('.learned img');
    this.title = find('.learned figcaption'); this.target = find('.target table');
    this.targetTitle = find('.target figcaption'); this.kernel = find('.kernel table');
    this.chart = find('svg'); this.button = find('button'); this.slider = find('input'); this.where = find('.where');
    this.button.addEventListener('click', () => this.toggle());
    this.slider.addEventListener('input', () => { this.stop(); this.show(Number(this.slider.value)); });
  }

  update(data) {
    if (this.data?.version === data.version) return;
    this.data = data;
    this.films = data.frames.map((frame) => { const image = new Image(); image.src = frame.picture; return image; });
    this.goal.src = data.goal; this.goal.alt = data.goalAlt;
    this.targetTitle.textContent = data.targetTitle;
    fill(this.target, data.target);
    this.slider.max = data.frames.length - 1;
    this.draw();
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (still) this.show(data.frames.length - 1); else this.play();
    this.box.dataset.ready = '1';
  }

  x(frame) { return LEFT + frame.x * (WIDE - LEFT - 8); }
  y(frame) { return 8 + (1 - frame.y) * (HIGH - BOTTOM - 8); }

  draw() {
    this.chart.replaceChildren();
    this.chart.setAttribute('aria-label', this.data.chartAlt);
    const base = HIGH - BOTTOM;
    svg(this.chart, 'path', { class: 'axis', d: `M${LEFT} 8V${base}H${WIDE - 8}` });
    this.data.ticks.y.forEach(([place, text]) => svg(this.chart, 'text',
      { x: LEFT - 6, y: this.y({ y: place }) + 4, 'text-anchor': 'end' }, text));
    this.data.ticks.x.forEach(([place, text]) => svg(this.chart, 'text',
      { x: this.x({ x: place }), y: base + 16, 'text-anchor': 'middle' }, text));
    svg(this.chart, 'text', { x: (WIDE + LEFT) / 2, y: HIGH, 'text-anchor': 'middle' }, 'steps');
    const line = (points) => `M${points.map((point) => `${this.x(point)} ${this.y(point)}`).join('L')}`;
    svg(this.chart, 'path', { class: 'curve', d: line(this.data.frames) });
    this.done = svg(this.chart, 'path', { class: 'curve done', d: '' });
    this.dot = svg(this.chart, 'circle', { class: 'dot', r: 5 });
    this.line = line;
  }

  show(place) {
    const frame = this.data.frames[place];
    this.place = place;
    this.learned.src = frame.picture; this.learned.alt = `The learned filter's output after ${frame.step} steps`;
    this.title.textContent = `Learned filter's output, step ${frame.step}`;
    fill(this.kernel, frame.kernel);
    this.done.setAttribute('d', this.line(this.data.frames.slice(0, place + 1)));
    this.dot.setAttribute('cx', this.x(frame)); this.dot.setAttribute('cy', this.y(frame));
    this.slider.value = place;
    this.slider.setAttribute('aria-valuetext', frame.sentence);
    this.where.textContent = frame.sentence;
    this.box.dataset.frame = place;
  }

  toggle() { if (this.running) this.stop(); else this.play(); }

  play() {
    const last = this.data.frames.length - 1;
    const from = this.place >= last || this.place === undefined ? 0 : this.place;
    this.stop();
    this.button.textContent = 'Pause';
    let begun;
    const tick = (now) => {
      begun ??= now;
      const place = Math.min(last, from + Math.floor((now - begun) / (1000 * SECONDS) * last));
      if (place !== this.place) this.show(place);
      if (place < last) this.running = requestAnimationFrame(tick); else this.stop();
    };
    this.show(from);
    this.running = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.running);
    this.running = 0;
    this.button.textContent = this.place >= this.data.frames.length - 1 ? 'Replay' : 'Play';
  }
}

export default function ({ parentElement, data }) {
  let film = FILMS.get(parentElement);
  if (!film) { film = new Film(parentElement); FILMS.set(parentElement, film); }
  film.update(data);
  return () => { cancelAnimationFrame(film.running); FILMS.delete(parentElement); };
}
