// Other numbers: the fields in which a leaf and the learning rate are typed, and the way back.

import { byId } from "./dom.js";
import { Scope } from "./scopes.js";
import { counted, nameOf, titleOf, written } from "./text.js";

/** @typedef {import("./scene.js").Scene} Scene */

const REACH = 2; // of the slider, in sizes of the recorded number

export class Editor {
  /** @param {Scene} scene */
  constructor(scene) {
    this.scene = scene;
    this.form = byId("editor");
    this.field = /** @type {HTMLInputElement} */ (byId("value"));
    this.slider = /** @type {HTMLInputElement} */ (byId("value-slider"));
    this.rate = /** @type {HTMLInputElement} */ (byId("rate"));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    for (const input of [this.field, this.slider]) {
      input.addEventListener("input", () => this.#type(input));
    }
    this.rate.addEventListener("input", () => this.#setRate());
    for (const input of [this.field, this.rate]) {
      input.addEventListener("blur", () => this.show());
    }
    byId("value-recorded").addEventListener("click", () => {
      scene.type(this.index, scene.originalOf(this.index));
    });
    byId("reset").addEventListener("click", () => scene.reset());
    scene.listeners.push((change) => {
      if (change === "selection" || change === "numbers") this.show();
    });
    this.show();
  }

  /** The leaf that is chosen; -1 if none is. */
  get index() {
    const { selected, graph } = this.scene;
    if (!selected || selected instanceof Scope) return -1;
    const [index] = selected.members;
    return graph.nodes[index].kind === "leaf" ? index : -1;
  }

  /** @param {HTMLInputElement} input */
  #type(input) {
    const value = numberIn(input);
    if (value === null) return;
    this.scene.type(this.index, value);
  }

  #setRate() {
    const rate = numberIn(this.rate);
    if (rate !== null) this.scene.setRate(rate);
  }

  show() {
    const { index, scene } = this;
    const { graph, machine } = scene;
    const why = index < 0 ? "" : machine.whyFixed(index);
    this.form.hidden = index < 0;
    byId("value-fixed").textContent = why && `This number is fixed. ${why}`;
    byId("value-controls").hidden = why !== "";
    if (index >= 0 && !why) {
      const recorded = scene.originalOf(index);
      const reach = Math.max(1, REACH * Math.abs(recorded));
      this.slider.min = String(recorded - reach);
      this.slider.max = String(recorded + reach);
      this.slider.setAttribute("aria-valuetext", written(graph.nodes[index].value));
      byId("value-name").textContent = `Value of ${nameOf(graph, index)}`;
      put(this.field, graph.nodes[index].value);
      put(this.slider, graph.nodes[index].value);
      byId("value-recorded").textContent = `Recorded: ${written(recorded)}`;
    }
    put(this.rate, graph.rate);
    this.rate.disabled = graph.missing !== "";
    byId("reset").hidden = !machine.isAltered && !scene.training?.isAltered;
    const text = stateOf(scene);
    if (byId("altered").textContent !== text) byId("altered").textContent = text;
  }
}

/**
 * Read a field; mark it where it has no number, or one out of its range.
 * @param {HTMLInputElement} input
 */
function numberIn(input) {
  const isGood = input.value !== "" && Number.isFinite(Number(input.value)) && input.checkValidity();
  input.setAttribute("aria-invalid", String(!isGood));
  return isGood ? Number(input.value) : null;
}

/**
 * Show a number in a field, unless somebody types in it.
 * @param {HTMLInputElement} input
 * @param {number} number
 */
function put(input, number) {
  if (document.activeElement === input && input.value !== "" && Number(input.value) === number) return;
  if (document.activeElement === input && input.getAttribute("aria-invalid") === "true") return;
  input.value = String(number);
  input.setAttribute("aria-invalid", "false");
}

/**
 * Say what was changed, and which numbers there are not.
 * @param {Scene} scene
 */
function stateOf({ graph, machine }) {
  if (graph.missing) return `The numbers are fixed: ${graph.missing}`;
  if (!machine.isAltered) return "";
  const count = machine.typed.size;
  const changes = [
    ...(count ? [counted(count, "number")] : []),
    ...(graph.rate === machine.recorded.rate ? [] : ["the learning rate"]),
  ];
  const faulty = graph.nodes.find((node) => node.fault);
  return `${changes.join(" and ")} changed.${faulty ? ` ⚠ ${faulty.fault}.` : ""}`;
}

/**
 * Say what a change of the numbers came to: the chosen one, and the output.
 * @param {Scene} scene
 */
export function outcome({ graph, selected, output }) {
  const result = `${nameOf(graph, output)} = ${written(graph.nodes[output].value)}`;
  if (!selected || selected instanceof Scope || selected.members[0] === output) return result;
  const [index] = selected.members;
  return `${titleOf(graph, selected)} = ${written(graph.nodes[index].value)}, ${result}`;
}
