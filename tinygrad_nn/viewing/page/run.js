// A run of training: gradient descent on batches, and the cost on what is learnt and held out.

import { evenNumbers, normal, shuffle } from "./random.js";

/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./network.js").Table} Table */
/** @typedef {import("./network.js").Meaning} Meaning */
/** @typedef {{count: number, X: Float64Array, y: Float64Array}} Samples */

/**
 * Samples as arrays.
 * @param {Table} table
 * @returns {Samples}
 */
export function samplesOf({ count, X, y }) {
  return { count, X: Float64Array.from(X), y: Float64Array.from(y) };
}

/**
 * Add normal noise to the features of samples: the same for the same seed.
 * @param {Samples} samples
 * @param {number} size its deviation, in those of the features
 * @param {ArrayLike<number>} variance of each feature
 * @param {number} seed
 * @returns {Samples}
 */
export function withNoise({ count, X, y }, size, variance, seed) {
  const even = evenNumbers(seed);
  const moved = X.map((number, k) => {
    return number + size * Math.sqrt(variance[k % variance.length]) * normal(even);
  });
  return { count, X: moved, y };
}

export class Run {
  /**
   * @param {Network} network
   * @param {Samples} train
   * @param {Samples} test
   */
  constructor(network, train, test) {
    this.network = network;
    this.train = train;
    this.test = test;
    this.rate = 0.1;
    this.batch = 0; // samples of a step; 0: all
    this.decay = 0; // of the squares of all parameters in the cost, as the Trainer's l2
    this.steps = 0;
    this.fault = "";
    this.even = evenNumbers(1);
    this.order = Int32Array.from({ length: train.count }, (_, k) => k);
    this.place = train.count; // in the order: at its end it is shuffled
    /** @type {{steps: number, train: number, test: number}[]} what was measured */
    this.history = [];
  }

  /** Take a step, unless a parameter would become no finite number. */
  step() {
    const { X, y } = this.#taken();
    const { parameters } = this.network;
    const slopes = this.network.slope(X, y).result_1;
    let sum = 0; // finite only if all are
    for (let k = 0; k < parameters.length; k++) {
      slopes[k] = parameters[k] - this.rate * (slopes[k] + 2 * this.decay * parameters[k]);
      sum += slopes[k];
    }
    if (!Number.isFinite(sum) && !slopes.every(Number.isFinite)) {
      this.fault = "a parameter would be no finite number: take a smaller learning rate";
      return;
    }
    parameters.set(slopes);
    this.steps++;
  }

  /** @returns {{X: Float64Array, y: Float64Array}} the samples of the next step */
  #taken() {
    const { train, batch, order } = this;
    if (batch === 0 || batch >= train.count) return train;
    if (this.place >= train.count) {
      shuffle(order, this.even);
      this.place = 0;
    }
    const places = order.subarray(this.place, this.place + batch);
    this.place += batch;
    return { X: rows(train.X, train.count, places), y: rows(train.y, train.count, places) };
  }

  /** Measure the cost, and keep it for the curve. */
  measure() {
    const [train, test] = [this.train, this.test].map((samples) => this.costOf(samples));
    const last = this.history[this.history.length - 1];
    if (last?.steps === this.steps) this.history.pop();
    this.history.push({ steps: this.steps, train, test });
  }

  /**
   * The mean cost of samples; NaN if there are none.
   * @param {Samples} samples
   */
  costOf({ count, X, y }) {
    return count ? this.network.slope(X, y).result_0 : NaN;
  }

  /**
   * The part of samples whose class is found; NaN of numbers.
   * @param {Samples} samples
   */
  rightOf({ count, X, y }) {
    const { meaning, outputs } = this.network.told;
    if (meaning.kind === "numbers" || count === 0) return NaN;
    const units = this.network.units(X);
    const size = this.network.unitCount;
    let right = 0;
    for (let k = 0; k < count; k++) {
      const found = classOf(meaning, units.subarray((k + 1) * size - outputs, (k + 1) * size));
      right += Number(found === y[k]);
    }
    return right / count;
  }
}

/**
 * The class that some outputs mean.
 * @param {Meaning} meaning
 * @param {Float64Array} outputs
 */
export function classOf(meaning, outputs) {
  if (meaning.kind === "two") return meaning.labels[Number(outputs[0] > meaning.threshold)];
  return outputs.indexOf(Math.max(...outputs));
}

/**
 * Take some rows of a table.
 * @param {Float64Array} table
 * @param {number} count its rows
 * @param {Int32Array} places
 */
function rows(table, count, places) {
  const width = table.length / count;
  const taken = new Float64Array(places.length * width);
  places.forEach((place, k) => {
    taken.set(table.subarray(place * width, (place + 1) * width), k * width);
  });
  return taken;
}
