import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { checkOptions, numberInRange, share } from '../core/options.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { EMISSION } from './emissionPart.ts';
import type { ProgramEmitter } from './emitter.ts';
import type { LayerConfig } from './layerConfig.ts';
import type { Weight } from './weight.ts';

/** A number of the axes of a weight, or several: -1 is the last. */
export type Axes = number | readonly number[];

/**
 * A constraint on a weight, which is applied after every update.
 * https://keras.io/api/layers/constraints/
 */
export abstract class Constraint {
  /** The class name. Saved models find the class by it. */
  abstract readonly className: string;

  /**
   * Checks that a weight can have the constraint.
   * @param _where the weight, for the error message
   * @throws {ArgumentError} for axes that the weight does not have
   */
  check(_shape: Shape, _where: string): void {}

  /** Appends the calls that change a weight's values to a program. */
  abstract emit(emitter: ProgramEmitter, weight: Weight): void;

  /** The constructor's arguments as plain data. */
  abstract getConfig(): LayerConfig;
}

/** Sets values below 0 to 0. */
export class NonNeg extends Constraint {
  readonly className = 'NonNeg';

  override emit(emitter: ProgramEmitter, weight: Weight): void {
    EMISSION.loaded.emitNotNegative(emitter, weight);
  }

  override getConfig(): LayerConfig {
    return {};
  }

  /** Makes a constraint from the result of `getConfig`. */
  static fromConfig(_config: LayerConfig): NonNeg {
    return new NonNeg();
  }
}

/** A constraint on the Euclidean norms of a weight along axes. */
abstract class NormConstraint extends Constraint {
  /** The axes over which norms are computed. */
  readonly axis: Axes;

  protected constructor(axis: unknown, className: string) {
    super();
    const axes = Array.isArray(axis) ? axis : [axis];
    if (axes.length === 0 || !axes.every((one) => Number.isInteger(one)))
      throw new ArgumentError(`${className}: axis must be an integer or an array of them, got ${describe(axis)}`);
    this.axis = axis as Axes;
  }

  override check(shape: Shape, where: string): void {
    const axes = this.#axesOf(shape);
    const what = `${where} is ${this.className} with axis ${JSON.stringify(this.axis)}, but the weight has shape ${formatShape(shape)}`;
    if (axes.some((axis) => axis < 0 || axis >= shape.length)) throw new ArgumentError(what);
    const outer = Math.max(...axes) < new Set(axes).size;
    const inner = Math.min(...axes) === shape.length - new Set(axes).size;
    if (!outer && !inner) throw new ArgumentError(`${what}: norms are over the first axes or over the last ones`);
  }

  /** The axes, counted from the first. */
  #axesOf(shape: Shape): number[] {
    return [this.axis].flat().map((axis) => (axis < 0 ? axis + shape.length : axis));
  }

  /** The range of the norms, and the rate. */
  protected abstract get wanted(): readonly [minValue: number, maxValue: number, rate: number];

  override emit(emitter: ProgramEmitter, weight: Weight): void {
    EMISSION.loaded.emitNorms(emitter, weight, this.#axesOf(weight.shape), this.wanted);
  }
}

/** Options of {@link MaxNorm}. */
export interface MaxNormOptions {
  /** The largest norm. Default 2. */
  maxValue?: number;
  /** The axes over which norms are computed. Default 0: the norm of each column. */
  axis?: Axes;
}

/** Scales norms above a value down to it. */
export class MaxNorm extends NormConstraint {
  readonly className = 'MaxNorm';
  readonly maxValue: number;

  /** @throws {ArgumentError} for a norm below 0, or axes that are not integers */
  constructor(options: MaxNormOptions = {}) {
    checkOptions(options, ['maxValue', 'axis'], 'MaxNorm');
    const { maxValue = 2, axis = 0 } = options;
    super(axis, 'MaxNorm');
    this.maxValue = numberInRange(maxValue, 0, Number.POSITIVE_INFINITY, 'MaxNorm: maxValue');
  }

  protected override get wanted() {
    return [0, this.maxValue, 1] as const;
  }

  override getConfig(): LayerConfig {
    return { maxValue: this.maxValue, axis: this.axis };
  }

  /** Makes a constraint from the result of `getConfig`. */
  static fromConfig(config: LayerConfig): MaxNorm {
    return new MaxNorm(config as MaxNormOptions);
  }
}

/** Options of {@link UnitNorm}. */
export interface UnitNormOptions {
  /** The axes over which norms are computed. Default 0: the norm of each column. */
  axis?: Axes;
}

/** Scales every norm to 1. */
export class UnitNorm extends NormConstraint {
  readonly className = 'UnitNorm';

  /** @throws {ArgumentError} for axes that are not integers */
  constructor(options: UnitNormOptions = {}) {
    checkOptions(options, ['axis'], 'UnitNorm');
    super(options.axis ?? 0, 'UnitNorm');
  }

  protected override get wanted() {
    return [1, 1, 1] as const;
  }

  override getConfig(): LayerConfig {
    return { axis: this.axis };
  }

  /** Makes a constraint from the result of `getConfig`. */
  static fromConfig(config: LayerConfig): UnitNorm {
    return new UnitNorm(config as UnitNormOptions);
  }
}

/** Options of {@link MinMaxNorm}. */
export interface MinMaxNormOptions {
  /** The smallest norm. Default 0. */
  minValue?: number;
  /** The largest norm. Default 1. */
  maxValue?: number;
  /** The fraction of the way to the wanted norm that each update goes, 0 to 1. Default 1. */
  rate?: number;
  /** The axes over which norms are computed. Default 0: the norm of each column. */
  axis?: Axes;
}

/** Scales norms toward a range: `rate * clip(norm, minValue, maxValue) + (1 - rate) * norm`. */
export class MinMaxNorm extends NormConstraint {
  readonly className = 'MinMaxNorm';
  readonly minValue: number;
  readonly maxValue: number;
  readonly rate: number;

  /**
   * @throws {ArgumentError} for a norm below 0, a rate outside of 0 to 1, or axes that are not
   *   integers
   */
  constructor(options: MinMaxNormOptions = {}) {
    checkOptions(options, ['minValue', 'maxValue', 'rate', 'axis'], 'MinMaxNorm');
    const { minValue = 0, maxValue = 1, rate = 1, axis = 0 } = options;
    super(axis, 'MinMaxNorm');
    this.minValue = numberInRange(minValue, 0, Number.POSITIVE_INFINITY, 'MinMaxNorm: minValue');
    this.maxValue = numberInRange(maxValue, 0, Number.POSITIVE_INFINITY, 'MinMaxNorm: maxValue');
    this.rate = share(rate, 'MinMaxNorm: rate');
  }

  protected override get wanted() {
    return [this.minValue, this.maxValue, this.rate] as const;
  }

  override getConfig(): LayerConfig {
    return { minValue: this.minValue, maxValue: this.maxValue, rate: this.rate, axis: this.axis };
  }

  /** Makes a constraint from the result of `getConfig`. */
  static fromConfig(config: LayerConfig): MinMaxNorm {
    return new MinMaxNorm(config as MinMaxNormOptions);
  }
}
