// What is seen, chosen and played: the state of the page, without its elements.

import { Flow, adjoints } from "./calculus.js";
import { Scale } from "./colours.js";
import { layOut } from "./layout.js";
import { Machine } from "./machine.js";
import { Item, Scope, ScopeTree } from "./scopes.js";
import { Steps } from "./steps.js";

/** @typedef {import("./graph.js").Graph} Graph */
/** @typedef {import("./scopes.js").Link} Link */
/** @typedef {import("./layout.js").Box} Box */
/** @typedef {import("./calculus.js").Path} Path */

/** @typedef {"structure" | "selection" | "step" | "look" | "numbers"} Change */
/** @typedef {"kind" | "gradient" | "value"} Colouring */

/**
 * What follows from which scopes are open.
 * @typedef {object} Arrangement
 * @property {Item[]} items
 * @property {Link[]} links
 * @property {import("./layout.js").Layout} layout
 * @property {Steps} steps
 */

const READABLE = 80; // items at first
/** @type {Record<string, [number, number]>} width and height of what is drawn */
const SIZES = { number: [104, 50], constant: [76, 24], scope: [150, 62] };

export class Scene {
  /**
   * @param {Graph} graph
   * @param {Record<string, import("./machine.js").Printed>} operations
   */
  constructor(graph, operations) {
    this.graph = graph;
    this.machine = new Machine(graph, operations);
    this.tree = new ScopeTree(graph);
    this.output = graph.output;
    this.gradients = adjoints(graph, this.output);
    this.pulls = this.gradients.by; // the gradients that the update is by
    /** @type {Colouring} */
    this.colouring = "gradient";
    /** @type {import("./training.js").Training | null} of a data set, if there is one */
    this.training = null;
    this.step = -1; // before the first all is shown
    /** @type {Item | null} */
    this.selected = null;
    /** @type {Item | null} */
    this.hovered = null;
    /** @type {Set<Item>} */
    this.matches = new Set();
    /** @type {{scope: Scope, before: Box} | null} what opens or closes just now */
    this.toggled = null;
    /** @type {Flow | null} all paths from what is selected to the output */
    this.flow = null;
    /** @type {Path | null} the one of them that is looked at */
    this.path = null;
    /** @type {((change: Change) => void)[]} */
    this.listeners = [];
    this.tree.openReadably(READABLE);
    /** @type {Arrangement} */
    this.arranged = this.#arrange();
    this.scale = this.#newScale();
  }

  /** @param {Change} change */
  tell(change) {
    for (const listener of this.listeners) listener(change);
  }

  /** @param {Scope} scope */
  toggle(scope) {
    scope.open = !scope.open;
    this.toggled = { scope, before: this.boxOf(scope) };
    this.restructure();
    this.toggled = null;
  }

  /** Show what has become of the scopes, and stay at the step. */
  restructure() {
    const before = this.steps.list[this.step];
    this.arranged = this.#arrange();
    if (before) this.step = this.#similarStep(before);
    this.tell("structure");
  }

  /** @returns {Arrangement} */
  #arrange() {
    const items = this.tree.items();
    const links = this.tree.links();
    const layout = layOut(this.tree.root, links, (item) => this.sizeOf(item));
    return { items, links, layout, steps: this.#newSteps(items, links) };
  }

  /**
   * @param {Item[]} items
   * @param {Link[]} links
   */
  #newSteps(items, links) {
    return new Steps(this.graph, items, links, this.gradients, this.output, this.pulls);
  }

  get items() {
    return this.arranged.items;
  }

  get links() {
    return this.arranged.links;
  }

  get layout() {
    return this.arranged.layout;
  }

  get steps() {
    return this.arranged.steps;
  }

  /**
   * Find the step of the same stage that an item of another structure has part in.
   * @param {import("./steps.js").Step} before
   */
  #similarStep(before) {
    const { list } = this.steps;
    const shared = before.item && new Set(before.item.members);
    const same = list.findIndex(
      ({ stage, item }) =>
        stage === before.stage && (!shared || !item || item.members.some((m) => shared.has(m))),
    );
    return same >= 0 ? same : list.findIndex(({ stage }) => stage === before.stage);
  }

  /**
   * What shows an item: the outermost closed scope around it, else itself.
   * @param {Item} item
   * @returns {Item}
   */
  seen(item) {
    return item.around.findLast((scope) => !scope.open) ?? item;
  }

  /** @param {Item} item @returns {[number, number]} */
  sizeOf(item) {
    if (item instanceof Scope) return SIZES.scope;
    return this.graph.nodes[item.members[0]].kind === "constant" ? SIZES.constant : SIZES.number;
  }

  /** @param {Item} item @returns {Box} */
  boxOf(item) {
    return /** @type {Box} */ (this.layout.boxes.get(item));
  }

  /**
   * Whether an item's part of a stage is done at this step: 1 its value, 2 its gradient.
   * @param {number} stage
   * @param {number} index
   */
  knows(stage, index) {
    return this.steps.done(stage, this.seen(this.tree.leaves[index]), this.step);
  }

  /** @returns {Box} */
  get bounds() {
    return this.boxOf(this.tree.root);
  }

  /**
   * Choose an item; paths lead from it to the output.
   * @param {Item | null} item
   */
  select(item) {
    this.selected = item;
    this.path = null;
    this.flow = this.#newFlow();
    this.tell("selection");
  }

  #newFlow() {
    const item = this.selected;
    if (!item || item instanceof Scope) return null;
    const [index] = item.members;
    const isReached = this.graph.nodes[index].kind !== "constant" && this.gradients.reached[index];
    return isReached ? new Flow(this.graph, index, this.output) : null;
  }

  /**
   * Give a leaf another number.
   * @param {number} index
   * @param {number} value
   */
  type(index, value) {
    this.machine.type(index, value);
    this.recount();
  }

  /** @param {number} rate */
  setRate(rate) {
    this.graph.rate = rate;
    this.recount();
  }

  /** Go back to the numbers that were recorded. */
  reset() {
    this.machine.reset();
    this.recount();
  }

  /**
   * The number that a leaf had before any was typed.
   * @param {number} index
   */
  originalOf(index) {
    return this.machine.recorded.nodes[index].value;
  }

  /** Show other numbers: where everything is stays, and so does the step. */
  recount() {
    const before = this.steps.list[this.step];
    this.differentiate();
    const { items, links } = this.arranged;
    this.arranged.steps = this.#newSteps(items, links);
    const now = this.steps.list[this.step];
    if (before && (before.stage !== now?.stage || before.item !== now.item)) {
      this.step = this.#similarStep(before);
    }
    this.flow = this.#newFlow();
    this.tell("numbers");
  }

  differentiate() {
    this.gradients = adjoints(this.graph, this.output);
    this.pulls = this.pullsOf(this.gradients.by);
    this.machine.update(this.output, this.pulls);
    this.scale = this.#newScale();
  }

  /**
   * What the update is by: the gradients.
   * @param {Float64Array} by
   */
  pullsOf(by) {
    return by;
  }

  /** @param {Path | null} path */
  lookAt(path) {
    this.path = path;
    this.tell("selection");
  }

  /**
   * Open what hides a number or scope, and choose it.
   * @param {Item} item
   */
  goTo(item) {
    if (!item.around.every((scope) => scope.open)) {
      this.tree.reveal(item);
      this.restructure();
    }
    this.select(item);
  }

  /** @param {number} step */
  goToStep(step) {
    this.step = Math.min(Math.max(step, -1), this.steps.list.length - 1);
    this.tell("step");
  }

  /** @param {number} output */
  setOutput(output) {
    this.output = output;
    this.differentiate();
    this.restructure();
    this.select(this.selected);
  }

  /** @param {Colouring} colouring */
  colourBy(colouring) {
    this.colouring = colouring;
    this.scale = this.#newScale();
    this.tell("look");
  }

  #newScale() {
    const numbers = this.graph.nodes.filter((node) => node.kind !== "constant");
    return new Scale(numbers.map((node) => this.measure(node.index)));
  }

  /**
   * The number that colours a node.
   * @param {number} index
   */
  measure(index) {
    return this.colouring === "value" ? this.graph.nodes[index].value : this.gradients.by[index];
  }
}
