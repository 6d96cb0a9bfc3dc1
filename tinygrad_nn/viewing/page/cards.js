// The boxes of the picture: numbers, constants and closed scopes.

import { outline, write } from "./brush.js";
import { Scope } from "./scopes.js";
import { counted, gradientOf, resultOf, valueOf, written } from "./text.js";

/** @typedef {import("./brush.js").Brush} Brush */
/** @typedef {import("./scopes.js").Item} Item */
/** @typedef {import("./layout.js").Box} Box */

const LONGEST = 15; // letters of a title
const LONGEST_CONSTANT = 5; // of a constant's label
const SMALLEST_NAME = 6; // pixels on the screen

/**
 * @param {Brush} brush
 * @param {Item} item
 */
export function drawCard(brush, item) {
  const { pen, scene, colours } = brush;
  const box = scene.boxOf(item);
  const { fill, ink } = look(brush, item);
  const isScope = item instanceof Scope;
  const radius = isScope ? 8 : 5;
  pen.lineWidth = 1 / Math.min(1, brush.scale);
  pen.strokeStyle = colours.line;
  if (isScope) {
    outline(brush, { ...box, x: box.x + 4, y: box.y + 4 }, radius); // one more card behind it
    pen.fillStyle = colours.card;
    pen.fill();
    pen.stroke();
  }
  outline(brush, box, radius);
  pen.fillStyle = fill;
  pen.fill();
  if (brush.fine || fill === colours.card) pen.stroke();
  if (brush.fine) {
    if (isScope) writeScope(brush, item, box, ink);
    else if (scene.graph.nodes[item.members[0]].kind === "constant") {
      writeConstant(brush, item, box, ink);
    } else writeNumber(brush, item, box, ink);
  } else writeName(brush, item, box, ink);
  drawRings(brush, item, box, radius);
}

/**
 * Choose the colours of a card, as far as its number is known at this step.
 * @param {Brush} brush
 * @param {Item} item
 * @returns {{fill: string, ink: string}}
 */
function look({ scene, colours }, item) {
  const { flow, graph } = scene;
  const node = graph.nodes[resultOf(item)];
  const isScope = item instanceof Scope;
  const isBeside = flow && !item.members.some((index) => flow.meets(index));
  if (isBeside) return { fill: colours.card, ink: colours.muted }; // no path leads through it
  if (scene.colouring === "kind") {
    const isResult = item.members.includes(scene.output);
    const fill = isResult ? colours.result : node.kind === "leaf" ? colours.leaf : colours.card;
    return { fill, ink: colours.ink };
  }
  const stage = scene.colouring === "gradient" ? 2 : 1;
  const isKnown = scene.steps.done(stage, item, scene.step);
  const sizes = item.members.map((index) => Math.abs(scene.measure(index)));
  const size = sizes.reduce((most, one) => (one > most ? one : most), 0);
  const colour = isKnown && (isScope || node.kind !== "constant") ? scene.scale.colour(size) : null;
  return colour ?? { fill: colours.card, ink: colours.ink };
}

/**
 * Write from afar what an item is called, alone and as large as there is room.
 * @param {Brush} brush
 * @param {Item} item
 * @param {Box} box
 * @param {string} colour
 */
function writeName(brush, item, box, colour) {
  const { scale, scene } = brush;
  const node = scene.graph.nodes[item.members[0]];
  const symbol = node.op ? scene.graph.operations[node.op].symbol : written(node.value);
  const name = shortened(item instanceof Scope ? item.name : node.label || symbol, LONGEST);
  const size = Math.min(12 / scale, 0.6 * box.height, box.width / (0.6 * name.length + 0.6));
  if (size * scale < SMALLEST_NAME) return;
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  write(brush, name, { ...place, size, colour, weight: 600, align: "center" });
}

/**
 * @param {Brush} brush
 * @param {Scope} scope
 * @param {Box} box
 * @param {string} colour
 */
function writeScope(brush, scope, box, colour) {
  const x = box.x + 8;
  const result = valueOf(brush.scene, resultOf(scope));
  const title = `▸ ${shortened(scope.name, 20)}`;
  write(brush, title, { x, y: box.y + 15, size: 12, colour, weight: 600 });
  const count = counted(scope.members.length, "number");
  write(brush, count, { x, y: box.y + 32, size: 11, colour });
  write(brush, `result ${result}`, { x, y: box.y + 48, size: 11, colour });
}

/**
 * @param {Brush} brush
 * @param {Item} item
 * @param {Box} box
 * @param {string} colour
 */
function writeConstant(brush, item, box, colour) {
  const node = brush.scene.graph.nodes[item.members[0]];
  const name = node.label ? `${shortened(node.label, LONGEST_CONSTANT)} = ` : "";
  const text = name + written(node.value);
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  write(brush, text, { ...place, size: 11, colour, align: "center" });
}

/**
 * @param {Brush} brush
 * @param {Item} item
 * @param {Box} box
 * @param {string} colour
 */
function writeNumber(brush, item, box, colour) {
  const { scene } = brush;
  const { graph } = scene;
  const [index] = item.members;
  const node = graph.nodes[index];
  const x = box.x + 8;
  const symbol = node.op ? graph.operations[node.op].symbol : "";
  const title = shortened(node.label || symbol || node.kind, LONGEST);
  write(brush, title, { x, y: box.y + 13, size: 12, colour, weight: 600 });
  const right = { x: box.x + box.width - 8, y: box.y + 13, colour, align: /** @type {const} */ ("right") };
  if (node.label) write(brush, symbol, { ...right, size: 11 });
  else if (node.op) write(brush, `#${index}`, { ...right, size: 10 });
  write(brush, valueOf(scene, index), { x, y: box.y + 27, size: 12, colour });
  write(brush, `grad ${gradientOf(scene, index)}`, { x, y: box.y + 41, size: 10, colour });
}

/**
 * Ring what is pointed at, found, chosen, the output, or the item of the step.
 * @param {Brush} brush
 * @param {Item} item
 * @param {Box} box
 * @param {number} radius
 */
function drawRings(brush, item, box, radius) {
  const { scene, colours, pen, scale } = brush;
  const now = scene.steps.list[scene.step];
  const chosen = scene.selected && scene.seen(scene.selected);
  /** @type {[boolean, string, number][]} */
  const rings = [
    [scene.hovered === item, colours.ink, 1.5],
    [scene.matches.has(item), colours.path, 3],
    [item.members[0] === scene.output && !(item instanceof Scope), colours.ink, 2],
    [chosen === item, colours.path, 3],
    [now?.item === item, colours.now, 4],
    [item.members.some((index) => scene.machine.changed.has(index)), colours.now, 3],
    [item.members.some((index) => !isSound(scene, index)), colours.fault, 3],
  ];
  for (const [isOn, colour, width] of rings) {
    if (!isOn) continue;
    outline(brush, box, radius);
    pen.strokeStyle = colour;
    pen.lineWidth = Math.max(width, (width * 0.6) / scale);
    pen.stroke();
  }
}

/**
 * Whether a number is finite, and its gradient too.
 * @param {import("./scene.js").Scene} scene
 * @param {number} index
 */
function isSound({ graph, gradients }, index) {
  return Number.isFinite(graph.nodes[index].value) && Number.isFinite(gradients.by[index]);
}

/**
 * Shorten a label: to its last part, or to its beginning.
 * @param {string} label
 * @param {number} longest
 */
function shortened(label, longest) {
  const last = label.length > longest ? label.slice(label.lastIndexOf(".") + 1) : label;
  const letters = [...last];
  return letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : last;
}
