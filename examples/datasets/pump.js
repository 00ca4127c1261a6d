// The pressure in a pump, with faults.
import { randomNumbers } from './randomNumbers.js';

/** The kinds of faults: what becomes of a stroke. Its values stay within the usual ones. */
const FAULTS = ['stuck', 'short', 'reversed'];

/**
 * Makes the pressure of strokes: it rises slowly and falls fast. A stroke takes 18 to 22 steps.
 * @param {number} strokes
 * @param {number} faults strokes with a fault, far from each other
 * @param {number} seed
 * @returns {{ pressure: number[], windows: [number, number][] }} `windows`: the first and the last
 *   step of each stroke with a fault and the one after it
 */
export function makePressure(strokes, faults, seed) {
  const random = randomNumbers(seed);
  const noise = () => (random(2001) - 1000) / 20_000;
  /** @type {number[]} */
  const pressure = [];
  /** @type {[number, number][]} */
  const windows = [];
  const between = Math.floor(strokes / (faults + 1));
  for (let stroke = 1; stroke <= strokes; stroke++) {
    const isFault = stroke % between === 0 && windows.length < faults;
    const fault = isFault ? FAULTS[windows.length % FAULTS.length] : '';
    const length = (18 + random(5)) / (fault === 'short' ? 2 : 1);
    if (isFault) windows.push([pressure.length, pressure.length + 45]);
    for (let step = 0; step < length; step++) {
      const share = fault === 'reversed' ? 1 - step / length : step / length;
      const usual = share < 0.75 ? share / 0.75 : (1 - share) / 0.25;
      pressure.push((fault === 'stuck' ? Math.min(usual, 0.4) : usual) + noise());
    }
  }
  return { pressure, windows };
}
