// Lengths of reviews, as in keras.datasets.imdb.

/**
 * Quantiles of the word counts of the 20,000 training reviews of shared/data/imdb, at 0 %, 5 %, …,
 * 100 %. Only these 21 numbers are kept: the reviews themselves may not be copied.
 */
const QUANTILES = [12, 66, 94, 114, 123, 130, 137, 146, 155, 166, 179, 194, 212, 234, 259, 293, 333, 386, 469, 610, 1854];

/**
 * Lengths spread over the distribution, in an order that mixes short and long ones in every batch.
 * The same for every run.
 *
 * @param {number} count
 * @returns {number[]}
 */
export function reviewLengths(count) {
  const sorted = Array.from({ length: count }, (_, index) => {
    const place = ((index + 0.5) / count) * (QUANTILES.length - 1);
    const below = Math.floor(place);
    return Math.round(QUANTILES[below] + (place - below) * (QUANTILES[below + 1] - QUANTILES[below]));
  });
  // A step that shares no divisor with the count visits every element once, and neighbours are far
  // apart.
  let stride = Math.round(count * 0.618);
  while (divisor(stride, count) > 1) stride++;
  return sorted.map((_, index) => sorted[(index * stride) % count]);
}

/** @param {number} a @param {number} b @returns {number} The greatest common divisor. */
const divisor = (a, b) => (b === 0 ? a : divisor(b, a % b));
