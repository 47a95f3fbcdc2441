// One output of a filter, written out: values times weights gives products, products add up. All numbers and
// colours come from Python as they are shown.

const make = (name, text = '', classes = '') => {
  const node = document.createElement(name);
  node.textContent = text;
  if (classes) node.className = classes;
  return node;
};

function readable(colour) {                  // black or white ink, whichever stands out from the cell
  const [red, green, blue] = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? '#111' : '#fff';
}

function grid({ caption, cells }) {
  const table = make('table');
  table.append(make('caption', caption));
  for (const line of cells) {
    const row = table.insertRow();
    for (const { text, colour, padded } of line) {
      const cell = make('td', text, padded ? 'pad' : '');
      cell.style.background = colour;
      cell.style.color = readable(colour);
      if (padded) cell.title = 'padding';
      row.append(cell);
    }
  }
  return table;
}

function channel({ name, grids, sum }) {
  const row = make('div', '', 'row');
  const [values, weights, products] = grids.map(grid);
  const pairs = [[make('span', name, 'name')], [values], [make('span', '×', 'sign'), weights],
    [make('span', '=', 'sign'), products], [make('span', 'Σ =', 'sign'), make('span', sum, 'result')]];
  pairs.forEach((parts) => { const pair = make('span', '', 'pair'); pair.append(...parts); row.append(pair); });
  return row;
}

export default function ({ parentElement, data }) {
  const box = parentElement.querySelector('.sum');
  box.replaceChildren(...data.channels.map(channel));
  const total = make('div', data.before, 'total');
  if (data.total) total.append(make('b', data.total));
  box.append(total);
  box.setAttribute('aria-label', data.alt);
  box.dataset.ready = '1';
}
