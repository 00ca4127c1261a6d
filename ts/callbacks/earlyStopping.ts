import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { booleanOption, checkOptions, oneOf } from '../core/options.ts';
import { wholeNumber } from '../core/shape.ts';
import { suggest } from '../core/suggestion.ts';
import type { Tensor } from '../core/tensor.ts';
import { warn } from '../core/warnings.ts';
import { withoutPrefix, withPrefix } from '../objective/historyNames.ts';
import { betterWhen, METRIC_NAMES } from '../objective/metrics.ts';
import type { CallbackOf, Logs, TrainingPlan } from './callback.ts';
import type { ModelInTraining } from './modelInTraining.ts';

/** Options of {@link EarlyStopping}. https://keras.io/api/callbacks/early_stopping/ */
export interface EarlyStoppingOptions {
  /**
   * The number to watch, by its name in the history: `valLoss`, `loss`, `valAccuracy`. Default
   * 'valLoss'.
   */
  monitor?: string;
  /**
   * By how much it must be better than before to count as better; its sign does not matter. Default
   * 0.
   */
  minDelta?: number;
  /**
   * After how many epochs in a row that are no better training ends; 0 and 1 both end it with the
   * first. Default 0.
   */
  patience?: number;
  /** 1 prints what it does when training ends. Default 0. */
  verbose?: 0 | 1;
  /**
   * Whether low or high is better; 'auto' knows it of the loss and of every metric. Default 'auto'.
   */
  mode?: 'auto' | 'min' | 'max';
  /**
   * Only an epoch that is better than this, too, starts the count of `patience` anew. Default null:
   * every better epoch does.
   */
  baseline?: number | null;
  /**
   * Give the model the weights of the best epoch when training ends, however it ends: also by the
   * last epoch, an error or the signal, and also when no epoch was better than the baseline. The
   * optimizer stays as it is. Default false: it keeps those of the last step.
   */
  restoreBestWeights?: boolean;
  /** Epochs, counted from 0, that pass before it begins to watch. Default 0. */
  startFromEpoch?: number;
}

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
 * Ends training when a number stops getting better, by Keras's rules. With any number of workers:
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
 * In an epoch without the number, as between two validations, nothing happens. When `fit` never
 * gives it, it warns.
 */
export class EarlyStopping implements CallbackOf {
  readonly monitor: string;
  readonly patience: number;
  readonly restoreBestWeights: boolean;
  readonly baseline: number | null;
  readonly startFromEpoch: number;
  readonly #minDelta: number;
  readonly #mode: 'auto' | 'min' | 'max';
  readonly #isVerbose: boolean;
  #sign: 1 | -1 = 1;
  #wait = 0;
  #best: number | null = null;
  #bestEpoch: number | null = null;
  #bestWeights: Tensor<FloatArray>[] | null = null;
  #stoppedEpoch: number | null = null;
  #validationFreq: number | null = null;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: EarlyStoppingOptions) {
    const where = 'EarlyStopping';
    checkOptions(options, OPTIONS, where);
    const {
      monitor = 'valLoss',
      minDelta = 0,
      patience = 0,
      verbose = 0,
      mode = 'auto',
      baseline = null,
      startFromEpoch = 0,
    } = options ?? {};
    if (typeof monitor !== 'string' || monitor === '')
      throw new ArgumentError(`${where}: monitor must be the name of a number in the history, got ${describe(monitor)}`);
    this.monitor = monitor;
    this.#minDelta = Math.abs(finiteNumber(minDelta, `${where}: minDelta`));
    this.patience = wholeNumber(patience, `${where}: patience`);
    this.#isVerbose = oneOf(verbose, [0, 1], `${where}: verbose`) === 1;
    this.#mode = oneOf(mode, ['auto', 'min', 'max'], `${where}: mode`);
    this.baseline = baseline === null ? null : finiteNumber(baseline, `${where}: baseline`);
    this.restoreBestWeights = booleanOption(options?.restoreBestWeights, false, `${where}: restoreBestWeights`);
    this.startFromEpoch = wholeNumber(startFromEpoch, `${where}: startFromEpoch`);
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
  onTrainBegin({ validationFreq, metricModes }: TrainingPlan): void {
    const better = this.#mode === 'auto' ? betterWhen(this.monitor, metricModes) : this.#mode;
    if (better === null) {
      throw new ArgumentError(
        `EarlyStopping: no metric is called '${this.monitor}'${suggest(this.monitor, historyNames())}, so whether low or high is better must be said: mode: 'min' or 'max'`,
      );
    }
    this.#sign = better === 'min' ? -1 : 1;
    this.#validationFreq = validationFreq;
    this.#wait = 0;
    this.#best = null;
    this.#bestEpoch = null;
    this.#bestWeights = null;
    this.#stoppedEpoch = null;
  }

  onEpochEnd(epoch: number, logs: Logs, model: ModelInTraining): void {
    const current = Object.hasOwn(logs, this.monitor) ? logs[this.monitor] : undefined;
    if (current === undefined) {
      this.#warnOfAbsence(epoch, logs, model);
      return;
    }
    if (epoch < this.startFromEpoch) return;
    this.#wait++;
    if (this.#isBetter(current, this.#best)) {
      this.#best = current;
      this.#bestEpoch = epoch;
      if (this.restoreBestWeights) this.#bestWeights = model.getWeights();
      if (this.#isBetter(current, this.baseline)) this.#wait = 0;
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

  /**
   * Whether a value is better than another by more than `minDelta`; anything is better than none,
   * and NaN is never better.
   */
  #isBetter(value: number, than: number | null): boolean {
    return than === null || this.#sign * value - this.#minDelta > this.#sign * than;
  }

  #warnOfAbsence(epoch: number, logs: Logs, model: ModelInTraining): void {
    const freq = this.#validationFreq;
    // Between two validations their numbers are not missing.
    if (freq !== null && (epoch + 1) % freq !== 0) return;
    const names = Object.keys(logs);
    const remedy = freq === null && withoutPrefix('val', this.monitor) !== this.monitor ? '; pass validationData or validationSplit' : '';
    warn(
      'NOTHING_MONITORED',
      `EarlyStopping: fit gives no '${this.monitor}'${suggest(this.monitor, names)}, so it never ends early${remedy}. It gives ${names.join(', ')}.`,
      model,
      this.monitor,
    );
  }
}

/** Names that a history can have. */
function historyNames(): string[] {
  return ['loss', ...METRIC_NAMES].flatMap((name) => [name, withPrefix('val', name)]);
}

const DIVERGED = 'training diverged, and a lower learning rate or clipnorm may help';

function finiteNumber(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ArgumentError(`${where} must be a finite number, got ${describe(value)}`);
}
