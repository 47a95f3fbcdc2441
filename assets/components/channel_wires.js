// Which channel feeds which filter. Every wire is one kernel; under the mouse or the arrow keys a channel or a
// filter shows its wires, through both layers of a separable block. Hovering never reaches the server.

const SVG = 'http://www.w3.org/2000/svg';
const TOP = 58, HEIGHT = 400, NODE = 20;   // room for the headings, the drawing's height, the widest row
const STATE = new WeakMap();

const shape = (name, classes, values = {}) => {
  const node = document.createElementNS(SVG, name);
  if (classes) node.setAttribute('class', classes);
  Object.entries(values).forEach(([key, value]) => node.setAttribute(key, value));
  return node;
};
const write = (content, classes, values) => {
  const node = shape('text', classes, values);
  node.textContent = content;
  return node;
};
const span = ([first, last]) => (first === last ? `${first + 1}` : `${first + 1} to ${last + 1}`);

class Wires {
  constructor(root) {
    this.figure = root.querySelector('.wires'); this.svg = root.querySelector('svg');
    this.stages = root.querySelector('.stages'); this.told = root.querySelector('.told');
    this.at = null;
    this.svg.addEventListener('pointermove', (event) => this.point(event.target));
    this.svg.addEventListener('pointerleave', () => this.light(null));
    this.svg.addEventListener('blur', () => this.light(null));
    this.svg.addEventListener('keydown', (event) => this.key(event));
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.figure);
  }

  update({ data }) {
    this.data = data; this.at = null;
    this.svg.setAttribute('aria-label', data.alt);
    this.stages.replaceChildren(...data.stages.map((stage) => {
      const line = document.createElement('li');
      line.textContent = stage.sentence;
      return line;
    }));
    this.draw();
    this.figure.dataset.ready = '1';
  }

  draw() {
    const width = this.figure.clientWidth;
    if (!width || !this.data) return;
    const { columns, stages } = this.data;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    this.svg.setAttribute('height', HEIGHT);
    const inset = Math.min(70, width / 8);
    this.x = columns.map((_, index) => inset + ((width - 2 * inset) * index) / (columns.length - 1));
    this.box = Math.max(14, Math.min(30, width / 24));
    const wires = shape('g'), nodes = shape('g');
    this.wires = stages.map((stage, index) => this.drawStage(wires, stage, index));
    this.items = columns.map((column, index) => this.drawColumn(nodes, column, index));
    this.svg.replaceChildren(wires, nodes, ...this.kernels());
    this.light(this.at);
  }

  row(column, index) {           // top and bottom of one channel's row
    const high = Math.min(NODE * 1.6, (HEIGHT - TOP) / column.count);
    const start = TOP + (HEIGHT - TOP - high * column.count) / 2;
    return [start + high * index, start + high * (index + 1)];
  }

  drawColumn(group, column, place) {
    const x = this.x[place];
    group.append(
      write(column.count, 'count', { x, y: 20, 'text-anchor': 'middle' }),
      write(column.name, '', { x, y: 40, 'text-anchor': 'middle' }),
    );
    return column.items.map(([first, last, hue], index) => {
      const [top] = this.row(column, first), [, bottom] = this.row(column, last);
      const gap = Math.min(3, (bottom - top) * 0.18);
      const node = shape('rect', `item hue${hue}`, {
        x: x - this.box / 2, y: top + gap / 2, width: this.box, height: bottom - top - gap,
        rx: Math.min(4, (bottom - top) / 4), 'data-column': place, 'data-item': index,
      });
      return group.appendChild(node);
    });
  }

  drawStage(group, stage, place) {
    const [left, right] = [this.data.columns[place], this.data.columns[place + 1]];
    const [x0, x1] = [this.x[place] + this.box / 2, this.x[place + 1] - this.box / 2];
    const middle = (x0 + x1) / 2;
    return stage.links.map(([from, to]) => {
      const [a, b, hue] = left.items[from], [c, d] = right.items[to], tone = `hue${hue}`;
      if (a === b && c === d) {
        const y0 = this.centre(left, a), y1 = this.centre(right, c);
        return group.appendChild(shape('path', `wire ${tone}`, { d: `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}` }));
      }
      const [t0] = this.row(left, a), [, b0] = this.row(left, b), [t1] = this.row(right, c), [, b1] = this.row(right, d);
      const band = group.appendChild(shape('path', `ribbon ${tone}`, {
        d: `M${x0} ${t0}C${middle} ${t0} ${middle} ${t1} ${x1} ${t1}V${b1}C${middle} ${b1} ${middle} ${b0} ${x0} ${b0}Z`,
      }));
      band.style.setProperty('--strength', stage.strength);
      return band;
    });
  }

  centre(column, index) {
    const [top, bottom] = this.row(column, index);
    return (top + bottom) / 2;
  }

  kernels() {                    // a little grid above each stage: what every wire carries
    return this.data.stages.flatMap((stage, place) => {
      const [rows, columns] = stage.kernel;
      const x = (this.x[place] + this.x[place + 1]) / 2, cell = Math.min(8, 26 / Math.max(rows, columns));
      const left = x - (columns * cell) / 2, top = 15 - (rows * cell) / 2;
      let lines = '';
      for (let i = 0; i <= rows; i += 1) lines += `M${left} ${top + i * cell}h${columns * cell}`;
      for (let j = 0; j <= columns; j += 1) lines += `M${left + j * cell} ${top}v${rows * cell}`;
      return [
        shape('path', 'glyph', { d: lines }),
        write(`${rows} × ${columns}`, 'kernel', { x, y: 46, 'text-anchor': 'middle' }),
      ];
    });
  }

  point(target) {
    const { column, item } = target.dataset ?? {};
    this.light(item === undefined ? null : [Number(column), Number(item)]);
  }

  key(event) {
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (event.key === 'Escape') this.light(null);
    if (!step) return;
    event.preventDefault();
    const { columns } = this.data;
    const [column, item] = this.at ?? [columns.length - 1, step[1] > 0 ? -1 : 0];
    const to = Math.max(0, Math.min(columns.length - 1, column + step[0]));
    this.light([to, Math.max(0, Math.min(columns[to].items.length - 1, item + step[1]))]);
  }

  light(at) {                    // follow the wires from here to the left and to the right
    this.at = at;
    this.svg.classList.toggle('asked', at !== null);
    this.svg.querySelectorAll('.lit').forEach((node) => node.classList.remove('lit'));
    this.told.textContent = at === null ? this.data.hint : this.tell(at);
    if (at === null) return;
    const [column, item] = at;
    this.items[column][item].classList.add('lit');
    this.follow(column, new Set([item]), -1);
    this.follow(column, new Set([item]), 1);
  }

  follow(column, items, way) {
    const place = way > 0 ? column : column - 1;
    const stage = this.data.stages[place];
    if (!stage) return;
    const next = new Set();
    stage.links.forEach((link, index) => {
      const [from, to] = way > 0 ? link : [link[1], link[0]];
      if (!items.has(from)) return;
      this.wires[place][index].classList.add('lit');
      next.add(to);
    });
    next.forEach((item) => this.items[column + way][item].classList.add('lit'));
    this.follow(column + way, next, way);
  }

  tell([column, item]) {
    const { columns, stages } = this.data;
    const here = columns[column], [first, last] = here.items[item];
    const who = first === last ? here.one : here.many, many = first !== last;
    const parts = [];
    const before = stages[column - 1], after = stages[column];
    if (before) {
      const reads = this.range(before.links.filter(([, to]) => to === item), 0, columns[column - 1]);
      parts.push(`${many ? 'each read' : 'reads'} ${many && before.own ? 'one of ' : ''}${reads}${before.each}`);
    }
    if (after) {
      const feeds = this.range(after.links.filter(([from]) => from === item), 1, columns[column + 1]);
      parts.push(`${many ? 'each feed' : 'feeds'} ${many && after.own ? 'one of ' : ''}${feeds}`);
    }
    return `${who} ${span([first, last])} ${parts.join(' and ')}.`;
  }

  range(links, side, column) {
    const items = links.map((link) => column.items[link[side]]);
    const reach = [Math.min(...items.map(([first]) => first)), Math.max(...items.map(([, last]) => last))];
    return `${(reach[0] === reach[1] ? column.one : column.many).toLowerCase()} ${span(reach)}`;
  }

  destroy() { this.watch.disconnect(); }
}

export default function (component) {
  const root = component.parentElement;
  let wires = STATE.get(root);
  if (!wires) { wires = new Wires(root); STATE.set(root, wires); }
  wires.update(component);
  return () => { wires.destroy(); STATE.delete(root); };
}
