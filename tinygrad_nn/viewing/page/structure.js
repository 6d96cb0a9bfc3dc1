// The structure of the network, as the reader chooses it: depth, widths, activation, new weights.

import { byId, element } from "./dom.js";

/** @typedef {import("./network.js").Told} Told */
/** @typedef {import("./network.js").Architecture} Architecture */

export class Structure {
  /**
   * @param {Told} told
   * @param {() => void} changed
   */
  constructor(told, changed) {
    /** @type {Architecture | null} what it is now; null if it is fixed */
    this.now = told.architecture && structuredClone(told.architecture);
    this.changed = changed;
    this.seed = 1;
    this.widest = told.choices?.widest ?? 0;
    byId("structure").hidden = this.now === null;
    if (!this.now || !told.choices) return;
    const depth = this.#menu("depth", told.choices.depths);
    const activation = this.#menu("activation", told.choices.activations);
    depth.value = String(this.now.nouts.length - 1);
    activation.value = this.now.activation;
    depth.addEventListener("change", () => this.#deepen(Number(depth.value)));
    activation.addEventListener("change", () => this.#set({ activation: activation.value }));
    byId("draw").addEventListener("click", () => {
      this.seed++;
      this.changed();
    });
    this.#showWidths();
  }

  /**
   * @param {string} id
   * @param {(string | number)[]} options
   */
  #menu(id, options) {
    const menu = /** @type {HTMLSelectElement} */ (byId(id));
    menu.replaceChildren(...options.map((one) => element("option", { value: one }, `${one}`)));
    return menu;
  }

  /** @param {Partial<Architecture>} parts */
  #set(parts) {
    if (this.now) this.now = { ...this.now, ...parts };
    this.changed();
  }

  /** @param {number} depth */
  #deepen(depth) {
    if (!this.now) return;
    const { nouts } = this.now;
    const hidden = nouts.slice(0, -1);
    while (hidden.length < depth) hidden.push(hidden[hidden.length - 1] ?? this.widest);
    this.#set({ nouts: [...hidden.slice(0, depth), nouts[nouts.length - 1]] });
    this.#showWidths();
  }

  /** Offer a field for the units of each hidden layer. */
  #showWidths() {
    const hidden = this.now?.nouts.slice(0, -1) ?? [];
    const fields = hidden.map((width, k) => {
      const field = element("input", {
        type: "number",
        id: `width-${k + 1}`,
        min: 1,
        max: this.widest,
        step: 1,
        required: true,
        value: width,
        input: () => {
          const isGood = field.value !== "" && field.checkValidity();
          field.setAttribute("aria-invalid", String(!isGood));
          if (!isGood || !this.now) return;
          this.#set({ nouts: this.now.nouts.with(k, Number(field.value)) });
        },
      });
      return element("label", {}, `Units of layer ${k + 1}`, field);
    });
    byId("widths").replaceChildren(...fields);
  }
}
