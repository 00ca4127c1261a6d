// Workload 8: does an epoch of masked reviews cost what its real words cost, and not what its
// padding would?
import { ENGINE_NAMES } from './names.mjs';
import { formatTime } from './table.mjs';
import { realShare } from './workloads.mjs';

/** Times of rows, by workload, kind and engine. @typedef {Map<string, number>} Times */

/**
 * Once both are measured, prints the padded time, the share of real steps, and their product beside
 * the masked time.
 *
 * @param {import('./workloads.mjs').Workload} workload
 * @param {string} kind
 * @param {import('./results.mjs').Row[]} rows
 * @param {Times} times Keeps the masked times for the padded ones to come.
 */
export function printMasking(workload, kind, rows, times) {
  const share = realShare(workload);
  for (const { engine, ms, kind: rowKind } of rows) {
    if (ms === null || rowKind === 'limit') continue;
    times.set(`${workload.id}|${kind}|${engine}`, ms);
    const masked = times.get(`8|${kind}|${engine}`);
    if (workload.id === '8' || masked === undefined) continue;
    const predicted = share * ms;
    const difference = ((masked / predicted - 1) * 100).toFixed(0);
    const numbers = `padded ${formatTime(ms)} × ${(share * 100).toFixed(1)} % real steps = ${formatTime(predicted)}`;
    console.log(`  ${ENGINE_NAMES[engine].padEnd(38)}${numbers}; masked ${formatTime(masked)} (${difference} % over)`);
  }
}
