// Valves that are told to open and to close, rarely.
import { randomNumbers } from './randomNumbers.js';

/**
 * Makes series of commands to valves, and whether the valves are open. The last command to a valve
 * is 100 steps ago on average.
 * @param {number} valves
 * @param {number} steps
 * @param {number} seed
 * @returns {{ commands: number[][][], open: number[][][] }} `commands` has a column that is 1 where
 *   the valve is told to open and one where it is told to close, `[valves, steps, 2]`; `open` is
 *   `[valves, steps, 1]`
 */
export function makeValves(valves, steps, seed) {
  const random = randomNumbers(seed);
  const series = Array.from({ length: valves }, () => {
    let isOpen = 0; // until the first command
    return Array.from({ length: steps }, () => {
      const command = random(200);
      if (command < 2) isOpen = command;
      return { commands: [Number(command === 1), Number(command === 0)], open: [isOpen] };
    });
  });
  return {
    commands: series.map((valve) => valve.map(({ commands }) => commands)),
    open: series.map((valve) => valve.map(({ open }) => open)),
  };
}

/**
 * Cuts series into windows, in the order of time: the first window of every series, then the second
 * one of every series, and so on.
 * @template Step
 * @param {Step[][]} series all of the same length
 * @param {number} length the steps of a window
 * @returns {Step[][]}
 */
export function inWindows(series, length) {
  const windows = Math.floor(series[0].length / length);
  return Array.from({ length: windows }, (_, window) => series.map((steps) => steps.slice(window * length, (window + 1) * length))).flat();
}
