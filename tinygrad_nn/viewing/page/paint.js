// The picture, on a canvas: open scopes, edges, and cards.

import { outline, overlap, write } from "./brush.js";
import { drawCard } from "./cards.js";
import { drawEdges } from "./edges.js";
import { TITLE_HEIGHT } from "./layout.js";

/** @typedef {import("./brush.js").Brush} Brush */
/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./scopes.js").Scope} Scope */
/** @typedef {import("./scopes.js").Item} Item */

const READABLE = 0.42; // the scale below which there is no text, and edges are straight
const SMALLEST_TITLE = 6; // pixels on the screen
const ROOM = 30; // for a title: its line and some of the padding below
const THEME = ["ink", "muted", "ground", "card", "line", "edge", "leaf", "result", "path", "fault", "now"];

export class Painter {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Scene} scene
   * @param {Camera} camera
   */
  constructor(canvas, scene, camera) {
    this.canvas = canvas;
    this.scene = scene;
    this.camera = camera;
    this.pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    /** @type {Record<string, string>} */
    this.colours = {};
    this.waiting = false;
  }

  /** Take over the colours of the page. */
  readTheme() {
    const style = getComputedStyle(document.documentElement);
    for (const name of THEME) this.colours[name] = style.getPropertyValue(`--${name}`).trim();
    this.repaint();
  }

  /** Paint at the next frame, once however often this is called. */
  repaint() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.paint();
    });
  }

  paint() {
    const { canvas, pen, camera, scene } = this;
    const { scale } = camera;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * camera.x, ratio * camera.y);
    const size = { width: canvas.clientWidth / scale, height: canvas.clientHeight / scale };
    const sight = { ...camera.toPicture(0, 0), ...size };
    const brush = { pen, scene, colours: this.colours, scale, fine: scale >= READABLE };
    /** @param {Item} item */
    const isInSight = (item) => overlap(scene.boxOf(item), sight);
    for (const scope of scene.layout.open.filter(isInSight)) drawOpenScope(brush, scope);
    drawEdges(brush, sight);
    const seen = scene.items.filter(isInSight);
    for (const item of seen) drawCard(brush, item);
    for (const scope of scene.layout.open.filter(isInSight)) writeTitle(brush, scope);
    if (seen.length === 0) this.#sayWhereAllIs();
  }

  /** Say between the boxes how to find them again. */
  #sayWhereAllIs() {
    const { canvas, pen, colours } = this;
    const ratio = window.devicePixelRatio || 1;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const place = { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 };
    const look = { size: 13, colour: colours.ink, align: /** @type {const} */ ("center") };
    const brush = { pen, scene: this.scene, colours, scale: 1, fine: true };
    write(brush, "Nothing is here: Fit, or the key 0, shows all.", { ...place, ...look });
  }
}

/**
 * @param {Brush} brush
 * @param {Scope} scope
 */
function drawOpenScope(brush, scope) {
  const { pen, colours, scene, scale } = brush;
  const box = scene.boxOf(scope);
  outline(brush, box, 8);
  pen.globalAlpha = 0.55;
  pen.fillStyle = colours.card;
  pen.fill();
  pen.globalAlpha = 1;
  const isChosen = scene.selected === scope || scene.matches.has(scope);
  pen.strokeStyle = isChosen ? colours.path : colours.line;
  pen.lineWidth = (isChosen ? 2.5 : 1) / Math.min(1, scale);
  pen.stroke();
}

/**
 * Write the name of an open scope: larger from afar, as far as there is room; that of an
 * outermost one then stands above it, where there always is.
 * @param {Brush} brush
 * @param {Scope} scope
 */
function writeTitle(brush, scope) {
  const { colours, scene, scale } = brush;
  const box = scene.boxOf(scope);
  const wanted = 12 / Math.min(1, scale);
  const isOutside = scope.depth === 1 && wanted > ROOM;
  const widest = box.width / (0.6 * scope.name.length + 2);
  const size = Math.min(wanted, widest, isOutside ? Infinity : ROOM);
  if (size * scale < SMALLEST_TITLE) return;
  const y = box.y + (isOutside ? -size * 0.6 : Math.max(TITLE_HEIGHT / 2, size * 0.62));
  write(brush, `▾ ${scope.name}`, { x: box.x + 6, y, size, colour: colours.ink, weight: 600 });
}
