// Pictures side by side: a wall that flows, or a table with a name for every row and column. A click answers with a name.

const SHOWN = new WeakMap();

function unpack(message) {                   // header length, header as JSON, then the files of the pictures
  const bytes = message instanceof Uint8Array ? message : new Uint8Array(message);
  const start = 4 + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  let place = start;
  for (const tile of data.tiles) {
    if (!tile.length) continue;
    tile.bytes = bytes.subarray(place, place + tile.length);
    place += tile.length;
  }
  return data;
}

const make = (kind, classes, parent, text = '') => {
  const node = document.createElement(kind);
  node.className = classes;
  node.textContent = text;
  parent.append(node);
  return node;
};

class Wall {
  constructor(root) {
    this.box = root.querySelector('.wall');
    this.addresses = new Map();              // checksum -> address of a picture in the browser's memory
    this.box.addEventListener('click', (event) => {
      const tile = event.target.closest('.tile');
      if (tile && !tile.disabled) this.send('tile', tile.dataset.name);
    });
  }

  update({ data: message, setTriggerValue }) {
    const data = unpack(message);
    this.send = setTriggerValue;
    const focused = this.box.getRootNode().activeElement?.dataset?.name;
    this.box.className = `wall ${data.columns.length ? 'table' : 'flow'}`;
    this.box.style.setProperty('--columns', data.columns.length);
    this.box.setAttribute('aria-label', data.alt);
    this.box.dataset.name = data.name;
    const nodes = document.createDocumentFragment();
    if (data.columns.length) make('span', 'corner', nodes);
    data.columns.forEach((column) => this.heading('head', column, nodes));
    const fresh = new Map();
    const waiting = data.tiles.map((tile, index) => {
      if (data.rows.length && index % data.columns.length === 0) this.heading('row', data.rows[index / data.columns.length], nodes);
      return this.tile(tile, nodes, fresh);
    });
    const left = this.box.scrollLeft;
    this.box.replaceChildren(nodes);
    this.box.scrollLeft = left;
    for (const [checksum, address] of this.addresses) if (!fresh.has(checksum)) URL.revokeObjectURL(address);
    this.addresses = fresh;
    if (focused) [...this.box.querySelectorAll('.tile')].find((tile) => tile.dataset.name === focused)?.focus();
    const turn = this.turn = (this.turn || 0) + 1;
    Promise.all(waiting).then(() => { if (turn === this.turn) this.box.dataset.ready = '1'; });
  }

  heading(kind, { title, note, marked }, parent) {
    const node = make('div', `${kind}${marked ? ' marked' : ''}`, parent);
    make(kind === 'head' ? 'b' : 'span', '', node, title);
    if (note) make('span', kind === 'head' ? '' : 'note', node, note);
  }

  tile(tile, parent, fresh) {
    const node = make('button', `tile${tile.marked ? ' marked' : ''}`, parent);
    node.type = 'button';
    node.disabled = !tile.name;
    node.dataset.name = tile.name;
    node.setAttribute('aria-pressed', Boolean(tile.marked));
    node.setAttribute('aria-label', [tile.title || tile.alt, tile.note].filter(Boolean).join(', '));
    const face = make('div', `face${tile.length ? '' : ' blank'}`, node);
    if (tile.title) make('span', 'title', node, tile.title);
    if (tile.note) make('span', 'note', node, tile.note);
    if (!tile.length) {
      const word = make('span', tile.done === null ? '' : 'busy', face, tile.blank);
      word.style.setProperty('--done', `${100 * (tile.done || 0)}%`);
      return null;
    }
    const image = make('img', '', face);
    image.alt = '';
    const known = this.addresses.get(tile.checksum) || fresh.get(tile.checksum);
    image.src = known || URL.createObjectURL(new Blob([tile.bytes], { type: tile.type }));
    fresh.set(tile.checksum, image.src);
    return image.decode().catch(() => {});   // replaced before it was decoded: the next one reports
  }
}

export default function (component) {
  const root = component.parentElement;
  let wall = SHOWN.get(root);
  if (!wall) { wall = new Wall(root); SHOWN.set(root, wall); }
  wall.update(component);
  return () => SHOWN.delete(root);
}
