// A data set: its samples, the parameters of now, and their updates by one sample or by the mean.

import { adjoints } from "./calculus.js";
import { Graph } from "./graph.js";
import { Machine } from "./machine.js";
import { counted } from "./text.js";

/** @typedef {import("./graph.js").GraphData} GraphData */
/** @typedef {import("./machine.js").Printed} Printed */

/**
 * A data set as the file has it: graphs beside the first, where each parameter is in each graph,
 * and of each sample its graph, itself in words, and the numbers that the graph does not have.
 * @typedef {object} DataSet
 * @property {GraphData[]} graphs
 * @property {(number | null)[][]} parameters
 * @property {{graph: number, sample: string, numbers: [number, number | string][]}[]} samples
 */

/**
 * @typedef {object} Sample
 * @property {number} graph
 * @property {string} text
 * @property {Map<number, number>} numbers
 * @property {Map<number, number>} typed
 */

/**
 * The cost and its derivative by each parameter; why there are none, if something was not defined.
 * @typedef {{cost: number, gradient: Float64Array, fault: string}} Slope
 */

export class Training {
  /**
   * @param {GraphData & {data: DataSet}} told
   * @param {Record<string, Printed>} operations
   */
  constructor(told, operations) {
    const { graphs, parameters, samples } = told.data;
    /** @type {Machine[]} */
    this.machines = [told, ...graphs].map((graph) => new Machine(new Graph(graph), operations));
    this.places = parameters;
    /** @type {Sample[]} */
    this.samples = samples.map(({ graph, sample, numbers }) => ({
      graph,
      text: sample,
      numbers: new Map(numbers.map(([index, number]) => [index, Number(number)])),
      typed: new Map(),
    }));
    this.start = Float64Array.from(parameters[0], (_, k) => this.#recorded(k));
    this.parameters = this.start.slice();
    this.place = 0;
    this.isWhole = false; // whether an update is by the mean of all samples
    this.updates = 0;
    /** @type {number[]} the cost over all samples at first, and after each update */
    this.costs = [];
    /** @type {Slope | null} what is known of all samples */
    this.known = null;
  }

  /** @param {number} parameter */
  #recorded(parameter) {
    const found = this.machines.findIndex((_, k) => this.places[k][parameter] !== null);
    const index = found < 0 ? null : this.places[found][parameter];
    return index === null ? 0 : this.machines[found].graph.nodes[index].value;
  }

  /** Why nothing can be updated; empty if it can. */
  get whyFixed() {
    for (const { graph } of this.machines) {
      const fixed = graph.nodes.find((node) => node.moves && (graph.missing || node.fixed));
      if (fixed) return graph.missing || `${fixed.label || "a parameter"} is fixed. ${fixed.fixed}`;
    }
    return "";
  }

  get isAltered() {
    return (
      this.updates > 0 ||
      this.parameters.some((value, k) => !Object.is(value, this.start[k])) ||
      this.samples.some((sample) => sample.typed.size > 0)
    );
  }

  /** Say which sample is taken, or of all the one that is shown. */
  get taken() {
    const count = this.samples.length;
    const place = this.place + 1;
    if (!this.isWhole) return `sample ${place} of ${count}`;
    return `all ${counted(count, "sample")}, of which number ${place} is shown`;
  }

  /**
   * The numbers in which a sample differs now from what its graph has recorded.
   * @param {Sample} sample
   */
  numbersOf(sample) {
    const numbers = new Map(sample.numbers);
    this.places[sample.graph].forEach((index, k) => {
      const isOther = !Object.is(this.parameters[k], this.start[k]);
      if (index !== null && isOther) numbers.set(index, this.parameters[k]);
    });
    return numbers;
  }

  /**
   * Give a leaf of a sample another number: for all samples if it is a parameter.
   * @param {Sample} sample
   * @param {number} index
   * @param {number} value
   */
  type(sample, index, value) {
    const parameter = this.places[sample.graph].indexOf(index);
    const recorded = this.machines[sample.graph].recorded.nodes[index].value;
    if (parameter >= 0) this.parameters[parameter] = value;
    else if (Object.is(value, sample.numbers.get(index) ?? recorded)) sample.typed.delete(index);
    else sample.typed.set(index, value);
    this.known = null;
  }

  /** Go back to the start. */
  reset() {
    this.parameters.set(this.start);
    for (const sample of this.samples) sample.typed.clear();
    this.place = 0;
    this.updates = 0;
    this.costs = [];
    this.known = null;
  }

  /**
   * Differentiate the loss of one sample.
   * @param {number} place
   * @returns {Slope}
   */
  ofSample(place) {
    const sample = this.samples[place];
    const machine = this.machines[sample.graph];
    machine.give(this.numbersOf(sample), sample.typed);
    const { graph } = machine;
    const { by } = adjoints(graph, graph.output);
    const gradient = Float64Array.from(this.places[sample.graph], (index) => {
      return index === null ? 0 : by[index];
    });
    const { value, fault } = graph.nodes[graph.output];
    return { cost: value, gradient, fault: fault && `sample ${place + 1}: ${fault}` };
  }

  /**
   * Differentiate the mean of the losses of all samples.
   * @returns {Slope}
   */
  ofAll() {
    if (this.known) return this.known;
    const count = this.samples.length;
    const whole = { cost: 0, gradient: new Float64Array(this.parameters.length), fault: "" };
    for (let place = 0; place < count; place++) {
      const { cost, gradient, fault } = this.ofSample(place);
      whole.cost += cost;
      whole.fault ||= fault;
      for (let k = 0; k < gradient.length; k++) whole.gradient[k] += gradient[k];
    }
    whole.cost /= count;
    for (let k = 0; k < whole.gradient.length; k++) whole.gradient[k] /= count;
    this.known = whole;
    this.costs[this.updates] = whole.cost;
    return whole;
  }

  /**
   * Update the parameters by gradient descent, and go on to the next sample.
   * @param {number} rate
   * @returns {string} why it was not done, if it was not
   */
  update(rate) {
    if (this.whyFixed) return this.whyFixed;
    if (this.costs.length === 0) this.ofAll(); // the first point of the curve
    const { gradient, fault } = this.isWhole ? this.ofAll() : this.ofSample(this.place);
    if (fault) return fault;
    const after = this.parameters.map((value, k) => value - rate * gradient[k]);
    if (!after.every(Number.isFinite)) return "a parameter would be no finite number";
    this.parameters.set(after);
    this.updates++;
    this.known = null;
    if (!this.isWhole) this.place = (this.place + 1) % this.samples.length;
    this.ofAll();
    return "";
  }
}
