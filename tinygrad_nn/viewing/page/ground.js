// The playground: what is where, and what happens when it is touched.

/* global printed: the programs, as functions; they stand before the modules */

import { drawCurves } from "./curve.js";
import { drawNetwork } from "./diagram.js";
import { byId, element } from "./dom.js";
import { handOut, pythonFile, weightsFile } from "./handout.js";
import { listenToUnits, offerUnits } from "./inside.js";
import { Network } from "./network.js";
import { drawLine, drawSamples } from "./outputs.js";
import { Pictures, Ranges, groundOf, lookOfOutput, lookOfUnit } from "./pictures.js";
import { Run, samplesOf, withNoise } from "./run.js";
import { Structure } from "./structure.js";
import { counted, written } from "./text.js";

/** @typedef {import("./network.js").Told} Told */

const FRAME = 27; // milliseconds of steps and drawing
const LEAST = 8; // of steps
const LIGHT = 5; // of the drawing of all in each frame between, as only the output is drawn there
const MOST_WAITING = 10; // frames, if something else has kept the page
const MOST = 3000; // points of the curve

/** @type {Told} */
const told = JSON.parse(byId("data").textContent ?? "");
const [given, test] = [samplesOf(told.train), samplesOf(told.test)];
let train = given;
const ranges = new Ranges(given, test, told.inputs);
const targets = [...given.y, ...test.y];
/** @type {[number, number]} */
const range = [Math.min(...targets), Math.max(...targets)];
const structure = new Structure(told, () => rebuild());
const pictures = new Pictures();
const largest = new Pictures();
const dark = matchMedia("(prefers-color-scheme: dark)");
let run = makeRun();
let isRunning = false;
let waiting = 0; // frames until all is drawn
let drawing = 0; // milliseconds that the output takes
const axes = ranges.widest;
let grid = ranges.grid(axes[0], axes[1]);

document.title = told.title;
byId("title").textContent = told.title;
showFixed();
offerUnits(run.network);
listen();
setTheme(dark.matches);
new ResizeObserver(() => show()).observe(byId("diagram"));
document.documentElement.dataset.ready = "true";

function makeRun() {
  const network = new Network(told, printed.programs, structure.now, structure.widest, structure.seed);
  const made = new Run(network, train, test);
  made.rate = told.rate;
  made.batch = told.batch;
  return made;
}

function rebuild() {
  const { rate, batch, decay } = run;
  run = Object.assign(makeRun(), { rate, batch, decay });
  offerUnits(run.network);
  show();
  announce();
}

/** Take the frames as they come, for as long as the training runs. */
function frame() {
  if (!isRunning) return;
  const { value } = /** @type {HTMLSelectElement} */ (byId("speed"));
  const end = performance.now() + Math.max(LEAST, FRAME - drawing);
  for (let k = 0; !run.fault && (value === "0" ? performance.now() < end : k < Number(value)); k++) {
    run.step();
  }
  if (run.fault) {
    toggle();
    return;
  }
  const start = performance.now();
  if (waiting > 0) {
    drawOutput(run.network.units(grid));
    drawing = performance.now() - start;
    waiting--;
  } else {
    show();
    waiting = Math.min(MOST_WAITING, Math.ceil((performance.now() - start) / LIGHT));
  }
  requestAnimationFrame(frame);
}

function toggle() {
  isRunning = !isRunning;
  byId("train").textContent = isRunning ? "Pause" : "Start";
  if (isRunning) {
    run.fault = "";
    requestAnimationFrame(frame);
  } else show();
  announce();
}

/** Measure where the training is, and show all of it. */
function show() {
  run.measure();
  if (run.history.length > MOST) run.history = run.history.filter((_, k) => k % 2 === 0);
  const curves = /** @type {const} */ (["train", "test"]).map((name) => {
    return run.history.map((point) => ({ x: point.steps, y: point[name] }));
  });
  drawCurves(byId("cost-curve"), curves);
  byId("state").textContent = state();
  const units = run.network.units(grid);
  pictures.paint(units, run.network.unitCount, lookOfUnit);
  drawDiagram();
  drawOutput(units);
}

/** Say how far the training is. */
function state() {
  const { train: cost, test: held } = run.history[run.history.length - 1];
  const [right, rightHeld] = [run.rightOf(train), run.rightOf(test)];
  /** @param {number} share */
  const percent = (share) => (Number.isNaN(share) ? "" : `, ${(100 * share).toFixed(1)} % right`);
  const parts = [
    `After ${counted(run.steps, "step")}: cost ${written(cost)}${percent(right)}`,
    ...(test.count ? [`held out (dashed) ${written(held)}${percent(rightHeld)}`] : []),
  ];
  const isBad = !Number.isFinite(cost) || (test.count > 0 && !Number.isFinite(held));
  const faults = [run.fault, isBad ? "the cost is no finite number" : ""].filter(Boolean);
  return `${parts.join("; ")}.${faults.length ? ` ⚠ ${faults.join("; ")}.` : ""}`;
}

function announce() {
  byId("said").textContent = `${isRunning ? "Training. " : ""}${state()}`;
}

/** @param {string} id @returns {{pen: CanvasRenderingContext2D, width: number, height: number}} */
function canvasOf(id) {
  const canvas = /** @type {HTMLCanvasElement} */ (byId(id));
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { pen, width, height };
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = /** @type {const} */ (["ink", "line", "card", "now"]);
  const found = names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return /** @type {Record<typeof names[number], string>} */ (Object.fromEntries(found));
}

function drawDiagram() {
  if (!structure.now) return;
  const { pen, width, height } = canvasOf("diagram");
  drawNetwork(pen, { width, height }, run.network, pictures, colours());
}

/** @param {Float64Array} units */
function drawOutput(units) {
  const { pen, width: size } = canvasOf("output");
  const { meaning, outputs } = told;
  const count = run.network.unitCount;
  const shown = Float64Array.from({ length: units.length / count }, (_, k) => {
    const own = units.subarray((k + 1) * count - outputs, (k + 1) * count);
    return meaning.kind === "several" ? own.indexOf(Math.max(...own)) : own[0];
  });
  const [first, second] = axes;
  const view = { pen, size, ranges, first, second, range, colours: colours() };
  if (told.inputs === 1 && meaning.kind === "numbers") drawLine(view, shown);
  else {
    const look = meaning.kind === "several" ? groundOf : lookOfOutput(meaning, range);
    largest.paint(shown, 1, () => look);
    largest.draw(pen, 0, 0, 0, size, size);
  }
  drawSamples(view, meaning, test, false);
  drawSamples(view, meaning, train, true);
}

function showFixed() {
  const { meaning, features, inputs, outputs } = told;
  byId("fixed").hidden = structure.now !== null;
  byId("diagram").hidden = structure.now === null;
  byId("fixed").textContent =
    "This model trains as it is: the page changes the structure of an nn.MLP alone, and shows its units.";
  const texts = {
    two: `Blue is class ${meaning.labels?.[0]}, round; orange class ${meaning.labels?.[1]}, square: the output is below or above ${meaning.threshold}.`,
    several: "Each colour is a class: the greatest output says which.",
    numbers: outputs > 1 ? "The first output, from blue up to orange." : "The output, from blue up to orange.",
  };
  const others = inputs > 2 ? " All other features are at their means." : "";
  const held = test.count ? " Held-out samples are hollow." : "";
  byId("output-text").textContent = texts[meaning.kind] + others + held;
  byId("note").textContent = told.note;
  byId("axes").hidden = inputs < 3;
  for (const id of ["first", "second"]) {
    byId(id).replaceChildren(...features.map((name, k) => element("option", { value: k }, name)));
  }
}

function listen() {
  byId("train").addEventListener("click", toggle);
  byId("step").addEventListener("click", () => {
    run.fault = "";
    run.step();
    show();
    announce();
  });
  byId("reset").addEventListener("click", () => rebuild());
  byId("weights").addEventListener("click", () => {
    handOut("weights.safetensors", weightsFile(run.network));
  });
  byId("python").addEventListener("click", () => handOut("playground.py", pythonFile(run)));
  number("rate", told.rate, (value) => (run.rate = value));
  number("batch", told.batch || train.count, (value) => (run.batch = value));
  number("noise", 0, (value) => {
    train = value ? withNoise(given, value, ranges.variance, 1) : given;
    run.train = train;
    show();
  });
  number("decay", 0, (value) => (run.decay = value));
  /** @type {HTMLInputElement} */ (byId("batch")).max = String(train.count);
  ["first", "second"].forEach((id, k) => {
    const menu = /** @type {HTMLSelectElement} */ (byId(id));
    menu.value = String(axes[k]);
    menu.addEventListener("change", () => {
      axes[k] = Number(menu.value);
      grid = ranges.grid(axes[0], axes[1]);
      show();
    });
  });
  if (told.inside) listenToUnits(told.inside, printed.rows, () => run);
  byId("theme").addEventListener("click", () => {
    setTheme(document.documentElement.dataset.theme !== "dark");
  });
  dark.addEventListener("change", () => setTheme(dark.matches));
}

/**
 * Follow a field of a number.
 * @param {string} id
 * @param {number} value
 * @param {(value: number) => void} take
 */
function number(id, value, take) {
  const field = /** @type {HTMLInputElement} */ (byId(id));
  field.value = String(value);
  field.addEventListener("input", () => {
    const isGood = field.value !== "" && field.checkValidity();
    field.setAttribute("aria-invalid", String(!isGood));
    if (isGood) take(Number(field.value));
  });
}

/** @param {boolean} isDark */
function setTheme(isDark) {
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  show();
}
