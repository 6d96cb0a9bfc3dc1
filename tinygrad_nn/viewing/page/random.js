// Random numbers that come again: the same from the same seed.

/**
 * Make a source of even numbers from 0 to 1 (mulberry32, by Tommy Ettinger, in the public domain).
 * @param {number} seed
 * @returns {() => number}
 */
export function evenNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Draw from the normal distribution (Box and Muller, 1958).
 * @param {() => number} even
 */
export function normal(even) {
  return Math.sqrt(-2 * Math.log(1 - even())) * Math.cos(2 * Math.PI * even());
}

/**
 * Shuffle numbers in place (Fisher and Yates).
 * @param {Int32Array} numbers
 * @param {() => number} even
 */
export function shuffle(numbers, even) {
  for (let k = numbers.length - 1; k > 0; k--) {
    const other = Math.floor(even() * (k + 1));
    [numbers[k], numbers[other]] = [numbers[other], numbers[k]];
  }
}
