// Curves of a few series, drawn from left to right in an element of SVG.

const WIDTH = 300; // in the curve's own units
const HEIGHT = 80;
const MARGIN = 4;

/** @typedef {{x: number, y: number}[]} Series */

/**
 * Draw series over one another, from 0 or the least number up to the greatest; what is no finite
 * number leaves a gap.
 * @param {Element} svg
 * @param {Series[]} series
 */
export function drawCurves(svg, series) {
  let [low, high, right] = [0, 1e-300, 1];
  for (const { x, y } of series.flat()) {
    right = Math.max(right, x);
    if (Number.isFinite(y)) [low, high] = [Math.min(low, y), Math.max(high, y)];
  }
  /** @param {{x: number, y: number}} point */
  const placed = ({ x, y }) => {
    const across = MARGIN + ((WIDTH - 2 * MARGIN) * x) / right;
    const down = HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * (y - low)) / (high - low);
    return `${across.toFixed(1)},${down.toFixed(1)}`;
  };
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  const lines = series.flatMap((points, k) => {
    return runsOf(points).map((run) => line(run, placed, `series-${k}`));
  });
  svg.replaceChildren(...lines);
}

/**
 * Part a series where it has no finite number, with no more points than can be seen.
 * @param {Series} points
 */
function runsOf(points) {
  const every = Math.ceil(points.length / WIDTH);
  /** @type {Series[]} */
  const runs = [[]];
  points.forEach((point, k) => {
    if (k % every && k < points.length - 1) return;
    if (Number.isFinite(point.y)) runs[runs.length - 1].push(point);
    else runs.push([]);
  });
  return runs;
}

/**
 * @param {Series} run
 * @param {(point: {x: number, y: number}) => string} placed
 * @param {string} name
 */
function line(run, placed, name) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  made.setAttribute("class", name);
  made.setAttribute("points", run.map(placed).join(" "));
  return made;
}
