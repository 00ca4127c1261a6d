import type { Remote } from 'comlink';
import { transfer } from 'comlink';
import type { Logs } from '../callbacks/callback.ts';
import { makeCheckpoint } from '../control/checkpoint.ts';
import { allocateArray } from '../core/allocate.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { typedArrayName } from '../core/tags.ts';
import type { Tensor } from '../core/tensor.ts';
import { warn } from '../core/warnings.ts';
import type { Dataset } from '../feed/dataset.ts';
import { inPieces } from '../feed/pieces.ts';
import type { Session } from '../model/session.ts';
import { getWorker, getWorkerUrl } from '../model/workerOptions.ts';
import type { HiredWorkers } from '../model/workplace.ts';
import { type FitPlan, fitDataset } from '../run/fit.ts';
import type { WorkerCommands } from './commands.ts';
import type { Outcome } from './outcome.ts';
import { type PostedDataset, postDataset } from './postedDataset.ts';
import { addResults, batchesOf } from './sharedBatches.ts';
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
  const [first] = parts as [Tensor<FloatArray>[]];
  if (parts.length === 1) return first;
  const joined: Tensor<FloatArray>[] = [];
  for (const index of first.keys())
    joined.push(
      await join(
        parts.map((part) => part[index] as Tensor<FloatArray>),
        dataset.count,
      ),
    );
  return joined;
}

/** The rows of tensors one after the other. */
async function join(parts: readonly Tensor<FloatArray>[], count: number): Promise<Tensor<FloatArray>> {
  const [first] = parts as readonly [Tensor<FloatArray>];
  const shape = [count, ...first.shape.slice(1)];
  const ArrayType = typedArrayName(first.data) === 'Float64Array' ? Float64Array : Float32Array;
  const data = allocateArray<FloatArray>(ArrayType, shape, 'predict: the outputs');
  let next = 0;
  const checkpoint = makeCheckpoint();
  for (const { data: part } of parts) {
    await inPieces(part.length, (start, end) => data.set(part.subarray(start, end), next + start), checkpoint);
    next += part.length;
  }
  return { shape, data };
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
