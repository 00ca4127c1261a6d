// The learning rate schedules of Keras. Rates are of step s, the number of steps before.
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, checkOptions, numberInRange, positiveNumber } from '../core/options.ts';
import { LearningRateSchedule, type ScheduleConfig } from './learningRateSchedule.ts';

/** A schedule of options that are checked. */
abstract class OptionSchedule<Options extends object> extends LearningRateSchedule {
  protected readonly options: Options;

  constructor(options: Options, known: readonly string[], className: string) {
    super();
    if (options === undefined) throw new ArgumentError(`${className} takes an object of options: ${known.join(', ')}`);
    checkOptions(options, known, className);
    this.options = { ...options };
  }

  override getConfig(): ScheduleConfig {
    return { ...this.options } as ScheduleConfig;
  }
}

/** @throws {ArgumentError} saying what is counted, where the option is missing */
function checkDecaySteps({ decaySteps }: { readonly decaySteps: unknown }, className: string, before = ''): void {
  const meaning = ` (the number of batches${before}; an epoch has Math.ceil(samples / batchSize))`;
  positiveNumber(decaySteps, `${className}: decaySteps${decaySteps === undefined ? meaning : ''}`);
}

const rateOf = (value: unknown, where: string) => numberInRange(value, 0, Number.POSITIVE_INFINITY, where);

export interface DecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** The number of steps after which the rate has changed once by `decayRate`; above 0. */
  decaySteps: number;
  decayRate: number;
  /** Whether it changes only every `decaySteps` steps. Default false. */
  staircase?: boolean;
}

/** The base of the decays: the number of changes of the rate. */
abstract class Decay extends OptionSchedule<DecayOptions> {
  constructor(options: DecayOptions, className: string) {
    super(options, ['initialLearningRate', 'decaySteps', 'decayRate', 'staircase'], className);
    const { initialLearningRate, decayRate, staircase } = options;
    rateOf(initialLearningRate, `${className}: initialLearningRate`);
    checkDecaySteps(options, className);
    rateOf(decayRate, `${className}: decayRate`);
    booleanOption(staircase, false, `${className}: staircase`);
  }

  protected changes(step: number): number {
    const changes = step / this.options.decaySteps;
    return this.options.staircase ? Math.floor(changes) : changes;
  }
}

/**
 * `initialLearningRate * decayRate^(s / decaySteps)`.
 * https://keras.io/api/optimizers/learning_rate_schedules/exponential_decay/
 */
export class ExponentialDecay extends Decay {
  static readonly builtInName: string = 'ExponentialDecay';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: DecayOptions) {
    super(options, 'ExponentialDecay');
  }

  override call(step: number): number {
    return this.options.initialLearningRate * this.options.decayRate ** this.changes(step);
  }
}

/**
 * `initialLearningRate / (1 + decayRate s / decaySteps)`.
 * https://keras.io/api/optimizers/learning_rate_schedules/inverse_time_decay/
 */
export class InverseTimeDecay extends Decay {
  static readonly builtInName: string = 'InverseTimeDecay';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: DecayOptions) {
    super(options, 'InverseTimeDecay');
  }

  override call(step: number): number {
    return this.options.initialLearningRate / (1 + this.options.decayRate * this.changes(step));
  }
}

export interface PiecewiseConstantDecayOptions {
  /** The last steps of all pieces but the last, in increasing order. */
  boundaries: readonly number[];
  /** The rates of the pieces: one more than there are boundaries. */
  values: readonly number[];
}

/**
 * One rate up to each boundary, and the last rate after them.
 * https://keras.io/api/optimizers/learning_rate_schedules/piecewise_constant_decay/
 */
export class PiecewiseConstantDecay extends OptionSchedule<PiecewiseConstantDecayOptions> {
  static readonly builtInName: string = 'PiecewiseConstantDecay';

  /** @throws {ArgumentError} for an unknown option or values that do not fit */
  constructor(options: PiecewiseConstantDecayOptions) {
    super(options, ['boundaries', 'values'], 'PiecewiseConstantDecay');
    const { boundaries, values } = options;
    const areNumbers = (list: unknown) => Array.isArray(list) && list.every((value) => Number.isFinite(value));
    if (!areNumbers(boundaries) || !areNumbers(values) || values.length !== boundaries.length + 1)
      throw new ArgumentError(
        'PiecewiseConstantDecay: boundaries and values must be arrays of numbers, with one value more than boundaries, got ' +
          `${describe(boundaries)} and ${describe(values)}`,
      );
    if (boundaries.some((boundary, index) => index > 0 && boundary <= (boundaries[index - 1] as number)))
      throw new ArgumentError(`PiecewiseConstantDecay: boundaries must be increasing, got ${describe(boundaries)}`);
  }

  override call(step: number): number {
    const { boundaries, values } = this.options;
    const piece = boundaries.findIndex((boundary) => step <= boundary);
    return (piece < 0 ? values.at(-1) : values[piece]) as number;
  }
}

export interface PolynomialDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** The number of steps after which the rate is `endLearningRate`; above 0. */
  decaySteps: number;
  /** The last rate. Default 0.0001. */
  endLearningRate?: number;
  /** The power; 1 is linear. Default 1. */
  power?: number;
  /**
   * Whether the decay starts again after `decaySteps`, over a multiple of these steps. Default
   * false.
   */
  cycle?: boolean;
}

/**
 * Decays from one rate to another as a power of the remaining fraction of steps.
 * https://keras.io/api/optimizers/learning_rate_schedules/polynomial_decay/
 */
export class PolynomialDecay extends OptionSchedule<PolynomialDecayOptions> {
  static readonly builtInName: string = 'PolynomialDecay';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: PolynomialDecayOptions) {
    const where = 'PolynomialDecay';
    super(options, ['initialLearningRate', 'decaySteps', 'endLearningRate', 'power', 'cycle'], where);
    rateOf(options.initialLearningRate, `${where}: initialLearningRate`);
    checkDecaySteps(options, where);
    rateOf(options.endLearningRate ?? 0, `${where}: endLearningRate`);
    rateOf(options.power ?? 1, `${where}: power`);
    booleanOption(options.cycle, false, `${where}: cycle`);
  }

  override call(step: number): number {
    const { initialLearningRate, decaySteps, endLearningRate = 0.0001, power = 1, cycle = false } = this.options;
    const steps = cycle ? decaySteps * Math.max(Math.ceil(step / decaySteps), 1) : decaySteps;
    return (initialLearningRate - endLearningRate) * (1 - Math.min(step, steps) / steps) ** power + endLearningRate;
  }
}

export interface CosineDecayOptions {
  /** The rate of the first step: where the warm-up begins or, without one, the decay. */
  initialLearningRate: number;
  /**
   * The number of steps of the decay, which begins after `warmupSteps`; above 0. A step is a batch:
   * an epoch of `fit` has `Math.ceil(rows / batchSize)` steps.
   */
  decaySteps: number;
  /** The last rate, as a fraction of the highest one. Default 0. */
  alpha?: number;
  /** The rate at the end of the warm-up. Default: no warm-up. */
  warmupTarget?: number | null;
  /** The number of steps of the warm-up. Default 0. */
  warmupSteps?: number;
}

/**
 * Decays as half a cosine, after a linear warm-up if there is a `warmupTarget`: the rate rises from
 * `initialLearningRate` to `warmupTarget` in `warmupSteps`, then falls in `decaySteps`, and stays.
 * Loshchilov & Hutter 2017. https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay/
 */
export class CosineDecay extends OptionSchedule<CosineDecayOptions> {
  static readonly builtInName: string = 'CosineDecay';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: CosineDecayOptions) {
    const where = 'CosineDecay';
    super(options, ['initialLearningRate', 'decaySteps', 'alpha', 'warmupTarget', 'warmupSteps'], where);
    rateOf(options.initialLearningRate, `${where}: initialLearningRate`);
    checkDecaySteps(options, where, ' after warmupSteps');
    rateOf(options.alpha ?? 0, `${where}: alpha`);
    rateOf(options.warmupTarget ?? 0, `${where}: warmupTarget`);
    rateOf(options.warmupSteps ?? 0, `${where}: warmupSteps`);
  }

  override call(step: number): number {
    const { initialLearningRate, decaySteps, alpha = 0, warmupTarget = null, warmupSteps = 0 } = this.options;
    const rise = warmupTarget === null ? 0 : warmupSteps;
    const highest = warmupTarget ?? initialLearningRate;
    if (step < rise) return initialLearningRate + ((highest - initialLearningRate) * step) / rise;
    return highest * cosine(Math.min(step - rise, decaySteps) / decaySteps, 1, alpha);
  }
}

/** Half a cosine from `height` to 0, of which `alpha` is always left. */
function cosine(fraction: number, height: number, alpha: number): number {
  return (1 - alpha) * 0.5 * height * (1 + Math.cos(Math.PI * fraction)) + alpha;
}

export interface CosineDecayRestartsOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** The number of steps of the first decay; above 0. */
  firstDecaySteps: number;
  /** The factor by which each decay is longer than the previous one; at least 1. Default 2. */
  tMul?: number;
  /** The factor of the first rate of each decay, relative to the previous one. Default 1. */
  mMul?: number;
  /** The smallest rate, as a fraction of the first one. Default 0. */
  alpha?: number;
}

/**
 * Decays as half a cosine, with restarts. Loshchilov & Hutter 2017.
 * https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay_restarts/
 */
export class CosineDecayRestarts extends OptionSchedule<CosineDecayRestartsOptions> {
  static readonly builtInName: string = 'CosineDecayRestarts';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: CosineDecayRestartsOptions) {
    const where = 'CosineDecayRestarts';
    super(options, ['initialLearningRate', 'firstDecaySteps', 'tMul', 'mMul', 'alpha'], where);
    rateOf(options.initialLearningRate, `${where}: initialLearningRate`);
    positiveNumber(options.firstDecaySteps, `${where}: firstDecaySteps`);
    numberInRange(options.tMul ?? 2, 1, Number.POSITIVE_INFINITY, `${where}: tMul`);
    rateOf(options.mMul ?? 1, `${where}: mMul`);
    rateOf(options.alpha ?? 0, `${where}: alpha`);
  }

  override call(step: number): number {
    const { initialLearningRate, firstDecaySteps, tMul = 2, mMul = 1, alpha = 0 } = this.options;
    let falls = 0;
    let length = firstDecaySteps;
    let rest = step;
    if (tMul === 1) {
      falls = Math.floor(step / length);
      rest -= falls * length;
    } else
      for (; rest >= length; falls++) {
        rest -= length;
        length *= tMul;
      }
    return initialLearningRate * cosine(rest / length, mMul ** falls, alpha);
  }
}
