import type { ModelInTraining } from './modelInTraining.ts';

/**
 * Numbers of a batch or an epoch by name: `loss`, the metrics, and after validation `valLoss`,
 * `valAccuracy`, ….
 */
export interface Logs {
  /** The loss. Only `onTrainEnd` after no epoch has none. */
  loss: number;
  [name: string]: number;
}

/** Logs before the first step, to which nothing was added. */
export const noLogs = (): Logs => ({}) as Logs;

/** Sizes of a training run. */
export interface TrainingPlan {
  readonly epochs: number;
  readonly initialEpoch: number;
  /** Batches of an epoch; Infinity for an iterable without `stepsPerEpoch`. */
  readonly steps: number;
  /** Samples of an epoch; Infinity for an iterable. */
  readonly samples: number;
  /** Samples of a batch; for an iterable, those of the first batch. */
  readonly batchSize: number;
  /**
   * Batches of the first epoch that a run before has trained, when `BackupAndRestore` continues
   * within an epoch; absent otherwise. That epoch has begun, so it has no `onEpochBegin`.
   */
  readonly initialBatch?: number;
  /** The number of epochs from one validation to the next; null without validation data. */
  readonly validationFreq: number | null;
  /**
   * Whether a low or a high number is better of metrics of which the name does not tell it, by
   * names in the history without `val`.
   */
  readonly metricModes?: Readonly<Record<string, 'min' | 'max'>>;
}

/**
 * Functions that `fit` calls during training, in order; it awaits each one. All are optional.
 * Epochs and batches count from 0. Each function gets the model, and may `save` it, `evaluate` it,
 * or set its `stopTraining` to true, which ends training after the current batch. `fit` refuses an
 * object that has none of these functions, or another function whose name begins with `on`, so that
 * no misspelt function is ignored in silence.
 * https://keras.io/api/callbacks/base_callback/
 *
 * Users' callbacks are those of a `Model`. Those of this package need less of it.
 */
export interface CallbackEvents<M extends ModelInTraining = ModelInTraining> {
  onTrainBegin?(plan: TrainingPlan, model: M): void | Promise<void>;
  /**
   * Called at the end of training, also when an error ends it. `fit` then throws that error; if
   * this function throws too, the second error is in the property `suppressed` of the first.
   */
  onTrainEnd?(logs: Logs, model: M): void | Promise<void>;
  onEpochBegin?(epoch: number, model: M): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs, model: M): void | Promise<void>;
  /**
   * Called before every batch. A learning rate that it sets is used for the batch. With workers
   * each call is a round trip between threads.
   */
  onTrainBatchBegin?(batch: number, model: M): void | Promise<void>;
  /**
   * Called after every batch, with the means of the epoch so far. With workers each call is a round
   * trip between threads, so use `onProgress` for displays.
   */
  onTrainBatchEnd?(batch: number, logs: Logs, model: M): void | Promise<void>;
  /** Called at most 30 times a second with the progress of the epoch, for displays. */
  onProgress?(batch: number, logs: Logs, model: M): void | Promise<void>;
  /**
   * Called before the validation of an epoch, and after it with its loss and metrics:
   * `{ loss, accuracy, … }`.
   */
  onTestBegin?(model: M): void | Promise<void>;
  onTestEnd?(logs: Logs, model: M): void | Promise<void>;
  /**
   * Called before and after every batch of a validation, with the means so far. Several workers
   * share the batches of a validation; these functions are then called for each batch, in order,
   * after the workers have computed all of them.
   */
  onTestBatchBegin?(batch: number, model: M): void | Promise<void>;
  onTestBatchEnd?(batch: number, logs: Logs, model: M): void | Promise<void>;
}

/**
 * The state of a callback between epochs: strings, numbers, true, false, null, typed arrays of
 * floats, and arrays and plain objects of these. A custom type is a `type`, not an `interface`.
 */
export type CallbackState = { readonly [name: string]: unknown };

/** A callback: its functions and its state. */
export interface CallbackOf<M extends ModelInTraining = ModelInTraining> extends CallbackEvents<M> {
  /**
   * Whether `onTrainBatchEnd` needs the weights after a batch. With workers, the model then has
   * those of the batch, which costs the time of a save; otherwise it has those of the last epoch.
   */
  needsWeights?(batch: number): boolean;
  /**
   * The state between epochs. `BackupAndRestore` saves it with the run, if the callback has
   * `setState` too.
   */
  getState?(): CallbackState;
  /** Restores a state when a run is resumed, after `onTrainBegin`. */
  setState?(state: CallbackState): void;
}

/** A number for each epoch that ran. */
export interface EpochValues extends Array<number> {
  /** The value of the last epoch. After no epoch there is none. */
  at(index: -1): number;
  at(index: number): number | undefined;
}

const noValues = () => [] as number[] as EpochValues;

/** The loss and the metrics of every epoch, by name. `fit` returns it. */
export class History implements CallbackOf {
  /** `history.loss[3]` is the loss of the fourth epoch that ran. */
  readonly history: { loss: EpochValues; [name: string]: EpochValues } = { loss: noValues() };
  /** The numbers of the epochs that ran, counted from 0. */
  readonly epoch: number[] = [];

  onEpochEnd(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      this.history[name] ??= noValues();
      this.history[name].push(value);
    }
  }
}
