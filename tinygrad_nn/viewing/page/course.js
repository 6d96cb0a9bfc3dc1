// Training on the data set: its controls, its runs, and the curve of its cost.

import { byId } from "./dom.js";
import { counted, written } from "./text.js";

/** @typedef {import("./lesson.js").Lesson} Lesson */

const BUSY = 8; // milliseconds of updates in a frame
const WIDTH = 300; // of the curve, in its own units
const HEIGHT = 80;
const MARGIN = 4;

export class Course {
  /**
   * @param {Lesson} lesson
   * @param {(text: string) => void} announce
   */
  constructor(lesson, announce) {
    this.lesson = lesson;
    this.announce = announce;
    this.isRunning = false;
    this.refused = "";
    this.sample = /** @type {HTMLInputElement} */ (byId("sample"));
    this.updating = /** @type {HTMLSelectElement} */ (byId("updating"));
    byId("course").hidden = byId("cost-section").hidden = false;
    byId("reset").textContent = "Back to the start";
    byId("sample-count").textContent = String(lesson.training.samples.length);
    this.sample.max = String(lesson.training.samples.length);
    this.sample.addEventListener("input", () => this.#goToSample());
    this.sample.addEventListener("blur", () => this.show());
    this.updating.addEventListener("change", () => {
      lesson.updateByAll(this.updating.value === "all");
    });
    byId("go-on").addEventListener("click", () => this.goOn());
    byId("train").addEventListener("click", () => this.toggle());
    lesson.listeners.push((change) => {
      if (change !== "numbers" || this.isRunning) return;
      this.refused = "";
      this.show();
    });
    this.show();
  }

  #goToSample() {
    const isGood = this.sample.checkValidity();
    this.sample.setAttribute("aria-invalid", String(!isGood));
    if (isGood) this.lesson.goToSample(Number(this.sample.value) - 1);
  }

  /**
   * Update once; whether it was done.
   * @returns {boolean}
   */
  goOn() {
    this.refused = this.lesson.advance();
    this.show();
    this.announce(byId("cost").textContent ?? "");
    return this.refused === "";
  }

  /** Train on, or pause. */
  toggle() {
    this.isRunning = !this.isRunning;
    if (this.isRunning) requestAnimationFrame(() => this.#run());
    else this.announce(byId("cost").textContent ?? "");
    this.show();
  }

  /** Update as often as a frame has time for, and show where that has led. */
  #run() {
    if (!this.isRunning) return;
    const { lesson } = this;
    const { training } = lesson;
    const end = performance.now() + BUSY;
    do this.refused = lesson.refusal || training.update(lesson.graph.rate);
    while (!this.refused && performance.now() < end);
    lesson.takeSample();
    if (this.refused) this.toggle();
    else {
      this.show();
      requestAnimationFrame(() => this.#run());
    }
  }

  show() {
    const { training } = this.lesson;
    if (document.activeElement !== this.sample || this.sample.checkValidity()) {
      this.sample.value = String(training.place + 1);
      this.sample.setAttribute("aria-invalid", "false");
    }
    this.updating.value = training.isWhole ? "all" : "one";
    byId("train").textContent = this.isRunning ? "Pause" : "Train";
    const { cost, fault } = training.ofAll();
    const [first] = training.costs;
    const whyNot = training.whyFixed || this.refused;
    const texts = [
      `Cost ${written(cost)} after ${counted(training.updates, "update")}` +
        (training.updates ? `; ${written(first)} at first.` : "."),
      ...(fault || !Number.isFinite(cost) ? [`⚠ ${fault || "it is no finite number"}.`] : []),
      ...(whyNot && whyNot !== fault ? [`⚠ No update: ${whyNot}.`] : []),
    ];
    byId("cost").textContent = texts.join(" ");
    byId("cost-curve").replaceChildren(...curves(training.costs));
  }
}

/**
 * Draw numbers from left to right, from 0 or the least of them up to the greatest; what is no
 * finite number leaves a gap.
 * @param {number[]} costs
 * @returns {SVGElement[]}
 */
function curves(costs) {
  let [low, high] = [0, 1e-300];
  for (const cost of costs.filter(Number.isFinite)) {
    [low, high] = [Math.min(low, cost), Math.max(high, cost)];
  }
  const every = Math.ceil(costs.length / WIDTH); // as many points as can be seen
  /** @type {string[][]} */
  const runs = [[]];
  costs.forEach((cost, k) => {
    if (k % every && k < costs.length - 1) return;
    const x = MARGIN + ((WIDTH - 2 * MARGIN) * k) / Math.max(1, costs.length - 1);
    const y = HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * (cost - low)) / (high - low);
    if (Number.isFinite(y)) runs[runs.length - 1].push(`${x.toFixed(1)},${y.toFixed(1)}`);
    else runs.push([]);
  });
  return runs.map((points) => {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    line.setAttribute("points", points.join(" "));
    return line;
  });
}
