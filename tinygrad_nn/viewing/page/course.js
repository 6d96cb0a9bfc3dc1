// Training on the data set: its controls, its runs, and the curve of its cost.

import { drawCurves } from "./curve.js";
import { byId } from "./dom.js";
import { counted, written } from "./text.js";

/** @typedef {import("./lesson.js").Lesson} Lesson */

const BUSY = 8; // milliseconds of updates in a frame

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
    drawCurves(byId("cost-curve"), [training.costs.map((y, x) => ({ x, y }))]);
  }
}
