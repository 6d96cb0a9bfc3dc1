// Boxes in columns: the longest way to a result chooses the column, the neighbours the row.

import { resultsFirst } from "./order.js";

/** @typedef {import("./layout.js").Box} Box */
/** @typedef {[number, number]} Edge from, to */

const COLUMN_GAP = 64; // for a local derivative and the head of the arrow
const ROW_GAP = 12;
const LANE = 6; // height of what keeps the way of a long edge free
const MOST_LANES = 3; // for each box; with more, long edges run straight
const SWEEPS = 6;

/**
 * Give each box its place.
 * @param {Box[]} boxes
 * @param {Edge[]} edges
 * @returns {{width: number, height: number, lanes: Box[][]}} the size of all together, and for
 *   each edge its lanes through the columns between its ends
 */
export function arrangeInColumns(boxes, edges) {
  const { rank } = resultsFirst(boxes.length, edges);
  const last = rank.reduce((a, b) => Math.max(a, b), 0);
  const column = rank.map((steps) => last - steps);
  const { all, pieces, lanes } = withLanes(boxes, edges, column);
  const columns = Array.from({ length: last + 1 }, () => /** @type {number[]} */ ([]));
  column.forEach((number, position) => columns[number].push(position));
  let x = 0;
  for (const members of columns) {
    const width = members.reduce((most, member) => Math.max(most, all[member].width), 0);
    for (const member of members) {
      const box = all[member];
      if (member >= boxes.length) box.width = width; // a lane is as long as its column is wide
      box.x = x + (width - box.width) / 2;
    }
    x += width + COLUMN_GAP;
  }
  arrangeRows(all, columns, neighbours(all.length, pieces));
  const top = all.reduce((least, box) => Math.min(least, box.y), Infinity);
  let height = 0;
  for (const box of all) {
    box.y -= top;
    height = Math.max(height, box.y + box.height);
  }
  return { width: x - COLUMN_GAP, height, lanes };
}

/**
 * Put a lane into each column that an edge passes, so that it passes beside the boxes there.
 * @param {Box[]} boxes
 * @param {Edge[]} edges
 * @param {number[]} column of each box; those of the lanes are added
 * @returns {{all: Box[], pieces: Edge[], lanes: Box[][]}} the boxes and the lanes behind them,
 *   the edges from one to the next, and the lanes of each edge
 */
function withLanes(boxes, edges, column) {
  const all = [...boxes];
  /** @type {Edge[]} */
  const pieces = [];
  const passed = edges.reduce((sum, [a, b]) => sum + Math.max(0, column[b] - column[a] - 1), 0);
  const lanes = edges.map(([from, to]) => {
    /** @type {Box[]} */
    const own = [];
    let before = from;
    for (let at = column[from] + 1; at < column[to] && passed <= MOST_LANES * boxes.length; at++) {
      const lane = { x: 0, y: 0, width: 0, height: LANE };
      pieces.push([before, all.length]);
      before = all.length;
      all.push(lane);
      column.push(at);
      own.push(lane);
    }
    pieces.push([before, to]);
    return own;
  });
  return { all, pieces, lanes };
}

/**
 * @param {number} count
 * @param {Edge[]} edges
 * @returns {[number[][], number[][]]} what leads to each box, and what it leads to
 */
function neighbours(count, edges) {
  const before = Array.from({ length: count }, () => /** @type {number[]} */ ([]));
  const after = Array.from({ length: count }, () => /** @type {number[]} */ ([]));
  for (const [from, to] of edges) {
    before[to].push(from);
    after[from].push(to);
  }
  return [before, after];
}

/**
 * Go to and fro, and move each box as near to the mean of its neighbours as its column allows.
 *
 * In the first half of the sweeps the means also sort the columns (the barycentre rule).
 * @param {Box[]} boxes
 * @param {number[][]} columns
 * @param {[number[][], number[][]]} sides
 */
function arrangeRows(boxes, columns, sides) {
  for (const column of columns) spread(column.map((position) => [boxes[position], 0]));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const near = sides[sweep % 2 === 0 ? 1 : 0]; // from the results first: they are few
    const order = sweep % 2 === 0 ? columns.toReversed() : columns;
    for (const column of order) {
      const wish = new Map(column.map((position) => [position, wished(boxes, near, position)]));
      /** @param {number} position */
      const wishOf = (position) => /** @type {number} */ (wish.get(position));
      if (sweep < SWEEPS / 2) column.sort((a, b) => wishOf(a) - wishOf(b));
      spread(column.map((position) => [boxes[position], wishOf(position)]));
    }
  }
}

/**
 * @param {Box[]} boxes
 * @param {number[][]} near
 * @param {number} position
 * @returns {number} where the middle of a box would best be
 */
function wished(boxes, near, position) {
  /** @param {Box} box */
  const middle = (box) => box.y + box.height / 2;
  const others = near[position];
  if (others.length === 0) return middle(boxes[position]);
  return others.reduce((sum, other) => sum + middle(boxes[other]), 0) / others.length;
}

/**
 * Set the boxes of a column below each other, in order, with the least squares of the
 * distances to where they wish to be: runs of boxes that would overlap move by their mean.
 * @param {[Box, number][]} column each box with the wish of its middle
 */
function spread(column) {
  /** @type {{first: number, count: number, sum: number}[]} */
  const runs = [];
  const below = [0]; // how far below the first box each one is if they stand close
  column.forEach(([box, wish], position) => {
    below.push(below[position] + box.height + ROW_GAP);
    let run = { first: position, count: 1, sum: wish - box.height / 2 - below[position] };
    for (let above = runs.at(-1); above && mean(above) >= mean(run); above = runs.at(-1)) {
      runs.pop();
      run = { first: above.first, count: above.count + run.count, sum: above.sum + run.sum };
    }
    runs.push(run);
  });
  for (const run of runs) {
    for (let position = run.first; position < run.first + run.count; position++) {
      column[position][0].y = mean(run) + below[position];
    }
  }
}

/** @param {{sum: number, count: number}} run */
function mean(run) {
  return run.sum / run.count;
}
