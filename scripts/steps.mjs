// Named steps with a progress line each, for set-up.

/**
 * Something this machine lacks and the scripts cannot install: the message says what to install and
 * how.
 */
export class SetUpError extends Error {}

/** @param {number} milliseconds */
export const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;

/**
 * @typedef {object} Step
 * @property {string} name What the step provides, for example `npm packages`.
 * @property {() => string | undefined} missing What has to be done, or `undefined` when nothing
 *   has.
 * @property {() => Promise<void>} provide Does it; throws SetUpError when it cannot.
 * @property {() => string} [found] What is there, shown when the step is up to date (default:
 *   `up to date`).
 */

/**
 * Runs the steps one after the other: `[2/5] Rust … up to date`.
 *
 * @param {Step[]} steps
 */
export async function runSteps(steps) {
  for (const [index, step] of steps.entries()) {
    const label = `[${index + 1}/${steps.length}] ${step.name}`;
    const work = step.missing();
    if (work === undefined) {
      console.log(`${label} … ${step.found?.() ?? 'up to date'}`);
      continue;
    }
    console.log(`${label} … ${work}`);
    const start = performance.now();
    await step.provide();
    console.log(`${label} … done in ${seconds(performance.now() - start)}`);
  }
}

/**
 * Runs a command-line script: a SetUpError ends it with its message alone, any other error with its
 * stack.
 *
 * @param {() => Promise<void>} main
 */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof SetUpError ? `\nerror: ${error.message}` : error);
    process.exitCode = 1;
  }
}
