// The network as a picture: units with what they make of the inputs, and weights as edges.

import { colourOf, lookOfUnit } from "./pictures.js";

/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./pictures.js").Pictures} Pictures */

const MARGIN = 14;
const LARGEST = 52; // pixels of a unit
const SMALLEST_GAP = 3;
const THICKEST = 5;
const FEWEST = 16; // inputs of an image

/**
 * Draw a network.
 * @param {CanvasRenderingContext2D} pen
 * @param {{width: number, height: number}} room
 * @param {Network} network
 * @param {Pictures} pictures
 * @param {{ink: string, line: string, card: string}} colours
 */
export function drawNetwork(pen, room, network, pictures, colours) {
  pen.clearRect(0, 0, room.width, room.height);
  const columns = columnsOf(network, room);
  network.layers.forEach((layer, k) => {
    const weights = network.parameters.subarray(layer.weight, layer.bias);
    drawEdges(pen, weights, layer, columns[k], columns[k + 1]);
  });
  const side = Math.sqrt(network.told.inputs);
  const isImage = Number.isInteger(side) && network.told.inputs >= FEWEST;
  columns.forEach(({ x, ys, size }, k) => {
    ys.forEach((y, unit) => {
      pen.fillStyle = colours.card;
      pen.fillRect(x - size / 2, y - size / 2, size, size);
      if (k === 1 && isImage && network.layers.length > 1) {
        drawWeights(pen, network, unit, side, x - size / 2, y - size / 2, size);
      } else if (k > 0) {
        const first = placeOf(network, k - 1);
        pictures.draw(pen, first + unit, x - size / 2, y - size / 2, size, size);
      }
      pen.strokeStyle = colours.line;
      pen.lineWidth = 1;
      pen.strokeRect(x - size / 2, y - size / 2, size, size);
      if (k === 0 && size > 14) {
        pen.fillStyle = colours.ink;
        pen.font = `${Math.min(12, size / 2.4)}px system-ui, sans-serif`;
        pen.textAlign = "center";
        pen.textBaseline = "middle";
        pen.fillText(network.told.features[unit].slice(0, 6), x, y, size - 2);
      }
    });
  });
}

/**
 * Where the units of a layer begin among all.
 * @param {Network} network
 * @param {number} layer
 */
function placeOf(network, layer) {
  return network.layers.slice(0, layer).reduce((sum, { units }) => sum + units, 0);
}

/**
 * The columns of the inputs and of each layer: where their units are, and how large.
 * @param {Network} network
 * @param {{width: number, height: number}} room
 */
function columnsOf(network, { width, height }) {
  const counts = [network.told.inputs, ...network.layers.map(({ used }) => used)];
  const step = (width - 2 * MARGIN - LARGEST) / (counts.length - 1);
  return counts.map((count, k) => {
    const each = (height - 2 * MARGIN) / count;
    const size = Math.max(2, Math.min(LARGEST, each - SMALLEST_GAP, step - 30));
    const apart = Math.min(each, LARGEST + 12);
    const top = height / 2 - (apart * (count - 1)) / 2;
    return {
      x: MARGIN + LARGEST / 2 + k * step,
      ys: Array.from({ length: count }, (_, unit) => top + apart * unit),
      size,
    };
  });
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Float64Array} weights
 * @param {import("./network.js").Layer} layer
 * @param {{x: number, ys: number[], size: number}} from
 * @param {{x: number, ys: number[], size: number}} to
 */
function drawEdges(pen, weights, { columns, used, taken }, from, to) {
  let most = 1e-300;
  for (const weight of weights) if (Math.abs(weight) > most) most = Math.abs(weight);
  const left = from.x + from.size / 2;
  const right = to.x - to.size / 2;
  const bend = (right - left) / 2;
  for (let unit = 0; unit < used; unit++) {
    for (let input = 0; input < taken; input++) {
      const part = weights[unit * columns + input] / most;
      const size = Math.abs(part);
      if (size < 0.02) continue;
      const [red, green, blue] = colourOf(Math.sign(part));
      pen.strokeStyle = `rgb(${red} ${green} ${blue} / ${0.25 + 0.75 * size})`;
      pen.lineWidth = Math.max(0.4, THICKEST * size * Math.min(1, (2 * to.size) / LARGEST));
      pen.beginPath();
      pen.moveTo(left, from.ys[input]);
      pen.bezierCurveTo(left + bend, from.ys[input], right - bend, to.ys[unit], right, to.ys[unit]);
      pen.stroke();
    }
  }
}

/**
 * Draw the weights of a unit on an image, as an image.
 * @param {CanvasRenderingContext2D} pen
 * @param {Network} network
 * @param {number} unit
 * @param {number} side
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
function drawWeights(pen, network, unit, side, x, y, size) {
  const { columns, weight } = network.layers[0];
  const start = weight + unit * columns;
  const weights = network.parameters.subarray(start, start + columns);
  const colour = lookOfUnit(weights);
  const each = size / side;
  weights.forEach((number, k) => {
    const [red, green, blue] = colour(number);
    pen.fillStyle = `rgb(${red} ${green} ${blue})`;
    pen.fillRect(x + (k % side) * each, y + Math.floor(k / side) * each, each + 0.5, each + 0.5);
  });
}
