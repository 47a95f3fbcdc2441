// The small input that changes one number, the sum of one output in words, and the picture of the layer as a matrix.
import { exact } from './numbers_grid_panel.js';

export const openEditor = (stage, cell, text, done) => {
  const field = document.createElement('input');
  const [at, frame] = [cell.getBoundingClientRect(), stage.getBoundingClientRect()];
  const wide = Math.max(at.width, 64);
  field.className = 'editor';
  field.inputMode = 'decimal';
  field.maxLength = 10;
  field.value = text;
  field.setAttribute('aria-label', `New number for ${cell.getAttribute('aria-label')}`);
  field.style.cssText = `left:${Math.min(at.x - frame.x - (wide - at.width) / 2, frame.width - wide)}px;top:${at.y - frame.y}px;width:${wide}px;height:${at.height}px`;
  let open = true;
  const close = (value) => {
    if (!open) return;
    open = false;
    field.remove();
    done(value);
  };
  const read = () => {
    const words = field.value.trim().replace(',', '.').replace('−', '-');
    const value = words === '' ? NaN : Number(words);
    return Number.isFinite(value) && Math.abs(value) <= 9999 ? Math.round(value * 1e4) / 1e4 : null;
  };
  field.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === 'Escape') close(null);
    if (event.key !== 'Enter') return;
    if (read() === null) field.setAttribute('aria-invalid', 'true');
    else close(read());
  };
  field.oninput = () => field.removeAttribute('aria-invalid');
  field.onblur = () => close(read());
  stage.append(field);
  field.focus();
  if (text.length > 1) field.select();
};

export const writeSum = (box, links, found, index) => {
  const element = (tag, text, name = '') => Object.assign(document.createElement(tag), { textContent: text, className: name });
  const [before, between, after] = links.wrap(index);
  const terms = links.terms(found).map(({ text, size }, i) => {
    const part = element('span', text, size ? '' : 'zero');
    return i ? [between, part] : [part];
  });
  box.replaceChildren(element('em', `Output at ${links.place('output', index)}: `), before, ...(terms.length ? terms.flat() : ['0']), after,
    element('strong', ` = ${exact(links.data.output.values[index])}`));
};

export class Matrix {
  constructor(box, data) {
    this.data = data;
    this.about = box.querySelector('.about');
    this.strip = box.querySelector('.strip canvas');
    this.whole = box.querySelector('.whole canvas');
    this.marker = box.querySelector('.whole i');
    const { rows, columns, shade } = data.matrix;
    this.steps = Uint8Array.from(atob(shade), (letter) => letter.charCodeAt(0));
    this.paint(this.whole, columns, rows, (i) => this.steps[i]);
    this.whole.setAttribute('aria-label', `The layer as a matrix of ${rows} outputs by ${columns} inputs`);
    this.whole.style.aspectRatio = `${columns} / ${rows}`;
  }

  paint(canvas, width, height, step) {
    canvas.width = width;
    canvas.height = height;
    const picture = new ImageData(width, height);
    const { colours } = this.data.scales.signed;
    for (let i = 0; i < width * height; i += 1) {
      const colour = parseInt(colours[step(i)].slice(1), 16);
      picture.data.set([colour >> 16, (colour >> 8) & 255, colour & 255, 255], 4 * i);
    }
    canvas.getContext('2d').putImageData(picture, 0, 0);
  }

  point(panel, index) {
    const { rows, columns } = this.data.matrix;
    const row = panel === 'output';
    const known = (row || panel === 'input') && index >= 0;
    this.marker.hidden = !known;
    this.strip.parentElement.classList.toggle('empty', !known);
    if (!known) {
      this.about.textContent = `W has one row for each of the ${rows} outputs and one column for each of the ${columns} inputs. Point at an output to see its row, at an input to see its column, which is its row in the transpose.`;
      return;
    }
    const size = row ? columns : rows;
    this.paint(this.strip, size, 1, (i) => this.steps[row ? index * columns + i : i * columns + index]);
    this.about.textContent = row ?
      `Row ${index} of W: the weights with which this output reads each of the ${columns} inputs. Laid out again as a grid it is the kernel in its window.` :
      `Column ${index} of W, which is row ${index} of its transpose: the weights with which this input reaches each of the ${rows} outputs.`;
    const share = (part, of) => `${(100 * part) / of}%`;
    this.marker.style.cssText = row ? `top:${share(index, rows)};height:${share(1, rows)};left:0;width:100%` :
      `left:${share(index, columns)};width:${share(1, columns)};top:0;height:100%`;
  }
}
