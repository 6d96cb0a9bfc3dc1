// The list of all that can be seen: what a screen reader reads instead of the picture.

import { byId, element } from "./dom.js";
import { Scope } from "./scopes.js";
import { counted, gradientOf, titleOf, valueOf } from "./text.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scopes.js").Item} Item */

const MANY = 120; // rows: more than are in sight
const PAUSE = 100; // milliseconds without a change

export class Outline {
  /**
   * @param {HTMLElement} list
   * @param {Scene} scene
   */
  constructor(list, scene) {
    this.list = list;
    this.scene = scene;
    /** @type {Map<Item, HTMLElement>} */
    this.rows = new Map();
    /** @type {Item[]} */
    this.items = [];
    this.timer = 0;
    this.top = 0; // where the part in sight begins, as a part of the whole
    list.addEventListener("scroll", () => {
      this.top = list.scrollTop / list.scrollHeight;
      if (list.hasAttribute("aria-busy")) this.#retell(this.#inSight());
    });
    list.addEventListener("click", (event) => this.#onClick(event));
    list.addEventListener("keydown", (event) => this.#onKey(event));
    scene.listeners.push((change) => {
      if (change === "structure") this.rebuild();
      if (change === "step" || change === "numbers") this.retell();
      if (change === "selection") this.mark();
    });
    this.rebuild();
  }

  rebuild() {
    const hadFocus = this.list.contains(document.activeElement);
    this.rows.clear();
    this.items = [];
    this.#add(this.scene.tree.root);
    this.list.replaceChildren(...this.items.map((item) => this.#row(item)));
    window.clearTimeout(this.timer);
    this.list.removeAttribute("aria-busy");
    this.mark();
    if (hadFocus) this.current?.focus();
  }

  /** @param {Scope} scope */
  #add(scope) {
    for (const item of scope.children) {
      this.items.push(item);
      if (item instanceof Scope && item.open) this.#add(item);
    }
  }

  /** @param {Item} item */
  #row(item) {
    const isScope = item instanceof Scope;
    const level = item.around.length;
    const row = element(
      "li",
      {
        role: "treeitem",
        id: `row-${item.id}`,
        tabindex: -1,
        "aria-level": level,
        "aria-expanded": isScope && String(item.open),
        style: `--level: ${level - 1}`,
      },
      this.#text(item),
    );
    this.rows.set(item, row);
    return row;
  }

  /** Say what is known now: at once where that is in sight, of many others in a moment. */
  retell() {
    window.clearTimeout(this.timer);
    if (this.items.length <= MANY) {
      this.#retell(this.items);
      return;
    }
    this.list.setAttribute("aria-busy", "true");
    this.#retell(this.#inSight());
    this.timer = window.setTimeout(() => {
      this.#retell(this.items);
      this.list.removeAttribute("aria-busy");
    }, PAUSE);
  }

  /** @param {Item[]} items */
  #retell(items) {
    for (const item of items) {
      const row = this.rows.get(item);
      const text = this.#text(item);
      if (row && row.textContent !== text) row.textContent = text;
    }
  }

  /** The items of the rows in sight, and some around them; all rows have one height. */
  #inSight() {
    const first = Math.max(0, Math.floor(this.top * this.items.length) - 2);
    return this.items.slice(first, first + MANY);
  }

  /** @param {Item} item */
  #text(item) {
    const mark = item instanceof Scope ? (item.open ? "▾ " : "▸ ") : "";
    return mark + this.#describe(item);
  }

  /** @param {Item} item */
  #describe(item) {
    const { graph } = this.scene;
    const title = titleOf(graph, item);
    if (item instanceof Scope) return `${title}, ${counted(item.members.length, "number")}`;
    const [index] = item.members;
    const node = graph.nodes[index];
    const now = valueOf(this.scene, index);
    const known = now.startsWith("→") ? `${title} ${now}` : `${title} = ${now}`;
    const value = node.label || node.op ? known : title;
    const what = node.kind === "constant" ? "constant" : `grad ${gradientOf(this.scene, index)}`;
    return node.op && node.label ? `${value}, ${node.op}, ${what}` : `${value}, ${what}`;
  }

  /** The row that the Tab key comes to. */
  get current() {
    const { selected } = this.scene;
    return this.rows.get((selected && this.scene.seen(selected)) ?? this.items[0]);
  }

  /** Mark the chosen row, and no other. */
  mark() {
    for (const row of this.list.querySelectorAll("[tabindex='0'], [aria-selected]")) {
      row.setAttribute("tabindex", "-1");
      row.removeAttribute("aria-selected");
    }
    const { current } = this;
    if (!current) return;
    current.tabIndex = 0;
    if (!this.scene.selected) return;
    current.setAttribute("aria-selected", "true");
    current.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {EventTarget | null} target
   * @returns {Item | undefined}
   */
  #itemOf(target) {
    const row = /** @type {Element} */ (target).closest("li");
    return this.items.find((item) => this.rows.get(item) === row);
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const item = this.#itemOf(event.target);
    if (!item) return;
    this.#choose(item);
    if (item instanceof Scope) this.scene.toggle(item);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const item = this.#itemOf(event.target);
    if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
    const place = this.items.indexOf(item);
    const isOpen = item instanceof Scope && item.open;
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowDown: () => this.#choose(this.items[place + 1]),
      ArrowUp: () => this.#choose(this.items[place - 1]),
      Home: () => this.#choose(this.items[0]),
      End: () => this.#choose(this.items[this.items.length - 1]),
      ArrowRight: () => {
        if (isOpen) this.#choose(item.children[0]);
        else if (item instanceof Scope) this.scene.toggle(item);
      },
      ArrowLeft: () => {
        if (isOpen) this.scene.toggle(item);
        else if (item.parent?.parent) this.#choose(item.parent);
      },
      Enter: () => {
        if (item instanceof Scope) this.scene.toggle(item);
        else byId("value").focus();
      },
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  /** @param {Item | undefined} item */
  #choose(item) {
    if (!item) return;
    this.scene.select(item);
    this.rows.get(item)?.focus();
  }
}
