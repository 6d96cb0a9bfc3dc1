// The four steps of gradient descent, as a list of small ones over what can be seen.

import { resultsFirst } from "./order.js";
import { Scope } from "./scopes.js";
import {
  counted,
  formula,
  gradientSum,
  meanPull,
  nameOf,
  resultOf,
  sampleOf,
  update,
  written,
} from "./text.js";

/** @typedef {import("./graph.js").Graph} Graph */
/** @typedef {import("./scopes.js").Item} Item */
/** @typedef {import("./scopes.js").Link} Link */
/** @typedef {import("./calculus.js").Derivatives} Derivatives */

export const STAGES = ["Sample", "Forward", "Backward", "Update"];

/**
 * One small step, and what it says. An item of null means all.
 * @typedef {{stage: number, item: Item | null, text: () => string}} Step
 */

/** The steps, and from which of them on each item's numbers are known. */
export class Steps {
  /**
   * @param {Graph} graph
   * @param {Item[]} items
   * @param {Link[]} links
   * @param {Derivatives} gradients
   * @param {number} output
   * @param {ArrayLike<number>} pulls the gradients that the update is by
   */
  constructor(graph, items, links, gradients, output, pulls) {
    this.graph = graph;
    this.gradients = gradients;
    this.pulls = pulls;
    this.output = output;
    /** @type {Step[]} */
    this.list = [{ stage: 0, item: null, text: () => `Take ${graph.taken}: ${sampleOf(graph)}.` }];
    /** @type {Map<Item, number>[]} for each stage the step in which an item had its turn */
    this.turns = STAGES.map(() => new Map());
    const order = inOrder(items, links);
    for (const item of order.toReversed()) this.#forward(item);
    for (const item of order) this.#backward(item);
    for (const item of items) this.#update(item);
    const loss = nameOf(graph, output);
    const { value, after } = graph.nodes[output];
    this.isRepeated = !Number.isNaN(after) && graph.updatedBy === output;
    if (this.isRepeated) {
      const text = () => `After the update ${loss} is ${written(after)}; it was ${written(value)}.`;
      this.list.push({ stage: 3, item: null, text });
    }
  }

  /**
   * Whether an item has had its turn in a stage when a step is done; before the first all have,
   * but for the update.
   * @param {number} stage
   * @param {Item} item
   * @param {number} step
   */
  done(stage, item, step) {
    if (step < 0) return stage < 3;
    const turn = this.turns[stage].get(item);
    return turn === undefined ? stage === 1 : turn <= step;
  }

  /**
   * Whether everything has been computed again, with what the update has changed.
   * @param {number} step
   */
  again(step) {
    return this.isRepeated && step === this.list.length - 1;
  }

  /**
   * @param {number} stage
   * @param {Item} item
   * @param {() => string} text
   */
  #add(stage, item, text) {
    this.turns[stage].set(item, this.list.length);
    this.list.push({ stage, item, text });
  }

  /** @param {Item} item */
  #forward(item) {
    const { graph } = this;
    const made = item.members.filter((index) => graph.nodes[index].op);
    if (made.length === 0) return;
    const result = resultOf(item);
    this.#add(1, item, () => {
      if (!(item instanceof Scope)) return `${formula(graph, result)}.`;
      const value = written(graph.nodes[result].value);
      return `${item.name}: ${counted(made.length, "operation")}; the last gives ${value}.`;
    });
  }

  /** @param {Item} item */
  #backward(item) {
    const met = item.members.filter((index) => this.#hasGradient(index));
    if (met.length === 0) return;
    const result = met[met.length - 1];
    this.#add(2, item, () => {
      const sum = gradientSum(this.graph, this.gradients, this.output, result);
      const name = nameOf(this.graph, result);
      const { gradients, pulls } = this;
      const mean = meanPull(this.graph, gradients, pulls, result);
      if (!(item instanceof Scope)) return `grad of ${name} = ${sum}${mean && `; ${mean}`}.`;
      return `${item.name}: ${counted(met.length, "gradient")}; that of ${name} = ${sum}.`;
    });
  }

  /** @param {number} index */
  #hasGradient(index) {
    return this.graph.nodes[index].kind !== "constant" && this.gradients.reached[index] === 1;
  }

  /** @param {Item} item */
  #update(item) {
    const { graph, pulls } = this;
    const moved = item.members.filter((index) => graph.nodes[index].moves);
    if (moved.length === 0) return;
    const [first] = moved;
    this.#add(3, item, () => {
      const example = `${nameOf(graph, first)} = ${update(graph, first, pulls[first])}.`;
      if (!(item instanceof Scope)) return example;
      return `${item.name}: ${counted(moved.length, "number")} updated; ${example}`;
    });
  }
}

/**
 * @param {Item[]} items
 * @param {Link[]} links
 * @returns {Item[]} the results first
 */
function inOrder(items, links) {
  const place = new Map(items.map((item, position) => [item, position]));
  const edges = links.map(
    ({ from, to }) => /** @type {[number, number]} */ ([place.get(from), place.get(to)]),
  );
  return resultsFirst(items.length, edges).order.map((position) => items[position]);
}
