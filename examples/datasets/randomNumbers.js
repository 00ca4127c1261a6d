/**
 * Makes a source of random numbers (Mulberry32) for data that is the same in every run.
 * @param {number} seed
 * @returns {(limit: number) => number} gives a whole number from 0 to `limit - 1`
 */
export function randomNumbers(seed) {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) * limit) / 2 ** 32);
  };
}
