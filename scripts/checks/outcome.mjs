// What a check reports: how many of its parts passed, failed and were skipped.
import { stripVTControlCharacters } from 'node:util';

/**
 * @typedef {{ passed: number, failed: number, skipped: number, notes?: string[], failures?: string[] }} Outcome
 *   `failures` name what failed. They and `notes` are printed again below the summary, because the
 *   first pages of a long log are often not kept.
 */

/** @param {boolean} passed @returns {Outcome} A check that counts as one. */
export const single = (passed) => ({ passed: Number(passed), failed: Number(!passed), skipped: 0 });

/** @type {Outcome} */
export const skippedOnce = { passed: 0, failed: 0, skipped: 1 };

/** The first line of a message without colours, at most 300 characters of it. */
export const firstLine = (message) => stripVTControlCharacters(message).trim().split('\n', 1)[0].slice(0, 300);

/** @param {Outcome[]} outcomes @returns {Outcome} */
export function total(outcomes) {
  const sum = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const { passed, failed, skipped, failures = [] } of outcomes) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
    sum.failures.push(...failures);
  }
  return sum;
}

/**
 * The counts of a runner whose exit code says that it failed although no test did (it did not
 * compile, it crashed) gain a failure.
 */
export const withExitCode = (outcome, code) =>
  code !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1, failures: [`no test failed, but the exit code is ${code}`] } : outcome;

/**
 * Runs one part of a check, and prints what came of it.
 *
 * @param {string} name
 * @param {() => Promise<string> | string} part Returns what it saw; it has failed when it throws.
 * @returns {Promise<Outcome>}
 */
export async function report(name, part) {
  try {
    console.log(`ok     ${name}: ${await part()}`);
    return single(true);
  } catch (error) {
    console.log(`FAILED ${name}: ${error.message}`);
    return { ...single(false), failures: [`${name}: ${firstLine(error.message)}`] };
  }
}
