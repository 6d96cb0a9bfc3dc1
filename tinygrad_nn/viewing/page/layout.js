// Where everything is drawn: columns from the operands on the left to the results on the right.
//
// Each open scope is laid out by itself and is one box in the scope around it.

import { arrangeInColumns } from "./columns.js";
import { Scope } from "./scopes.js";

/** @typedef {import("./scopes.js").Item} Item */
/** @typedef {import("./scopes.js").Link} Link */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */

/**
 * Where an edge runs: from its operand, by its lanes, to the result; and the least box around it.
 * @typedef {{points: number[][], box: Box}} Route
 */

/**
 * @typedef {object} Layout
 * @property {Map<Item, Box>} boxes of all items, and of the open scopes
 * @property {Scope[]} open the open scopes, the outer before the inner
 * @property {Map<Link, Route>} routes
 */

const PADDING = 14;
export const TITLE_HEIGHT = 24;

/**
 * Two children of one scope, and the links between the numbers in them.
 * @typedef {{from: Item, to: Item, links: Link[]}} Bundle
 */

/**
 * @param {Scope} root
 * @param {Link[]} links
 * @param {(item: Item) => [number, number]} size the width and the height of an item
 * @returns {Layout}
 */
export function layOut(root, links, size) {
  const bundles = bundlesByScope(links);
  /** @type {Map<Scope, Box[]>} what moves with a scope besides its children */
  const moving = new Map();
  /** @type {Layout} */
  const layout = { boxes: new Map(), open: [], routes: new Map() };
  /** @type {Map<Link, Box[]>} */
  const lanesOf = new Map();
  layout.boxes.set(root, arrange(root));
  place(root, 0, 0);
  for (const link of links) {
    const [from, to] = [link.from, link.to].map((item) => layout.boxes.get(item));
    layout.routes.set(
      link,
      route(/** @type {Box} */ (from), lanesOf.get(link) ?? [], /** @type {Box} */ (to)),
    );
  }
  return layout;

  /**
   * Arrange the children of a scope, and remember each one's place in it.
   * @param {Scope} scope
   * @returns {Box}
   */
  function arrange(scope) {
    const boxes = scope.children.map((child) => {
      if (child instanceof Scope && child.open) return arrange(child);
      const [width, height] = size(child);
      return { x: 0, y: 0, width, height };
    });
    const number = new Map(scope.children.map((child, position) => [child, position]));
    const own = bundles.get(scope) ?? [];
    const edges = own.map(
      ({ from, to }) => /** @type {[number, number]} */ ([number.get(from), number.get(to)]),
    );
    const { width, height, lanes } = arrangeInColumns(boxes, edges);
    const top = scope.parent ? TITLE_HEIGHT : 0;
    for (const box of [...boxes, ...lanes.flat()]) {
      box.x += PADDING;
      box.y += PADDING + top;
    }
    scope.children.forEach((child, position) => layout.boxes.set(child, boxes[position]));
    moving.set(scope, lanes.flat());
    own.forEach((bundle, position) => {
      for (const link of bundle.links) lanesOf.set(link, lanes[position]);
    });
    return { x: 0, y: 0, width: width + 2 * PADDING, height: height + 2 * PADDING + top };
  }

  /**
   * Turn places in scopes into places in the picture.
   * @param {Scope} scope
   * @param {number} x
   * @param {number} y
   */
  function place(scope, x, y) {
    const boxes = scope.children.map((child) => /** @type {Box} */ (layout.boxes.get(child)));
    for (const box of [...boxes, ...(moving.get(scope) ?? [])]) {
      box.x += x;
      box.y += y;
    }
    scope.children.forEach((child, position) => {
      if (!(child instanceof Scope && child.open)) return;
      layout.open.push(child);
      place(child, boxes[position].x, boxes[position].y);
    });
  }
}

/**
 * Find for each link the scope that both ends are in, and their parts of it.
 * @param {Link[]} links
 * @returns {Map<Scope, Bundle[]>}
 */
function bundlesByScope(links) {
  /** @type {Map<Scope, Map<string, Bundle>>} */
  const found = new Map();
  for (const link of links) {
    /** @type {Item} */
    let from = link.from;
    /** @type {Item} */
    let to = link.to;
    while (from.parent !== to.parent) {
      const isDeeper = (from.parent?.depth ?? 0) >= (to.parent?.depth ?? 0);
      if (isDeeper) from = /** @type {Scope} */ (from.parent);
      else to = /** @type {Scope} */ (to.parent);
    }
    const scope = /** @type {Scope} */ (from.parent);
    const bundles = found.get(scope) ?? new Map();
    const key = `${from.id}>${to.id}`;
    const bundle = bundles.get(key) ?? { from, to, links: [] };
    bundle.links.push(link);
    bundles.set(key, bundle);
    found.set(scope, bundles);
  }
  return new Map([...found].map(([scope, bundles]) => [scope, [...bundles.values()]]));
}

/**
 * @param {Box} from
 * @param {Box[]} lanes
 * @param {Box} to
 * @returns {Route}
 */
function route(from, lanes, to) {
  const points = [
    [from.x + from.width, from.y + from.height / 2],
    ...lanes.flatMap(({ x, y, width, height }) => [
      [x, y + height / 2],
      [x + width, y + height / 2],
    ]),
    [to.x, to.y + to.height / 2],
  ];
  const [left, top] = [0, 1].map((axis) => Math.min(...points.map((point) => point[axis])));
  const [right, low] = [0, 1].map((axis) => Math.max(...points.map((point) => point[axis])));
  return { points, box: { x: left, y: top, width: right - left, height: low - top } };
}

/**
 * Find what is at a place of the picture: an item, or an open scope by its title.
 * @param {Item[]} items
 * @param {Layout} layout
 * @param {number} x
 * @param {number} y
 * @returns {Item | null}
 */
export function itemAt(items, { boxes, open }, x, y) {
  /** @param {Item} item */
  const boxOf = (item) => /** @type {Box} */ (boxes.get(item));
  const item = items.find((one) => isInside(boxOf(one), x, y));
  const title = () =>
    open.findLast((scope) => isInside({ ...boxOf(scope), height: TITLE_HEIGHT }, x, y));
  return item ?? title() ?? null;
}

/**
 * @param {Box} box
 * @param {number} x
 * @param {number} y
 */
function isInside(box, x, y) {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
}
