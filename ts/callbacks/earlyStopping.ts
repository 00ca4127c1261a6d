import type { FloatArray } from '../core/numericArray.ts';
import { booleanOption, checkOptions, oneOf } from '../core/options.ts';
import { nonNegativeInteger } from '../core/shape.ts';
import type { Tensor } from '../core/tensor.ts';
import { warn } from '../core/warnings.ts';
import type { CallbackOf, CallbackState, Logs, TrainingPlan } from './callback.ts';
import type { ModelInTraining } from './modelInTraining.ts';
import { finiteNumber, Monitor, type MonitorOptions } from './monitor.ts';

/** Options of {@link EarlyStopping}. https://keras.io/api/callbacks/early_stopping/ */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** The smallest change that counts as an improvement; its sign is ignored. Default 0. */
  minDelta?: number;
  /**
   * The number of consecutive epochs without improvement after which training ends; 0 and 1 both
   * end it after the first. Default 0.
   */
  patience?: number;
  /** 1 prints what it does when training ends. Default 0. */
  verbose?: 0 | 1;
  /**
   * Only an epoch that is also better than this value resets the count of `patience`. Default null:
   * every improvement does.
   */
  baseline?: number | null;
  /**
   * Set the weights to those of the best epoch when training ends, also after the last epoch, an
   * error or the signal, and also if no epoch was better than the baseline. The optimizer does not
   * change. Default false: the model keeps the weights of the last step.
   */
  restoreBestWeights?: boolean;
  /** The first epoch that is monitored, counted from 0. Default 0. */
  startFromEpoch?: number;
}

/** The state between epochs. */
type EarlyStoppingState = {
  readonly wait: number;
  readonly best: number | null;
  readonly bestEpoch: number | null;
  readonly bestWeights: Tensor<FloatArray>[] | null;
  readonly stoppedEpoch: number | null;
};

const OPTIONS: readonly (keyof EarlyStoppingOptions)[] = [
  'monitor',
  'minDelta',
  'patience',
  'verbose',
  'mode',
  'baseline',
  'restoreBestWeights',
  'startFromEpoch',
];

/**
 * Ends training when a value of the history stops improving, by Keras's rules, with any number of
 * workers:
 *
 * ```ts
 * import { Dense, EarlyStopping, Sequential } from 'backtime';
 *
 * const x = Array.from({ length: 40 }, (_, row) => [row / 40]);
 * const y = x.map(([value]) => [2 * value]);
 * const model = new Sequential([new Dense(1)]);
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * const options = { monitor: 'valLoss', patience: 3, restoreBestWeights: true };
 * const stopping = new EarlyStopping(options);
 * await model.fit(x, y, { epochs: 30, validationSplit: 0.2, callbacks: [stopping], verbose: 0 });
 * console.log(stopping.bestEpoch, stopping.stoppedEpoch);
 * ```
 *
 * In an epoch without the number, as between two validations, nothing happens. If `fit` never
 * reports it, a warning is given.
 */
export class EarlyStopping implements CallbackOf {
  readonly patience: number;
  readonly restoreBestWeights: boolean;
  readonly baseline: number | null;
  readonly startFromEpoch: number;
  readonly #monitor: Monitor;
  readonly #isVerbose: boolean;
  #wait = 0;
  #best: number | null = null;
  #bestEpoch: number | null = null;
  #bestWeights: Tensor<FloatArray>[] | null = null;
  #stoppedEpoch: number | null = null;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: EarlyStoppingOptions = {}) {
    const where = 'EarlyStopping';
    checkOptions(options, OPTIONS, where);
    const { minDelta = 0, patience = 0, verbose = 0, baseline = null, startFromEpoch = 0 } = options;
    this.#monitor = new Monitor(where, options, minDelta, 'never ends early');
    this.patience = nonNegativeInteger(patience, `${where}: patience`);
    this.#isVerbose = oneOf(verbose, [0, 1], `${where}: verbose`) === 1;
    this.baseline = baseline === null ? null : finiteNumber(baseline, `${where}: baseline`);
    this.restoreBestWeights = booleanOption(options.restoreBestWeights, false, `${where}: restoreBestWeights`);
    this.startFromEpoch = nonNegativeInteger(startFromEpoch, `${where}: startFromEpoch`);
  }

  /** The name of the monitored value. */
  get monitor(): string {
    return this.#monitor.name;
  }

  /** The state between epochs, with the best weights. */
  getState(): EarlyStoppingState {
    const [wait, best, bestEpoch] = [this.#wait, this.#best, this.#bestEpoch];
    return { wait, best, bestEpoch, bestWeights: this.#bestWeights, stoppedEpoch: this.#stoppedEpoch };
  }

  setState(state: CallbackState): void {
    const { wait, best, bestEpoch, bestWeights, stoppedEpoch } = state as EarlyStoppingState;
    this.#wait = wait;
    this.#best = best;
    this.#bestEpoch = bestEpoch;
    this.#bestWeights = bestWeights;
    this.#stoppedEpoch = stoppedEpoch;
  }

  /** The best value of the last run; null before there was one. */
  get best(): number | null {
    return this.#best;
  }

  /** The epoch of the last run, from 0, whose value was best; null before there was one. */
  get bestEpoch(): number | null {
    return this.#bestEpoch;
  }

  /** The epoch, from 0, after which it ended the last run; null when it did not. */
  get stoppedEpoch(): number | null {
    return this.#stoppedEpoch;
  }

  /** @throws {ArgumentError} when `mode` is 'auto' and no metric has the monitored name */
  onTrainBegin(plan: TrainingPlan): void {
    this.#monitor.begin(plan);
    this.#wait = 0;
    this.#best = null;
    this.#bestEpoch = null;
    this.#bestWeights = null;
    this.#stoppedEpoch = null;
  }

  onEpochEnd(epoch: number, logs: Logs, model: ModelInTraining): void {
    const current = this.#monitor.valueAt(epoch, logs, model);
    if (current === undefined) return;
    if (epoch < this.startFromEpoch) return;
    this.#wait++;
    if (this.#monitor.isBetter(current, this.#best)) {
      this.#best = current;
      this.#bestEpoch = epoch;
      if (this.restoreBestWeights) this.#bestWeights = model.getWeights();
      if (this.#monitor.isBetter(current, this.baseline)) this.#wait = 0;
    } else if (this.#wait >= this.patience) {
      this.#stoppedEpoch = epoch;
      model.stopTraining = true;
    }
  }

  onTrainEnd(_logs: Logs, model: ModelInTraining): void {
    const weights = this.#bestWeights;
    this.#bestWeights = null;
    if (this.#isVerbose && this.#stoppedEpoch !== null) console.log(`Epoch ${this.#stoppedEpoch + 1}: early stopping`);
    if (!weights) return;
    const epoch = (this.#bestEpoch as number) + 1;
    if (!weights.every(({ data }) => data.every(Number.isFinite))) {
      const message = `EarlyStopping: the weights of the best epoch, ${epoch}, are not finite and are not restored: ${DIVERGED}`;
      warn('DIVERGED', message, model, 'EarlyStopping');
      return;
    }
    if (this.#isVerbose) console.log(`Restoring model weights from the end of the best epoch: ${epoch}.`);
    model.setWeights(weights);
  }
}

const DIVERGED = 'training diverged, and a lower learning rate or clipnorm may help';
