// What part of the picture is seen: zoom and pan by mouse, wheel, touch and calls.

import { prefersStillness } from "./dom.js";

/** @typedef {import("./layout.js").Box} Box */

const SMALLEST = 0.5; // part of the scale that shows all
const KEPT = 60; // pixels of the picture that stay in sight
const LARGEST = 4;
const LEGIBLE = 0.75; // the scale at which the small print of a box has 7.5 pixels
const READABLE = 0.5; // the scale at which names still can be read
const MARGIN = 24;
const GLIDE = 220; // milliseconds
const CLICK = 5; // pixels: who moves further drags

export class Camera {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => Box} bounds the box of the whole picture
   * @param {() => void} changed
   */
  constructor(canvas, bounds, changed) {
    this.canvas = canvas;
    this.bounds = bounds;
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
    this.#stay();
    this.changed();
  }

  /** Keep some of the picture in sight, so that nobody loses it. */
  #stay() {
    const { clientWidth, clientHeight } = this.canvas;
    const box = this.bounds();
    /**
     * @param {number} start of the picture on the canvas
     * @param {number} length
     * @param {number} room
     */
    const shift = (start, length, room) => {
      const kept = Math.min(KEPT, length);
      return Math.max(0, kept - start - length) - Math.max(0, start - room + kept);
    };
    this.x += shift(this.x + box.x * this.scale, box.width * this.scale, clientWidth);
    this.y += shift(this.y + box.y * this.scale, box.height * this.scale, clientHeight);
  }

  /**
   * The scale at which a box fills the canvas, or less.
   * @param {Box} box
   */
  #scaleOf(box) {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const room = Math.min((width - 2 * MARGIN) / box.width, (height - 2 * MARGIN) / box.height);
    return Math.max(Math.min(room, 1.25), 1e-3); // a canvas may have no room at all
  }

  /**
   * Zoom, and keep one place of the canvas where it is: the middle if none is given.
   * @param {number} factor
   * @param {number} [x]
   * @param {number} [y]
   */
  zoom(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    this.flight++;
    const smallest = Math.min(this.scale, SMALLEST * this.#scaleOf(this.bounds()));
    const scale = Math.min(LARGEST, Math.max(smallest, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.#stay();
    this.changed();
  }

  /**
   * Show the whole of a box.
   * @param {Box} box
   */
  fit(box) {
    this.flight++;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.scale = this.#scaleOf(box);
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
   * Whether the whole of a box is in sight.
   * @param {Box} box
   */
  sees(box) {
    const { x, y, scale } = this;
    const isLow = x + box.x * scale >= 0 && y + box.y * scale >= 0;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const isHigh =
      x + (box.x + box.width) * scale <= width && y + (box.y + box.height) * scale <= height;
    return isLow && isHigh;
  }

  /**
   * Keep the corner of what opens or closes where it is on the screen, and another box in sight:
   * both of them if they can be read then.
   * @param {Box} before
   * @param {Box} after
   * @param {Box | null} other
   */
  follow(before, after, other) {
    this.pan((before.x - after.x) * this.scale, (before.y - after.y) * this.scale);
    if (!other || this.sees(other)) return;
    const x = Math.min(after.x, other.x);
    const y = Math.min(after.y, other.y);
    const width = Math.max(after.x + after.width, other.x + other.width) - x;
    const height = Math.max(after.y + after.height, other.y + other.height) - y;
    const both = { x, y, width, height };
    if (this.#scaleOf(both) >= READABLE) this.fit(both);
    else this.show(other);
  }

  /**
   * Bring a box into the middle if it is not in sight, large enough to be read.
   * @param {Box} box
   * @param {boolean} [always] also if it is in sight
   */
  show(box, always = false) {
    if (this.sees(box) && !always) return;
    const { clientWidth: width, clientHeight: height } = this.canvas;
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
