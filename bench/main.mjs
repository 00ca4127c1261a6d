// Times backtime and other libraries side by side. Started by scripts/bench.mjs (`npm run bench`),
// which sets everything up.
import { isAbsolute, resolve } from 'node:path';
import { withEngines } from './compare.mjs';
import { measureLongTasks } from './longTasks.mjs';
import { readOptions, USAGE, UsageError } from './options.mjs';
import { measurePerformance } from './performance.mjs';
import { measureQuantised } from './quantised.mjs';
import { describeMachine } from './results.mjs';
import { measureScaling } from './scaling.mjs';
import { measureServing } from './serving.mjs';
import { measureStartUp } from './startUp.mjs';
import { measureStreaming } from './streaming.mjs';
import { measureWorkers } from './workers.mjs';
import { measureWrappers } from './wrappers.mjs';

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  if (options.json && !isAbsolute(options.json)) options.json = resolve(process.env.INIT_CWD ?? '.', options.json);
  const { cpu, cores, system } = describeMachine();
  console.log(`${cpu}, ${cores} cores, ${system}; Node ${process.versions.node}`);
  if (options.performance) await measurePerformance(options);
  else if (options.scaling) await measureScaling(options);
  else if (options.workers) await measureWorkers(options);
  else if (options.wrappers) await measureWrappers(options);
  else if (options.longTasks) await measureLongTasks();
  else if (options.quantised) await measureQuantised(options);
  else if (options.startUp) await measureStartUp();
  else if (options.serving) await measureServing(options);
  else if (options.streaming) measureStreaming({ ...options, streaming: resolve(process.env.INIT_CWD ?? '.', options.streaming) });
  else
    await withEngines(options, async (measureRow) => {
      for (const workload of options.workloads) await measureRow(workload, options);
    });
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? `error: ${error.message}\n\n${USAGE}` : error);
  process.exitCode = 1;
}
