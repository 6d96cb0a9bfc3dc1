// An order in which each thing comes after what it depends on, as far as there is one.

/**
 * List things so that each comes after all that it leads to: the last results first.
 *
 * Closed scopes can depend on each other in a circle; it is entered at its last thing.
 * @param {number} count
 * @param {[number, number][]} edges from, to
 * @returns {{order: number[], rank: number[]}} rank: how many edges the longest way on has
 */
export function resultsFirst(count, edges) {
  const before = Array.from({ length: count }, () => /** @type {number[]} */ ([]));
  const left = new Array(count).fill(0);
  for (const [from, to] of edges) {
    before[to].push(from);
    left[from]++;
  }
  const rank = new Array(count).fill(0);
  /** @type {number[]} */
  const order = [];
  const entered = new Array(count).fill(false);
  /** @param {number} thing */
  const enter = (thing) => {
    entered[thing] = true;
    order.push(thing);
  };
  for (let thing = count - 1; thing >= 0; thing--) if (left[thing] === 0) enter(thing);
  for (let place = 0, last = count - 1; place < count; place++) {
    if (place === order.length) {
      while (entered[last]) last--;
      enter(last);
    }
    for (const thing of before[order[place]]) {
      if (entered[thing]) continue;
      rank[thing] = Math.max(rank[thing], rank[order[place]] + 1);
      if (--left[thing] === 0) enter(thing);
    }
  }
  return { order, rank };
}
