// The outputs over two features, or one, with the samples in the picture.

import { classColour, colourOf } from "./pictures.js";

/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./network.js").Meaning} Meaning */
/** @typedef {import("./pictures.js").Pictures} Pictures */
/** @typedef {import("./pictures.js").Ranges} Ranges */
/** @typedef {import("./pictures.js").Colour} Colour */
/** @typedef {import("./run.js").Samples} Samples */

const DOT = 4; // pixels of a sample

/**
 * What is drawn, and where.
 * @typedef {object} View
 * @property {CanvasRenderingContext2D} pen
 * @property {number} size
 * @property {Ranges} ranges
 * @property {number} first the feature to the right
 * @property {number} second the feature upward
 * @property {[number, number]} range of the targets
 * @property {{ink: string, card: string, now: string}} colours
 */

/**
 * Draw the samples on a picture: round or square by class, filled if they are learnt from.
 * @param {View} view
 * @param {Meaning} meaning
 * @param {Samples} samples
 * @param {boolean} isFilled
 */
export function drawSamples(view, meaning, { count, X, y }, isFilled) {
  const { pen, ranges, first, second, range, size } = view;
  const inputs = X.length / count;
  const width = y.length / count;
  for (let k = 0; k < count; k++) {
    const target = y[k * width];
    const up = inputs === 1 ? part(target, range) : ranges.place(second, X[k * inputs + second]);
    const at = [ranges.place(first, X[k * inputs + first]) * size, (1 - up) * size];
    const isSquare = meaning.kind === "two" ? target === meaning.labels[1] : target % 2 === 1;
    pen.beginPath();
    if (meaning.kind !== "numbers" && isSquare) {
      pen.rect(at[0] - DOT, at[1] - DOT, 2 * DOT, 2 * DOT);
    } else pen.arc(at[0], at[1], DOT, 0, 2 * Math.PI);
    const colour = `rgb(${targetColour(meaning, target, range).join(" ")})`;
    pen.fillStyle = isFilled ? colour : "#fff";
    pen.fill();
    pen.lineWidth = isFilled ? 1 : 2.5;
    pen.strokeStyle = isFilled ? "#fff" : colour;
    pen.stroke();
  }
}

/**
 * Draw the output as a line over one feature.
 * @param {View} view
 * @param {Float64Array} numbers of the grid, from left to right
 */
export function drawLine({ pen, size, range, colours }, numbers) {
  pen.fillStyle = colours.card;
  pen.fillRect(0, 0, size, size);
  pen.beginPath();
  numbers.forEach((number, k) => {
    pen.lineTo(((k + 0.5) / numbers.length) * size, (1 - part(number, range)) * size);
  });
  pen.strokeStyle = colours.now;
  pen.lineWidth = 3;
  pen.stroke();
}

/**
 * Where a number lies in a range, with some room at its ends.
 * @param {number} number
 * @param {[number, number]} range
 */
function part(number, [low, high]) {
  return 0.1 + (0.8 * (number - low)) / (high - low || 1);
}

/**
 * @param {Meaning} meaning
 * @param {number} target
 * @param {[number, number]} range
 * @returns {Colour}
 */
function targetColour(meaning, target, [low, high]) {
  if (meaning.kind === "several") return classColour(target);
  if (meaning.kind === "two") return colourOf(target === meaning.labels[1] ? 1 : -1);
  return colourOf((2 * target - low - high) / (high - low || 1));
}
