import type { Remote } from 'comlink';
import { transfer } from 'comlink';
import type { Logs } from '../callbacks/callback.ts';
import type { FloatArray } from '../core/numericArray.ts';
import type { Tensor } from '../core/tensor.ts';
import { warn } from '../core/warnings.ts';
import type { BatchSource } from '../feed/batches.ts';
import type { Dataset } from '../feed/dataset.ts';
import type { Session } from '../model/session.ts';
import { getWorker, getWorkerUrl } from '../model/workerOptions.ts';
import type { HiredWorkers } from '../model/workplace.ts';
import { type FitPlan, fitDataset } from '../run/fit.ts';
import { joinBatches } from '../run/joinRows.ts';
import type { WorkerCommands } from './commands.ts';
import type { Outcome } from './outcome.ts';
import { type PostedDataset, postDataset } from './postedDataset.ts';
import { addResults, batchesOf, evaluateSourceIn, runSource } from './sharedBatches.ts';
import { WorkerGroup } from './workerGroup.ts';
import { WorkersTrainer } from './workersTrainer.ts';
import { WorkerThread } from './workerThread.ts';

/** The addresses of the worker's file from which a worker was started. */
const startable = new Set<unknown>();

/**
 * Whether workers can be started. They cannot from another origin, or where the worker's file is
 * missing. A failure may be temporary, so the next call tries again; the warning is given once for
 * each address.
 */
export async function canStartWorkers(): Promise<boolean> {
  const source = getWorker() ?? String(getWorkerUrl() ?? 'default');
  if (startable.has(source)) return true;
  try {
    const thread = await WorkerThread.start();
    await thread.call(async (commands) => ({ value: await commands.ready() }));
    thread.terminate();
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
export async function fitInWorkers(model: Session, plan: FitPlan, { count, memory }: HiredWorkers): Promise<void> {
  const trainer = new WorkersTrainer(model, plan, count, memory);
  try {
    await fitDataset(trainer, model.progress, plan);
  } finally {
    await trainer.close();
  }
}

/** Computes loss and metrics over a data set, with the same bits as without workers. */
export async function evaluateInWorkers(model: Session, dataset: Dataset, batchSize: number, hired: HiredWorkers): Promise<Logs> {
  const results = await shareBatches(model, dataset, batchSize, hired, (commands, part) => commands.evaluate(part, batchSize));
  return addResults(results, model.compilation?.metrics ?? [], dataset.count, batchSize);
}

/** The outputs for every sample, the same bits as without workers: one tensor for each output. */
export async function predictInWorkers(
  model: Session,
  dataset: Dataset,
  batchSize: number,
  hired: HiredWorkers,
): Promise<Tensor<FloatArray>[]> {
  const parts = await shareBatches(model, dataset, batchSize, hired, (commands, part) => commands.predict(part, batchSize));
  return joinBatches(parts);
}

/** Computes loss and metrics over the batches of an iterable, with the bits of this thread. */
export async function evaluateSourceInWorkers(model: Session, source: BatchSource, hired: HiredWorkers): Promise<Logs> {
  const group = await WorkerGroup.open(model, hired.count);
  try {
    return await evaluateSourceIn(group, source, model.compilation?.metrics ?? []);
  } finally {
    if (await group.close()) hired.memory.giveBack();
  }
}

/** The outputs for the batches of an iterable: for each batch one tensor for each output. */
export async function predictSourceInWorkers(model: Session, source: BatchSource, hired: HiredWorkers): Promise<Tensor<FloatArray>[][]> {
  const group = await WorkerGroup.open(model, hired.count);
  try {
    const outputs: Tensor<FloatArray>[][] = [];
    for await (const { value } of runSource(group, source, (commands, dataset, rows) => commands.predict(dataset, rows)))
      outputs.push(value);
    return outputs;
  } finally {
    if (await group.close()) hired.memory.giveBack();
  }
}

/**
 * Runs a command on each worker's batches of a data set, with at most as many workers as batches.
 */
async function shareBatches<T>(
  model: Session,
  dataset: Dataset,
  batchSize: number,
  { count, memory }: HiredWorkers,
  command: (commands: Remote<WorkerCommands>, part: PostedDataset) => Promise<Outcome<T>>,
): Promise<T[]> {
  const group = await WorkerGroup.open(model, Math.min(count, Math.ceil(dataset.count / batchSize)));
  try {
    const { size } = group;
    const parts: PostedDataset[] = [];
    for (let rank = 0; rank < size; rank++) parts.push(await postDataset(batchesOf(dataset, batchSize, { rank, size }), rank === size - 1));
    return await group.all((commands, rank) => {
      const part = parts[rank] as PostedDataset;
      return command(commands, transfer(part, [...part.transfer]));
    });
  } finally {
    if (await group.close()) memory.giveBack();
  }
}
