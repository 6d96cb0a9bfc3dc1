// Derivatives along the edges: from the output backward, from a number forward, and by paths.

/** @typedef {import("./graph.js").Graph} Graph */

/**
 * The derivative of one number by all that it was made from, or of all by one.
 * @typedef {{by: Float64Array, reached: Uint8Array}} Derivatives
 */

/**
 * What an edge carries of a derivative: of a choice nothing to what was not chosen, not 0 × infinity.
 * @param {Graph} graph
 * @param {number} index the node that the edge leads to
 * @param {number} position which of its operands the edge comes from
 * @param {number} derivative
 */
function carried(graph, index, position, derivative) {
  const { op, slopes } = graph.nodes[index];
  const slope = slopes[position] ?? 0;
  return slope === 0 && graph.operations[op].chooses ? 0 : derivative * slope;
}

/**
 * Differentiate a number by every number: adjoints, summed over the uses.
 * @param {Graph} graph
 * @param {number} output
 * @returns {Derivatives}
 */
export function adjoints(graph, output) {
  const by = new Float64Array(graph.nodes.length);
  const reached = new Uint8Array(graph.nodes.length);
  by[output] = reached[output] = 1;
  for (let index = output; index >= 0; index--) {
    if (!reached[index]) continue;
    const { args, slopes } = graph.nodes[index];
    for (let position = 0; position < args.length; position++) {
      if (slopes[position] === null) continue;
      by[args[position]] += carried(graph, index, position, by[index]);
      reached[args[position]] = 1;
    }
  }
  return { by, reached };
}

/**
 * Differentiate every number by one: tangents, summed over the operands.
 * @param {Graph} graph
 * @param {number} input
 * @returns {Derivatives}
 */
export function tangents(graph, input) {
  const by = new Float64Array(graph.nodes.length);
  const reached = new Uint8Array(graph.nodes.length);
  by[input] = reached[input] = 1;
  for (const node of graph.nodes.slice(input + 1)) {
    node.args.forEach((arg, position) => {
      const slope = node.slopes[position];
      if (slope === null || !reached[arg]) return;
      by[node.index] += carried(graph, node.index, position, by[arg]);
      reached[node.index] = 1;
    });
  }
  return { by, reached };
}

/**
 * What each use of a number adds to its gradient.
 * @param {Graph} graph
 * @param {Derivatives} gradients the adjoints
 * @param {number} index
 * @returns {{node: number, gradient: number, slope: number}[]}
 */
export function contributions(graph, gradients, index) {
  const found = [];
  for (const { node, position } of graph.nodes[index].uses) {
    const slope = graph.nodes[node].slopes[position];
    if (slope !== null && gradients.reached[node]) {
      found.push({ node, gradient: gradients.by[node], slope });
    }
  }
  return found;
}

/**
 * A path: its nodes, for each but the first which operand the one before is, and the product of
 * the derivatives along it.
 * @typedef {{nodes: number[], positions: number[], product: number}} Path
 */

/** All paths from one number to another: what each edge carries of the derivative. */
export class Flow {
  /**
   * @param {Graph} graph
   * @param {number} from
   * @param {number} to
   */
  constructor(graph, from, to) {
    this.graph = graph;
    this.from = from;
    this.to = to;
    this.forward = tangents(graph, from);
    this.backward = adjoints(graph, to);
    this.total = this.backward.by[from];
  }

  /**
   * Whether a path leads through a node.
   * @param {number} index
   */
  meets(index) {
    return Boolean(this.forward.reached[index] && this.backward.reached[index]);
  }

  /**
   * The sum over all paths through an edge; null if there is none.
   * @param {number} index the node that the edge leads to
   * @param {number} position which of its operands the edge comes from
   * @returns {number | null}
   */
  along(index, position) {
    const { args, slopes } = this.graph.nodes[index];
    const slope = slopes[position];
    if (slope === null || !this.forward.reached[args[position]] || !this.backward.reached[index]) {
      return null;
    }
    return this.forward.by[args[position]] * slope * this.backward.by[index];
  }

  /**
   * The sum over all paths through a node.
   * @param {number} index
   */
  through(index) {
    return this.forward.by[index] * this.backward.by[index];
  }

  /**
   * How many paths there are: too many, easily, for a float.
   * @returns {bigint}
   */
  count() {
    /** @type {Map<number, bigint>} */
    const counts = new Map([[this.from, 1n]]);
    this.#walk((index, arg) => {
      counts.set(index, (counts.get(index) ?? 0n) + (counts.get(arg) ?? 0n));
    });
    return counts.get(this.to) ?? 0n;
  }

  /**
   * The paths with the greatest products, the greatest first.
   *
   * The best to a node are among the best to its operands, each one edge longer: sizes only
   * multiply. Each path is a chain of records, so that none is copied.
   * @param {number} most how many
   * @returns {Path[]}
   */
  largest(most) {
    /** @typedef {{node: number, position: number, product: number, before: Chain | null}} Chain */
    /** @type {Chain} */
    const start = { node: this.from, position: -1, product: 1, before: null };
    const best = new Map([[this.from, [start]]]);
    this.#walk((index, arg, slope, position) => {
      const longer = (best.get(arg) ?? []).map((before) => {
        return { node: index, position, product: before.product * slope, before };
      });
      const all = [...(best.get(index) ?? []), ...longer];
      all.sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
      best.set(index, all.slice(0, most));
    });
    return (best.get(this.to) ?? []).map((last) => {
      const chain = [];
      for (let link = /** @type {Chain | null} */ (last); link; link = link.before) {
        chain.unshift(link);
      }
      const nodes = chain.map((link) => link.node);
      return { nodes, positions: chain.map((link) => link.position), product: last.product };
    });
  }

  /**
   * Visit every edge that lies on a path, operands first.
   * @param {(index: number, arg: number, slope: number, position: number) => void} visit
   */
  #walk(visit) {
    for (let index = this.from + 1; index <= this.to; index++) {
      if (!this.meets(index)) continue;
      const { args, slopes } = this.graph.nodes[index];
      args.forEach((arg, position) => {
        const slope = slopes[position];
        if (slope !== null && this.meets(arg)) visit(index, arg, slope, position);
      });
    }
  }
}
