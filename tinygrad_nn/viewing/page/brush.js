// What all parts of the picture are drawn with.

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./layout.js").Box} Box */

/**
 * @typedef {object} Brush
 * @property {CanvasRenderingContext2D} pen
 * @property {Scene} scene
 * @property {Record<string, string>} colours those of the page's style, by name
 * @property {number} scale
 * @property {boolean} fine whether the scale is large enough for text and curves
 */

const FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif";

/**
 * @param {Brush} brush
 * @param {Box} box
 * @param {number} radius of its corners
 */
export function outline({ pen, fine }, box, radius) {
  pen.beginPath();
  if (fine) pen.roundRect(box.x, box.y, box.width, box.height, radius);
  else pen.rect(box.x, box.y, box.width, box.height);
}

/**
 * @param {Brush} brush
 * @param {string} text
 * @param {{x: number, y: number, size: number, colour: string, weight?: number,
 *   align?: CanvasTextAlign}} where y is that of the middle
 */
export function write({ pen }, text, { x, y, size, colour, weight = 400, align = "left" }) {
  pen.font = `${weight} ${size}px ${FONT}`;
  pen.textBaseline = "middle";
  pen.textAlign = align;
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

/**
 * @param {Box} a
 * @param {Box} b
 */
export function overlap(a, b) {
  const isBeside = a.x > b.x + b.width || b.x > a.x + a.width;
  return !isBeside && a.y <= b.y + b.height && b.y <= a.y + a.height;
}
