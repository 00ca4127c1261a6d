import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { booleanOption, checkOptions, numberInRange, positiveNumber, share } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import type { Emitter } from '../layers/emitter.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { LearningRateSchedule, type ScheduleState, scheduleState } from './learningRateSchedule.ts';

/** A learning rate: a number, a function of the number of steps so far, or a schedule. */
export type LearningRate = number | ((iteration: number) => number) | LearningRateSchedule;

/** Options that every optimizer takes. https://keras.io/api/optimizers/ */
export interface OptimizerOptions {
  /**
   * Step size, a schedule, or a function of the number of steps so far. Defaults: SGD 0.01, the
   * others 0.001. A file cannot store a function: it stores the value at the last step. Use a
   * schedule, or set `optimizer.learningRate` to the function again after loading.
   */
  learningRate?: LearningRate;
  /** Largest Euclidean norm of each weight's gradient; a larger gradient is scaled down. */
  clipnorm?: number;
  /** Largest absolute value of the elements of the gradients; larger ones are clipped to it. */
  clipvalue?: number;
  /** Largest Euclidean norm of all gradients together; larger gradients are scaled down. */
  globalClipnorm?: number;
  /**
   * The fraction of each weight, times the learning rate, that is subtracted before the update.
   * Default: none; AdamW 0.004.
   */
  weightDecay?: number | null;
  /**
   * Weights whose path contains one of these texts, such as 'bias', do not decay. Default: all
   * decay.
   */
  excludeFromWeightDecay?: readonly string[];
  /**
   * Keep a moving average of the weights. `fit` sets the weights to it at the end. Default false.
   */
  useEma?: boolean;
  /** The momentum of the average: the fraction that a step keeps. Default 0.99. */
  emaMomentum?: number;
  /**
   * The number of steps after which the weights are set to their average. Default: only at the end.
   */
  emaOverwriteFrequency?: number | null;
  /**
   * The number of batches for one step: their gradients are averaged, and the weights are updated
   * after the last batch. Default 1.
   */
  gradientAccumulationSteps?: number | null;
}

const COMMON_OPTIONS = [
  'learningRate',
  'clipnorm',
  'clipvalue',
  'globalClipnorm',
  'weightDecay',
  'excludeFromWeightDecay',
  'useEma',
  'emaMomentum',
  'emaOverwriteFrequency',
  'gradientAccumulationSteps',
];

/** The slots that any optimizer may have beside its own. */
const ACCUMULATED = 'accumulatedGradient';
export const AVERAGE = 'average';

/** The flat arrays `[P]` that an optimizer works on. */
export interface UpdateBuffers {
  /** P */
  readonly count: number;
  readonly parameters: PlannedBuffer;
  readonly gradients: PlannedBuffer;
  /** One for each name in `slotNames`. */
  readonly slots: readonly PlannedBuffer[];
  /** `[settingsLength]`, written before each step by `writeSettings`. */
  readonly settings: PlannedBuffer;
}

export type OptimizerConfig = Record<string, string | number | boolean | null | readonly string[] | ScheduleState>;

/** Updates the trainable weights from their gradients, in one kernel pass over all weights. */
export abstract class Optimizer {
  /** The class name, such as `Adam`. Saved models find the class by it. */
  abstract readonly className: string;
  /** The names of the values that it keeps for each parameter between steps. */
  abstract readonly slotNames: readonly string[];
  /**
   * The step size, a schedule, or a function of the number of steps so far. A change takes effect
   * at the next step.
   */
  learningRate: LearningRate;
  readonly clipnorm: number | null;
  readonly clipvalue: number | null;
  readonly globalClipnorm: number | null;
  readonly weightDecay: number | null;
  readonly excludeFromWeightDecay: readonly string[];
  readonly useEma: boolean;
  readonly emaMomentum: number;
  readonly emaOverwriteFrequency: number | null;
  readonly gradientAccumulationSteps: number;

  protected constructor(options: OptimizerOptions | undefined, known: readonly string[], className: string, defaultRate: number) {
    if (typeof options === 'number')
      throw new ArgumentError(`${className} takes an object of options, new ${className}({ learningRate: ${options} }), got ${options}`);
    checkOptions(options, [...COMMON_OPTIONS, ...known], className);
    const rate = options?.learningRate ?? defaultRate;
    const computed = typeof rate === 'function' || rate instanceof LearningRateSchedule;
    this.learningRate = computed ? rate : numberInRange(rate, 0, Number.POSITIVE_INFINITY, `${className}: learningRate`);
    const limit = (name: 'clipnorm' | 'clipvalue' | 'globalClipnorm') => {
      const value = options?.[name];
      return value === undefined || value === null ? null : positiveNumber(value, `${className}: ${name}`);
    };
    this.clipnorm = limit('clipnorm');
    this.clipvalue = limit('clipvalue');
    this.globalClipnorm = limit('globalClipnorm');
    if ([this.clipnorm, this.clipvalue, this.globalClipnorm].filter((value) => value !== null).length > 1) {
      throw new ArgumentError(`${className} takes one of clipnorm, clipvalue and globalClipnorm, got several`);
    }
    const decay = options?.weightDecay ?? null;
    this.weightDecay = decay === null ? null : numberInRange(decay, 0, Number.POSITIVE_INFINITY, `${className}: weightDecay`);
    const excluded: unknown = options?.excludeFromWeightDecay ?? [];
    if (!Array.isArray(excluded) || !excluded.every((text) => typeof text === 'string' && text !== ''))
      throw new ArgumentError(`${className}: excludeFromWeightDecay must be an array of strings, got ${describe(excluded)}`);
    this.excludeFromWeightDecay = excluded;
    this.useEma = booleanOption(options?.useEma, false, `${className}: useEma`);
    this.emaMomentum = share(options?.emaMomentum ?? 0.99, `${className}: emaMomentum`);
    const frequency = options?.emaOverwriteFrequency ?? null;
    this.emaOverwriteFrequency = frequency === null ? null : positiveInteger(frequency, `${className}: emaOverwriteFrequency`);
    this.gradientAccumulationSteps = positiveInteger(options?.gradientAccumulationSteps ?? 1, `${className}: gradientAccumulationSteps`);
  }

  /**
   * Not a setting: older versions of Keras called the learning rate so.
   * @throws {ArgumentError} when it is set, naming `learningRate`
   */
  set lr(_rate: never) {
    throw new ArgumentError(`${this.className} has no setting lr: set learningRate`);
  }

  /** The names of all values that are kept for each parameter: its own slots come first. */
  get keptSlots(): readonly string[] {
    return [...this.slotNames, ...(this.gradientAccumulationSteps > 1 ? [ACCUMULATED] : []), ...(this.useEma ? [AVERAGE] : [])];
  }

  /** How many updates there have been after this number of batches. */
  updatesAfter(batches: number): number {
    return Math.floor(batches / this.gradientAccumulationSteps);
  }

  /** Whether the batch after this number of batches ends with an update. */
  updatesAt(batches: number): boolean {
    return (batches + 1) % this.gradientAccumulationSteps === 0;
  }

  /**
   * The learning rate after this number of updates.
   * @throws {ArgumentError} when it is not a number of at least 0
   */
  learningRateAt(iteration: number): number {
    const { learningRate } = this;
    const given = typeof learningRate === 'function' ? learningRate(iteration) : learningRate;
    const rate = given instanceof LearningRateSchedule ? given.call(iteration) : given;
    return numberInRange(rate, 0, Number.POSITIVE_INFINITY, `${this.className}: learningRate at step ${iteration}`);
  }

  /**
   * The factor of the kernel after this number of steps: the learning rate with any bias
   * correction.
   */
  stepSize(iteration: number): number {
    return this.learningRateAt(iteration);
  }

  /** The number of settings of an update. */
  get settingsLength(): number {
    return 1;
  }

  /** Writes the numbers of the step after this number of steps. */
  writeSettings(settings: FloatArray, iteration: number): void {
    settings[0] = this.stepSize(iteration);
  }

  /**
   * How many numbers a program gets with each batch: those of the update, then the decay of
   * weights, the momentum of their average, and 1 where they become it.
   */
  get writtenLength(): number {
    return this.settingsLength + (this.weightDecay !== null || this.useEma ? 3 : 0);
  }

  /** Writes the numbers of the batch after this number of batches. */
  writeBatch(settings: FloatArray, batches: number): void {
    const updates = this.updatesAfter(batches);
    this.writeSettings(settings, updates);
    const start = this.settingsLength;
    if (this.writtenLength === start) return;
    const frequency = this.emaOverwriteFrequency;
    settings[start] = (this.weightDecay ?? 0) * this.learningRateAt(updates);
    settings[start + 1] = updates === 0 ? 0 : this.emaMomentum;
    settings[start + 2] = frequency !== null && (updates + 1) % frequency === 0 ? 1 : 0;
  }

  /** Checks a custom update, in `compile`. @throws {ArgumentError} when it cannot be an update */
  checkUpdate(): void {}

  /**
   * Whether the clipping of a gradient depends on other elements, so that a replica needs all
   * gradients to clip its part.
   */
  get clipsByNorm(): boolean {
    return this.clipnorm !== null || this.globalClipnorm !== null;
  }

  /**
   * Appends the clipping of gradients to a program.
   * @param gradients the gradients of all trainable weights `[P]`
   * @param weightGradients the part of each weight in the gradients
   */
  emitClipping(emitter: Emitter, gradients: PlannedBuffer, weightGradients: readonly PlannedBuffer[]): void {
    const clipByNorm = (part: PlannedBuffer, limit: number) =>
      emitter.call('clipByNorm', { count: part.length, limit, gradients: part, norm: emitter.floats('norm', 1) });
    if (this.globalClipnorm !== null) clipByNorm(gradients, this.globalClipnorm);
    if (this.clipnorm !== null) for (const part of weightGradients) clipByNorm(part, this.clipnorm);
    if (this.clipvalue !== null) emitter.call('clipByValue', { count: gradients.length, limit: this.clipvalue, gradients });
  }

  /** Appends the update of parameters to a program. */
  abstract emitUpdate(emitter: Emitter, buffers: UpdateBuffers): void;

  /**
   * The constructor's options.
   * @param iteration the batch at which a learning rate that is a function is evaluated. Default 0,
   *   the first step
   */
  getConfig(iteration = 0): OptimizerConfig {
    const { learningRate } = this;
    const isSchedule = learningRate instanceof LearningRateSchedule;
    const rate = isSchedule ? scheduleState(learningRate) : this.learningRateAt(this.updatesAfter(iteration));
    const config: OptimizerConfig = { learningRate: rate };
    for (const name of ['clipnorm', 'clipvalue', 'globalClipnorm', 'weightDecay'] as const)
      if (this[name] !== null) config[name] = this[name];
    if (this.excludeFromWeightDecay.length > 0) config.excludeFromWeightDecay = this.excludeFromWeightDecay;
    if (this.useEma) {
      config.useEma = true;
      config.emaMomentum = this.emaMomentum;
      if (this.emaOverwriteFrequency !== null) config.emaOverwriteFrequency = this.emaOverwriteFrequency;
    }
    if (this.gradientAccumulationSteps > 1) config.gradientAccumulationSteps = this.gradientAccumulationSteps;
    return config;
  }
}

/**
 * The configuration with the learning rate 0, for workers, which get the rate of each step by
 * itself.
 */
export function ratelessConfig(optimizer: Optimizer): OptimizerConfig {
  const { learningRate } = optimizer;
  optimizer.learningRate = 0;
  try {
    return optimizer.getConfig();
  } finally {
    optimizer.learningRate = learningRate;
  }
}
