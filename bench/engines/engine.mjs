// What an engine is: something that gets a workload ready and then runs it as often as it is told.

/**
 * @typedef {object} Running A workload that an engine is ready to run.
 * @property {(units: number) => Promise<number | { units: number, ms: number }>} run Runs at least so many units (training steps, forward
 *   passes) and says how many, and how long they took when its own time is not it.
 * @property {number} [operations] Floating-point operations of a unit, when that is not the workload.
 * @property {() => void} [close]
 *
 * @typedef {object} Engine
 * @property {Record<string, string>} versions
 * @property {(workload: import('../workloads.mjs').Workload, kind: 'train' | 'infer' | 'kernels') => Promise<Running>} prepare
 */

/** An engine has no way to do what was asked. */
export class Cannot extends Error {}

/** A function without waiting, as an engine's `run`. @param {() => void} once @returns {Running['run']} */
export const repeat = (once) => async (units) => {
  for (let unit = 0; unit < units; unit++) once();
  return units;
};
