// Colours by size. The map is viridis: equal steps look equal, also to who sees few colours.

/** @typedef {import("./graph.js").Graph} Graph */

const MAP = ["#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725"].map(channels);
const EQUAL = 0.179; // the luminance that black and white are equally far from
const DECADES = 6; // smaller numbers have the colour of the smallest

/**
 * @param {string} colour as #rrggbb
 * @returns {number[]}
 */
function channels(colour) {
  return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
}

/** A scale of colours over the logarithms of some numbers' sizes. */
export class Scale {
  /** @param {Iterable<number>} numbers */
  constructor(numbers) {
    this.low = Infinity;
    this.high = 0;
    for (const number of numbers) {
      const size = Math.abs(number);
      if (size > 0 && size < Infinity) {
        this.low = Math.min(this.low, size);
        this.high = Math.max(this.high, size);
      }
    }
    this.low = Math.max(this.low, this.high * 10 ** -DECADES);
  }

  /**
   * The fill of a number and the ink to write on it; null for 0 and what is no number.
   * @param {number} number
   * @returns {{fill: string, ink: string} | null}
   */
  colour(number) {
    const size = Math.abs(number);
    if (!(size > 0) || this.high === 0) return null;
    const range = Math.log(this.high / this.low);
    const place = range > 0 ? Math.log(size / this.low) / range : 1;
    const rgb = mixed(Math.min(1, Math.max(0, place)));
    return { fill: `rgb(${rgb.join(" ")})`, ink: luminance(rgb) > EQUAL ? "#000" : "#fff" };
  }
}

/**
 * @param {number} place from 0 to 1
 * @returns {number[]}
 */
function mixed(place) {
  const at = place * (MAP.length - 1);
  const lower = Math.min(Math.floor(at), MAP.length - 2);
  return MAP[lower].map((channel, k) =>
    Math.round(channel + (at - lower) * (MAP[lower + 1][k] - channel)),
  );
}

/**
 * The relative luminance, as WCAG defines it.
 * @param {number[]} rgb
 */
function luminance(rgb) {
  const [r, g, b] = rgb.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @returns {string} the map as a background of CSS */
export function legend() {
  return `linear-gradient(to right, ${MAP.map((rgb) => `rgb(${rgb.join(" ")})`).join(", ")})`;
}
