// The edges of the picture, and the shares that they carry.

import { overlap, write } from "./brush.js";
import { percent, written } from "./text.js";

/** @typedef {import("./brush.js").Brush} Brush */
/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scopes.js").Link} Link */
/** @typedef {import("./layout.js").Box} Box */

const BATCH = 400; // edges in one path: a longer one is slow to fill

/**
 * Draw the edges that are in sight.
 * @param {Brush} brush
 * @param {Box} sight
 */
export function drawEdges(brush, sight) {
  const { scene, colours, pen } = brush;
  const now = scene.steps.list[scene.step];
  /** @type {Link[]} */
  const plain = [];
  /** @type {Link[]} */
  const current = [];
  /** @type {{link: Link, share: number}[]} */
  const shares = [];
  for (const link of scene.links) {
    if (!overlap(routeOf(scene, link).box, sight)) continue;
    const share = shareOf(scene, link);
    if (share !== null) shares.push({ link, share });
    else if (now?.item && now.item === (now.stage === 2 ? link.from : link.to)) current.push(link);
    else plain.push(link);
  }
  pen.globalAlpha = scene.flow ? 0.3 : 1;
  strokeAll(brush, plain, colours.edge, 1);
  pen.globalAlpha = 1;
  strokeAll(brush, current, colours.now, 2.5);
  const total = scene.flow?.total ?? 0;
  const greatest = shares.reduce((most, { share }) => Math.max(most, Math.abs(share)), 0);
  for (const { link, share } of shares) {
    const width = 1.2 + (greatest > 0 ? (4 * Math.abs(share)) / greatest : 0);
    // What works against the rest is dashed: its percentage is negative.
    pen.setLineDash(share / total < 0 ? [4 + 2 * width, 3 + width] : []);
    strokeAll(brush, [link], colours.path, width);
  }
  pen.setLineDash([]);
  if (!brush.fine) return;
  for (const link of [...plain, ...current]) drawHead(brush, link);
  if (!scene.flow) for (const link of [...plain, ...current]) writeSlope(brush, link);
  for (const { link, share } of shares) writeShare(brush, link, share);
}

/**
 * What part of the derivative a link carries: null if no path leads along it.
 * @param {Scene} scene
 * @param {Link} link
 * @returns {number | null}
 */
function shareOf({ flow, path }, link) {
  if (!flow) return null;
  let sum = null;
  for (const [index, position] of link.uses) {
    const along = flow.along(index, position);
    const isOnPath = !path || path.positions[path.nodes.indexOf(index)] === position;
    if (along !== null && isOnPath) sum = (sum ?? 0) + along;
  }
  return sum;
}

/**
 * Draw the head of an arrow, where it meets the result.
 * @param {Brush} brush
 * @param {Link} link
 */
function drawHead({ pen, scene, colours }, link) {
  const [x, y] = routeOf(scene, link).points.slice(-1)[0];
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x - 7, y - 3.5);
  pen.lineTo(x - 7, y + 3.5);
  pen.closePath();
  pen.fillStyle = colours.edge;
  pen.fill();
}

/**
 * Write the local derivative of an edge on it, when the result is computed.
 * @param {Brush} brush
 * @param {Link} link
 */
function writeSlope(brush, link) {
  const { scene, colours, pen } = brush;
  if (link.uses.length !== 1 || link.to.members.length !== 1) return;
  const [[index, position]] = link.uses;
  const slope = scene.graph.nodes[index].slopes[position];
  if (slope === null || !scene.knows(1, index)) return;
  const [[x1, y1], [x2, y2]] = routeOf(scene, link).points.slice(-2);
  const [x, y] = [x2 - Math.min(32, (x2 - x1) / 2), (y1 + y2) / 2];
  const text = written(slope);
  const width = 5.4 * text.length + 2;
  pen.fillStyle = colours.ground;
  pen.fillRect(x - width / 2, y - 6, width, 12);
  write(brush, text, { x, y, size: 9, colour: colours.muted, align: "center" });
}

/**
 * @param {Scene} scene
 * @param {Link} link
 */
function routeOf(scene, link) {
  return /** @type {import("./layout.js").Route} */ (scene.layout.routes.get(link));
}

/**
 * @param {Brush} brush
 * @param {Link[]} links
 * @param {string} colour
 * @param {number} width
 */
function strokeAll(brush, links, colour, width) {
  const { pen, scene, scale } = brush;
  pen.strokeStyle = colour;
  pen.lineWidth = Math.max(width, (width * 0.35) / scale); // thin lines stay visible from afar
  for (let start = 0; start < links.length; start += BATCH) {
    pen.beginPath();
    for (const link of links.slice(start, start + BATCH)) {
      trace(brush, routeOf(scene, link).points);
    }
    pen.stroke();
  }
}

/**
 * Draw through points, level at each of them; from afar straight to the last.
 * @param {Brush} brush
 * @param {number[][]} points
 */
function trace({ pen, fine }, points) {
  let [[x, y]] = points;
  pen.moveTo(x, y);
  for (const [nextX, nextY] of points.slice(fine ? 1 : -1)) {
    const bend = Math.max(20, Math.min(Math.abs(nextX - x) / 2, 160));
    if (!fine || y === nextY) pen.lineTo(nextX, nextY);
    else pen.bezierCurveTo(x + bend, y, nextX - bend, nextY, nextX, nextY);
    [x, y] = [nextX, nextY];
  }
}

/**
 * Write what part of the gradient an edge carries.
 * @param {Brush} brush
 * @param {Link} link
 * @param {number} share
 */
function writeShare(brush, link, share) {
  const { pen, scene, colours } = brush;
  const { points } = routeOf(scene, link);
  const [[x1, y1], [x2, y2]] = points.slice(points.length / 2 - 1);
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const text = percent(share, scene.flow?.total ?? NaN);
  const width = 6.2 * text.length;
  pen.fillStyle = colours.ground;
  pen.fillRect(x - width / 2, y - 7, width, 14);
  write(brush, text, { x, y, size: 10, colour: colours.path, weight: 600, align: "center" });
}
