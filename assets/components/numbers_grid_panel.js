// One grid of numbers: a cell is a rectangle and a text, made once and afterwards only relabelled and restyled.
const SVG = 'http://www.w3.org/2000/svg';
const UNIT = 40;                                   // side of a cell in the drawing's own units
const EDGE = 22;                                   // room for the row and column numbers

export const make = (tag, attributes, parent) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  parent?.append(node);
  return node;
};
const minus = (text) => String(text).replace('-', '−');
export const exact = (value) => (value === null ? '−∞' : minus(+value.toFixed(4)));
export const factor = (value) => (value < 0 ? `(${exact(value)})` : exact(value));
export const compact = (value) => {                       // what fits a cell; the line below has every digit
  if (value === null) return '−∞';
  const size = Math.abs(value);
  return minus(+value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2));
};

export class Panel {
  constructor(figure) {
    this.name = figure.dataset.of;
    this.figure = figure;                          // the cells, and over them what changes under the mouse
    this.svg = figure.querySelector('[role=grid]');
    this.over = figure.querySelector('.over');
    this.cells = [];
    this.lit = new Map();
    this.next = new Map();                         // what is to be lit, by cell
    this.home = 0;                                 // the cell that the tab key reaches
  }

  draw(grid, scales) {
    this.grid = grid;
    this.scales = scales;
    const shape = `${grid.rows}x${grid.columns}@${grid.first}`;
    if (shape !== this.shape) this.build(shape);
    this.paint(grid.values, grid.shade, grid.scale);
    this.describe();
  }

  build(shape) {
    const { rows, columns, first } = this.grid;
    this.shape = shape;
    this.home = Math.min(this.home, rows * columns - 1);
    this.svg.replaceChildren();
    for (const svg of [this.svg, this.over]) svg.setAttribute('viewBox', `${-EDGE} ${-EDGE} ${columns * UNIT + EDGE + 3} ${rows * UNIT + EDGE + 3}`);
    this.over.replaceChildren();
    [this.shade, this.edges, this.rings] = ['shade', 'edges', 'rings'].map((name) => make('path', { class: name }, this.over));
    this.coats = [];
    this.frame = make('rect', { class: 'frame', rx: 4, visibility: 'hidden' }, this.over);
    this.hatch();
    this.number(columns, first[1], (i) => [(i + 0.5) * UNIT, -8]);
    this.number(rows, first[0], (i) => [-11, (i + 0.5) * UNIT + 4]);
    this.lit.clear();
    this.cells = [];
    for (let row = 0; row < rows; row += 1) {
      const line = make('g', { role: 'row' }, this.svg);
      for (let column = 0; column < columns; column += 1) this.cells.push(this.cell(row, column, line));
    }
  }

  hatch() {
    const id = `unread-${this.name}`;
    const pattern = make('pattern', { id, width: 7, height: 7, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      make('defs', {}, this.svg));
    make('line', { x1: 1, y1: 0, x2: 1, y2: 7 }, pattern);
  }

  number(count, first, place) {
    for (let i = 0; i < count; i += 1) {
      const [x, y] = place(i);
      make('text', { class: 'axis', x, y, 'aria-hidden': 'true' }, this.svg).textContent = minus(i + first);
    }
  }

  cell(row, column, line) {
    const box = make('g', { class: 'cell', role: 'gridcell', tabindex: -1, 'data-panel': this.name,
      'data-row': row + this.grid.first[0], 'data-column': column + this.grid.first[1],
      transform: `translate(${column * UNIT} ${row * UNIT})` }, line);
    box.index = row * this.grid.columns + column;
    box.fill = make('rect', { x: 1.5, y: 1.5, width: UNIT - 3, height: UNIT - 3, rx: 4 }, box);
    box.text = make('text', { x: UNIT / 2, y: UNIT / 2 }, box);
    return box;
  }

  paint(values, shade, scaleName) {
    const scale = this.scales[scaleName];
    this.labels = values.map((value) => (value === undefined || value === '' ? '' : typeof value === 'string' ? value : compact(value)));
    const longest = Math.max(2, ...this.labels.map((label) => label.length));
    this.size = Math.min(17, (UNIT - 4) / (0.6 * longest));
    this.figure.style.setProperty('--size', `${this.size}px`);
    this.cells.forEach((box, i) => {
      const step = shade[i];
      box.fill.style.fill = step < 0 ? '' : scale.colours[step];
      box.text.style.fill = step < 0 ? '' : scale.ink[step] === '1' ? '#0b0f19' : '#ffffff';
      box.text.textContent = this.labels[i];
      box.setAttribute('class', `cell ${this.grid.kinds ? this.grid.kinds[i] : ''}`);
    });
    this.fit(this.pixels);
  }

  describe() {
    const { kinds, what } = this.grid;
    this.svg.setAttribute('aria-label', `${what}, ${this.grid.rows} rows, ${this.grid.columns} columns`);
    this.cells.forEach((box, i) => {
      const note = kinds && kinds[i] ? `, ${kinds[i].replace('pad', 'padding').replace('unread', 'never read')}` : '';
      box.setAttribute('aria-label', `row ${box.dataset.row}, column ${box.dataset.column}: ${this.labels[i] || 'no number'}${note}`);
      box.setAttribute('tabindex', i === this.home ? 0 : -1);
    });
  }

  fit(pixels) {                                    // numbers are left out where they could not be read
    this.pixels = pixels;
    if (!pixels || !this.grid) return;
    const zoom = pixels / UNIT;
    this.svg.parentElement.style.width = `${(this.grid.columns * UNIT + EDGE + 3) * zoom}px`;
    this.svg.classList.toggle('wordless', this.size * zoom < 7);
    this.svg.classList.toggle('unnumbered', zoom < 0.62);
  }

  light(index, { label, tag, ring = false } = {}) {
    const before = this.next.get(index) || {};
    this.next.set(index, { label: label ?? before.label, tag: tag ?? before.tag, ring: ring || before.ring });
  }

  // The cells below stay as they are: the dimming is one path with a hole for everything that is lit, and only the
  // few cells that say something else get a coat with their new words. So a frame costs the same for 9 cells or 900.
  commit(active, framed) {
    for (const index of this.lit.keys()) if (!this.next.has(index)) this.cells[index].removeAttribute('data-lit');
    for (const index of this.next.keys()) if (!this.lit.has(index)) this.cells[index].setAttribute('data-lit', '');
    this.lit = this.next;
    this.next = new Map();
    const { rows, columns } = this.grid;
    const lit = [...this.lit.keys()];
    const holes = this.outlines(lit);
    this.shade.setAttribute('d', active ? `M-1-1h${columns * UNIT + 2}v${rows * UNIT + 2}h${-columns * UNIT - 2}z${holes}` : '');
    this.edges.setAttribute('d', active ? holes : '');
    this.rings.setAttribute('d', this.outlines(lit.filter((index) => this.lit.get(index).ring)));
    this.dress();
    this.enclose(framed ? lit : []);
  }

  outlines(indices) {                              // squares as one path; neighbours in a row run together if many
    const { columns } = this.grid;
    const many = indices.length > 64;
    let path = '';
    for (let i = 0; i < indices.length; i += 1) {
      const start = indices[i];
      let run = 1;
      while (many && indices[i + 1] === start + run && (start + run) % columns) { run += 1; i += 1; }
      path += `M${(start % columns) * UNIT + 1.5} ${Math.floor(start / columns) * UNIT + 1.5}h${run * UNIT - 3}v${UNIT - 3}h${3 - run * UNIT}z`;
    }
    return path;
  }

  dress() {
    const wordless = this.svg.classList.contains('wordless');
    const worn = wordless ? [] : [...this.lit].filter(([, look]) => look.label !== undefined || look.tag !== undefined);
    while (this.coats.length < worn.length) this.coats.push(this.coat());
    this.coats.forEach((coat, i) => {
      coat.setAttribute('visibility', i < worn.length ? 'visible' : 'hidden');
      if (i < worn.length) this.wear(coat, ...worn[i]);
    });
  }

  coat() {
    const coat = make('g', { class: 'coat' });
    coat.fill = make('rect', { x: 2.5, y: 2.5, width: UNIT - 5, height: UNIT - 5, rx: 3 }, coat);
    coat.word = make('text', { x: UNIT / 2 }, coat);
    coat.tag = make('text', { class: 'tag', x: UNIT - 4, y: UNIT - 5.5 }, coat);
    this.over.insertBefore(coat, this.rings);
    return coat;
  }

  wear(coat, index, { label, tag }) {
    const below = this.cells[index];
    coat.setAttribute('transform', below.getAttribute('transform'));
    coat.fill.style.fill = label === undefined ? below.fill.style.fill : '';
    coat.style.fill = label === undefined ? below.text.style.fill : '';
    coat.word.setAttribute('y', UNIT / 2 - (tag === undefined ? 0 : 5));
    coat.word.textContent = label ?? this.labels[index];
    coat.tag.textContent = tag ?? '';
  }

  enclose(indices) {                               // one frame around everything that is lit
    this.frame.setAttribute('visibility', indices.length ? 'visible' : 'hidden');
    if (!indices.length) return;
    const rows = indices.map((index) => Math.floor(index / this.grid.columns));
    const columns = indices.map((index) => index % this.grid.columns);
    const [top, left] = [Math.min(...rows), Math.min(...columns)];
    const place = { x: left * UNIT - 1, y: top * UNIT - 1,
      width: (Math.max(...columns) - left + 1) * UNIT + 2, height: (Math.max(...rows) - top + 1) * UNIT + 2 };
    for (const [name, value] of Object.entries(place)) this.frame.setAttribute(name, value);
  }

  nameOf(index) {                                 // as the link has it: by the numbers at the edge, so padding moves nothing
    const { columns, first } = this.grid;
    return `${this.name}.${Math.floor(index / columns) + first[0]}.${(index % columns) + first[1]}`;
  }

  focus(index) {
    this.cells[this.home]?.setAttribute('tabindex', -1);
    this.home = index;
    this.cells[index].setAttribute('tabindex', 0);
    this.cells[index].focus({ preventScroll: false });
  }
}
