// Sums of two numbers, as texts.
import { randomNumbers } from './randomNumbers.js';

/** @typedef {{ question: string, answer: string }} Addition such as `12+345` and `357` */

/**
 * Makes different sums: no two have the same two numbers, in either order.
 * @param {number} count
 * @param {number} digits each number has from 1 to so many
 * @param {number} seed
 * @returns {Addition[]}
 */
export function makeAdditions(count, digits, seed) {
  const random = randomNumbers(seed);
  const number = () => random(10 ** (1 + random(digits)));
  const seen = new Set();
  const additions = [];
  while (additions.length < count) {
    const [a, b] = [number(), number()];
    const key = `${Math.min(a, b)}+${Math.max(a, b)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    additions.push({ question: `${a}+${b}`, answer: `${a + b}` });
  }
  return additions;
}
