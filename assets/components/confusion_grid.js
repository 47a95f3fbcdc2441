// A confusion matrix: rows are what photos are, columns what the network says. Colours are shares of a row. A click or
// Enter on a cell with photos names it to the server; arrow keys walk through the cells.

const GRIDS = new WeakMap();

const node = (name, classes, parent, text = '') => {
  const made = document.createElement(name);
  made.className = classes;
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
};
const heading = (parent, scope, classes, text) => {
  const made = node('th', classes, parent);
  made.scope = scope;
  node('span', '', made, text);
  made.title = text;
  return made;
};
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

class Grid {
  constructor(root) {
    this.box = root.querySelector('.confusion');
    this.at = [0, 0];                        // the cell that the Tab key reaches
    this.box.addEventListener('click', ({ target }) => this.pick(target.closest('.cell')));
    this.box.addEventListener('keydown', (event) => this.key(event));
  }

  update({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    const { picked, ...shown } = data, text = JSON.stringify(shown);
    if (text !== this.taken) {               // another matrix is drawn anew, another picked cell is only marked
      this.taken = text;
      this.data = data;
      this.build();
    }
    this.mark(picked);
    this.box.dataset.ready = '1';
  }

  build() {
    const { classes, counts, alt } = this.data, last = classes.length - 1;
    const focused = this.box.contains(this.box.getRootNode().activeElement);
    this.at = this.at.map((place) => Math.min(place, last));
    const table = node('table', `${last < 12 ? 'wide' : ''}${last > 5 ? ' upright' : ''}`, null);
    table.setAttribute('role', 'grid');
    table.setAttribute('aria-label', alt);
    const head = node('tr', '', node('thead', '', table));
    const corner = node('td', 'corner', head);
    node('span', 'said', corner, 'said →');
    node('span', 'true', corner, '↓ true');
    classes.forEach((name) => heading(head, 'col', 'said', name));
    heading(head, 'col', 'share', 'right');
    const body = node('tbody', '', table);
    this.cells = counts.map((row, truth) => this.row(body, row, truth));
    this.box.replaceChildren(table);
    this.reach(this.at, focused);
  }

  row(body, counts, truth) {
    const { classes } = this.data, line = node('tr', '', body);
    const total = counts.reduce((sum, count) => sum + count, 0);
    heading(line, 'row', 'true', classes[truth]);
    const cells = counts.map((count, said) => this.cell(line, count, total, truth, said));
    node('td', 'share', line, total ? `${Math.round((100 * counts[truth]) / total)} %` : '–').title = `${counts[truth]} of ${total} right`;
    return cells;
  }

  cell(line, count, total, truth, said) {
    const { classes } = this.data, share = total ? count / total : 0;
    const kind = `${truth === said ? ' right' : ''}${share >= 0.85 ? ' strong' : ''}${count ? '' : ' none'}`;
    const cell = node('td', `cell${kind}`, line, count ? String(count) : '·');
    cell.style.setProperty('--share', `${count ? Math.round(14 + 86 * share) : 0}%`);
    cell.setAttribute('role', 'gridcell');
    cell.tabIndex = -1;
    cell.dataset.at = `${truth} ${said}`;
    const words = `${classes[truth]}, said to be ${classes[said]}: ${count} of ${total}`;
    cell.setAttribute('aria-label', words);
    cell.title = words;
    return cell;
  }

  mark(picked) {
    this.marked?.classList.remove('picked');
    this.marked?.removeAttribute('aria-selected');
    this.marked = picked ? this.cells[picked[0]]?.[picked[1]] : null;
    this.marked?.classList.add('picked');
    this.marked?.setAttribute('aria-selected', 'true');
  }

  reach([truth, said], focus) {
    const before = this.cells[this.at[0]]?.[this.at[1]];
    if (before) before.tabIndex = -1;
    this.at = [truth, said];
    const cell = this.cells[truth]?.[said];
    if (!cell) return;
    cell.tabIndex = 0;
    if (focus) cell.focus();
  }

  pick(cell) {
    if (!cell) return;
    const at = cell.dataset.at.split(' ').map(Number);
    this.reach(at, true);
    if (!this.data.counts[at[0]][at[1]]) return;
    this.mark(at);
    this.trigger('picked', at);
  }

  key(event) {
    const cell = event.target.closest('.cell');
    if (!cell) return;
    const step = STEPS[event.key], last = this.data.classes.length - 1;
    if (event.key === 'Enter' || event.key === ' ') this.pick(cell);
    else if (step) this.reach(this.at.map((place, i) => Math.min(Math.max(place + step[i], 0), last)), true);
    else return;
    event.preventDefault();
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!GRIDS.has(root)) GRIDS.set(root, new Grid(root));
  GRIDS.get(root).update(component);
  return () => GRIDS.delete(root);
}
