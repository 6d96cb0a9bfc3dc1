// What is handed out: the weights as a file of safetensors, and the Python that goes on from there.

/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./run.js").Run} Run */

/**
 * Write the weights as safetensors: the length of a head in JSON, the head, and all numbers.
 * @param {Network} network
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function weightsFile({ architecture, entries, parameters, told }) {
  const ownHead = architecture ?? told.head;
  /** @type {Record<string, object>} */
  const head = ownHead ? { __metadata__: { architecture: JSON.stringify(ownHead) } } : {};
  let end = 0;
  for (const { name, shape, places } of entries) {
    head[name] = { dtype: "F64", shape, data_offsets: [end, end + 8 * places.length] };
    end += 8 * places.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(head));
  const room = 8 * Math.ceil(text.length / 8); // numbers begin at a multiple of 8
  const bytes = new Uint8Array(8 + room + end).fill(0x20, 8, 8 + room);
  bytes.set(text, 8);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(room), true);
  let at = 8 + room;
  for (const place of entries.flatMap((entry) => entry.places)) {
    view.setFloat64(at, parameters[place], true);
    at += 8;
  }
  return bytes;
}

/**
 * Write the Python that goes on from here.
 * @param {Run} run
 */
export function pythonFile({ network, train, rate, batch, decay, steps }) {
  const { architecture, entries, told } = network;
  const width = train.y.length / train.count;
  const X = listed(train.X, told.inputs);
  const y = width === 1 ? `[${[...train.y].join(", ")}]` : listed(train.y, width);
  const isOwn = !architecture || !told.loss;
  const options = [
    ...(batch ? [`batch_size=${batch}`] : []),
    ...(decay ? [`l2=${decay}`] : []),
  ].map((option) => `, ${option}`);
  return [
    `"""Goes on from the playground, after ${steps} steps."""`,
    "",
    "from tinygrad_nn import nn",
    "from tinygrad_nn.optim import SGD",
    "from tinygrad_nn.train import Trainer",
    "",
    ...(isOwn ? ["# Bring your own: what was given to playground(...)."] : []),
    architecture ? `model = ${constructor(architecture)}` : "model = ...  # as it was given",
    `loss = ${told.loss || "...  # as it was given"}`,
    "",
    ...told.note.split("\n").flatMap((line) => (line ? [`# ${line}`] : [])),
    `X = ${X}`,
    `y = ${y}`,
    "",
    "model.load_state_dict({",
    ...entries.map((entry) => `    "${entry.name}": ${JSON.stringify(network.nested(entry))},`),
    "})",
    `trainer = Trainer(model, loss, SGD(model.parameters(), lr=${rate})${options.join("")})`,
    "trainer.fit(X, y, epochs=100)",
    "",
  ].join("\n");
}

/** @param {import("./network.js").Architecture} architecture */
function constructor({ nin, nouts, activation, output_activation }) {
  const names = `activation="${activation}", output_activation="${output_activation}"`;
  return `nn.MLP(${nin}, [${nouts.join(", ")}], ${names})`;
}

/**
 * @param {Float64Array} numbers
 * @param {number} width
 */
function listed(numbers, width) {
  const rows = Array.from({ length: numbers.length / width }, (_, k) => {
    return `    [${[...numbers.subarray(k * width, (k + 1) * width)].join(", ")}],\n`;
  });
  return `[\n${rows.join("")}]`;
}

/**
 * Let the reader keep a file.
 * @param {string} name
 * @param {BlobPart} content
 */
export function handOut(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
