// The keys of the picture: moving among items, the view, and the steps.

import { byId } from "./dom.js";
import { Scope } from "./scopes.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./player.js").Player} Player */
/** @typedef {import("./scopes.js").Item} Item */

const PAN = 60;
const ZOOM = 1.25;
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Listen to the keys of the picture and of the bar below it.
 * @param {Scene} scene
 * @param {Camera} camera
 * @param {Player} player
 * @param {import("./course.js").Course | null} course
 */
export function listenToKeys(scene, camera, player, course) {
  /** @type {Record<string, () => void>} */
  const actions = {
    "+": () => camera.zoom(ZOOM),
    "=": () => camera.zoom(ZOOM),
    "-": () => camera.zoom(1 / ZOOM),
    0: () => camera.fit(scene.bounds),
    "/": () => byId("search").focus(),
    n: () => player.move(1),
    p: () => player.move(-1),
    "]": () => player.moveStage(1),
    "[": () => player.moveStage(-1),
    Escape: () => scene.select(null),
    Enter: () => {
      if (scene.selected instanceof Scope) scene.toggle(scene.selected);
      else byId("value").focus();
    },
    r: () => scene.reset(),
    Backspace: () => {
      const scope = scene.selected && scene.seen(scene.selected).parent;
      if (scope?.parent) scene.toggle(scope);
    },
    " ": () => player.toggle(),
    u: () => course?.goOn(),
    t: () => course?.toggle(),
  };
  byId("graph").addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (arrow && event.shiftKey) camera.pan(-arrow[0] * PAN, -arrow[1] * PAN);
    else if (arrow) step(...arrow);
    else if (isCommand(event) || !actions[event.key]) return;
    else actions[event.key]();
    event.preventDefault();
  });
  byId("bar").addEventListener("keydown", (event) => {
    if (isCommand(event) || !["n", "p", "[", "]", "r", "u", "t"].includes(event.key)) return;
    actions[event.key]();
    event.preventDefault();
  });

  /**
   * Choose the nearest item in a direction.
   * @param {number} dx
   * @param {number} dy
   */
  function step(dx, dy) {
    const here = scene.selected && scene.seen(scene.selected);
    const item = here ? nearest(scene, here, dx, dy) : scene.items[scene.items.length - 1];
    if (!item) return;
    scene.select(item);
    camera.show(scene.boxOf(item));
  }
}

/** @param {KeyboardEvent} event */
function isCommand(event) {
  return event.ctrlKey || event.altKey || event.metaKey;
}

/**
 * @param {Scene} scene
 * @param {Item} here
 * @param {number} dx
 * @param {number} dy
 * @returns {Item | null}
 */
function nearest(scene, here, dx, dy) {
  const from = middle(scene, here);
  let best = null;
  let least = Infinity;
  for (const item of scene.items) {
    const to = middle(scene, item);
    const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
    const across = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
    // Steps aside count double, so that a row is followed along.
    if (item !== here && along > 1 && along + 2 * across < least) {
      least = along + 2 * across;
      best = item;
    }
  }
  return best;
}

/**
 * @param {Scene} scene
 * @param {Item} item
 */
function middle(scene, item) {
  const { x, y, width, height } = scene.boxOf(item);
  return { x: x + width / 2, y: y + height / 2 };
}
