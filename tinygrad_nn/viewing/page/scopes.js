// Scopes: boxes of numbers, open or closed. An item is what can be seen: a number or a closed box.

/** @typedef {import("./graph.js").Graph} Graph */

/** A number, or a scope with all the numbers in it. */
export class Item {
  /**
   * @param {string} id
   * @param {Scope | null} parent
   * @param {number[]} members the numbers, operands first
   */
  constructor(id, parent, members) {
    this.id = id;
    this.parent = parent;
    this.members = members;
  }

  /**
   * The scopes around it, the innermost first.
   * @returns {Scope[]}
   */
  get around() {
    const found = [];
    for (let scope = this.parent; scope; scope = scope.parent) found.push(scope);
    return found;
  }
}

export class Scope extends Item {
  /**
   * @param {string} id
   * @param {string} name
   * @param {Scope | null} parent
   */
  constructor(id, name, parent) {
    super(id, parent, []);
    this.name = name;
    this.open = true;
    /** @type {Map<string, Scope>} */
    this.scopes = new Map();
    /** @type {Item[]} */
    this.children = [];
    /** @type {number} */
    this.depth = parent ? parent.depth + 1 : 0;
    /** @type {string} the names that lead to it */
    this.path = parent ? `${parent.path}\n${name}` : "";
  }
}

/**
 * The uses of one item's numbers in another: for each the node, and which operand.
 * @typedef {{from: Item, to: Item, uses: [number, number][]}} Link
 */

export class ScopeTree {
  /** @param {Graph} graph */
  constructor(graph) {
    this.graph = graph;
    this.root = new Scope("all", "", null);
    /** @type {Scope[]} */
    this.scopes = [];
    /** @type {Item[]} the item of each node, seen or not */
    this.leaves = graph.nodes.map((node) => {
      const item = new Item(`n${node.index}`, this.#scope(node.scope), [node.index]);
      for (const scope of item.around) scope.members.push(node.index);
      item.parent?.children.push(item);
      return item;
    });
    for (const scope of [this.root, ...this.scopes]) {
      scope.children.sort(
        (a, b) => a.members[a.members.length - 1] - b.members[b.members.length - 1],
      );
    }
  }

  /**
   * @param {string[]} path
   * @returns {Scope}
   */
  #scope(path) {
    let scope = this.root;
    for (const name of path) {
      let inner = scope.scopes.get(name);
      if (!inner) {
        inner = new Scope(`s${this.scopes.length}`, name, scope);
        this.scopes.push(inner);
        scope.scopes.set(name, inner);
        scope.children.push(inner);
      }
      scope = inner;
    }
    return scope;
  }

  /**
   * The item that shows a number: the outermost closed scope around it, else itself.
   * @param {number} index
   * @returns {Item}
   */
  shown(index) {
    const leaf = this.leaves[index];
    return leaf.around.findLast((scope) => !scope.open) ?? leaf;
  }

  /**
   * What can be seen: operands first as far as scopes allow.
   * @returns {Item[]}
   */
  items() {
    return [...new Set(this.leaves.map((_, index) => this.shown(index)))];
  }

  /**
   * The edges between what can be seen.
   * @returns {Link[]}
   */
  links() {
    const shown = this.leaves.map((_, index) => this.shown(index));
    /** @type {Map<string, Link>} */
    const links = new Map();
    for (const node of this.graph.nodes) {
      const to = shown[node.index];
      node.args.forEach((arg, position) => {
        const from = shown[arg];
        if (from === to) return;
        const key = `${from.id}>${to.id}`;
        const link = links.get(key) ?? { from, to, uses: [] };
        link.uses.push([node.index, position]);
        links.set(key, link);
      });
    }
    return [...links.values()];
  }

  /**
   * Open the scopes above a depth and close the others.
   * @param {number} depth
   */
  openTo(depth) {
    for (const scope of this.scopes) scope.open = scope.depth <= depth;
  }

  /**
   * Open as many levels as still show few items.
   * @param {number} most
   */
  openReadably(most) {
    const deepest = Math.max(0, ...this.scopes.map((scope) => scope.depth));
    for (let depth = deepest; depth >= 0; depth--) {
      this.openTo(depth);
      for (const scope of this.scopes) {
        if (this.graph.closed.includes(scope.name)) scope.open = false;
      }
      if (this.items().length <= most) return;
    }
  }

  /**
   * Open everything around a number or a scope.
   * @param {Item} item
   */
  reveal(item) {
    for (const scope of item.around) scope.open = true;
  }
}
