/** Numbers of a batch or an epoch by name: `loss`, the metrics, and after validation `valLoss`, `valAccuracy`, …. */
export type Logs = Record<string, number>;

/** What callbacks may ask of the model that trains. */
export interface TrainingModel {
  /** Set it to true to end training after the current batch. */
  stopTraining: boolean;
}

/** Sizes of a training run. */
export interface TrainingPlan {
  readonly epochs: number;
  readonly initialEpoch: number;
  /** Batches of an epoch. */
  readonly steps: number;
  /** Samples of an epoch. */
  readonly samples: number;
  readonly batchSize: number;
}

/**
 * Functions that `fit` calls as it goes, in order, awaiting each. All are optional; epochs and batches count from 0.
 * https://keras.io/api/callbacks/base_callback/
 */
export interface Callback {
  onTrainBegin?(plan: TrainingPlan, model: TrainingModel): void | Promise<void>;
  onTrainEnd?(logs: Logs, model: TrainingModel): void | Promise<void>;
  onEpochBegin?(epoch: number, model: TrainingModel): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs, model: TrainingModel): void | Promise<void>;
  onTrainBatchEnd?(batch: number, logs: Logs, model: TrainingModel): void | Promise<void>;
}

/** The numbers of every epoch, by name; what `fit` returns. */
export class History implements Callback {
  /** `history.loss[3]` is the loss of the fourth epoch that ran. */
  readonly history: Record<string, number[]> = {};
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
