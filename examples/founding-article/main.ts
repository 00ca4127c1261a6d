/**
 * Trains the four networks of the article that Backtime started from: a recurrent network from
 * first principles, SimpleRNN on one-hot words, SimpleRNN and LSTM on an embedding. Ends with a
 * table, a picture of the learning curves, and a saved model that is loaded again to judge three
 * sentences. See options.ts for the command line.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BacktimeError, loadBackend, setBackend } from 'backtime';
import { drawLearningCurves } from './chart.ts';
import { loadImdb } from './imdb.ts';
import { judgeSentences } from './judge.ts';
import { loadMovieSnippets } from './movieSnippets.ts';
import { trainNetworks } from './networks.ts';
import { type Options, readOptions, USAGE, UsageError } from './options.ts';
import { formatSeeds, formatTable } from './report.ts';
import type { Result } from './result.ts';
import { describeVersions } from './versions.ts';

const FIRST_SEED = 42;

async function run(options: Options): Promise<void> {
  setBackend(options.backend);
  const backend = await loadBackend();
  const experiment = options.imdb === null ? await loadMovieSnippets(options.quick) : await loadImdb(options.imdb, options.quick);
  console.log(experiment.title);

  const seeds = Array.from({ length: options.seeds }, (_, index) => FIRST_SEED + index);
  const runs: Result[][] = [];
  for (const seed of seeds) {
    if (seeds.length > 1) console.log(`\nSeed ${seed}`);
    runs.push(await trainNetworks(experiment, options, seed));
    // The first run's models are saved and drawn, the others have given their numbers.
    if (seed !== FIRST_SEED) disposeModels(runs[runs.length - 1]);
  }
  const [results] = runs;
  console.log(`\n${formatTable(runs)}\n`);
  if (runs.length > 1) console.log(`${formatSeeds(seeds, runs)}\n`);
  console.log(`${await describeVersions(backend)}\n`);

  await mkdir(options.output, { recursive: true });
  const pictureFile = join(options.output, 'learning-curves.svg');
  const modelFile = join(options.output, 'reviews.safetensors');
  const encoderFile = join(options.output, 'reviews.encoder.json');
  await writeFile(pictureFile, drawLearningCurves(results));
  await writeFile(encoderFile, JSON.stringify(experiment.encoder.config));
  await results[results.length - 1].model?.save(modelFile);
  disposeModels(results);
  console.log(`Learning curves: ${pictureFile}\nModel (the LSTM): ${modelFile}\n`);

  console.log(`The model, loaded from its file, on three sentences:\n${await judgeSentences(modelFile, encoderFile)}`);
}

function disposeModels(results: Result[]): void {
  for (const { model } of results) model?.dispose();
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else await run(options);
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else if (error instanceof BacktimeError) console.error(`${error.name}: ${error.message}`);
  else throw error;
  process.exitCode = 1;
}
