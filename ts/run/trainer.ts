import type { Logs } from '../callbacks/callback.ts';
import type { CallbackList } from '../callbacks/callbackList.ts';
import type { TrainingControl } from '../control/trainingControl.ts';
import type { BatchSource } from '../feed/batches.ts';
import type { Dataset } from '../feed/dataset.ts';
import type { Divergence } from './divergence.ts';

/** The data and the options of an epoch. */
export interface EpochPlan {
  /** The data; for an iterable, its first batch. */
  readonly dataset: Dataset;
  /** The batches; null where `dataset` has them all. */
  readonly source: BatchSource | null;
  readonly validation: Dataset | null;
  /** The batches to validate on, instead of `validation`. */
  readonly validationSource: BatchSource | null;
  readonly batchSize: number;
  readonly validationBatchSize: number;
  readonly shuffle: boolean;
  /** The seed of the shuffle; null for the model's. */
  readonly shuffleSeed: number | bigint | null;
  readonly signal: AbortSignal | null;
  readonly control: TrainingControl | null;
}

/** The progress of training. */
export interface EpochProgress {
  /** Whether training has to end after the current batch. */
  stopTraining: boolean;
  /** Number of optimizer steps so far. */
  iteration: number;
  /** Number of epochs in all runs so far. It determines the shuffle of the next epoch. */
  epochsDone: number;
  /** Number of batches of the present epoch that are done. */
  batch: number;
  /** The sums of its loss and metrics over these batches; null before the first. */
  sums: Float64Array | null;
}

/** The functions that are called for the batches of a validation; null when no callback has one. */
export interface TestEvents {
  readonly testBegin: ((batch: number) => Promise<void>) | null;
  readonly testEnd: ((batch: number, logs: Logs) => Promise<void>) | null;
}

/** The functions that are called during an epoch; null when no callback has one. */
export interface BatchEvents extends TestEvents {
  readonly batchBegin: ((batch: number) => Promise<void>) | null;
  readonly batchEnd: ((batch: number, logs: Logs) => Promise<void>) | null;
  /** Called at most 30 times a second. */
  readonly progress: ((batch: number, logs: Logs) => Promise<void>) | null;
  /** Called after the first step of a run whose loss is not finite. */
  readonly diverged: ((divergence: Divergence) => void | Promise<void>) | null;
}

/** The functions that a run calls on the user's thread. */
export interface RunListeners {
  readonly callbacks: CallbackList;
  /** Called after the first step whose loss is not finite. */
  readonly diverged: (divergence: Divergence) => void;
}

/** Trains epochs, on this thread or in workers. */
export interface Trainer {
  /**
   * Compiles the programs of the run before the first update, so that one that does not fit in
   * memory fails here.
   */
  prepare(): void | Promise<void>;
  /**
   * Trains on the rest of the epoch, usually all data; on less if the run is stopped. The weights
   * are consistent whenever it ends.
   */
  trainEpoch(): Promise<Logs>;
  /** Computes loss and metrics over the validation data. */
  validate(): Promise<Logs>;
}

/** The events of the callbacks that have functions for them. */
export function batchEventsOf({ callbacks, diverged }: RunListeners): BatchEvents {
  const atBegin = callbacks.listening('onTrainBatchBegin');
  const atBatch = callbacks.listening('onTrainBatchEnd');
  const atProgress = callbacks.listening('onProgress');
  const atTestBegin = callbacks.listening('onTestBatchBegin');
  const atTestEnd = callbacks.listening('onTestBatchEnd');
  return {
    batchBegin: atBegin && ((batch) => atBegin.call('onTrainBatchBegin', batch)),
    batchEnd: atBatch && ((batch, logs) => atBatch.call('onTrainBatchEnd', batch, logs)),
    progress: atProgress && ((batch, logs) => atProgress.call('onProgress', batch, logs)),
    diverged,
    testBegin: atTestBegin && ((batch) => atTestBegin.call('onTestBatchBegin', batch)),
    testEnd: atTestEnd && ((batch, logs) => atTestEnd.call('onTestBatchEnd', batch, logs)),
  };
}
