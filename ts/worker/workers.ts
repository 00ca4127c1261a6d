import type { Remote } from 'comlink';
import { transfer } from 'comlink';
import type { Logs } from '../callbacks/callback.ts';
import type { FloatArray } from '../core/numericArray.ts';
import type { Tensor } from '../core/tensor.ts';
import { warn } from '../core/warnings.ts';
import type { BatchSource } from '../feed/batches.ts';
import { type Dataset, isInPlace } from '../feed/dataset.ts';
import type { Session } from '../model/session.ts';
import type { AllocatedWorkers } from '../model/workerAllocation.ts';
import { type FitPlan, fitDataset } from '../run/fit.ts';
import { joinBatches } from '../run/joinRows.ts';
import type { WorkerCommands } from './commands.ts';
import { GatheredBatches } from './gatheredBatches.ts';
import type { Outcome } from './outcome.ts';
import { type PostedDataset, postDataset } from './postedDataset.ts';
import { type PredictPart, predictParts } from './predictParts.ts';
import { addResults, batchesOf, evaluateSourceIn, runSource } from './sharedBatches.ts';
import { WorkerGroup } from './workerGroup.ts';
import { leaveWorkers } from './workerPool.ts';
import { WorkersTrainer } from './workersTrainer.ts';
import { WorkerThread, workerSource } from './workerThread.ts';

/** The addresses of the worker's file from which a worker was started. */
const startable = new Set<unknown>();

/**
 * Whether workers can be started. They cannot be started from another origin, or if the worker's
 * file is missing. A failure may be temporary, so the next call tries again; the warning is given
 * once for each address.
 */
export async function canStartWorkers(): Promise<boolean> {
  const source = workerSource();
  if (startable.has(source)) return true;
  try {
    const thread = await WorkerThread.start();
    await thread.call(async (commands) => ({ value: await commands.ready() }));
    leaveWorkers([thread]);
    startable.add(source);
    return true;
  } catch (error) {
    const reason = (error as Error).message;
    warn(
      'NO_WORKERS',
      `this thread computes instead of workers: ${reason}. See docs/workers.md.`,
      undefined,
      typeof source === 'string' ? source : 'setWorker',
    );
    return false;
  }
}

/** Trains in workers, as `fitDataset` does on this thread. Callbacks run on this thread. */
export async function fitInWorkers(model: Session, plan: FitPlan, { count, memory }: AllocatedWorkers): Promise<void> {
  const trainer = new WorkersTrainer(model, plan, count, memory);
  try {
    await fitDataset(trainer, model.progress, plan);
  } finally {
    await trainer.close();
  }
}

/** Computes loss and metrics over a data set, with the same bits as without workers. */
export async function evaluateInWorkers(model: Session, dataset: Dataset, batchSize: number, allocated: AllocatedWorkers): Promise<Logs> {
  if (isInPlace(dataset)) return evaluateSourceInWorkers(model, new GatheredBatches(dataset, batchSize), allocated);
  const size = Math.min(allocated.count, Math.ceil(dataset.count / batchSize));
  const parts = Array.from({ length: size }, (_, rank) => batchesOf(dataset, batchSize, { rank, size }));
  const results = await shareParts(model, parts, allocated, (commands, part) => commands.evaluate(part, batchSize));
  return addResults(results, model.compilation?.metrics ?? [], dataset.count, batchSize);
}

/** The outputs for every sample, the same bits as without workers: one tensor for each output. */
export async function predictInWorkers(
  model: Session,
  dataset: Dataset,
  batchSize: number,
  allocated: AllocatedWorkers,
): Promise<Tensor<FloatArray>[]> {
  if (isInPlace(dataset)) return joinBatches(await predictSourceInWorkers(model, new GatheredBatches(dataset, batchSize), allocated));
  const parts = predictParts(model.builtGraph('predict'), dataset, batchSize, allocated.count);
  const datasets = parts.map((part) => part.dataset);
  const outputs = await shareParts(model, datasets, allocated, (commands, part, rank) =>
    commands.predict(part, (parts[rank] as PredictPart).batchSize),
  );
  return joinBatches(outputs);
}

/** Computes loss and metrics over the batches of an iterable, with the bits of this thread. */
export async function evaluateSourceInWorkers(model: Session, source: BatchSource, allocated: AllocatedWorkers): Promise<Logs> {
  const group = await WorkerGroup.open(model, allocated.count, 'run');
  try {
    return await evaluateSourceIn(group, source, model.compilation?.metrics ?? []);
  } finally {
    if (await group.close()) allocated.memory.release();
  }
}

/** The outputs for the batches of an iterable: for each batch one tensor for each output. */
export async function predictSourceInWorkers(
  model: Session,
  source: BatchSource,
  allocated: AllocatedWorkers,
): Promise<Tensor<FloatArray>[][]> {
  const group = await WorkerGroup.open(model, allocated.count, 'run');
  try {
    const outputs: Tensor<FloatArray>[][] = [];
    for await (const { value } of runSource(group, source, (commands, dataset, rows) => commands.predict(dataset, rows)))
      outputs.push(value);
    return outputs;
  } finally {
    if (await group.close()) allocated.memory.release();
  }
}

/** Runs a command on parts of a data set, each in a worker. @returns the results by part */
async function shareParts<T>(
  model: Session,
  datasets: readonly Dataset[],
  { memory }: AllocatedWorkers,
  command: (commands: Remote<WorkerCommands>, part: PostedDataset, rank: number) => Promise<Outcome<T>>,
): Promise<T[]> {
  const group = await WorkerGroup.open(model, datasets.length, 'run');
  try {
    const parts: PostedDataset[] = [];
    for (const [rank, dataset] of datasets.entries()) parts.push(await postDataset(dataset, rank === datasets.length - 1));
    return await group.all((commands, rank) => {
      const part = parts[rank] as PostedDataset;
      return command(commands, transfer(part, [...part.transfer]), rank);
    });
  } finally {
    if (await group.close()) memory.release();
  }
}
