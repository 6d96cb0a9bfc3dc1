// The page: what is where, and what happens when it is touched.

/* global printed: the operations of the graph, as functions; they stand before the modules */

import { Camera } from "./camera.js";
import { legend } from "./colours.js";
import { Course } from "./course.js";
import { byId, element, prefersStillness } from "./dom.js";
import { Editor, outcome } from "./editor.js";
import { Graph } from "./graph.js";
import { listenToKeys } from "./keys.js";
import { itemAt } from "./layout.js";
import { Lesson } from "./lesson.js";
import { Outline } from "./outline.js";
import { Painter } from "./paint.js";
import { Panel, summarise } from "./panel.js";
import { Player } from "./player.js";
import { Scene } from "./scene.js";
import { Scope } from "./scopes.js";
import { Search } from "./search.js";
import { nameOf, titleOf, written } from "./text.js";

/** @typedef {import("./scopes.js").Item} Item */

const GLOW = 400; // milliseconds
let glowing = 0;

const told = JSON.parse(byId("data").textContent ?? "");
const lesson = told.data ? new Lesson(told, printed) : null;
const scene = lesson ?? new Scene(new Graph(told), printed);
const canvas = /** @type {HTMLCanvasElement} */ (byId("graph"));
let isResultSeen = false;
const camera = new Camera(canvas, () => scene.bounds, () => {
  isResultSeen = camera.sees(resultBox());
  painter.repaint();
});
const painter = new Painter(canvas, scene, camera);
const dark = matchMedia("(prefers-color-scheme: dark)");
const course = lesson && new Course(lesson, announce);
const player = new Player(scene, course);
new Panel(byId("panel"), scene);
new Editor(scene);
new Outline(byId("outline"), scene);
new Search(scene, (item) => {
  scene.goTo(item);
  camera.show(scene.boxOf(item), true);
});
listenToKeys(scene, camera, player, course);

document.title = told.title;
byId("title").textContent = told.title;
byId("legend-map").style.background = legend();
scene.listeners.push((change) => {
  painter.repaint();
  if (scene.toggled) {
    const { scope, before } = scene.toggled;
    camera.follow(before, scene.boxOf(scope), isResultSeen ? resultBox() : null);
  }
  if (change === "structure" || change === "numbers") showOutputs();
  if (change !== "selection" && change !== "step") showLegend();
  if (change === "numbers") {
    if (!course?.isRunning) announce(outcome(scene));
    glow();
  }
  if (change === "selection" && scene.selected) announce(introduce(scene.selected));
  const now = scene.steps.list[scene.step];
  if (change === "step" && now?.item) camera.show(scene.boxOf(now.item));
});

listenToPointer();
listenToControls();
new ResizeObserver(() => painter.repaint()).observe(canvas);
showOutputs();
showLegend();
setTheme(dark.matches);
camera.open(scene.bounds, resultBox());
if (window.top === window) canvas.focus(); // inside another page, that page keeps it
painter.paint();
document.documentElement.dataset.ready = "true";

/** Let what has changed be seen for a moment; where the system asks for less movement, not. */
function glow() {
  const { changed } = scene.machine;
  clearTimeout(glowing);
  if (prefersStillness()) changed.clear();
  else {
    glowing = window.setTimeout(() => {
      changed.clear();
      painter.repaint();
    }, GLOW);
  }
}

/** @param {Item} item */
function introduce(item) {
  const { graph } = scene;
  const [index] = item.members;
  const isLeaf = !(item instanceof Scope) && graph.nodes[index].kind === "leaf";
  return titleOf(graph, item) + (isLeaf && scene.machine.whyFixed(index) ? ", fixed" : "");
}

/** @param {string} text */
function announce(text) {
  byId("chosen").textContent = text;
}

/** The box of the output, or of the closed scope around it. */
function resultBox() {
  return scene.boxOf(scene.seen(scene.tree.leaves[scene.output]));
}

function listenToPointer() {
  const tip = byId("tip");
  /** @param {MouseEvent} event */
  const under = (event) => {
    const place = camera.toPicture(event.offsetX, event.offsetY);
    return itemAt(scene.items, scene.layout, place.x, place.y);
  };
  canvas.addEventListener("click", (event) => {
    if (camera.dragged) return;
    const item = under(event);
    scene.hovered = null; // it may be elsewhere now
    tip.hidden = true;
    if (item instanceof Scope) scene.toggle(item);
    scene.select(item);
  });
  canvas.addEventListener("pointermove", (event) => {
    const item = event.buttons === 0 ? under(event) : null;
    if (item !== scene.hovered) {
      scene.hovered = item;
      painter.repaint();
      canvas.style.cursor = item ? "pointer" : "grab";
      tip.hidden = !item;
      if (item) {
        const [title, ...lines] = summarise(scene, item);
        const rows = lines.map((line) => element("div", {}, line));
        tip.replaceChildren(element("strong", {}, title), ...rows);
      }
    }
    if (item) putNear(tip, event);
  });
  canvas.addEventListener("pointerleave", () => {
    scene.hovered = null;
    tip.hidden = true;
    painter.repaint();
  });
}

/**
 * @param {HTMLElement} tip
 * @param {MouseEvent} event
 */
function putNear(tip, event) {
  const right = event.clientX + 16 + tip.offsetWidth > window.innerWidth;
  const low = event.clientY + 16 + tip.offsetHeight > window.innerHeight;
  tip.style.left = `${Math.max(4, right ? event.clientX - tip.offsetWidth - 8 : event.clientX + 16)}px`;
  tip.style.top = `${Math.max(4, low ? event.clientY - tip.offsetHeight - 8 : event.clientY + 16)}px`;
}

function listenToControls() {
  byId("zoom-in").addEventListener("click", () => camera.zoom(1.25));
  byId("zoom-out").addEventListener("click", () => camera.zoom(0.8));
  byId("fit").addEventListener("click", () => camera.fit(scene.bounds));
  byId("open-all").addEventListener("click", () => openTo(Infinity));
  byId("close-all").addEventListener("click", () => openTo(0));
  if (scene.tree.scopes.length === 0) byId("open-all").hidden = byId("close-all").hidden = true;
  /** @type {HTMLSelectElement} */ (byId("colouring")).addEventListener("change", (event) => {
    const { value } = /** @type {HTMLSelectElement} */ (event.target);
    scene.colourBy(/** @type {import("./scene.js").Colouring} */ (value));
  });
  /** @type {HTMLSelectElement} */ (byId("output")).addEventListener("change", (event) => {
    scene.setOutput(Number(/** @type {HTMLSelectElement} */ (event.target).value));
  });
  byId("theme").addEventListener("click", () => {
    setTheme(document.documentElement.dataset.theme !== "dark");
  });
  dark.addEventListener("change", () => setTheme(dark.matches));
}

/** @param {boolean} isDark */
function setTheme(isDark) {
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  painter.readTheme();
}

/** @param {number} depth */
function openTo(depth) {
  scene.tree.openTo(depth);
  scene.restructure();
  camera.fit(scene.bounds);
}

/** Offer the outputs, and whatever gradients are of now. */
function showOutputs() {
  const { graph } = scene;
  const offered = [...new Set([...graph.outputs, scene.output])];
  const options = offered.map((index) => {
    return element(
      "option",
      { value: index, selected: index === scene.output },
      nameOf(graph, index),
    );
  });
  byId("output").replaceChildren(...options);
}

function showLegend() {
  const { low, high } = scene.scale;
  byId("legend").hidden = scene.colouring === "kind" || high === 0;
  byId("legend-low").textContent = written(low);
  byId("legend-high").textContent = written(high);
}
