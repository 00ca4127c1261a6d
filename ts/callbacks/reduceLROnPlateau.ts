import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { checkOptions, numberInRange, oneOf } from '../core/options.ts';
import { nonNegativeInteger } from '../core/shape.ts';
import type { CallbackOf, CallbackState, Logs, TrainingPlan } from './callback.ts';
import type { ModelInTraining } from './modelInTraining.ts';
import { Monitor, type MonitorOptions } from './monitor.ts';
import { logRate, optimizerRate } from './optimizerRate.ts';

/** Options of {@link ReduceLROnPlateau}. https://keras.io/api/callbacks/reduce_lr_on_plateau/ */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** The factor of the learning rate, at least 0 and below 1. Default 0.1. */
  factor?: number;
  /**
   * The number of consecutive epochs without improvement after which the rate is reduced. Default
   * 10.
   */
  patience?: number;
  /** 1 prints every reduction. Default 0. */
  verbose?: 0 | 1;
  /** The smallest change that counts as an improvement; its sign is ignored. Default 1e-4. */
  minDelta?: number;
  /** Epochs after a reduction that do not count. Default 0. */
  cooldown?: number;
  /** The smallest learning rate. Default 0. */
  minLr?: number;
}

/** The state between epochs. */
type PlateauState = { best: number | null; wait: number; cooldownLeft: number };

const OWNER = 'ReduceLROnPlateau';
const OPTIONS: readonly (keyof ReduceLROnPlateauOptions)[] = [
  'monitor',
  'factor',
  'patience',
  'verbose',
  'mode',
  'minDelta',
  'cooldown',
  'minLr',
];

/**
 * Multiplies the optimizer's learning rate by `factor` when a value of the history stops improving,
 * by Keras's rules. The history gets `learningRate`, the rate of each epoch.
 *
 *     new ReduceLROnPlateau({ monitor: 'valLoss', factor: 0.5, patience: 5, minLr: 1e-5 });
 *
 * In an epoch without the number, as between two validations, nothing happens. If `fit` never
 * reports it, a warning is given.
 */
export class ReduceLROnPlateau implements CallbackOf {
  readonly factor: number;
  readonly patience: number;
  readonly cooldown: number;
  readonly minLr: number;
  readonly #monitor: Monitor;
  readonly #isVerbose: boolean;
  #state: PlateauState = { best: null, wait: 0, cooldownLeft: 0 };

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: ReduceLROnPlateauOptions = {}) {
    checkOptions(options, OPTIONS, OWNER);
    const { factor = 0.1, patience = 10, verbose = 0, minDelta = 1e-4, cooldown = 0, minLr = 0 } = options;
    this.#monitor = new Monitor(OWNER, options, minDelta, 'never reduces the learning rate');
    if (typeof factor !== 'number' || !(factor >= 0 && factor < 1))
      throw new ArgumentError(`${OWNER}: factor must be a number of at least 0 and below 1, got ${describe(factor)}`);
    this.factor = factor;
    this.patience = nonNegativeInteger(patience, `${OWNER}: patience`);
    this.#isVerbose = oneOf(verbose, [0, 1], `${OWNER}: verbose`) === 1;
    this.cooldown = nonNegativeInteger(cooldown, `${OWNER}: cooldown`);
    this.minLr = numberInRange(minLr, 0, Number.POSITIVE_INFINITY, `${OWNER}: minLr`);
  }

  /** The name of the monitored value. */
  get monitor(): string {
    return this.#monitor.name;
  }

  /** The state between epochs. */
  getState(): CallbackState {
    return { ...this.#state };
  }

  setState(state: CallbackState): void {
    this.#state = { ...(state as PlateauState) };
  }

  /** The best value of the last run; null before there was one. */
  get best(): number | null {
    return this.#state.best;
  }

  /**
   * @throws {ArgumentError} when `mode` is 'auto' and no metric has the monitored name, and when
   *   the optimizer's learning rate is a function
   */
  onTrainBegin(plan: TrainingPlan, model: ModelInTraining): void {
    this.#monitor.begin(plan);
    optimizerRate(model, OWNER);
    this.#state = { best: null, wait: 0, cooldownLeft: 0 };
  }

  onEpochEnd(epoch: number, logs: Logs, model: ModelInTraining): void {
    logRate(logs, model, OWNER);
    const current = this.#monitor.valueAt(epoch, logs, model);
    if (current === undefined) return;
    const state = this.#state;
    if (state.cooldownLeft > 0) {
      state.cooldownLeft--;
      state.wait = 0;
    }
    if (this.#monitor.isBetter(current, state.best)) {
      state.best = current;
      state.wait = 0;
    } else if (state.cooldownLeft === 0) {
      state.wait++;
      if (state.wait >= this.patience && this.#reduce(epoch, model)) {
        state.cooldownLeft = this.cooldown;
        state.wait = 0;
      }
    }
  }

  /** @returns whether the rate was above the least one */
  #reduce(epoch: number, model: ModelInTraining): boolean {
    const before = optimizerRate(model, OWNER);
    if (before <= this.minLr) return false;
    const rate = Math.max(before * this.factor, this.minLr);
    model.optimizer.learningRate = rate;
    if (this.#isVerbose) console.log(`Epoch ${epoch + 1}: ${OWNER} reducing learning rate to ${rate}.`);
    return true;
  }
}
