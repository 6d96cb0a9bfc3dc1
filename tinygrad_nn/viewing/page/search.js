// Finding numbers by label, operation, number, or the name of their scope.

import { byId } from "./dom.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scopes.js").Item} Item */

/**
 * List what a text finds: scopes by name, numbers by label, operation, value and gradient.
 * @param {Scene} scene
 * @param {string} text a number finds what rounds to it
 * @returns {Item[]}
 */
export function find(scene, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const { graph, tree, gradients } = scene;
  const number = Number(wanted);
  const decimals = wanted.split("e")[0].split(".")[1]?.length ?? 0;
  const power = Number(wanted.split("e")[1] ?? 0);
  const margin = 0.5 * 10 ** (power - decimals) * (1 + 1e-9);
  /** @param {number} found */
  const isNumber = (found) =>
    Number.isNaN(found) ? wanted === "nan" : Math.abs(found - number) <= margin || found === number;
  /** @param {string} op */
  const symbols = (op) => Object.values(graph.operations[op]);
  const scopes = tree.scopes.filter((scope) => scope.name.toLowerCase().includes(wanted));
  const numbers = graph.nodes.filter((node) => {
    if (node.label.toLowerCase().includes(wanted)) return true;
    if (node.op && (node.op === wanted || symbols(node.op).includes(wanted))) return true;
    if (isNumber(node.value)) return true;
    return gradients.reached[node.index] === 1 && isNumber(gradients.by[node.index]);
  });
  return [...scopes, ...numbers.map((node) => tree.leaves[node.index])];
}

export class Search {
  /**
   * @param {Scene} scene
   * @param {(item: Item) => void} show
   */
  constructor(scene, show) {
    this.scene = scene;
    this.show = show;
    this.field = /** @type {HTMLInputElement} */ (byId("search"));
    /** @type {Item[]} */
    this.found = [];
    this.place = -1;
    this.field.addEventListener("input", () => this.#search());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#next(event.shiftKey ? -1 : 1);
    });
    byId("search-next").addEventListener("click", () => this.#next(1));
  }

  #search() {
    this.found = find(this.scene, this.field.value);
    this.place = -1;
    this.scene.matches = new Set(this.found.map((item) => this.scene.seen(item)));
    byId("found").textContent = this.field.value.trim() ? `${this.found.length} found` : "";
    this.scene.tell("look");
  }

  /** @param {number} step */
  #next(step) {
    const count = this.found.length;
    if (count === 0) return;
    this.place = (this.place + step + count + (this.place < 0 && step < 0 ? 1 : 0)) % count;
    byId("found").textContent = `${this.place + 1} of ${count}`;
    const item = this.found[this.place];
    this.show(item);
    this.scene.matches = new Set(this.found.map((one) => this.scene.seen(one)));
    this.scene.tell("look");
  }
}
