import { awaitCallback } from './awaitCallback.ts';
import type { Callback, Logs } from './callback.ts';
import type { Dataset } from './dataset.ts';
import type { Model } from './model.ts';
import type { TrainingControl } from './trainingControl.ts';

/** What epochs are trained and validated on. */
export interface EpochPlan {
  readonly dataset: Dataset;
  readonly validation: Dataset | null;
  readonly batchSize: number;
  readonly validationBatchSize: number;
  readonly shuffle: boolean;
  readonly signal: AbortSignal | null;
  readonly control: TrainingControl | null;
}

/** How far training has come. */
export interface EpochProgress {
  /** Whether training is to end after the current batch. */
  stopTraining: boolean;
  /** Optimizer steps done. */
  iteration: number;
  /** Epochs ever done, which pick each epoch's shuffle. */
  epochsDone: number;
}

/** Who hears of batches while an epoch is trained; null when nobody does. */
export interface BatchEvents {
  readonly batchEnd: ((batch: number, logs: Logs) => Promise<void>) | null;
  /** At most 30 times a second. */
  readonly progress: ((batch: number, logs: Logs) => Promise<void>) | null;
}

/** What the loop over epochs runs: training on this thread, or in workers. */
export interface Trainer {
  /** Compiles what the run needs before the first weight moves: a plan that does not fit in memory fails here. */
  prepare(): void | Promise<void>;
  /** One pass over the training data, or less when the run is stopped. The weights are whole whenever it leaves. */
  trainEpoch(): Promise<Logs>;
  /** Loss and metrics over the validation data. */
  validate(): Promise<Logs>;
}

/** The events of callbacks: each is awaited before the next, until the signal ends the run. */
export function batchEventsOf(callbacks: readonly Callback[], model: Model, signal: AbortSignal | null): BatchEvents {
  const all = (event: 'onTrainBatchEnd' | 'onProgress') => {
    const listening = callbacks.filter((callback) => callback[event]);
    if (listening.length === 0) return null;
    return async (batch: number, logs: Logs) => {
      for (const callback of listening) await awaitCallback(callback[event]?.(batch, logs, model), signal, callback, event);
    };
  };
  return { batchEnd: all('onTrainBatchEnd'), progress: all('onProgress') };
}
