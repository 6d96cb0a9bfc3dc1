// Computing again: when a number was typed or a sample taken, by the operations that the file has.

import { nameOf, written } from "./text.js";

/** @typedef {import("./graph.js").Graph} Graph */
/** @typedef {import("./graph.js").GraphNode} GraphNode */

/**
 * An operation of some numbers: its result, and its derivative by each.
 * @typedef {(...numbers: number[]) => ArrayLike<number>} Printed
 */

export class Machine {
  /**
   * @param {Graph} graph
   * @param {Record<string, Printed>} operations
   */
  constructor(graph, operations) {
    this.graph = graph;
    this.operations = operations;
    /** @type {Map<number, number>} what a data set says in place of what was recorded, by the node */
    this.given = new Map();
    /** @type {Map<number, number>} what was typed, by the leaf */
    this.typed = new Map();
    /** @type {Set<number>} what has another value since it was shown */
    this.changed = new Set();
    this.recorded = {
      rate: graph.rate,
      nodes: graph.nodes.map(({ value, slopes, after }) => ({ value, slopes, after })),
    };
    this.altered = new Uint8Array(graph.nodes.length);
    /** @type {(number | null)[][]} */
    this.slopes = graph.nodes.map(({ args }) => args.map(() => null));
  }

  /**
   * Why a leaf has the number that it was recorded with; empty if another can be typed.
   * @param {number} index
   */
  whyFixed(index) {
    return this.graph.missing || this.graph.nodes[index].fixed;
  }

  get isAltered() {
    return this.typed.size > 0 || this.graph.rate !== this.recorded.rate;
  }

  /**
   * Take the numbers of a sample, and those typed for it.
   * @param {Map<number, number>} given
   * @param {Map<number, number>} typed
   */
  give(given, typed) {
    this.given = given;
    this.typed = typed;
    this.#forward();
  }

  /**
   * Give a leaf another number, and compute what was made from it again.
   * @param {number} index
   * @param {number} value
   */
  type(index, value) {
    const original = this.given.get(index) ?? this.recorded.nodes[index].value;
    if (Object.is(value, original)) this.typed.delete(index);
    else this.typed.set(index, value);
    this.#forward();
  }

  /** Go back to the numbers that were recorded. */
  reset() {
    this.typed.clear();
    this.graph.rate = this.recorded.rate;
    this.#forward();
  }

  /** Compute the graph with the numbers of now; what none of them reaches is as recorded. */
  #forward() {
    const { altered, given, typed } = this;
    for (const node of this.graph.nodes) {
      const { index, value: before } = node;
      altered[index] = 0;
      for (const arg of node.args) altered[index] |= altered[arg];
      if (altered[index]) this.#apply(node);
      else {
        const recorded = this.recorded.nodes[index];
        const value = node.op ? undefined : (typed.get(index) ?? given.get(index));
        node.isTyped = typed.has(index);
        altered[index] = Number(value !== undefined);
        node.value = value ?? recorded.value;
        node.slopes = recorded.slopes;
        node.fault = "";
      }
      if (!Object.is(before, node.value)) this.changed.add(index);
    }
  }

  /** @param {GraphNode} node */
  #apply(node) {
    const { nodes, operations } = this.graph;
    const { args } = node;
    const kinds = operations[node.op].slopes;
    const found = evaluated(this.operations[node.op], nodes, args);
    node.fault = this.#fault(node, (arg) => nodes[arg].value, found[0]);
    node.value = node.fault ? NaN : found[0];
    const slopes = this.slopes[node.index];
    for (let position = 0; position < args.length; position++) {
      const kind = nodes[args[position]].kind === "constant" ? "none" : kinds?.[position];
      if (kind === "none" || (kind === "flat" && Number.isFinite(node.value))) slopes[position] = null;
      else slopes[position] = node.fault ? NaN : (found[position + 1] ?? NaN);
    }
    node.slopes = slopes;
  }

  /**
   * Say what is wrong where Python would give no number.
   * @param {GraphNode} node
   * @param {(arg: number) => number} numberOf
   * @param {number} value
   */
  #fault(node, numberOf, value) {
    const { graph } = this;
    const broken = node.args.find((arg) => graph.nodes[arg].fault);
    if (broken !== undefined) {
      const { fault } = graph.nodes[broken];
      return fault.startsWith("made from") ? fault : `made from what has no number: ${fault}`;
    }
    if (Number.isFinite(value)) return "";
    const { guarded = false, remedy = "" } = graph.operations[node.op];
    const numbers = node.args.map(numberOf);
    const isNew = Number.isNaN(value) && !numbers.some(Number.isNaN);
    const isOdd = numbers.every(Number.isFinite) || numbers.includes(0); // as infinity by 0
    if (!(isNew || isOdd) || !guarded) return "";
    const names = node.args.map((arg, k) => {
      const { label, op } = graph.nodes[arg];
      return `${label || op ? `${nameOf(graph, arg)} = ` : ""}${written(numbers[k])}`;
    });
    const what = isNew ? "has no real result" : "is not defined, or too large";
    return `${node.op} at ${names.join(", ")} ${what}${remedy && `: ${remedy}`}`;
  }

  /**
   * Compute what the numbers are after an update by some gradients, of an output.
   * @param {number} output
   * @param {ArrayLike<number>} by the gradient of each number that moves
   */
  update(output, by) {
    const { graph, recorded } = this;
    const isRecorded = !this.isAltered && this.given.size === 0 && output === graph.output;
    const isKnown = graph.nodes.every((node) => !node.moves || !this.whyFixed(node.index));
    /** @type {{value: number}[]} */
    const after = [];
    /** @param {number} arg */
    const numberOf = (arg) => after[arg].value;
    for (const node of graph.nodes) {
      const { index, args } = node;
      if (isRecorded) node.after = recorded.nodes[index].after;
      else if (!isKnown) node.after = NaN;
      else if (node.moves) node.after = node.value - graph.rate * by[index];
      else if (args.every((arg) => Object.is(after[arg].value, graph.nodes[arg].value))) {
        node.after = node.value;
      } else {
        const [value] = evaluated(this.operations[node.op], after, args);
        const isFaulty = args.some((arg) => Number.isNaN(numberOf(arg)));
        node.after = isFaulty || this.#fault(node, numberOf, value) ? NaN : value;
      }
      after.push({ value: node.after });
    }
    graph.updatedBy = output;
  }
}

/**
 * Evaluate an operation of some numbers of a list; what it refuses has no number.
 * @param {Printed} operation
 * @param {{value: number}[]} from
 * @param {number[]} args
 * @returns {ArrayLike<number> & Iterable<number>}
 */
function evaluated(operation, from, args) {
  try {
    let found;
    if (args.length === 1) found = operation(from[args[0]].value);
    else if (args.length === 2) found = operation(from[args[0]].value, from[args[1]].value);
    else found = operation(...args.map((arg) => from[arg].value));
    return /** @type {ArrayLike<number> & Iterable<number>} */ (found);
  } catch (error) {
    if (error instanceof RangeError) return [NaN];
    throw error;
  }
}
