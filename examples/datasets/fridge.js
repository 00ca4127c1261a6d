// The temperature in a fridge, whose door is opened now and then.
import { randomNumbers } from './randomNumbers.js';

/** @typedef {{ celsius: number, isOpen: boolean }} Reading every ten seconds */

/**
 * A sensor: it never ends. The compressor cools from 6 °C to 3 °C and rests until it is 6 °C again;
 * the warm air of an open door comes in fast.
 * @param {number} seed
 * @returns {Generator<Reading, never>}
 */
export function* readings(seed) {
  const random = randomNumbers(seed);
  let [air, cools, open] = [4, false, 0];
  for (;;) {
    if (open > 0) open--;
    else if (random(60) === 0) open = 3 + random(12);
    if (air > 6) cools = true;
    if (air < 3) cools = false;
    air += (open > 0 ? 0.03 * (20 - air) : 0.02) - (cools ? 0.25 : 0);
    yield { celsius: Number((air + (random(201) - 100) / 500).toFixed(2)), isOpen: open > 0 };
  }
}
