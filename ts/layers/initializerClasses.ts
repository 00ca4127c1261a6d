import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { LARGEST_FLOAT32 } from '../core/float32.ts';
import { checkOptions, numberInRange, oneOf, positiveNumber } from '../core/options.ts';
import type { Shape } from '../core/shape.ts';
import { EMISSION } from './emissionPart.ts';
import { Initializer, type MakeStart, type RandomPlace, type ScalingDistribution, type ScalingMode, type Start } from './initializers.ts';
import type { LayerConfig } from './layerConfig.ts';

/** The option of every initializer that draws random numbers. */
export interface SeedOptions {
  /**
   * With a seed, all weights of one shape get the same values. Default null: the values depend on
   * `setRandomSeed` and on the weight's position in the model.
   */
  seed?: number | null;
}

type StartFunctions = typeof import('./startFunctions.ts');

/** An initializer whose start values one function makes. */
abstract class BuiltInInitializer extends Initializer {
  readonly #make: (starts: StartFunctions) => MakeStart;
  readonly #config: LayerConfig;

  /**
   * @param make chooses the function, when the code of start values has loaded
   * @param config the options as plain data
   */
  protected constructor(make: (starts: StartFunctions) => MakeStart, config: LayerConfig, seed?: number | null) {
    super(seed);
    this.#make = make;
    this.#config = config;
  }

  override start(shape: Shape, random: RandomPlace, path: string): Start {
    return this.#make(EMISSION.loaded)(shape, random, path);
  }

  override getConfig(): LayerConfig {
    return { ...this.#config };
  }
}

/** Zeros. */
export class Zeros extends BuiltInInitializer {
  static readonly builtInName = 'Zeros';

  /** @throws {ArgumentError} for an option: it has none */
  constructor(options: object = {}) {
    checkOptions(options, [], 'Zeros');
    super(({ constant }) => constant(0), {});
  }
}

/** Ones. */
export class Ones extends BuiltInInitializer {
  static readonly builtInName = 'Ones';

  /** @throws {ArgumentError} for an option: it has none */
  constructor(options: object = {}) {
    checkOptions(options, [], 'Ones');
    super(({ constant }) => constant(1), {});
  }
}

/** Options of {@link Constant}. */
export interface ConstantOptions {
  /** The value. Default 0. */
  value?: number;
}

/** One value everywhere. */
export class Constant extends BuiltInInitializer {
  static readonly builtInName = 'Constant';

  /** @throws {ArgumentError} for a value beyond the range of float32, and for an unknown option */
  constructor(options: ConstantOptions = {}) {
    checkOptions(options, ['value'], 'Constant');
    const value = finiteNumber(options.value ?? 0, 'Constant: value');
    super(({ constant }) => constant(value), { value });
  }
}

/** Options of {@link Identity}. */
export interface IdentityOptions {
  /** The value of the diagonal. Default 1. */
  gain?: number;
}

/** The identity matrix times a gain, for weights of two axes. */
export class Identity extends BuiltInInitializer {
  static readonly builtInName = 'Identity';

  /** @throws {ArgumentError} for a gain beyond the range of float32, and for an unknown option */
  constructor(options: IdentityOptions = {}) {
    checkOptions(options, ['gain'], 'Identity');
    const gain = finiteNumber(options.gain ?? 1, 'Identity: gain');
    super(({ identity }) => identity(gain), { gain });
  }

  override get needsMatrix(): boolean {
    return true;
  }
}

/** Options of {@link Orthogonal}. */
export interface OrthogonalOptions extends SeedOptions {
  /** The factor of the orthogonal matrix. Default 1. */
  gain?: number;
}

/**
 * A random matrix whose rows or columns, whichever are fewer, are orthogonal and of length `gain`.
 * The rows of a weight with more than two axes are all its axes but the last.
 */
export class Orthogonal extends BuiltInInitializer {
  static readonly builtInName = 'Orthogonal';

  /**
   * @throws {ArgumentError} for a gain beyond the range of float32, a seed that is not an integer, and
   *   an unknown option
   */
  constructor(options: OrthogonalOptions = {}) {
    checkOptions(options, ['gain', 'seed'], 'Orthogonal');
    const { seed = null } = options;
    const gain = finiteNumber(options.gain ?? 1, 'Orthogonal: gain');
    super(({ orthogonal }) => orthogonal(gain), { gain, seed }, seed);
  }

  override get needsMatrix(): boolean {
    return true;
  }
}

/** Options of {@link RandomUniform}. */
export interface RandomUniformOptions extends SeedOptions {
  /** The lower end. Default -0.05. */
  minval?: number;
  /** The upper end. Default 0.05. */
  maxval?: number;
}

/** A uniform distribution from `minval` to `maxval`. */
export class RandomUniform extends BuiltInInitializer {
  static readonly builtInName = 'RandomUniform';

  /**
   * @throws {ArgumentError} for an end beyond the range of float32, ends in the wrong order, a seed
   *   that is not an integer, and an unknown option
   */
  constructor(options: RandomUniformOptions = {}) {
    checkOptions(options, ['minval', 'maxval', 'seed'], 'RandomUniform');
    const { seed = null } = options;
    const minval = finiteNumber(options.minval ?? -0.05, 'RandomUniform: minval');
    const maxval = finiteNumber(options.maxval ?? 0.05, 'RandomUniform: maxval');
    if (minval > maxval) throw new ArgumentError(`RandomUniform: minval must be at most maxval, got ${minval} and ${maxval}`);
    super(({ uniform }) => uniform(minval, maxval), { minval, maxval, seed }, seed);
  }
}

/** Options of {@link RandomNormal} and {@link TruncatedNormal}. */
export interface RandomNormalOptions extends SeedOptions {
  /** The mean. Default 0. */
  mean?: number;
  /** The standard deviation; a truncated distribution's is before truncation. Default 0.05. */
  stddev?: number;
}

/** A normal distribution. */
export class RandomNormal extends BuiltInInitializer {
  static readonly builtInName = 'RandomNormal';

  /**
   * @throws {ArgumentError} for a mean beyond the range of float32, a standard deviation below 0, a
   *   seed that is not an integer, and an unknown option
   */
  constructor(options: RandomNormalOptions = {}) {
    const { mean, stddev, seed } = normalOptions(options, 'RandomNormal');
    super(({ normal }) => normal(mean, stddev, false), { mean, stddev, seed }, seed);
  }
}

/** A normal distribution without the numbers beyond two standard deviations of the mean. */
export class TruncatedNormal extends BuiltInInitializer {
  static readonly builtInName = 'TruncatedNormal';

  /**
   * @throws {ArgumentError} for a mean beyond the range of float32, a standard deviation below 0, a
   *   seed that is not an integer, and an unknown option
   */
  constructor(options: RandomNormalOptions = {}) {
    const { mean, stddev, seed } = normalOptions(options, 'TruncatedNormal');
    super(({ normal }) => normal(mean, stddev, true), { mean, stddev, seed }, seed);
  }
}

/** Options of {@link VarianceScaling}. */
export interface VarianceScalingOptions extends SeedOptions {
  /** The variance times n. Default 1. */
  scale?: number;
  /** Whether n is the number of inputs, of outputs, or the mean of both. Default 'fanIn'. */
  mode?: ScalingMode;
  /** Default 'truncatedNormal'. */
  distribution?: ScalingDistribution;
}

/** A distribution with the mean 0 and the variance `scale / n`, n by the weight's shape. */
export class VarianceScaling extends BuiltInInitializer {
  static readonly builtInName = 'VarianceScaling';

  /**
   * @throws {ArgumentError} for a scale that is not above 0, an unknown mode or distribution, a
   *   seed that is not an integer, and an unknown option
   */
  constructor(options: VarianceScalingOptions = {}) {
    checkOptions(options, ['scale', 'mode', 'distribution', 'seed'], 'VarianceScaling');
    const { seed = null } = options;
    const scale = positiveNumber(options.scale ?? 1, 'VarianceScaling: scale');
    const mode = oneOf(options.mode ?? 'fanIn', ['fanIn', 'fanOut', 'fanAvg'] as const, 'VarianceScaling: mode');
    const distributions = ['truncatedNormal', 'untruncatedNormal', 'uniform'] as const;
    const distribution = oneOf(options.distribution ?? 'truncatedNormal', distributions, 'VarianceScaling: distribution');
    super(({ scaled }) => scaled(scale, mode, distribution), { scale, mode, distribution, seed }, seed);
  }
}

/** A uniform distribution with the variance `1 / n`, n the mean of inputs and outputs. */
export class GlorotUniform extends BuiltInInitializer {
  static readonly builtInName = 'GlorotUniform';

  /** @throws {ArgumentError} for a seed that is not an integer, and for an unknown option */
  constructor(options: SeedOptions = {}) {
    const { seed } = seedOptions(options, 'GlorotUniform');
    super(({ scaled }) => scaled(1, 'fanAvg', 'uniform'), { seed }, seed);
  }
}

/** A truncated normal distribution with the variance `1 / n`, n the mean of inputs and outputs. */
export class GlorotNormal extends BuiltInInitializer {
  static readonly builtInName = 'GlorotNormal';

  /** @throws {ArgumentError} for a seed that is not an integer, and for an unknown option */
  constructor(options: SeedOptions = {}) {
    const { seed } = seedOptions(options, 'GlorotNormal');
    super(({ scaled }) => scaled(1, 'fanAvg', 'truncatedNormal'), { seed }, seed);
  }
}

/** A uniform distribution with the variance `2 / n`, n the number of inputs. */
export class HeUniform extends BuiltInInitializer {
  static readonly builtInName = 'HeUniform';

  /** @throws {ArgumentError} for a seed that is not an integer, and for an unknown option */
  constructor(options: SeedOptions = {}) {
    const { seed } = seedOptions(options, 'HeUniform');
    super(({ scaled }) => scaled(2, 'fanIn', 'uniform'), { seed }, seed);
  }
}

/** A truncated normal distribution with the variance `2 / n`, n the number of inputs. */
export class HeNormal extends BuiltInInitializer {
  static readonly builtInName = 'HeNormal';

  /** @throws {ArgumentError} for a seed that is not an integer, and for an unknown option */
  constructor(options: SeedOptions = {}) {
    const { seed } = seedOptions(options, 'HeNormal');
    super(({ scaled }) => scaled(2, 'fanIn', 'truncatedNormal'), { seed }, seed);
  }
}

/** A uniform distribution with the variance `1 / n`, n the number of inputs. */
export class LecunUniform extends BuiltInInitializer {
  static readonly builtInName = 'LecunUniform';

  /** @throws {ArgumentError} for a seed that is not an integer, and for an unknown option */
  constructor(options: SeedOptions = {}) {
    const { seed } = seedOptions(options, 'LecunUniform');
    super(({ scaled }) => scaled(1, 'fanIn', 'uniform'), { seed }, seed);
  }
}

/** A truncated normal distribution with the variance `1 / n`, n the number of inputs. */
export class LecunNormal extends BuiltInInitializer {
  static readonly builtInName = 'LecunNormal';

  /** @throws {ArgumentError} for a seed that is not an integer, and for an unknown option */
  constructor(options: SeedOptions = {}) {
    const { seed } = seedOptions(options, 'LecunNormal');
    super(({ scaled }) => scaled(1, 'fanIn', 'truncatedNormal'), { seed }, seed);
  }
}

function seedOptions(options: SeedOptions, className: string): { seed: number | null } {
  checkOptions(options, ['seed'], className);
  return { seed: options.seed ?? null };
}

function normalOptions(options: RandomNormalOptions, className: string) {
  checkOptions(options, ['mean', 'stddev', 'seed'], className);
  return {
    mean: finiteNumber(options.mean ?? 0, `${className}: mean`),
    stddev: numberInRange(options.stddev ?? 0.05, 0, LARGEST_FLOAT32, `${className}: stddev`),
    seed: options.seed ?? null,
  };
}

function finiteNumber(value: unknown, where: string): number {
  if (typeof value === 'number' && Math.abs(value) <= LARGEST_FLOAT32) return value;
  throw new ArgumentError(`${where} must be a finite float32, got ${describe(value)}`);
}
