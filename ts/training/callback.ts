import type { Model } from './model.ts';

/** Numbers of a batch or an epoch by name: `loss`, the metrics, and after validation `valLoss`, `valAccuracy`, …. */
export type Logs = Record<string, number>;

/** Sizes of a training run. */
export interface TrainingPlan {
  readonly epochs: number;
  readonly initialEpoch: number;
  /** Batches of an epoch. */
  readonly steps: number;
  /** Samples of an epoch. */
  readonly samples: number;
  readonly batchSize: number;
  /** Validation follows every so many epochs; null when there is no data to validate on. */
  readonly validationFreq: number | null;
}

/** What a number of the validation is called in the history: `valLoss` for `loss`. */
export function validationName(name: string): string {
  return `val${name[0]?.toUpperCase()}${name.slice(1)}`;
}

/**
 * Functions that `fit` calls as it goes, in order, awaiting each. All are optional; epochs and batches count from 0. Each gets the
 * model that trains: set its `stopTraining` to true to end training after the current batch, `save` it, `evaluate` it. A function
 * whose name begins with `on` and is none of these is refused, so that a misspelt one is not silently left out, and so is an object
 * that has none of these.
 * https://keras.io/api/callbacks/base_callback/
 */
export interface Callback {
  onTrainBegin?(plan: TrainingPlan, model: Model): void | Promise<void>;
  /**
   * Also when training ends by an error, which `fit` then throws; what a callback throws here after it is in the error's property
   * `suppressed`.
   */
  onTrainEnd?(logs: Logs, model: Model): void | Promise<void>;
  onEpochBegin?(epoch: number, model: Model): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs, model: Model): void | Promise<void>;
  /** After every batch. With workers each call is a round trip between threads: displays are better off with `onProgress`. */
  onTrainBatchEnd?(batch: number, logs: Logs, model: Model): void | Promise<void>;
  /** How far the epoch has come, for displays: at most 30 times a second. */
  onProgress?(batch: number, logs: Logs, model: Model): void | Promise<void>;
  /** Before and after the validation of an epoch, with its loss and metrics: `{ loss, accuracy, … }`. */
  onTestBegin?(model: Model): void | Promise<void>;
  onTestEnd?(logs: Logs, model: Model): void | Promise<void>;
}

/** The numbers of every epoch, by name; what `fit` returns. */
export class History implements Callback {
  /** `history.loss[3]` is the loss of the fourth epoch that ran. */
  readonly history: { loss: number[]; [name: string]: number[] } = { loss: [] };
  /** The epochs that ran, from 0. */
  readonly epoch: number[] = [];

  onEpochEnd(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      this.history[name] ??= [];
      this.history[name].push(value);
    }
  }
}
