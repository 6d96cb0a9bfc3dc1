// A scene of a data set: it shows one sample after the other, with the parameters of now.

import { Graph } from "./graph.js";
import { Machine } from "./machine.js";
import { Scene } from "./scene.js";
import { Scope, ScopeTree } from "./scopes.js";
import { Training } from "./training.js";

/** @typedef {import("./graph.js").GraphData} GraphData */
/** @typedef {import("./machine.js").Printed} Printed */
/** @typedef {import("./training.js").DataSet} DataSet */

/**
 * A graph that samples have, and what shows it.
 * @typedef {{graph: Graph, machine: Machine, tree: ScopeTree}} Stand
 */

export class Lesson extends Scene {
  /**
   * @param {GraphData & {data: DataSet}} told
   * @param {Record<string, Printed>} operations
   */
  constructor(told, operations) {
    super(new Graph(told), operations);
    this.training = new Training(told, operations);
    /** @type {Stand[]} */
    this.stands = [
      this,
      ...told.data.graphs.map((data) => {
        const graph = new Graph(data);
        return { graph, machine: new Machine(graph, operations), tree: new ScopeTree(graph) };
      }),
    ].map(({ graph, machine, tree }) => ({ graph, machine, tree }));
    this.#tellSample();
  }

  /** The sample that is shown. */
  get sample() {
    return this.training.samples[this.training.place];
  }

  /**
   * @override
   * @param {number} index
   */
  originalOf(index) {
    return this.sample.numbers.get(index) ?? super.originalOf(index);
  }

  /**
   * Give a leaf another number: a parameter for all samples.
   * @override
   * @param {number} index
   * @param {number} value
   */
  type(index, value) {
    const { machine, sample, training } = this;
    training.type(sample, index, value);
    machine.give(training.numbersOf(sample), sample.typed);
    this.recount();
  }

  /**
   * @override
   * @param {number} rate
   */
  setRate(rate) {
    for (const { graph } of this.stands) graph.rate = rate;
    this.recount();
  }

  /**
   * Go back to the start: to the parameters and samples that were recorded, and the first of these.
   * @override
   */
  reset() {
    for (const { graph, machine } of this.stands) graph.rate = machine.recorded.rate;
    this.training.reset();
    this.takeSample();
  }

  /**
   * Show a sample.
   * @param {number} place
   */
  goToSample(place) {
    this.training.place = Math.min(Math.max(place, 0), this.training.samples.length - 1);
    this.takeSample();
  }

  /**
   * Update by each sample in turn, or by the mean of all.
   * @param {boolean} isWhole
   */
  updateByAll(isWhole) {
    this.training.isWhole = isWhole;
    this.takeSample();
  }

  /**
   * Update the parameters by the sample that is shown, or by all, and show the next.
   * @returns {string} why it was not done, if it was not
   */
  advance() {
    const refusal = this.refusal || this.training.update(this.graph.rate);
    if (!refusal) this.takeSample();
    return refusal;
  }

  /** Why there is no update of what is shown; empty if there is. */
  get refusal() {
    const { graph, output } = this;
    return output === graph.output ? "" : "it is by the gradients of the loss: choose these above";
  }

  /** Show the sample that the training is at, with its parameters of now. */
  takeSample() {
    const { sample, training } = this;
    const stand = this.stands[sample.graph];
    const isOther = stand.graph !== this.graph;
    const before = this.steps.list[this.step];
    if (isOther) this.#exchange(stand);
    this.#tellSample();
    this.machine.give(training.numbersOf(sample), sample.typed);
    if (isOther) {
      this.step = -1;
      this.differentiate();
      this.restructure();
      if (before) this.goToStep(this.steps.list.findIndex(({ stage }) => stage === before.stage));
      this.select(this.selected);
    }
    this.recount();
  }

  #tellSample() {
    this.graph.sample = this.sample.text;
    this.graph.taken = this.training.taken;
  }

  /**
   * Show another graph: what was open or chosen stays so, where it is found again by name.
   * @param {Stand} stand
   */
  #exchange({ graph, machine, tree }) {
    const open = new Map(this.tree.scopes.map((scope) => [scope.path, scope.open]));
    for (const scope of tree.scopes) scope.open = open.get(scope.path) ?? false;
    const { selected } = this;
    if (selected instanceof Scope) {
      this.selected = tree.scopes.find((scope) => scope.path === selected.path) ?? null;
    } else if (selected) {
      const { label } = this.graph.nodes[selected.members[0]];
      const same = label ? graph.nodes.find((node) => node.label === label) : undefined;
      this.selected = same ? tree.leaves[same.index] : null;
    }
    Object.assign(this, { graph, machine, tree, output: graph.output, path: null, flow: null });
    this.hovered = null;
    this.matches = new Set();
  }

  /**
   * What the update is by: of parameters the mean of the gradients, if it is by all samples.
   * @override
   * @param {Float64Array} by
   */
  pullsOf(by) {
    // The scene that this is made from differentiates before there is a training.
    if (!this.training?.isWhole || this.output !== this.graph.output) return by;
    const pulls = by.slice();
    const { gradient } = this.training.ofAll();
    this.training.places[this.sample.graph].forEach((index, k) => {
      if (index !== null) pulls[index] = gradient[k];
    });
    return pulls;
  }
}
