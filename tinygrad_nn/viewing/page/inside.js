// A unit opened: its scalar graph for a sample, with the numbers of the moment.

import { adjoints } from "./calculus.js";
import { byId, element } from "./dom.js";
import { Graph } from "./graph.js";
import { Machine } from "./machine.js";
import { counted, written } from "./text.js";

/** @typedef {import("./graph.js").GraphData} GraphData */
/** @typedef {import("./graph.js").NodeData} NodeData */
/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./run.js").Run} Run */

/**
 * What units compute: each activation as a list of nodes, the first its argument; their operations;
 * and the page that shows a graph, with a slot for it.
 * @typedef {object} Inside
 * @property {Record<string, {op?: string, args?: number[], value?: number | string}[]>} recipes
 * @property {GraphData["operations"]} operations
 * @property {string} viewer
 */

/**
 * Offer the units of a network, the outputs last.
 * @param {Network} network
 */
export function offerUnits(network) {
  byId("look").hidden = network.layers.length === 0;
  const options = network.layers.flatMap(({ used }, k) => {
    const isLast = k === network.layers.length - 1;
    return Array.from({ length: used }, (_, unit) => {
      const name = isLast ? `output ${unit + 1}` : `layer ${k + 1}, unit ${unit + 1}`;
      return element("option", { value: `${k} ${unit}` }, name);
    });
  });
  byId("unit").replaceChildren(...options);
}

/**
 * Open the graph of the unit that is chosen.
 * @param {Inside} inside
 * @param {Record<string, import("./machine.js").Printed>} rows
 * @param {() => Run} runOf the run of now
 */
export function listenToUnits(inside, rows, runOf) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("inside"));
  const sample = /** @type {HTMLInputElement} */ (byId("sample"));
  const unit = /** @type {HTMLSelectElement} */ (byId("unit"));
  sample.max = String(runOf().train.count);
  sample.addEventListener("input", () => {
    sample.setAttribute("aria-invalid", String(!sample.checkValidity()));
  });
  byId("close").addEventListener("click", () => dialog.close());
  byId("open").addEventListener("click", () => {
    if (!sample.checkValidity()) return;
    const [layer, place] = unit.value.split(" ").map(Number);
    const run = runOf();
    const data = computed(graphOf(inside, run, layer, place, Number(sample.value) - 1), rows);
    const text = JSON.stringify(data).replaceAll("<", "\\u003c");
    const page = inside.viewer.replace('{"slot":1}', () => text);
    /** @type {HTMLIFrameElement} */ (byId("graph")).srcdoc = page;
    const name = unit.selectedOptions[0].textContent;
    const when = `after ${counted(run.steps, "step")}`;
    byId("inside-title").textContent = `${name} for sample ${sample.value}, ${when}`;
    dialog.showModal();
  });
}

/**
 * Write down a unit as a graph: products, their sum with the bias, and the activation.
 * @param {Inside} inside
 * @param {Run} run
 * @param {number} k the layer
 * @param {number} unit
 * @param {number} sample
 * @returns {GraphData}
 */
export function graphOf({ recipes, operations }, { network, train, rate }, k, unit, sample) {
  const { architecture, layers, parameters, told } = network;
  if (!architecture) throw new TypeError("only an MLP has units");
  const { weight, bias, columns, taken } = layers[k];
  const x = train.X.subarray(sample * told.inputs, (sample + 1) * told.inputs);
  const before = k === 0 ? x : network.units(x).subarray((k - 1) * columns, k * columns);
  /** @type {NodeData[]} */
  const nodes = [];
  /** @param {NodeData} node */
  const add = (node) => nodes.push(node) - 1;
  /** @param {string} label @param {number} value @param {boolean} moves */
  const leaf = (label, value, moves) => add({ kind: "leaf", label, value, moves });
  /** @param {string} op @param {number[]} args */
  const made = (op, ...args) => add({ op, args, value: 0, slopes: args.map(() => 0) });
  let sum = -1;
  for (let i = 0; i < taken; i++) {
    const name = k === 0 ? told.features[i] : `layer ${k}, unit ${i + 1}`;
    const w = leaf(`weight[${unit}][${i}]`, parameters[weight + unit * columns + i], true);
    const term = made("mul", w, leaf(name, before[i], false));
    sum = i === 0 ? term : made("add", sum, term);
  }
  sum = made("add", sum, leaf(`bias[${unit}]`, parameters[bias + unit], true));
  const isLast = k === layers.length - 1;
  const recipe = recipes[isLast ? architecture.output_activation : architecture.activation];
  const places = [sum];
  for (const { op, args = [], value = 0 } of recipe.slice(1)) {
    places.push(op ? made(op, ...args.map((arg) => places[arg])) : add({ kind: "constant", value }));
  }
  const output = places[places.length - 1];
  nodes[output].label = isLast ? "output" : "unit";
  return {
    title: `Computation graph of ${nodes[output].label}`,
    nodes,
    operations,
    outputs: [output],
    output,
    rate,
    closed: [],
    sample: `sample ${sample + 1}: [${[...x].slice(0, 8).map(written).join(", ")}]`,
    missing: "",
  };
}

/**
 * Compute all numbers of a graph, which has those of its leaves.
 * @param {GraphData} data
 * @param {Record<string, import("./machine.js").Printed>} rows
 * @returns {GraphData}
 */
export function computed(data, rows) {
  const graph = new Graph(data);
  const machine = new Machine(graph, rows);
  const leaves = graph.nodes.filter((node) => !node.op);
  machine.give(new Map(leaves.map(({ index, value }) => [index, value])), new Map());
  machine.update(graph.output, adjoints(graph, graph.output).by);
  /** @param {number} number */
  const told = (number) => (Number.isFinite(number) ? number : String(number));
  const nodes = data.nodes.map((node, index) => {
    const { value, slopes, after } = graph.nodes[index];
    const all = slopes.map((slope) => (slope === null ? null : told(slope)));
    return { ...node, value: told(value), slopes: all, after: told(after) };
  });
  return { ...data, nodes };
}
