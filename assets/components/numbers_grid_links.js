// Which output meets which input through which weight, looked up in the two tables that Python sends (one per axis:
// a two-dimensional window is every row step with every column step), and the words for it.
import { compact, exact, factor } from './numbers_grid_panel.js';

const stamp = (value) => (value < 0 ? '' : '+') + compact(value);
const group = (table, by) => {
  const groups = new Map();
  table.output.forEach((output, i) => {
    const step = { output, cell: table.cell[i], weight: table.weight[i] };
    if (!groups.has(step[by])) groups.set(step[by], []);
    groups.get(step[by]).push(step);
  });
  return groups;
};

export class Links {
  constructor(data) {
    this.data = data;
    this.axes = { output: 'output', input: 'cell', kernel: 'weight' };
    this.rows = {};
    this.columns = {};
    for (const by of Object.values(this.axes)) {
      this.rows[by] = group(data.rows, by);
      this.columns[by] = group(data.columns, by);
    }
    this.copies = new Map();                       // input pixel -> every padded cell that repeats it
    data.input.source.forEach((source, i) => {
      if (source >= 0) this.copies.set(source, [...(this.copies.get(source) || []), i]);
    });
  }

  same(index) {
    const source = this.data.input.source[index];
    return source >= 0 ? this.copies.get(source) : [index];
  }

  of(panel, index) {
    return (panel === 'input' ? this.same(index) : [index]).flatMap((one) => this.cross(panel, one));
  }

  cross(panel, index) {
    const by = this.axes[panel];
    const wide = this.data[panel].columns;
    const down = this.rows[by].get(Math.floor(index / wide)) || [];
    const along = this.columns[by].get(index % wide) || [];
    const flat = (row, column, grid) => row * this.data[grid].columns + column;
    return down.flatMap((row) => along.map((column) => ({
      output: flat(row.output, column.output, 'output'),
      cell: flat(row.cell, column.cell, 'input'),
      weight: flat(row.weight, column.weight, 'kernel'),
    })));
  }

  terms(links) {                                   // the window of one output, number by number
    const { input, kernel, operation } = this.data;
    const plain = operation.endsWith('pool');
    return links.map(({ cell, weight }) => {
      const value = input.values[cell];
      return plain ? { text: exact(value), size: value } :
        { text: `${factor(value)}·${factor(kernel.values[weight])}`, size: value * kernel.values[weight] };
    });
  }

  wrap(index) {                                    // what stands before, between and after the terms
    const { operation, output } = this.data;
    if (operation === 'max_pool') return ['max(', ', ', ')'];
    if (operation === 'avg_pool') return ['(', ' + ', `) / ${output.divisors[index]}`];
    return ['', ' + ', ''];
  }

  place(panel, index) {
    const { columns, first } = this.data[panel];
    return `row ${Math.floor(index / columns) + first[0]}, column ${(index % columns) + first[1]}`.replaceAll('-', '−');
  }

  story(panel, index, links) {                     // one sentence for an input or a weight
    const where = this.place(panel, index);
    const many = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
    const outputs = new Set(links.map((link) => link.output)).size;
    if (panel === 'kernel') {
      const name = this.data.kernel.named ? `Weight at ${where} (${exact(this.data.kernel.values[index])})` : `Place ${where} of the window`;
      return `${name} meets ${many(new Set(links.map((link) => link.cell)).size, 'input cell')}, one for each of ${many(outputs, 'output')}.`;
    }
    const { source, values } = this.data.input;
    const name = source[index] < 0 ? `Padding at ${where}` : `Input at ${where}`;
    if (!links.length) return `${name} (${exact(values[index])}) is never read: no window reaches it.`;
    const how = { transposed: 'stamps the kernel, multiplied by its value, on', max_pool: 'competes in', avg_pool: 'is averaged into' };
    return `${name} (${exact(values[index])}) ${how[this.data.operation] || 'feeds'} ${many(outputs, 'output')}${
      this.data.operation === 'convolution' ? '; each one shows the weight that it is multiplied by' : ''}.`;
  }

  marks(links) {                                   // what is written on each output that an input feeds
    const { operation, input, kernel, output } = this.data;
    const marks = new Map();
    for (const { output: to, cell, weight } of links) {
      const word = operation === 'max_pool' ? (output.winners[to] === cell ? 'max' : '') :
        operation === 'avg_pool' ? `÷${output.divisors[to]}` :
        operation === 'transposed' ? stamp(input.values[cell] * kernel.values[weight]) : `×${compact(kernel.values[weight])}`;
      marks.set(to, marks.has(to) && word ? `${marks.get(to)} ${word}`.trim() : word || marks.get(to) || '');
    }
    return marks;
  }
}
