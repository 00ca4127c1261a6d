import { RandomStream } from '../core/random.ts';
import type { Callback, Logs, TrainingPlan } from './callback.ts';
import type { Dataset } from './dataset.ts';
import type { Compilation, Engine } from './engine.ts';
import { Meter } from './meter.ts';
import type { Model } from './model.ts';
import { evaluateDataset, inOrder, trainStep } from './run.ts';
import { makeYield } from './yield.ts';

/** A training run with every choice made and all data checked. */
export interface FitPlan {
  readonly dataset: Dataset;
  readonly validation: Dataset | null;
  readonly batchSize: number;
  readonly validationBatchSize: number;
  /** Validate after every so many epochs. */
  readonly validationFreq: number;
  readonly epochs: number;
  readonly initialEpoch: number;
  readonly shuffle: boolean;
  readonly callbacks: readonly Callback[];
  readonly signal: AbortSignal | null;
}

/** What a run leaves behind besides the weights: it goes on from there. */
export interface TrainingProgress {
  /** The model that trains: callbacks get it. */
  readonly model: Model;
  /** Whether training is to end after the current batch. */
  stopTraining: boolean;
  /** Optimizer steps done. */
  iteration: number;
  /** Epochs ever done, which pick each epoch's shuffle. */
  epochsDone: number;
}

/** Random streams of the shuffles start here, past those of the weights. */
const SHUFFLE_STREAM = 0x10000;

/**
 * The training loop: epochs of shuffled batches, one program step each, then validation. Callbacks are awaited in order.
 * The weights are whole whenever it leaves, also by an error of a callback or by the signal.
 */
export async function fitDataset(engine: Engine, compilation: Compilation, progress: TrainingProgress, plan: FitPlan): Promise<void> {
  const { dataset, batchSize, callbacks } = plan;
  const steps = Math.ceil(dataset.count / batchSize);
  const trainingPlan: TrainingPlan = { epochs: plan.epochs, initialEpoch: plan.initialEpoch, steps, samples: dataset.count, batchSize };
  prepareAllPrograms(engine, compilation, plan);
  progress.stopTraining = false;
  for (const callback of callbacks) await callback.onTrainBegin?.(trainingPlan, progress.model);
  let logs: Logs = {};
  // One for the whole run: epochs may be shorter than a turn.
  const turn = makeYield();
  try {
    for (let epoch = plan.initialEpoch; epoch < plan.epochs && !progress.stopTraining; epoch++) {
      for (const callback of callbacks) await callback.onEpochBegin?.(epoch, progress.model);
      logs = await trainEpoch(engine, compilation, progress, plan, turn);
      if (plan.validation && (epoch + 1) % plan.validationFreq === 0) {
        for (const callback of callbacks) await callback.onTestBegin?.(progress.model);
        const validation = await evaluateDataset(engine, compilation, plan.validation, plan.validationBatchSize);
        for (const callback of callbacks) await callback.onTestEnd?.(validation, progress.model);
        for (const [name, value] of Object.entries(validation)) logs[`val${name[0]?.toUpperCase()}${name.slice(1)}`] = value;
      }
      for (const callback of callbacks) await callback.onEpochEnd?.(epoch, logs, progress.model);
    }
  } finally {
    for (const callback of callbacks) await callback.onTrainEnd?.(logs, progress.model);
  }
}

async function trainEpoch(
  engine: Engine,
  compilation: Compilation,
  progress: TrainingProgress,
  plan: FitPlan,
  turn: ReturnType<typeof makeYield>,
): Promise<Logs> {
  const { dataset, batchSize, callbacks, signal } = plan;
  const order = plan.shuffle ? shuffledOrder(engine, dataset.count, progress.epochsDone) : inOrder(dataset.count);
  const batchCallbacks = callbacks.filter((callback) => callback.onTrainBatchEnd);
  const meter = new Meter();
  for (let start = 0, step = 0; start < dataset.count && !progress.stopTraining; start += batchSize, step++) {
    throwIfAborted(signal);
    const batch = Math.min(batchSize, dataset.count - start);
    const compiled = trainStep(engine, compilation, dataset, order, start, batch, progress.iteration);
    progress.iteration++;
    meter.add(compiled);
    for (const callback of batchCallbacks) await callback.onTrainBatchEnd?.(step, meter.logs, progress.model);
    const pending = turn();
    if (pending) await pending;
  }
  progress.epochsDone++;
  return meter.logs;
}

function shuffledOrder(engine: Engine, count: number, epoch: number): Int32Array {
  const [low, high] = engine.seed;
  return new RandomStream((BigInt(high) << 32n) | BigInt(low), SHUFFLE_STREAM + epoch).permutation(count);
}

/** Compiles what the run needs before the first weight moves: a plan that does not fit in memory fails here. */
function prepareAllPrograms(
  engine: Engine,
  compilation: Compilation,
  { dataset, validation, batchSize, validationBatchSize }: FitPlan,
): void {
  const prepare = (kind: 'train' | 'evaluate', data: Dataset, size: number) => {
    const sizes = new Set([Math.min(size, data.count), data.count % size || size]);
    for (const batch of sizes) if (batch <= data.count) engine.program(kind, batch, data.sampleShape, data.weight !== null, compilation);
  };
  prepare('train', dataset, batchSize);
  if (validation) prepare('evaluate', validation, validationBatchSize);
}

function throwIfAborted(signal: AbortSignal | null): void {
  if (!signal?.aborted) return;
  const { reason } = signal;
  throw reason instanceof Error ? reason : new DOMException('Training was stopped', 'AbortError');
}
