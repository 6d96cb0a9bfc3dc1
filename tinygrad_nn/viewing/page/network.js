// The network that is trained: its structure, its parameters in a row, and what programs say of it.

import { evenNumbers, normal } from "./random.js";

/**
 * What computes: the mean cost of some samples with its derivatives, and the units of one sample.
 * @typedef {object} Programs
 * @property {(w: Float64Array, mask: Float64Array, x: Float64Array, y: Float64Array) =>
 *   {result_0: number, result_1: Float64Array}} slope
 * @property {(w: Float64Array, mask: Float64Array, x: Float64Array) => Float64Array} units
 */

/** @typedef {{name: string, shape: number[], places: number[]}} Entry */
/** @typedef {{count: number, X: number[], y: number[]}} Table */
/** @typedef {{kind: "two" | "several" | "numbers", labels: number[], threshold: number}} Meaning */
/**
 * How an MLP is made: its inputs, the units of each layer, and its activations.
 * @typedef {{nin: number, nouts: number[], activation: string, output_activation: string}} Architecture
 */

/**
 * All that the page is told. The head is that of the model's file; the architecture is null of a
 * model whose structure is fixed.
 * @typedef {object} Told
 * @property {string} title
 * @property {Table} train
 * @property {Table} test
 * @property {string[]} features
 * @property {number} inputs
 * @property {number} outputs
 * @property {Meaning} meaning
 * @property {string} loss
 * @property {Architecture | null} architecture
 * @property {{depths: number[], widest: number, activations: string[]} | null} choices
 * @property {import("./inside.js").Inside | null} inside what units compute, if that can be shown
 * @property {object | null} head
 * @property {number[]} parameters
 * @property {Entry[]} entries
 * @property {string} note
 * @property {number} rate
 * @property {number} batch
 */

/**
 * A layer in the row: where its weights and biases begin, and how many units have a place there.
 * @typedef {{weight: number, bias: number, columns: number, units: number, used: number,
 *   taken: number}} Layer
 */

export class Network {
  /**
   * @param {Told} told
   * @param {Record<string, Programs>} programs
   * @param {Architecture | null} architecture null for a model whose structure is fixed
   * @param {number} widest places for units of hidden layers
   * @param {number} seed of new weights
   */
  constructor(told, programs, architecture, widest, seed) {
    this.told = told;
    this.architecture = architecture;
    this.hidden = architecture ? architecture.nouts.slice(0, -1) : [];
    const key = architecture ? `${this.hidden.length} ${architecture.activation}` : "";
    this.programs = programs[key];
    this.layers = architecture ? layersOf(architecture, widest) : [];
    const last = this.layers[this.layers.length - 1];
    const size = last ? last.bias + last.units : told.parameters.length;
    this.parameters = new Float64Array(size);
    this.mask = Float64Array.from({ length: widest * this.hidden.length }, (_, k) => {
      return Number(k % widest < this.hidden[Math.floor(k / widest)]);
    });
    this.entries = architecture ? entriesOf(this.layers) : told.entries;
    const isGiven = JSON.stringify(architecture) === JSON.stringify(told.architecture);
    if (isGiven) this.#take(told.parameters);
    else this.#draw(seed);
    this.start = this.parameters.slice();
  }

  /**
   * Take the parameters of the model as it was given, entry by entry.
   * @param {number[]} numbers
   */
  #take(numbers) {
    this.told.entries.forEach(({ places }, k) => {
      places.forEach((place, i) => {
        this.parameters[this.entries[k].places[i]] = numbers[place];
      });
    });
  }

  /**
   * Draw weights anew: normal, of variance 2 / inputs before a relu (He et al., 2015), else of
   * 1 / inputs; biases are 0.
   * @param {number} seed
   */
  #draw(seed) {
    const even = evenNumbers(seed);
    const isRelu = this.architecture?.activation.endsWith("relu") ?? false;
    this.layers.forEach(({ taken }, k) => {
      const isHidden = k < this.layers.length - 1;
      const deviation = Math.sqrt((isRelu && isHidden ? 2 : 1) / taken);
      for (const place of this.entries[2 * k].places) {
        this.parameters[place] = deviation * normal(even);
      }
    });
  }

  /**
   * @param {Float64Array} X
   * @param {Float64Array} y
   */
  slope(X, y) {
    return this.programs.slope(this.parameters, this.mask, X, y);
  }

  /**
   * What each unit gives for each sample, sample by sample; the outputs are last.
   * @param {Float64Array} X
   */
  units(X) {
    const { inputs } = this.told;
    const count = X.length / inputs;
    const found = new Float64Array(count * this.unitCount);
    for (let k = 0; k < count; k++) {
      const x = X.subarray(k * inputs, (k + 1) * inputs);
      found.set(this.programs.units(this.parameters, this.mask, x), k * this.unitCount);
    }
    return found;
  }

  /** How many numbers `units` gives for a sample. */
  get unitCount() {
    return this.mask.length + this.told.outputs;
  }

  /**
   * Write an entry as the nested lists of its shape.
   * @param {Entry} entry
   * @returns {any}
   */
  nested({ shape, places }) {
    /** @type {any[]} */
    let numbers = places.map((place) => this.parameters[place]);
    for (const size of shape.slice(1).toReversed()) {
      numbers = Array.from({ length: numbers.length / size }, (_, k) => {
        return numbers.slice(k * size, (k + 1) * size);
      });
    }
    return shape.length === 0 ? numbers[0] : numbers;
  }
}

/**
 * Lay out the parameters of an MLP with room for the widest hidden layers: weights row by row, then
 * biases, layer by layer.
 * @param {Architecture} architecture
 * @param {number} widest
 * @returns {Layer[]}
 */
function layersOf({ nin, nouts }, widest) {
  /** @type {Layer[]} */
  const layers = [];
  let start = 0;
  nouts.forEach((used, k) => {
    const isLast = k === nouts.length - 1;
    const columns = k === 0 ? nin : widest;
    const units = isLast ? used : widest;
    const taken = k === 0 ? nin : nouts[k - 1];
    layers.push({ weight: start, bias: start + units * columns, columns, units, used, taken });
    start += units * (columns + 1);
  });
  return layers;
}

/**
 * List the entries of an MLP's file, of the units that it has.
 * @param {Layer[]} layers
 * @returns {Entry[]}
 */
function entriesOf(layers) {
  return layers.flatMap(({ weight, bias, columns, used, taken }, k) => {
    const units = Array.from({ length: used }, (_, unit) => unit);
    const places = units.flatMap((unit) => {
      return Array.from({ length: taken }, (_, input) => weight + unit * columns + input);
    });
    return [
      { name: `layers.${k}.weight`, shape: [used, taken], places },
      { name: `layers.${k}.bias`, shape: [used], places: units.map((unit) => bias + unit) },
    ];
  });
}
