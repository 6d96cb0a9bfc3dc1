// What part of the picture is seen: zoom and pan by mouse, wheel, touch and calls.

import { prefersStillness } from "./dom.js";

/** @typedef {import("./layout.js").Box} Box */

const SMALLEST = 0.005;
const LARGEST = 4;
const LEGIBLE = 0.75; // the scale at which the small print of a box has 7.5 pixels
const MARGIN = 24;
const GLIDE = 220; // milliseconds
const CLICK = 5; // pixels: who moves further drags

export class Camera {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} changed
   */
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.x = 0;
    this.y = 0;
    this.scale = 1;
    this.dragged = false;
    /** @type {Map<number, PointerEvent>} */
    this.pointers = new Map();
    this.flight = 0;
    this.#listen();
  }

  /**
   * Turn a place on the canvas into one in the picture.
   * @param {number} x
   * @param {number} y
   */
  toPicture(x, y) {
    return { x: (x - this.x) / this.scale, y: (y - this.y) / this.scale };
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  pan(dx, dy) {
    this.flight++;
    this.x += dx;
    this.y += dy;
    this.changed();
  }

  /**
   * Zoom, and keep one place of the canvas where it is: the middle if none is given.
   * @param {number} factor
   * @param {number} [x]
   * @param {number} [y]
   */
  zoom(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    this.flight++;
    const scale = Math.min(LARGEST, Math.max(SMALLEST, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.changed();
  }

  /**
   * Show the whole of a box.
   * @param {Box} box
   */
  fit(box) {
    this.flight++;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.scale = Math.min(
      (width - 2 * MARGIN) / box.width,
      (height - 2 * MARGIN) / box.height,
      1.25,
    );
    this.x = width / 2 - (box.x + box.width / 2) * this.scale;
    this.y = height / 2 - (box.y + box.height / 2) * this.scale;
    this.changed();
  }

  /**
   * Show the whole of a box if that can be read; else as much of it around a part as can.
   * @param {Box} box
   * @param {Box} part
   */
  open(box, part) {
    this.fit(box);
    if (this.scale >= LEGIBLE) return;
    this.scale = LEGIBLE;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.x = Math.max(
      width - MARGIN - (part.x + part.width) * LEGIBLE,
      Math.min(MARGIN - box.x * LEGIBLE, width / 2 - (part.x + part.width / 2) * LEGIBLE),
    );
    this.y = height / 2 - (part.y + part.height / 2) * LEGIBLE;
    this.changed();
  }

  /**
   * Bring a box into the middle if it is not in sight, large enough to be read.
   * @param {Box} box
   * @param {boolean} [always] also if it is in sight
   */
  show(box, always = false) {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const left = this.x + box.x * this.scale;
    const top = this.y + box.y * this.scale;
    const seen =
      left >= 0 &&
      top >= 0 &&
      left + box.width * this.scale <= width &&
      top + box.height * this.scale <= height;
    if (seen && !always) return;
    const scale = always ? Math.max(this.scale, 0.8) : this.scale;
    this.#glide(
      width / 2 - (box.x + box.width / 2) * scale,
      height / 2 - (box.y + box.height / 2) * scale,
      scale,
    );
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} scale
   */
  #glide(x, y, scale) {
    const from = { x: this.x, y: this.y, scale: this.scale };
    const flight = ++this.flight;
    const start = performance.now();
    const duration = prefersStillness() ? 0 : GLIDE;
    /** @param {number} now */
    const move = (now) => {
      if (flight !== this.flight) return;
      const part = duration ? Math.min(1, Math.max(0, (now - start) / duration)) : 1;
      const eased = part * (2 - part);
      this.x = from.x + (x - from.x) * eased;
      this.y = from.y + (y - from.y) * eased;
      this.scale = from.scale + (scale - from.scale) * eased;
      this.changed();
      if (part < 1) requestAnimationFrame(move);
    };
    move(start);
  }

  #listen() {
    const { canvas, pointers } = this;
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
        this.zoom(Math.exp(-event.deltaY * lines * 0.0015), event.offsetX, event.offsetY);
      },
      { passive: false },
    );
    canvas.addEventListener("pointerdown", (event) => {
      if (pointers.size === 0) this.dragged = false;
      pointers.set(event.pointerId, event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => this.#drag(event));
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
    }
  }

  /**
   * Follow one pointer, or pinch with two.
   * @param {PointerEvent} event
   */
  #drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const dx = event.offsetX - before.offsetX;
    const dy = event.offsetY - before.offsetY;
    if (!this.dragged && this.pointers.size === 1 && Math.hypot(dx, dy) < CLICK) return;
    this.dragged = true;
    this.pointers.set(event.pointerId, event);
    if (this.pointers.size === 1) {
      this.pan(dx, dy);
      return;
    }
    const other = [...this.pointers.values()].find((one) => one.pointerId !== event.pointerId);
    if (!other) return;
    /** @param {PointerEvent} one */
    const apart = (one) => Math.hypot(one.offsetX - other.offsetX, one.offsetY - other.offsetY);
    this.pan(dx / 2, dy / 2);
    this.zoom(
      apart(event) / Math.max(1, apart(before)),
      (event.offsetX + other.offsetX) / 2,
      (event.offsetY + other.offsetY) / 2,
    );
  }
}
