// The Numbers view: three grids that answer each other under the mouse, and the window that slides over them.
import { Matrix, openEditor, writeSum } from './numbers_grid_extras.js';
import { Links } from './numbers_grid_links.js';
import { compact, exact, make, Panel } from './numbers_grid_panel.js';

const ICONS = { back: 'M11 3 4 8l7 5zM3 3v10', play: 'M4 2.5 13 8l-9 5.5z', pause: 'M5 3v10M11 3v10', on: 'M5 3l7 5-7 5zM13 3v10' };
const TALLEST = 400;                               // a grid never fills more of the screen than this
const RATES = [1, 2, 4, 8, 16, 32];                // outputs in a second
const SETTLE_MS = 250;                             // a double click pins and unpins: the link is told only what remains

class Numbers {
  constructor(root) {
    this.root = root;
    this.box = root.querySelector('.numbers');
    const get = (selector) => this.box.querySelector(selector);
    this.panels = Object.fromEntries(['input', 'kernel', 'output'].map((name) => [name, new Panel(get(`[data-of=${name}]`))]));
    this.parts = Object.fromEntries(['sum', 'spoken', 'back', 'play', 'on', 'scrub', 'where', 'speed', 'heat', 'matrix'].map((name) => [name, get(`.${name}`)]));
    for (const name of ['back', 'play', 'on']) this.icon(name, ICONS[name]);
    this.hover = this.pin = this.key = null;
    this.heat = false;
    this.listen(get('.panels'));
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.box);
    this.sizes.observe(this.parts.where);          // follows the size of the letters: the presenter size
  }

  icon(name, path) {
    const button = this.parts[name];
    button.replaceChildren();
    make('path', { d: path }, make('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, button));
  }

  listen(panels) {
    const at = (event) => event.target.closest?.('.cell');
    panels.addEventListener('pointerover', (event) => this.look('hover', at(event)));
    panels.addEventListener('pointerleave', () => this.look('hover', null));
    panels.addEventListener('focusin', (event) => this.look('key', at(event)?.matches(':focus-visible') ? at(event) : null));
    panels.addEventListener('focusout', () => this.look('key', null));
    panels.addEventListener('click', (event) => at(event) && this.toggle(at(event)));
    panels.addEventListener('dblclick', (event) => at(event) && this.edit(at(event)));
    panels.addEventListener('keydown', (event) => at(event) && this.press(event, at(event)));
    const { back, play, on, scrub, heat } = this.parts;
    back.onclick = () => this.go(this.shown - 1);
    on.onclick = () => this.go(this.shown === this.total ? 1 : this.shown + 1);
    play.onclick = () => (this.timer ? this.stop() : this.start());
    scrub.oninput = () => this.go(+scrub.value);
    heat.onclick = () => { this.heat = !this.heat; heat.setAttribute('aria-pressed', this.heat); this.redraw(); };
  }

  update({ data: { pin, ...data }, setTriggerValue }) {
    this.send = setTriggerValue;
    const text = JSON.stringify(data);
    const same = text === this.before;
    this.linked = pin;                             // the pin that the link holds
    if (same) {
      if (!this.later) this.pin = pin;             // otherwise a newer one is on its way
      this.show();
      return;
    }
    this.before = text;
    this.stop();
    this.data = data;
    this.links = data.veiled ? null : new Links(data);
    this.total = data.veiled ? 0 : data.output.rows * data.output.columns;
    this.shown = this.total;
    this.hover = this.key = null;
    this.pin = pin;
    this.parts.scrub.max = this.total;
    this.parts.sum.style.minHeight = '';
    for (const name of ['back', 'play', 'on', 'scrub', 'heat']) this.parts[name].disabled = data.veiled;
    this.box.querySelector('.sign').textContent = data.sign;
    this.redraw();
    this.picture();
    this.box.dataset.ready = '1';
  }

  redraw() {
    const scales = this.data.scales;
    for (const [name, panel] of Object.entries(this.panels)) {
      panel.draw(this.data[name], scales);
      const counts = this.heat && this.data[name].counts;
      if (counts) panel.paint(counts.values, counts.shade, 'magnitude');
      this.caption(panel, counts);
    }
    this.box.classList.toggle('veiled', this.data.veiled);
    this.fit();
    this.reveal(0);
    this.show();
  }

  caption(panel, counts) {
    const grid = this.data[panel.name];
    panel.figure.querySelector('b').textContent = grid.what;
    panel.figure.querySelector('figcaption span').textContent = grid.size;
    const scale = panel.figure.querySelector('.scale');
    const [low, high] = counts ? counts.range : grid.range;
    scale.hidden = low === high;
    scale.replaceChildren(...[exact(low), '', counts ? `${exact(high)} ${counts.unit}` : exact(high)].map((word) => {
      const part = document.createElement(word ? 'span' : 'i');
      part.textContent = word;
      return part;
    }));
    scale.querySelector('i').style.background = `linear-gradient(90deg, ${
      this.data.scales[counts ? 'magnitude' : grid.scale].colours.filter((_, i) => i % 15 === 0).join(',')})`;
  }

  fit() {
    if (!this.data) return;
    const { input, kernel, output } = this.data;
    const wide = this.box.clientWidth;
    const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const stacked = wide < 640;
    this.box.classList.toggle('stacked', stacked);
    const room = (grid, width, most = 48) => Math.min(most * scale, width / (grid.columns + 0.7), TALLEST * scale / (grid.rows + 0.6));
    if (stacked) {
      for (const panel of Object.values(this.panels)) panel.fit(room(this.data[panel.name], Math.min(wide, 420) - 4, 40));
      return;
    }
    const shared = (width, ...grids) => Math.min(...grids.map((grid) => room(grid, width)),
      width / grids.reduce((sum, grid) => sum + grid.columns + 0.7, 0));
    let pixels = shared(wide - 112, input, kernel, output);
    const small = Math.max(pixels, Math.min(34, 200 / kernel.columns));
    if (small > pixels) pixels = shared(wide - 112 - small * (kernel.columns + 0.7), input, output);
    this.panels.input.fit(pixels);
    this.panels.output.fit(pixels);
    this.panels.kernel.fit(small);
  }

  look(kind, cell) {
    const next = cell ? { panel: cell.dataset.panel, index: cell.index } : null;
    if (next?.index === this[kind]?.index && next?.panel === this[kind]?.panel) return;
    this[kind] = next;
    if (kind === 'key' && next) this.hover = null;
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.show(); });
  }

  toggle(cell) {
    const same = this.pin && this.pin.panel === cell.dataset.panel && this.pin.index === cell.index;
    this.stop();
    this.fix(same ? null : { panel: cell.dataset.panel, index: cell.index });
    this.panels[cell.dataset.panel].focus(cell.index);
    this.show();
    this.parts.spoken.textContent = this.pin ? `Pinned. ${this.parts.sum.textContent}` : 'Unpinned.';
  }

  fix(pin) {                                       // at once here, a moment later in the link
    this.pin = pin;
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      this.later = null;
      const [now, linked] = [this.pin, this.linked].map((one) => (one ? this.panels[one.panel].nameOf(one.index) : ''));
      if (now !== linked) this.send('pin', now);
      this.linked = this.pin;
    }, SETTLE_MS);
  }

  press(event, cell) {
    const panel = this.panels[cell.dataset.panel];
    const wide = panel.grid.columns;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -wide, ArrowDown: wide }[event.key];
    const typed = /^[-−.,\d]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (step) {
      const to = cell.index + step;
      const inside = to >= 0 && to < panel.cells.length && (Math.abs(step) > 1 || wide === 1 || Math.floor(to / wide) === Math.floor(cell.index / wide));
      if (inside) panel.focus(to);
      this.show();
      this.parts.spoken.textContent = this.parts.sum.textContent;
    } else if (event.key === 'Enter' || event.key === ' ') this.toggle(cell);
    else if (event.key === 'Escape') { this.fix(null); this.show(); }
    else if (event.key === 'F2' || typed) this.edit(cell, typed ? event.key : undefined);
    else return;
    event.preventDefault();
  }

  show() {
    const tall = this.parts.sum.offsetHeight;      // read before anything is written: no second layout in a frame
    const passing = this.shown < this.total && this.shown > 0 ? { panel: 'output', index: this.shown - 1 } : null;
    const spot = this.links && (this.pin || this.hover || this.key || passing);
    const links = spot ? this.links.of(spot.panel, spot.index) : [];
    if (spot) this.light(spot, links);
    const framed = { output: 'input', input: 'output' }[spot?.panel];
    for (const panel of Object.values(this.panels)) panel.commit(Boolean(spot), panel.name === framed);
    this.tell(spot, links, tall);
    this.mark(spot);
  }

  light({ panel, index }, links) {
    const { input, kernel, output } = this.panels;
    const { operation, kernel: weights, output: results } = this.data;
    const marks = panel === 'input' ? this.links.marks(links) : null;
    for (const { output: to } of links) output.light(to, marks ? { label: marks.get(to), ring: marks.get(to) === 'max' } : {});
    for (const { weight } of links) kernel.light(weight);
    const told = panel === 'output' && weights.named;
    for (const { cell, weight, output: to } of links) {
      input.light(cell, { tag: told ? `×${compact(weights.values[weight])}` : undefined,
        ring: panel === 'output' && operation === 'max_pool' && results.winners[to] === cell });
    }
    if (panel === 'input') for (const copy of this.links.same(index)) input.light(copy);
    this.panels[panel].light(index, { ring: true });
  }

  tell(spot, links, tall) {
    const sum = this.parts.sum;
    sum.classList.toggle('pinned', Boolean(this.pin));
    sum.style.minHeight = `${tall}px`;             // the page below does not jump
    if (this.data.veiled) sum.textContent = 'Answer the question first: the output is still hidden.';
    else if (!spot) sum.textContent = 'Point at an output, an input or a weight. Click to pin it, double-click an input or a weight to change it.';
    else if (spot.panel === 'output') writeSum(sum, this.links, links, spot.index);
    else sum.textContent = this.links.story(spot.panel, spot.index, links);
  }

  mark(spot) {                                     // the matrix: the row of an output, the column of an input
    const cell = spot?.panel === 'input' ? this.data.input.source[spot.index] : spot?.index;
    this.matrix?.point(spot?.panel, cell);
  }

  picture() {
    this.parts.matrix.hidden = !this.data.matrix;
    this.matrix = this.data.matrix ? new Matrix(this.parts.matrix, this.data) : null;
    this.show();
  }

  edit(cell, typed) {
    const { panel } = cell.dataset;
    const grid = this.data[panel];
    const place = panel === 'input' ? grid.source[cell.index] : cell.index;
    if (!grid.editable || place < 0) return;
    this.fix(null);
    openEditor(this.box.querySelector('.panels'), cell, typed ?? String(grid.values[cell.index]), (value) => {
      if (value !== null && value !== grid.values[cell.index]) this.send('edit', { panel, place, value });
      this.panels[panel].focus(cell.index);
    });
  }

  go(shown) {                                      // show the first outputs only, the last of them with its window
    this.stop();
    this.hover = this.key = null;
    this.fix(null);
    this.reveal(Math.max(0, Math.min(this.total, shown)) - this.shown);
    this.show();
  }

  reveal(by) {
    this.shown += by;
    this.panels.output.cells.forEach((box, i) => box.classList.toggle('unborn', !this.data.veiled && i >= this.shown));
    this.parts.scrub.value = this.shown;
    this.parts.where.textContent = this.data.veiled ? '' : `${this.shown} of ${this.total} outputs`;
  }

  start() {
    if (this.shown === this.total) this.reveal(-this.total);
    this.hover = this.key = null;
    this.fix(null);
    this.icon('play', ICONS.pause);
    this.parts.play.setAttribute('aria-label', 'Pause');
    let last = performance.now();
    const tick = (now) => {
      const due = Math.floor(((now - last) * RATES[this.parts.speed.value]) / 1000);
      if (due > 0) {
        last = now;
        this.reveal(Math.min(due, this.total - this.shown));
        this.show();
      }
      if (this.shown < this.total) this.timer = requestAnimationFrame(tick);
      else this.stop();
    };
    this.timer = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.timer);
    this.timer = null;
    this.icon('play', ICONS.play);
    this.parts.play.setAttribute('aria-label', 'Play');
  }

  destroy() {
    this.stop();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.later);
    this.sizes.disconnect();
  }
}

const SHOWN = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  if (!SHOWN.has(root)) SHOWN.set(root, new Numbers(root));
  SHOWN.get(root).update(component);
  return () => { SHOWN.get(root)?.destroy(); SHOWN.delete(root); };
}
