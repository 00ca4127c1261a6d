// What an engine is: something that gets a workload ready and then runs it as often as it is told.

/**
 * @typedef {object} Running A workload that an engine is ready to run.
 * @property {(units: number) => Promise<number | { units: number, ms: number }>} run Runs at least
 *   so many units (training steps, forward passes) and says how many, and how long they took when
 *   its own time is not it.
 * @property {number} [operations] Floating-point operations of a unit, when that is not the
 *   workload.
 * @property {() => void | Promise<void>} [close]
 *
 * @typedef {object} Engine
 * @property {Record<string, string>} versions
 * @property {(workload: import('../workloads.mjs').Workload, kind: 'train' | 'infer' | 'kernels') => Promise<Running>}
 *   prepare
 * @property {() => Promise<void>} [close] Ends what the process would leave behind.
 */

/** An engine has no way to do what was asked. */
export class Cannot extends Error {}

/**
 * A function without waiting, as an engine's `run`.
 * @param {() => void} once
 * @returns {Running['run']}
 */
export const repeat = (once) => async (units) => {
  for (let unit = 0; unit < units; unit++) once();
  return units;
};

/**
 * An engine's `run` on one batch after the other, over and over.
 *
 * @template Batch
 * @param {import('../workloads.mjs').Workload} workload
 * @param {Batch[]} batches
 * @param {(batch: Batch) => Promise<void> | void} step
 * @returns {Running['run']}
 */
export function overBatches(workload, batches, step) {
  const batchesInUnit = workload.unit === 'epoch' ? workload.batches : 1;
  let next = 0;
  return async (units) => {
    for (let done = 0; done < units * batchesInUnit; done++) {
      const batch = batches[next];
      next = (next + 1) % batches.length;
      const pending = step(batch);
      // Not of a step that is done: turns of the event loop are no part of it.
      if (pending) await pending;
    }
    return units;
  };
}
