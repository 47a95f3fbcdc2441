// The chain as a row of chips; the chosen one opens its panel: range, probability, place. Python holds the chain: an
// edit is sent there as a whole and comes back checked, or refused with a sentence. Edits are numbered: whoever
// is quicker than the server's answer keeps what he has done, because an answer to an older edit is not taken.

const EDITORS = new WeakMap();
const EDGES = [['constant', 'painted'], ['reflect', 'mirrored'], ['edge', 'last pixel']];

const el = (tag, attributes = {}, parent = null) => {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'text') made.textContent = value; else made.setAttribute(key, value);
  }
  parent?.append(made);
  return made;
};
const same = (a, b) => Boolean(a) && Boolean(b) && a.length === b.length && a.every((value, at) => value === b[at]);
const percent = (value) => `${Math.round(100 * value)} %`;

class Editor {
  constructor(root) {
    this.row = root.querySelector('.row'); this.panel = root.querySelector('.panel');
    this.status = root.querySelector('.status'); this.box = root.querySelector('.chain');
    this.place = null;                       // [step] or [step, choice in its group]
    this.serial = 0;                         // the number of the last edit
    this.shown = null;                       // the transform whose strip is asked for and not yet answered
    this.pressed = false;                    // a press on a button that is built anew under it would be no click
    this.box.addEventListener('pointerdown', ({ target }) => { this.pressed = target.tagName !== 'SELECT'; });
    this.release = () => setTimeout(() => {  // after the click that this release is
      this.pressed = false;
      if (this.waiting) this.take(this.waiting);
    });
    for (const name of ['pointerup', 'pointercancel']) window.addEventListener(name, this.release);
  }

  leave() {
    for (const name of ['pointerup', 'pointercancel']) window.removeEventListener(name, this.release);
  }

  update({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    if (this.pressed) this.waiting = data; else this.take(data);
  }

  take(data) {
    this.waiting = null;
    if (data.serial < this.serial) return;   // the answer to an older edit than the last one
    const same = JSON.stringify(data);
    if (same === this.taken) return;
    this.taken = same;
    this.serial = data.serial; this.shown = null;
    this.data = data;
    const { steps, border, fill, interpolation } = data;
    this.chain = structuredClone({ steps, border, fill, interpolation });
    this.kinds = Object.fromEntries(data.catalogue.map((kind) => [kind.name, kind]));
    if (this.place && !this.at(this.place)) this.place = null;
    this.rebuild();
    this.status.textContent = data.refused; this.status.hidden = !data.refused;
    this.box.dataset.ready = '1';
  }

  rebuild() {
    const focus = this.box.getRootNode().activeElement?.dataset?.focus;
    this.build();
    if (focus) this.box.querySelector(`[data-focus="${focus}"]`)?.focus();
  }

  at([step, choice]) {
    const found = this.chain.steps[step];
    return choice === undefined ? found : found?.one_of?.[choice];
  }

  // Streamlit keeps only the newest of the edits that wait for a run, so each one says all that is not yet answered.
  send() {
    this.serial += 1;
    this.trigger('edit', { ...this.chain, shown: this.shown, serial: this.serial });
  }

  change() {
    this.rebuild();
    this.send();
  }

  build() {
    this.row.replaceChildren();
    this.chain.steps.forEach((each, i) => {
      if (i) el('span', { class: 'arrow', text: '→', 'aria-hidden': 'true' }, this.row);
      if (each.one_of) this.group(each, i); else this.chip(each, [i], this.row);
    });
    if (!this.chain.steps.length) el('span', { class: 'range', text: 'No transform yet: every picture stays as it is.' }, this.row);
    this.adder(this.row, 'Add a transform', (step) => {
      const after = this.place ? this.place[0] + 1 : this.chain.steps.length;
      this.chain.steps.splice(after, 0, step);
      this.place = [after];
      this.change();
    }, this.chain.steps.length >= this.data.most);
    const edge = el('label', { class: 'edge' }, this.row);
    el('span', { text: 'Beyond the edge' }, edge);
    const select = el('select', { 'aria-label': 'Beyond the edge', 'data-focus': 'edge' }, edge);
    EDGES.forEach(([value, text]) => el('option', { value, text }, select));
    select.value = this.chain.border;
    select.addEventListener('change', () => { this.chain.border = select.value; this.send(); });
    this.fillPanel();
  }

  chip(step, place, parent) {
    const kind = this.kinds[step.transform];
    const chip = el('button', { type: 'button', class: 'chip step', 'data-focus': `chip ${place}` }, parent);
    el('b', { text: kind.title }, chip);
    if (step.said) el('span', { class: 'range', text: step.said }, chip);
    if (place.length === 1 && step.probability < 1) el('span', { class: 'odds', text: percent(step.probability) }, chip);
    this.selectable(chip, place, kind.name);
    return chip;
  }

  group(each, i) {
    const box = el('span', { class: 'group', role: 'group', 'aria-label': `step ${i + 1}: one of` }, this.row);
    const name = el('button', { type: 'button', class: 'chip name', 'data-focus': `chip ${i}` }, box);
    el('b', { text: 'one of' }, name);
    if (each.probability < 1) el('span', { class: 'odds', text: percent(each.probability) }, name);
    this.selectable(name, [i], null);
    const total = each.one_of.reduce((sum, step) => sum + step.probability, 0);
    each.one_of.forEach((step, j) => {
      if (j) el('span', { class: 'or', text: 'or' }, box);
      const chip = this.chip(step, [i, j], box);
      if (total) el('span', { class: 'odds', text: percent(step.probability / total) }, chip);
    });
  }

  selectable(chip, place, transform) {
    chip.classList.toggle('selected', same(this.place, place));
    chip.setAttribute('aria-expanded', String(same(this.place, place)));
    chip.addEventListener('click', () => {
      this.place = same(this.place, place) ? null : place;
      this.build();
      this.box.querySelector(`[data-focus="chip ${place}"]`)?.focus();
      if (!transform) return;
      this.shown = this.place ? transform : 'none';
      this.send();
    });
  }

  adder(parent, text, take, full) {
    const select = el('select', { class: 'add', 'aria-label': text, 'data-focus': text }, parent);
    select.disabled = full;
    el('option', { value: '', text: `+ ${text}` }, select);
    const families = new Map();
    for (const kind of this.data.catalogue) {
      if (!families.has(kind.family)) families.set(kind.family, el('optgroup', { label: kind.family }, select));
      el('option', { value: kind.name, text: kind.title }, families.get(kind.family));
    }
    select.addEventListener('change', () => { if (select.value) take(this.fresh(select.value)); });
  }

  fresh(name) {
    const [low, high] = this.kinds[name].default;
    return { transform: name, low, high, probability: 1, options: {}, said: '' };
  }

  fillPanel() {
    this.panel.replaceChildren();
    this.panel.hidden = !this.place;
    if (!this.place) return;
    const each = this.at(this.place), kind = this.kinds[each.transform];
    if (kind) {
      el('span', { class: 'meaning', text: `${kind.title}: ${kind.meaning}` }, this.panel);
      if (!kind.fixed) this.range(each, kind);
    } else el('span', { class: 'meaning', text: 'At most one of these is carried out; their weights say which.' }, this.panel);
    this.probability(each);
    kind?.options.forEach((option) => this.option(each, option));
    this.tools(each);
  }

  field(text) {
    const label = el('label', { class: 'field' }, this.panel);
    el('span', { text }, label);
    return label;
  }

  range(step, kind) {
    const field = el('div', { class: 'field', role: 'group', 'aria-label': 'range' }, this.panel);
    const numbers = {}, sliders = {};
    const box = (end) => {
      numbers[end] = el('input', { type: 'number', min: kind.low, max: kind.high, step: kind.whole ? 1 : 'any', 'aria-label': `${kind.title}: ${end} end`,
        'data-focus': `number ${end}` }, field);
      numbers[end].value = step[end];
      numbers[end].addEventListener('change', () => set(end, Number(numbers[end].value), true));
    };
    box('low');
    const two = el('div', { class: 'two' }, field), between = el('span', { class: 'between' }, two);
    for (const end of ['low', 'high']) {
      sliders[end] = el('input', { type: 'range', min: kind.low, max: kind.high, step: kind.step, 'aria-label': `${kind.title}: ${end} end, slider`,
        'data-focus': `slider ${end}` }, two);
      sliders[end].value = step[end];
      sliders[end].addEventListener('input', () => set(end, Number(sliders[end].value), false));
      sliders[end].addEventListener('change', () => this.send());
    }
    box('high');
    el('span', { text: kind.unit }, field);
    const paint = () => {
      const part = (value) => 100 * (value - kind.low) / (kind.high - kind.low);
      between.style.left = `${part(step.low)}%`; between.style.right = `${100 - part(step.high)}%`;
      for (const end of ['low', 'high']) { numbers[end].value = step[end]; sliders[end].value = step[end]; }
    };
    const set = (end, value, done) => {
      const whole = kind.whole ? Math.round(value) : value;
      step[end] = Math.min(Math.max(Number.isFinite(whole) ? whole : kind.identity ?? kind.low, kind.low), kind.high);
      if (step.low > step.high) step[end === 'low' ? 'high' : 'low'] = step[end];
      paint();
      if (done) this.send();
    };
    paint();
  }

  probability(each) {
    const field = this.field(this.place.length === 2 ? 'weight' : 'probability');
    const slider = el('input', { type: 'range', min: 0, max: 1, step: 0.05, 'data-focus': 'probability',
      'aria-label': this.place.length === 2 ? 'weight' : 'probability' }, field);
    const said = el('output', { class: 'percent', text: percent(each.probability) }, field);
    slider.value = each.probability;
    slider.addEventListener('input', () => { each.probability = Number(slider.value); said.textContent = percent(each.probability); });
    slider.addEventListener('change', () => this.send());
  }

  option(step, option) {
    const field = this.field(option.title);
    const held = step.options[option.name] ?? option.default;
    const box = option.words.length ? el('select', {}, field)
      : el('input', { type: 'number', min: option.low, max: option.high, step: option.whole ? 1 : 'any' }, field);
    option.words.forEach((word) => el('option', { value: word, text: word }, box));
    box.value = option.words.length || option.whole ? held : Number(Number(held).toPrecision(4));
    box.setAttribute('data-focus', `option ${option.name}`);
    box.addEventListener('change', () => {
      const value = Math.min(Math.max(Number(box.value) || 0, option.low), option.high);
      step.options[option.name] = option.words.length ? box.value : option.whole ? Math.round(value) : value;
      this.send();
    });
  }

  tools(each) {
    const tools = el('span', { class: 'tools' }, this.panel);
    const [i, j] = this.place, inside = j !== undefined;
    const list = inside ? this.chain.steps[i].one_of : this.chain.steps, own = inside ? j : i;
    const tool = (text, act, off = false) => {
      const button = el('button', { type: 'button', class: 'tool', text, 'data-focus': text }, tools);
      button.disabled = off;
      button.addEventListener('click', () => { act(); this.change(); });
    };
    const move = (by) => () => {
      [list[own], list[own + by]] = [list[own + by], list[own]];
      this.place = inside ? [i, j + by] : [i + by];
    };
    tool('◀ Earlier', move(-1), own === 0);
    tool('Later ▶', move(1), own === list.length - 1);
    if (each.one_of) tool('Ungroup', () => { this.chain.steps.splice(i, 1, ...each.one_of); this.place = null; });
    else if (!inside) tool('Make it one of …', () => {
      this.chain.steps[i] = { one_of: [{ ...each, probability: 1 }], probability: each.probability };
      this.place = [i];
    });
    if (each.one_of) this.adder(tools, 'Add a choice', (step) => { each.one_of.push(step); this.change(); }, each.one_of.length >= this.data.choices);
    tool('Remove', () => {
      list.splice(own, 1);
      if (inside && !list.length) this.chain.steps.splice(i, 1);
      this.place = null;
    });
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!EDITORS.has(root)) EDITORS.set(root, new Editor(root));
  EDITORS.get(root).update(component);
  return () => { EDITORS.get(root)?.leave(); EDITORS.delete(root); };
}
