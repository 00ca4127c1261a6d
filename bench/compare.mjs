// Rows of workloads, each measured on all engines in turns, printed and written.
import { printMasking } from './masking.mjs';
import { Engines, measure } from './measure.mjs';
import { makeRows, mergeIntoReport } from './results.mjs';
import { printRows } from './table.mjs';

/** @typedef {import('./options.mjs').Options} Options */

/**
 * Measures rows while the engines' processes stay.
 *
 * @param {Options} options
 * @param {(row: (workload: import('./workloads.mjs').Workload, options: Options) => Promise<void>) => Promise<void>}
 *   measureRows is given what measures a workload for each of the kinds of the options
 */
export async function withEngines(options, measureRows) {
  const engines = new Engines(options);
  engines.versions.Node = process.versions.node;
  engines.versions.V8 = process.versions.v8;
  /** @type {import('./masking.mjs').Times} */
  const times = new Map();
  try {
    await measureRows(async (workload, chosen) => {
      for (const kind of kindsOf(workload, chosen.kinds)) {
        const rows = makeRows(workload, kind, await measure(engines, workload, kind, chosen));
        printRows(`${workload.id}. ${workload.name}: ${kind}`, rows);
        if (workload.unit === 'epoch') printMasking(workload, kind, rows, times);
        if (chosen.json) mergeIntoReport(chosen.json, engines.versions, rows);
      }
    });
  } finally {
    await engines.end();
  }
}

/** Streaming only infers, start-up only trains. */
function kindsOf({ unit }, kinds) {
  const only = { stream: 'infer', startUp: 'train' }[unit];
  return kinds.filter((kind) => (only === undefined ? kind !== 'kernels' || unit === 'step' : kind === only));
}
