// Computing again: when a number was typed, by the operations that the file has.

import { nameOf, written } from "./text.js";

/** @typedef {import("./graph.js").Graph} Graph */
/** @typedef {import("./graph.js").GraphNode} GraphNode */
/** @typedef {import("./calculus.js").Derivatives} Derivatives */

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
    /** @type {Map<number, number>} what was typed, by the leaf */
    this.typed = new Map();
    /** @type {Set<number>} what has another value since it was shown */
    this.changed = new Set();
    this.recorded = {
      rate: graph.rate,
      nodes: graph.nodes.map(({ value, slopes, after }) => ({ value, slopes, after })),
    };
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
   * Give a leaf another number, and compute what was made from it again.
   * @param {number} index
   * @param {number} value
   */
  type(index, value) {
    if (Object.is(value, this.recorded.nodes[index].value)) this.typed.delete(index);
    else this.typed.set(index, value);
    this.#forward();
  }

  /** Go back to the numbers that were recorded. */
  reset() {
    this.typed.clear();
    this.graph.rate = this.recorded.rate;
    this.#forward();
  }

  /** Compute the graph with the typed numbers; what none of them reaches is as recorded. */
  #forward() {
    const altered = new Uint8Array(this.graph.nodes.length);
    for (const node of this.graph.nodes) {
      const { index, value: before } = node;
      const recorded = this.recorded.nodes[index];
      if (node.args.some((arg) => altered[arg])) {
        altered[index] = 1;
        this.#apply(node);
      } else {
        node.isTyped = this.typed.has(index);
        altered[index] = Number(node.isTyped);
        node.value = this.typed.get(index) ?? recorded.value;
        node.slopes = recorded.slopes;
        node.fault = "";
      }
      if (!Object.is(before, node.value)) this.changed.add(index);
    }
  }

  /** @param {GraphNode} node */
  #apply(node) {
    const { graph } = this;
    const kinds = graph.operations[node.op].slopes ?? [];
    const numbers = node.args.map((arg) => graph.nodes[arg].value);
    const [value, ...slopes] = evaluated(this.operations[node.op], numbers);
    node.fault = this.#fault(node, numbers, value);
    node.value = node.fault ? NaN : value;
    node.slopes = node.args.map((arg, position) => {
      if (graph.nodes[arg].kind === "constant" || kinds[position] === "none") return null;
      if (kinds[position] === "flat" && Number.isFinite(node.value)) return null;
      return node.fault ? NaN : slopes[position];
    });
  }

  /**
   * Say what is wrong where Python would give no number.
   * @param {GraphNode} node
   * @param {number[]} numbers
   * @param {number} value
   */
  #fault(node, numbers, value) {
    const { graph } = this;
    const { guarded = false, remedy = "" } = graph.operations[node.op];
    const broken = node.args.find((arg) => graph.nodes[arg].fault);
    if (broken !== undefined) {
      const { fault } = graph.nodes[broken];
      return fault.startsWith("made from") ? fault : `made from what has no number: ${fault}`;
    }
    const isNew = Number.isNaN(value) && !numbers.some(Number.isNaN);
    const isOdd = numbers.every(Number.isFinite) || numbers.includes(0); // as infinity by 0
    const isLarge = !Number.isFinite(value) && isOdd;
    if (!(isNew || isLarge) || !guarded) return "";
    const names = node.args.map((arg, k) => {
      const { label, op } = graph.nodes[arg];
      return `${label || op ? `${nameOf(graph, arg)} = ` : ""}${written(numbers[k])}`;
    });
    const what = isNew ? "has no real result" : "is not defined, or too large";
    return `${node.op} at ${names.join(", ")} ${what}${remedy && `: ${remedy}`}`;
  }

  /**
   * Compute what the numbers are after the update by the gradients of an output.
   * @param {number} output
   * @param {Derivatives} gradients
   */
  update(output, gradients) {
    const { graph, recorded } = this;
    const isRecorded = !this.isAltered && output === graph.output;
    const isKnown = graph.nodes.every((node) => !node.moves || !this.whyFixed(node.index));
    /** @type {number[]} */
    const after = [];
    for (const node of graph.nodes) {
      const { index, args } = node;
      if (isRecorded) after.push(recorded.nodes[index].after);
      else if (!isKnown) after.push(NaN);
      else if (node.moves) after.push(node.value - graph.rate * gradients.by[index]);
      else if (args.every((arg) => Object.is(after[arg], graph.nodes[arg].value))) {
        after.push(node.value);
      } else {
        const numbers = args.map((arg) => after[arg]);
        const [value] = evaluated(this.operations[node.op], numbers);
        const isFaulty = numbers.some(Number.isNaN) || this.#fault(node, numbers, value);
        after.push(isFaulty ? NaN : value);
      }
      node.after = after[index];
    }
    graph.updatedBy = output;
  }
}

/**
 * Evaluate an operation; what it refuses has no number.
 * @param {Printed} operation
 * @param {number[]} numbers
 */
function evaluated(operation, numbers) {
  try {
    return Array.from(operation(...numbers));
  } catch (error) {
    if (error instanceof RangeError) return [NaN];
    throw error;
  }
}
