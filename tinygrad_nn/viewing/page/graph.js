// The numbers of the page, and how they hang together.

/**
 * An operation: how a formula shows it, and how it is typed; what a bad operand means, whether there
 * are such, whether it passes a gradient to one of its operands alone, and which of its derivatives
 * are none, or none where the result is finite: "none" and "flat".
 * @typedef {object} Operation
 * @property {string} symbol
 * @property {string} typed
 * @property {string} [remedy]
 * @property {boolean} [guarded]
 * @property {boolean} [chooses]
 * @property {string[]} [slopes]
 */

/**
 * A node as the file has it. Numbers that JSON cannot write are texts: "NaN", "Infinity".
 * @typedef {object} NodeData
 * @property {number | string} value
 * @property {string} [op] the operation that made it
 * @property {number[]} [args] its operands, by their places in the list of nodes
 * @property {(number | string | null)[]} [slopes] the local derivative by each operand; null: none
 * @property {"leaf" | "constant"} [kind] what it is if no operation made it
 * @property {string} [label]
 * @property {string[]} [scope] the names of the scopes it is in, the outermost first
 * @property {boolean} [moves] whether the update changes it
 * @property {number | string} [after] the number after the update, where it is another
 * @property {string} [place] the line of code that made it
 * @property {string} [fixed] why a leaf can have no other number
 */

/**
 * All that the page is told; nodes are listed operands first.
 * @typedef {object} GraphData
 * @property {string} title
 * @property {NodeData[]} nodes
 * @property {Record<string, Operation>} operations
 * @property {number[]} outputs
 * @property {number} output the one that gradients are of at first
 * @property {number | string} rate the learning rate
 * @property {string[]} closed the scopes that are closed at first
 * @property {string} sample
 * @property {import("./training.js").DataSet} [data] further samples
 * @property {string} missing why no number can be computed again; empty if they can
 */

/**
 * @typedef {object} GraphNode
 * @property {number} index
 * @property {number} value
 * @property {string} op empty for leaves and constants
 * @property {number[]} args
 * @property {(number | null)[]} slopes
 * @property {"leaf" | "constant" | "inner"} kind
 * @property {string} label
 * @property {string[]} scope
 * @property {boolean} moves
 * @property {number} after
 * @property {string} place
 * @property {string} fixed
 * @property {string} fault why it has no number
 * @property {boolean} isTyped whether it has another number than was recorded
 * @property {{node: number, position: number}[]} uses where it is an operand
 */

export class Graph {
  /** @param {GraphData} data */
  constructor(data) {
    this.title = data.title;
    this.operations = data.operations;
    this.outputs = data.outputs;
    this.output = data.output;
    this.updatedBy = data.output; // the output whose gradients the update is by
    this.rate = Number(data.rate);
    this.closed = data.closed;
    this.sample = data.sample;
    this.taken = "a sample"; // which one, where there are several
    this.missing = data.missing;
    /** @type {GraphNode[]} */
    this.nodes = data.nodes.map((node, index) => ({
      index,
      value: Number(node.value),
      op: node.op ?? "",
      args: node.args ?? [],
      slopes: (node.slopes ?? []).map((slope) => (slope === null ? null : Number(slope))),
      kind: node.kind ?? "inner",
      label: node.label ?? "",
      scope: node.scope ?? [],
      moves: node.moves ?? false,
      after: Number(node.after ?? node.value),
      place: node.place ?? "",
      fixed: node.fixed ?? "",
      fault: "",
      isTyped: false,
      uses: [],
    }));
    for (const node of this.nodes) {
      node.args.forEach((arg, position) => {
        this.nodes[arg].uses.push({ node: node.index, position });
      });
    }
  }
}
