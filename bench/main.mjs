// Times backtime and other libraries side by side. Started by scripts/bench.mjs (`npm run bench`),
// which sets everything up.
import { isAbsolute, resolve } from 'node:path';
import { measureLongTasks } from './longTasks.mjs';
import { printMasking } from './masking.mjs';
import { Engines, measure } from './measure.mjs';
import { readOptions, USAGE, UsageError } from './options.mjs';
import { measureQuantised } from './quantised.mjs';
import { describeMachine, makeRows, mergeIntoReport } from './results.mjs';
import { measureScaling } from './scaling.mjs';
import { measureServing } from './serving.mjs';
import { measureStreaming } from './streaming.mjs';
import { printRows } from './table.mjs';
import { measureWorkers } from './workers.mjs';
import { measureWrappers } from './wrappers.mjs';

/** @param {import('./options.mjs').Options} options */
async function compare(options) {
  const engines = new Engines(options);
  engines.versions.Node = process.versions.node;
  engines.versions.V8 = process.versions.v8;
  /** @type {import('./masking.mjs').Times} */
  const times = new Map();
  try {
    for (const workload of options.workloads) {
      for (const kind of kindsOf(workload, options.kinds)) {
        const rows = makeRows(workload, kind, await measure(engines, workload, kind, options));
        printRows(`${workload.id}. ${workload.name}: ${kind}`, rows);
        if (workload.unit === 'epoch') printMasking(workload, kind, rows, times);
        if (options.json) mergeIntoReport(options.json, engines.versions, rows);
      }
    }
  } finally {
    await engines.end();
  }
}

/** Streaming only infers, start-up only trains. */
function kindsOf({ unit }, kinds) {
  const only = { stream: 'infer', startUp: 'train' }[unit];
  return kinds.filter((kind) => (only === undefined ? kind !== 'kernels' || unit === 'step' : kind === only));
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  if (options.json && !isAbsolute(options.json)) options.json = resolve(process.env.INIT_CWD ?? '.', options.json);
  const { cpu, cores, system } = describeMachine();
  console.log(`${cpu}, ${cores} cores, ${system}; Node ${process.versions.node}`);
  if (options.scaling) await measureScaling(options);
  else if (options.workers) await measureWorkers(options);
  else if (options.wrappers) await measureWrappers(options);
  else if (options.longTasks) await measureLongTasks();
  else if (options.quantised) await measureQuantised(options);
  else if (options.serving) await measureServing(options);
  else if (options.streaming) measureStreaming({ ...options, streaming: resolve(process.env.INIT_CWD ?? '.', options.streaming) });
  else await compare(options);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? `error: ${error.message}\n\n${USAGE}` : error);
  process.exitCode = 1;
}
