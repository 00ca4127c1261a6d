/**
 * Trains the four networks of the article that Backtime started from: a recurrent network from first principles, SimpleRNN on one-hot
 * words, SimpleRNN and LSTM on an embedding. Ends with a table, a picture of the learning curves, and a saved model that is
 * loaded again to judge three sentences. See options.ts for the command line.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BacktimeError, loadBackend, setBackend, setRandomSeed } from 'backtime';
import { drawLearningCurves } from './chart.ts';
import { loadImdb } from './imdb.ts';
import { judgeSentences } from './judge.ts';
import { loadMovieSnippets } from './movieSnippets.ts';
import { trainNetworks } from './networks.ts';
import { type Options, readOptions, USAGE, UsageError } from './options.ts';
import { formatTable } from './report.ts';

async function run(options: Options): Promise<void> {
  setBackend(options.backend);
  setRandomSeed(42);
  const backend = await loadBackend();
  const experiment = options.imdb === null ? await loadMovieSnippets(options.quick) : await loadImdb(options.imdb, options.quick);
  console.log(`${experiment.title}\nbackend ${backend.name} (${backend.build})`);

  const results = await trainNetworks(experiment, options);
  console.log(`\n${formatTable(results)}\n`);

  await mkdir(options.output, { recursive: true });
  const pictureFile = join(options.output, 'learning-curves.svg');
  const modelFile = join(options.output, 'reviews.safetensors');
  const encoderFile = join(options.output, 'reviews.encoder.json');
  await writeFile(pictureFile, drawLearningCurves(results));
  await writeFile(encoderFile, JSON.stringify(experiment.encoder.config));
  await results[results.length - 1].model?.save(modelFile);
  for (const { model } of results) model?.dispose();
  console.log(`Learning curves: ${pictureFile}\nModel (the LSTM): ${modelFile}\n`);

  console.log(`The model, loaded from its file, on three sentences:\n${await judgeSentences(modelFile, encoderFile)}`);
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
