// What is known of the chosen item: its formula, derivatives, and the paths to the output.

import { element } from "./dom.js";
import { Scope } from "./scopes.js";
import {
  counted,
  formula,
  gradientSum,
  meanPull,
  nameOf,
  percent,
  titleOf,
  update,
  valueOf,
  written,
} from "./text.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scopes.js").Item} Item */
/** @typedef {import("./calculus.js").Flow} Flow */

const PATHS = 5;

export class Panel {
  /**
   * @param {HTMLElement} place
   * @param {Scene} scene
   */
  constructor(place, scene) {
    this.place = place;
    this.scene = scene;
    scene.listeners.push((change) => {
      if (change !== "look") this.show();
    });
    this.show();
  }

  show() {
    const { selected } = this.scene;
    if (!selected) {
      this.place.replaceChildren(
        element(
          "p",
          { class: "muted" },
          "Choose a number: all paths from it to the output appear.",
        ),
      );
    } else if (selected instanceof Scope) {
      this.place.replaceChildren(...this.#scope(selected));
    } else {
      this.place.replaceChildren(...this.#number(selected));
    }
  }

  /**
   * @param {Scope} scope
   * @returns {Node[]}
   */
  #scope(scope) {
    const { graph } = this.scene;
    const moved = scope.members.filter((index) => graph.nodes[index].moves).length;
    const made = scope.members.filter((index) => graph.nodes[index].op).length;
    return [
      element("h3", {}, scope.name),
      element(
        "p",
        {},
        `${counted(scope.members.length, "number")}: ${counted(made, "operation")}, ` +
          `${counted(moved, "number")} to be updated.`,
      ),
      element(
        "button",
        { type: "button", id: "toggle-scope", click: () => this.scene.toggle(scope) },
        scope.open ? "Close it" : "Open it",
      ),
    ];
  }

  /**
   * @param {Item} item
   * @returns {Node[]}
   */
  #number(item) {
    const { scene } = this;
    const { graph, flow } = scene;
    const [index] = item.members;
    const node = graph.nodes[index];
    return [
      element("h3", {}, titleOf(graph, item)),
      ...describe(scene, index).map((line) => element("p", { class: "formula" }, line)),
      ...(node.moves
        ? [
            element(
              "p",
              { class: "formula" },
              `update: ${update(graph, index, scene.pulls[index])}`,
            ),
          ]
        : []),
      ...(node.args.length ? [this.#operands(index)] : []),
      ...(flow ? this.#paths(flow) : []),
      ...(node.kind !== "constant" && index !== scene.output
        ? [
            element(
              "button",
              { type: "button", id: "make-output", click: () => scene.setOutput(index) },
              "Gradients of this number",
            ),
          ]
        : []),
    ];
  }

  /** @param {number} index */
  #operands(index) {
    const { graph } = this.scene;
    const node = graph.nodes[index];
    const rows = node.args.map((arg, position) => {
      const slope = node.slopes[position];
      const go = element(
        "button",
        {
          type: "button",
          class: "link",
          click: () => this.scene.goTo(this.scene.tree.leaves[arg]),
        },
        nameOf(graph, arg),
      );
      return element(
        "tr",
        {},
        element("th", { scope: "row" }, go),
        element("td", {}, valueOf(this.scene, arg)),
        element("td", {}, slope === null ? "–" : written(slope)),
      );
    });
    const slope = `∂(${nameOf(graph, index)})/∂operand`;
    const head = ["operand", "value", slope].map((text) => element("th", {}, text));
    return element("table", {}, element("tr", {}, ...head), ...rows);
  }

  /**
   * @param {Flow} flow
   * @returns {Node[]}
   */
  #paths(flow) {
    const { scene } = this;
    const { graph } = scene;
    const count = flow.count();
    const noun = count === 1n ? "path" : "paths";
    const title = `${count.toLocaleString("en")} ${noun} to ${nameOf(graph, flow.to)}`;
    const paths = flow.largest(PATHS).map((path) => {
      const { nodes, positions, product } = path;
      const isShown =
        scene.path?.nodes.join() === nodes.join() &&
        scene.path.positions.join() === positions.join();
      return element(
        "li",
        {},
        element(
          "button",
          {
            type: "button",
            class: "link",
            "aria-pressed": String(isShown),
            click: () => scene.lookAt(isShown ? null : path),
          },
          `${percent(product, flow.total)} (${written(product)})`,
        ),
        ` ${nodes.map((index) => nameOf(graph, index)).join(" → ")}`,
      );
    });
    const uses = graph.nodes[flow.from].uses.flatMap(({ node, position }) => {
      const along = flow.along(node, position);
      const name = nameOf(graph, node);
      return along === null
        ? []
        : [element("li", {}, `to ${name}: ${written(along)}, ${percent(along, flow.total)}`)];
    });
    return [
      element("h4", {}, "Shares of its edges"),
      element("ul", { id: "shares" }, ...uses),
      element("h4", { id: "path-count" }, title),
      element("p", { class: "muted" }, "Those that carry most; each button shows one alone."),
      element("ol", { id: "paths" }, ...paths),
    ];
  }
}

/**
 * Say in a few lines how a number was made and what its gradient is.
 * @param {Scene} scene
 * @param {number} index
 * @returns {string[]}
 */
export function describe(scene, index) {
  const { graph, gradients, output } = scene;
  const node = graph.nodes[index];
  const how = scene.knows(1, index)
    ? formula(graph, index)
    : `${nameOf(graph, index)}: not computed yet`;
  const sum = scene.knows(2, index) ? gradientSum(graph, gradients, output, index) : "not yet known";
  const lines = [how, `grad = ${sum}`];
  const mean = scene.knows(2, index) && meanPull(graph, gradients, scene.pulls, index);
  if (mean) lines.push(mean);
  if (node.fault) lines.push(`⚠ ${node.fault}`);
  if (node.place) lines.push(node.place);
  return lines;
}

/**
 * Say the same of whatever the pointer is over, with the local derivatives.
 * @param {Scene} scene
 * @param {Item} item
 * @returns {string[]}
 */
export function summarise(scene, item) {
  const { graph } = scene;
  if (item instanceof Scope) {
    const action = item.open ? "close" : "open";
    return [item.name, counted(item.members.length, "number"), `click to ${action}`];
  }
  const [index] = item.members;
  const node = graph.nodes[index];
  const name = nameOf(graph, index);
  const slopes = node.slopes.flatMap((slope, position) =>
    slope === null || !scene.knows(1, index)
      ? []
      : [`∂(${name})/∂(${nameOf(graph, node.args[position])}) = ${written(slope)}`],
  );
  const [how, ...more] = describe(scene, index);
  return [titleOf(graph, item), how, ...slopes, ...more];
}
