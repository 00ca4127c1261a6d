import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { checkOptions, numberInRange, oneOf } from '../core/options.ts';
import type { CallbackOf, Logs } from './callback.ts';
import type { ModelInTraining } from './modelInTraining.ts';
import { logRate, optimizerRate } from './optimizerRate.ts';

/** Options of {@link LearningRateScheduler}. */
export interface LearningRateSchedulerOptions {
  /** 1 prints the learning rate of every epoch. Default 0. */
  verbose?: 0 | 1;
}

const OWNER = 'LearningRateScheduler';

/**
 * Sets the optimizer's learning rate at the beginning of every epoch. The history gets
 * `learningRate`. https://keras.io/api/callbacks/learning_rate_scheduler/
 *
 *     new LearningRateScheduler((epoch, rate) => (epoch < 10 ? rate : rate * 0.9));
 */
export class LearningRateScheduler implements CallbackOf {
  readonly #schedule: (epoch: number, learningRate: number) => number;
  readonly #isVerbose: boolean;

  /**
   * @param schedule the rate of an epoch, counted from 0, from the rate before it
   * @throws {ArgumentError} when `schedule` is not a function, and for an unknown option
   */
  constructor(schedule: (epoch: number, learningRate: number) => number, options?: LearningRateSchedulerOptions) {
    if (typeof schedule !== 'function') throw new ArgumentError(`${OWNER} takes a function of the epoch, got ${describe(schedule)}`);
    checkOptions(options, ['verbose'], OWNER);
    this.#schedule = schedule;
    this.#isVerbose = oneOf(options?.verbose ?? 0, [0, 1], `${OWNER}: verbose`) === 1;
  }

  /**
   * @throws {ArgumentError} when the schedule gives no number of at least 0, and when the
   *   optimizer's rate is a function
   */
  onEpochBegin(epoch: number, model: ModelInTraining): void {
    const before = optimizerRate(model, OWNER);
    const rate = numberInRange(
      this.#schedule(epoch, before),
      0,
      Number.POSITIVE_INFINITY,
      `${OWNER}: what the schedule gives for epoch ${epoch}`,
    );
    model.optimizer.learningRate = rate;
    if (this.#isVerbose) console.log(`Epoch ${epoch + 1}: ${OWNER} setting learning rate to ${rate}.`);
  }

  onEpochEnd(_epoch: number, logs: Logs, model: ModelInTraining): void {
    logRate(logs, model, OWNER);
  }
}
