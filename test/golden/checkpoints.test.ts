import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { noLogs } from '../../ts/callbacks/callback.ts';
import {
  CSVLogger,
  type Logs,
  type Model,
  ModelCheckpoint,
  type ModelCheckpointOptions,
  setWarningHandler,
  type TrainingPlan,
} from '../../ts/index.ts';
import { regressionModel } from '../support/regression.ts';
import { readGolden } from './goldenFiles.ts';

type GoldenLogs = Readonly<Record<string, number | 'NaN'>>;

interface CheckpointCase {
  readonly path: string;
  readonly options: ModelCheckpointOptions;
  readonly epochs: readonly { readonly batches: readonly GoldenLogs[]; readonly logs: GoldenLogs }[];
  /** Where the model was saved to in each epoch. */
  readonly paths: readonly (readonly string[])[];
  readonly best: number | null;
}

interface LogCase {
  readonly epochs: readonly Logs[];
  readonly separator: string;
  /** What the file had before; null where the callback did not append. */
  readonly before: string | null;
  readonly text: string;
}

const { checkpoints, logs } = readGolden<{ checkpoints: CheckpointCase[]; logs: LogCase[] }>('checkpoints');

const saved = vi.hoisted((): string[] => []);
vi.mock(import('../../ts/formats/callbacks/fileStore.ts'), async (original) => {
  const actual = await original();
  return {
    ...actual,
    async writeFileInFolder(path, bytes) {
      if (String(path).endsWith('.safetensors')) saved.push(String(path));
      else await actual.writeFileInFolder(path, bytes);
    },
  };
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backtime-golden-'));
  setWarningHandler(() => {});
});
afterEach(async () => {
  setWarningHandler(null);
  await rm(folder, { recursive: true });
});

const PLAN: TrainingPlan = { epochs: 20, initialEpoch: 0, steps: 1, samples: 1, batchSize: 1, validationFreq: 1 };

const numbers = (golden: GoldenLogs): Logs =>
  Object.assign(noLogs(), Object.fromEntries(Object.entries(golden).map(([name, value]) => [name, Number(value)])));

test.each(checkpoints)('ModelCheckpoint to $path with $options saves when Keras’s does', async ({ path, options, epochs, ...golden }) => {
  const model = regressionModel() as Model;
  const callback = new ModelCheckpoint(path, options);
  await callback.onTrainBegin(PLAN);
  const paths: string[][] = [];
  for (const [epoch, { batches, logs: end }] of epochs.entries()) {
    callback.onEpochBegin(epoch);
    for (const [batch, batchLogs] of batches.entries()) await callback.onTrainBatchEnd?.(batch, numbers(batchLogs), model);
    await callback.onEpochEnd(epoch, numbers(end), model);
    paths.push(saved.splice(0));
  }
  expect({ paths, best: Number.isNaN(callback.best) ? null : callback.best }).toEqual(golden);
});

test.each(logs)('CSVLogger writes what Keras’s does: $text', async ({ epochs, separator, before, text }) => {
  const path = join(folder, 'log.csv');
  if (before !== null) await writeFile(path, before);
  const callback = new CSVLogger(path, { separator, append: before !== null });
  await callback.onTrainBegin(PLAN);
  for (const [epoch, numbersOfEpoch] of epochs.entries()) await callback.onEpochEnd(epoch, numbersOfEpoch);
  expect(await readFile(path, 'utf8')).toBe(text);
});
