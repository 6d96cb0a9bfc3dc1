// The bar that plays the four steps, and says each one.

import { byId } from "./dom.js";
import { STAGES } from "./steps.js";

/** @typedef {import("./scene.js").Scene} Scene */

const WHOLE = 30_000; // milliseconds that playing everything takes, if steps are many
const SLOWEST = 900;
const FASTEST = 120;

export class Player {
  /**
   * @param {Scene} scene
   * @param {import("./course.js").Course | null} course what goes on after the last step
   */
  constructor(scene, course) {
    this.scene = scene;
    this.course = course;
    this.timer = 0;
    this.slider = /** @type {HTMLInputElement} */ (byId("position"));
    this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)));
    byId("play").addEventListener("click", () => this.toggle());
    byId("previous").addEventListener("click", () => this.move(-1));
    byId("next").addEventListener("click", () => this.move(1));
    byId("whole").addEventListener("click", () => this.goTo(-1));
    STAGES.forEach((_, stage) => {
      byId(`stage-${stage}`).addEventListener("click", () => this.goToStage(stage));
    });
    scene.listeners.push((change) => {
      if (change !== "selection" && change !== "look") this.show();
    });
    this.show();
  }

  get isPlaying() {
    return this.timer !== 0;
  }

  /** Play on, or pause; from the beginning if the end was reached. */
  toggle() {
    if (this.isPlaying) {
      this.pause();
      return;
    }
    const count = this.scene.steps.list.length;
    if (this.scene.step === count - 1 && !this.course) this.scene.goToStep(-1);
    const pause = Math.min(SLOWEST, Math.max(FASTEST, WHOLE / count));
    this.timer = window.setInterval(() => this.#tick(), pause);
    this.#tick();
    this.show();
  }

  pause() {
    window.clearInterval(this.timer);
    this.timer = 0;
    this.show();
  }

  #tick() {
    if (!this.#forward()) this.pause();
    else if (this.#isAtEnd && !this.course) this.pause();
  }

  get #isAtEnd() {
    return this.scene.step === this.scene.steps.list.length - 1;
  }

  /** Take the next step: after the last that of the next sample; whether there was one. */
  #forward() {
    if (!this.#isAtEnd) this.scene.goToStep(this.scene.step + 1);
    else if (this.course?.goOn()) this.scene.goToStep(0);
    else return false;
    return true;
  }

  /** @param {number} steps */
  move(steps) {
    if (steps === 1 && this.#isAtEnd && this.course) {
      if (this.isPlaying) this.pause();
      this.#forward();
    } else this.goTo(this.scene.step + steps);
  }

  /** @param {number} step */
  goTo(step) {
    if (this.isPlaying) this.pause();
    this.scene.goToStep(step);
  }

  /** @param {number} stage */
  goToStage(stage) {
    const first = this.scene.steps.list.findIndex((step) => step.stage === stage);
    if (first >= 0) this.goTo(first);
  }

  /**
   * Go to the beginning of the next stage, or the one before.
   * @param {number} stages
   */
  moveStage(stages) {
    const now = this.scene.steps.list[this.scene.step];
    const stage = (now ? now.stage : -1) + stages;
    if (stage < 0) this.goTo(-1);
    else this.goToStage(Math.min(stage, STAGES.length - 1));
  }

  show() {
    const { step, steps } = this.scene;
    const now = steps.list[step];
    const text = now
      ? now.text()
      : "Everything is shown. Play the four steps, or take them singly.";
    const place = now ? `${STAGES[now.stage]}, step ${step + 1} of ${steps.list.length}` : "";
    this.slider.max = String(steps.list.length - 1);
    this.slider.value = String(step);
    this.slider.setAttribute("aria-valuetext", place || "everything");
    const said = byId("said");
    const whole = place ? `${place}: ${text}` : text;
    if (said.textContent !== whole) said.textContent = whole;
    byId("play").textContent = this.isPlaying ? "Pause" : "Play";
    STAGES.forEach((_, stage) => {
      const button = byId(`stage-${stage}`);
      if (now?.stage === stage) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
  }
}
