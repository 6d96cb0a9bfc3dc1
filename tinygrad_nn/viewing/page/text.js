// Numbers and formulas in words, for the picture, the panel and those who listen.

/** @typedef {import("./graph.js").Graph} Graph */
/** @typedef {import("./graph.js").GraphNode} GraphNode */
/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scopes.js").Item} Item */
/** @typedef {import("./calculus.js").Derivatives} Derivatives */

import { contributions } from "./calculus.js";
import { Scope } from "./scopes.js";

const SHOWN_TERMS = 6; // of a long sum

/**
 * Write a number with four digits, as Python would.
 * @param {number} number
 */
export function written(number) {
  if (Number.isNaN(number)) return "nan";
  if (!Number.isFinite(number)) return number > 0 ? "inf" : "-inf";
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) {
    return number.toExponential(3).replace(/\.?0+e/, "e");
  }
  return String(Number(number.toPrecision(4)));
}

/**
 * Write a number as a factor or term: with parentheses around a sign.
 * @param {number} number
 */
function enclosed(number) {
  const text = written(number);
  return text.startsWith("-") ? `(${text})` : text;
}

/**
 * Write the share that a part has of a sum.
 * @param {number} part
 * @param {number} whole
 */
export function percent(part, whole) {
  const share = (100 * part) / whole;
  return Number.isFinite(share) ? `${Number(share.toPrecision(3))} %` : "–";
}

/**
 * Name a number: by its label, its operation, or itself.
 * @param {Graph} graph
 * @param {number} index
 */
export function nameOf(graph, index) {
  const node = graph.nodes[index];
  if (node.label) return node.label;
  return node.op ? `${node.op} #${index}` : written(node.value);
}

/**
 * Name an item; a scope by its own name.
 * @param {Graph} graph
 * @param {Item} item
 */
export function titleOf(graph, item) {
  return item instanceof Scope ? item.name : nameOf(graph, item.members[0]);
}

/**
 * Write an operation applied to texts.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {string[]} operands
 */
function applied(graph, node, operands) {
  const { symbol } = graph.operations[node.op];
  const isSign = !/[\p{L}\d]/u.test(symbol);
  if (isSign && operands.length === 2) return `${operands[0]} ${symbol} ${operands[1]}`;
  if (isSign) return `${symbol}${operands.join(", ")}`;
  return `${symbol}(${operands.join(", ")})`;
}

/**
 * Write how a number was computed: "mul #2 = w × x = 3 × (-2) = -6"; no name is said twice.
 * @param {Graph} graph
 * @param {number} index
 */
export function formula(graph, index) {
  const node = graph.nodes[index];
  const value = written(node.value);
  if (!node.op) return `${node.label || (node.kind === "leaf" ? "leaf" : "constant")} = ${value}`;
  const shown = node.args.length > 1 ? enclosed : written;
  const filled = applied(graph, node, node.args.map((arg) => shown(graph.nodes[arg].value)));
  const names = node.args.map((arg) => {
    const { label, op, value: number } = graph.nodes[arg];
    return label || op ? nameOf(graph, arg) : shown(number);
  });
  const named = applied(graph, node, names);
  return [nameOf(graph, index), ...(named === filled ? [] : [named]), filled, value].join(" = ");
}

/**
 * Say what goes in; what was typed since is added.
 * @param {Graph} graph
 */
export function sampleOf(graph) {
  const typed = graph.nodes.filter((node) => node.isTyped);
  const shown = typed.slice(0, SHOWN_TERMS).map((node) => {
    return `${node.label || "a leaf"} = ${written(node.value)}`;
  });
  const more = typed.length > SHOWN_TERMS ? `, … (${typed.length} numbers)` : "";
  return graph.sample + (typed.length ? `; changed to ${shown.join(", ")}${more}` : "");
}

/**
 * Write a number, and mark one that is NaN or infinite.
 * @param {number} number
 */
function marked(number) {
  return Number.isFinite(number) ? written(number) : `${written(number)} ⚠`;
}

/**
 * Write how a gradient adds up over the uses of a number.
 * @param {Graph} graph
 * @param {Derivatives} gradients
 * @param {number} output
 * @param {number} index
 */
export function gradientSum(graph, gradients, output, index) {
  const node = graph.nodes[index];
  if (index === output) return "1: the output by itself";
  if (node.kind === "constant") return "none: a constant";
  const parts = contributions(graph, gradients, index);
  if (parts.length === 0) return "0: nothing that the output was made from uses it";
  const total = written(gradients.by[index]);
  const shown = parts.slice(0, SHOWN_TERMS);
  const more = parts.length > SHOWN_TERMS ? ` + … (${parts.length} terms)` : "";
  const products = shown.map((part) => `${enclosed(part.gradient)} × ${enclosed(part.slope)}`);
  const terms = shown.map((part) => enclosed(part.gradient * part.slope));
  const sum = parts.length > 1 ? ` = ${terms.join(" + ")}${more}` : "";
  return `${products.join(" + ")}${more}${sum} = ${total}`;
}

/**
 * Say what a parameter's gradient is over all samples, where the update is by their mean.
 * @param {Graph} graph
 * @param {Derivatives} gradients
 * @param {ArrayLike<number>} pulls what the update is by
 * @param {number} index
 */
export function meanPull(graph, gradients, pulls, index) {
  if (pulls === gradients.by || !graph.nodes[index].moves) return "";
  return `mean over all samples = ${written(pulls[index])}`;
}

/**
 * Write the update of a number by gradient descent.
 * @param {Graph} graph
 * @param {number} index
 * @param {number} gradient
 */
export function update(graph, index, gradient) {
  const { value } = graph.nodes[index];
  const after = written(updated(graph, index, gradient));
  return `${written(value)} - ${written(graph.rate)} × ${enclosed(gradient)} = ${after}`;
}

/**
 * @param {Graph} graph
 * @param {number} index
 * @param {number} gradient
 */
export function updated(graph, index, gradient) {
  return graph.nodes[index].value - graph.rate * gradient;
}

/**
 * The value that a number has at this step, in words: unknown, as recorded, or updated.
 * @param {Scene} scene
 * @param {number} index
 */
export function valueOf(scene, index) {
  const { graph, pulls, steps, step } = scene;
  const node = graph.nodes[index];
  if (!scene.knows(1, index)) return "?";
  const isUpdated = node.moves && scene.knows(3, index);
  if (isUpdated) return `→ ${marked(updated(graph, index, pulls[index]))}`;
  const isNew = steps.again(step) && !Object.is(node.after, node.value);
  return isNew ? `→ ${marked(node.after)}` : marked(node.value);
}

/**
 * The gradient that is known of a number at this step, in words.
 * @param {Scene} scene
 * @param {number} index
 */
export function gradientOf(scene, index) {
  return scene.knows(2, index) ? marked(scene.gradients.by[index]) : "–";
}

/**
 * The number of an item that others use last: a scope's result.
 * @param {Item} item
 */
export function resultOf(item) {
  return item.members[item.members.length - 1];
}

/**
 * Count: "1 number", "3 numbers".
 * @param {number} count
 * @param {string} what
 */
export function counted(count, what) {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}
