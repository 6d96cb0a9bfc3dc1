// What units make of the inputs: their numbers over two features, as pictures.

/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./network.js").Meaning} Meaning */
/** @typedef {import("./run.js").Samples} Samples */

/** @typedef {[number, number, number]} Colour */

export const SIDE = 40; // points of a picture along each feature
const PALE = 0.6; // of the colours of samples, on their ground
const ROOM = 0.1; // beside the data, in parts of its range

// From low to high: blue, white, orange, which all colour visions tell apart.
/** @type {Colour[]} */
const TWO = [[33, 102, 172], [247, 247, 247], [179, 88, 6]];
// Of classes: Okabe and Ito's colours, and three more.
/** @type {Colour[]} */
export const CLASSES = [
  [0, 114, 178], [230, 159, 0], [0, 158, 115], [204, 121, 167], [86, 180, 233],
  [213, 94, 0], [240, 228, 66], [120, 94, 240], [110, 110, 110], [120, 60, 20],
];

/**
 * The colour of a number from -1 to 1.
 * @param {number} number
 * @returns {Colour}
 */
export function colourOf(number) {
  const at = within(number);
  const end = at < 0 ? TWO[0] : TWO[2];
  const part = Math.abs(at);
  return /** @type {Colour} */ (TWO[1].map((channel, k) => channel + part * (end[k] - channel)));
}

/** @param {number} number @returns {number} one from -1 to 1 */
function within(number) {
  return Number.isNaN(number) ? 0 : Math.min(1, Math.max(-1, number));
}

/** The colour of a class. @param {number} which @returns {Colour} */
export function classColour(which) {
  return CLASSES[which % CLASSES.length];
}

/** The ranges of the features of samples, and their means. */
export class Ranges {
  /**
   * @param {Samples} train
   * @param {Samples} test
   * @param {number} inputs
   */
  constructor(train, test, inputs) {
    this.low = new Float64Array(inputs).fill(Infinity);
    this.high = new Float64Array(inputs).fill(-Infinity);
    this.mean = new Float64Array(inputs);
    for (const { X } of [train, test]) {
      X.forEach((number, k) => {
        this.low[k % inputs] = Math.min(this.low[k % inputs], number);
        this.high[k % inputs] = Math.max(this.high[k % inputs], number);
      });
    }
    train.X.forEach((number, k) => (this.mean[k % inputs] += number / train.count));
    this.variance = new Float64Array(inputs);
    train.X.forEach((number, k) => {
      this.variance[k % inputs] += (number - this.mean[k % inputs]) ** 2 / train.count;
    });
    for (let k = 0; k < inputs; k++) {
      const room = ROOM * (this.high[k] - this.low[k]) || 1;
      this.low[k] -= room;
      this.high[k] += room;
    }
  }

  /**
   * The features that are shown at first: the two of greatest variance, or the only two in order.
   * @returns {[number, number]}
   */
  get widest() {
    const order = [...this.variance.keys()];
    if (order.length > 2) order.sort((a, b) => this.variance[b] - this.variance[a]);
    return [order[0], order[1] ?? 0];
  }

  /**
   * Where a number of a feature lies between the least and the greatest, from 0 to 1.
   * @param {number} feature
   * @param {number} number
   */
  place(feature, number) {
    return (number - this.low[feature]) / (this.high[feature] - this.low[feature]);
  }

  /**
   * The samples of a picture: two features go from end to end, the second upward, the others are
   * at their means. Of a single feature there is one row.
   * @param {number} first
   * @param {number} second
   * @returns {Float64Array}
   */
  grid(first, second) {
    const inputs = this.mean.length;
    const rows = inputs === 1 ? 1 : SIDE;
    const X = new Float64Array(rows * SIDE * inputs);
    for (let k = 0; k < rows * SIDE; k++) {
      X.set(this.mean, k * inputs);
      const across = ((k % SIDE) + 0.5) / SIDE;
      const up = 1 - (Math.floor(k / SIDE) + 0.5) / SIDE;
      if (inputs > 1) X[k * inputs + second] = this.#at(second, up);
      X[k * inputs + first] = this.#at(first, across);
    }
    return X;
  }

  /**
   * @param {number} feature
   * @param {number} part
   */
  #at(feature, part) {
    return this.low[feature] + part * (this.high[feature] - this.low[feature]);
  }
}

/** Pictures of all units below each other, on a canvas that nobody sees. */
export class Pictures {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.size = 0;
  }

  /**
   * Paint the pictures anew.
   * @param {Float64Array} units of each sample of the grid
   * @param {number} size how many units there are
   * @param {(picture: Float64Array, unit: number) => (number: number, sample: number) => Colour} look
   *   the colours of a picture
   */
  paint(units, size, look) {
    const points = units.length / size;
    const rows = points / SIDE;
    if (this.size !== size) Object.assign(this.canvas, { width: SIDE, height: rows * size });
    this.size = size;
    this.rows = rows;
    const image = this.pen.createImageData(SIDE, rows * size);
    const picture = new Float64Array(points);
    for (let unit = 0; unit < size; unit++) {
      for (let k = 0; k < points; k++) picture[k] = units[k * size + unit];
      const colour = look(picture, unit);
      for (let k = 0; k < points; k++) {
        const at = 4 * (unit * points + k);
        [image.data[at], image.data[at + 1], image.data[at + 2]] = colour(picture[k], k);
        image.data[at + 3] = 255;
      }
    }
    this.pen.putImageData(image, 0, 0);
  }

  /**
   * Draw the picture of a unit into a box.
   * @param {CanvasRenderingContext2D} pen
   * @param {number} unit
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  draw(pen, unit, x, y, width, height) {
    const rows = this.rows ?? SIDE;
    pen.imageSmoothingEnabled = rows > 1; // a single row would mix with its neighbours
    pen.drawImage(this.canvas, 0, unit * rows, SIDE, rows, x, y, width, height);
  }
}

/**
 * How hidden units look: white at 0, and full at the greatest size in the picture.
 * @param {Float64Array} picture
 */
export function lookOfUnit(picture) {
  let most = 1e-300;
  for (const number of picture) if (Math.abs(number) > most) most = Math.abs(number);
  return (/** @type {number} */ number) => colourOf(number / most);
}

/**
 * How an output looks: as a class, or from the least to the greatest target.
 * @param {Meaning} meaning
 * @param {[number, number]} range of the targets
 */
export function lookOfOutput(meaning, range) {
  if (meaning.kind === "two") {
    const half = meaning.threshold === 0.5 ? 0.5 : 1;
    return (/** @type {number} */ number) => colourOf(PALE * within((number - meaning.threshold) / half));
  }
  const [low, high] = range;
  return (/** @type {number} */ number) => {
    return colourOf(PALE * within((2 * number - low - high) / (high - low || 1)));
  };
}

/** The ground of a class, on which its samples are seen. @param {number} which @returns {Colour} */
export function groundOf(which) {
  const [, white] = TWO;
  const own = classColour(which);
  return /** @type {Colour} */ (white.map((channel, k) => channel + PALE * (own[k] - channel)));
}
