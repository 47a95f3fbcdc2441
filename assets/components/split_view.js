// Two pictures of one thing in one place: left of a line the first, right of it the second. The line is dragged, touched,
// or moved with the arrow keys (Shift for larger steps, Home and End); the server hears nothing of it.

const VIEWS = new WeakMap();

function unpack(message) {                   // header length, header as JSON, then the files of the pictures
  const bytes = message instanceof Uint8Array ? message : new Uint8Array(message);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let place = 4 + view.getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, place)));
  for (const picture of data.pictures) {
    picture.bytes = bytes.subarray(place, place + picture.length);
    place += picture.length;
  }
  return data;
}

class Split {
  constructor(root) {
    this.box = root.querySelector('.split'); this.stage = root.querySelector('.stage');
    this.images = [...root.querySelectorAll('img')];
    this.tags = [...root.querySelectorAll('.tag')];
    this.says = root.querySelector('.says');
    this.shown = [null, null];               // checksum and address of each picture
    this.at = 50;
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(this.box);
    this.stage.addEventListener('pointerdown', (event) => {
      this.stage.setPointerCapture(event.pointerId);
      this.dragged = true;
      this.follow(event);
    });
    this.stage.addEventListener('pointermove', (event) => this.dragged && this.follow(event));
    for (const end of ['pointerup', 'pointercancel']) this.stage.addEventListener(end, () => { this.dragged = false; });
    this.stage.addEventListener('dblclick', () => this.go(50));
    this.stage.addEventListener('keydown', (event) => this.key(event));
  }

  update({ data: message }) {
    const data = unpack(message);
    this.data = data;
    this.box.dataset.name = data.name;
    data.pictures.forEach((picture, place) => {
      const before = this.shown[place];
      this.images[place].alt = picture.alt;
      this.tags[place].textContent = picture.title;
      if (before?.checksum === picture.checksum) return;
      const url = URL.createObjectURL(new Blob([picture.bytes], { type: picture.type }));
      this.shown[place] = { checksum: picture.checksum, url };
      this.images[place].src = url;
      if (before) URL.revokeObjectURL(before.url);
    });
    this.stage.setAttribute('aria-label', data.alt);
    this.fit();
    this.go(this.at);
    Promise.all(this.images.map((image) => image.decode().catch(() => {}))).then(() => { this.box.dataset.ready = '1'; });
  }

  fit() {                                    // as wide as there is room, and no taller than was asked for
    if (!this.data) return;
    const { width, height, tallest } = this.data;
    const wide = Math.max(1, Math.min(this.box.clientWidth, tallest * width / height));
    Object.assign(this.stage.style, { width: `${wide}px`, height: `${Math.max(1, wide * height / width)}px` });
    this.stage.classList.toggle('thin', wide < 120 || wide * height / width < 60);
  }

  follow(event) {
    const { left, width } = this.stage.getBoundingClientRect();
    this.go(100 * (event.clientX - left) / width);
  }

  key(event) {
    const step = event.shiftKey ? 10 : 2;
    const to = { ArrowLeft: this.at - step, ArrowRight: this.at + step, Home: 0, End: 100 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.go(to);
  }

  go(to) {
    this.at = Math.min(100, Math.max(0, to));
    const [first, second] = this.data.pictures.map((picture) => picture.title);
    this.stage.style.setProperty('--at', `${this.at}%`);
    this.tags[0].classList.toggle('gone', this.at < 14);
    this.tags[1].classList.toggle('gone', this.at > 86);
    const share = Math.round(this.at);
    this.stage.setAttribute('aria-valuenow', String(share));
    this.stage.setAttribute('aria-valuetext', `${share}% ${first}, ${100 - share}% ${second}`);
    this.says.textContent = `${first} ${share}% | ${second} ${100 - share}%. Drag the line, or use the arrow keys.`;
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!VIEWS.has(root)) VIEWS.set(root, new Split(root));
  const split = VIEWS.get(root);
  split.update(component);
  return () => {
    split.watch.disconnect();
    split.shown.forEach((each) => each && URL.revokeObjectURL(each.url));
    VIEWS.delete(root);
  };
}
