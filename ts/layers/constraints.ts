import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { checkOptions, numberInRange, share } from '../core/options.ts';
import { formatShape, type Shape, sizeOf } from '../core/shape.ts';
import { emitMove } from './emitMove.ts';
import { emitPointwise } from './emitPointwise.ts';
import type { ProgramEmitter } from './emitter.ts';
import { add, divide, type Expression, expression, input, maximum, minimum, multiply, sqrt } from './expression.ts';
import type { LayerConfig } from './layerConfig.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Weight } from './weight.ts';

/** Keras's `epsilon`: what keeps a division by a norm finite. */
const EPSILON = 1e-7;

/** A number of the axes of a weight, or several: -1 is the last. */
export type Axes = number | readonly number[];

/**
 * What holds for a weight after every update. https://keras.io/api/layers/constraints/
 */
export abstract class Constraint {
  /** The class name. Saved models find the class by it. */
  abstract readonly className: string;

  /**
   * Checks that a weight can have the constraint.
   * @param where the weight, for the error message
   * @throws {ArgumentError} for axes that the weight does not have
   */
  check(_shape: Shape, _where: string): void {}

  /** Appends the calls that change a weight's values to a program. */
  abstract emit(emitter: ProgramEmitter, weight: Weight): void;

  /** The constructor's arguments as plain data. */
  abstract getConfig(): LayerConfig;
}

/** No value is below 0: smaller ones become 0. */
export class NonNeg extends Constraint {
  readonly className = 'NonNeg';

  override emit(emitter: ProgramEmitter, weight: Weight): void {
    emitUpdate(emitter, emitter.weight(weight), maximum(input(0), 0), []);
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
      throw new ArgumentError(`${className}: axis must be a whole number or an array of them, got ${describe(axis)}`);
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

  /** The wanted norm for a norm. */
  protected abstract wanted(norm: Expression): Expression;

  /** `w * wanted(norms) / (epsilon + norms)`, with `norms = sqrt(sum(w²))` over the axes. */
  override emit(emitter: ProgramEmitter, weight: Weight): void {
    const { shape } = weight;
    const axes = this.#axesOf(shape);
    const w = emitter.weight(weight);
    // Letters: the weight is a matrix of R rows and C columns; its norms are those of columns, over
    // its first axes, or of rows, over its last ones. A weight whose axes all count is one column.
    const ofRows = !axes.includes(0);
    const R = sizeOf(shape.slice(0, ofRows ? Math.min(...axes) : Math.max(...axes) + 1));
    const C = sizeOf(shape) / R;
    const groups = ofRows ? R : C;
    const squares = emitter.floats('squares', R * C);
    emitPointwise(emitter, [multiply(input(0), input(0))], [w], [squares]);
    const sums = emitter.floats('sums', groups);
    // Sums are products with ones: 1 [1, R] · squares [R, C], or squares [R, C] · 1 [C, 1].
    if (ofRows) emitProduct(emitter, squares, emitter.numbers('ones', ones(C)), sums, [R, C, 1]);
    else emitProduct(emitter, emitter.numbers('ones', ones(R)), squares, sums, [1, R, C]);
    const norm = sqrt(input(0));
    const factors = emitter.floats('factors', groups);
    emitPointwise(emitter, [divide(this.wanted(norm), add(norm, EPSILON))], [sums], [factors]);
    // The kernel repeats a row of factors for all rows; a column of factors becomes rows first.
    let repeated = factors;
    if (ofRows) {
      repeated = emitter.floats('factors of rows', R * C);
      emitProduct(emitter, factors, emitter.numbers('ones', ones(C)), repeated, [R, 1, C]);
    }
    emitUpdate(emitter, w, multiply(input(0), input(1)), [repeated]);
  }
}

/** Options of {@link MaxNorm}. */
export interface MaxNormOptions {
  /** The largest norm. Default 2. */
  maxValue?: number;
  /** The axes over which norms are computed. Default 0: the norm of each column. */
  axis?: Axes;
}

/** No norm is above a value: larger ones are scaled down to it. */
export class MaxNorm extends NormConstraint {
  readonly className = 'MaxNorm';
  readonly maxValue: number;

  /** @throws {ArgumentError} for a norm below 0, or axes that are not whole numbers */
  constructor(options: MaxNormOptions = {}) {
    checkOptions(options, ['maxValue', 'axis'], 'MaxNorm');
    const { maxValue = 2, axis = 0 } = options;
    super(axis, 'MaxNorm');
    this.maxValue = numberInRange(maxValue, 0, Number.POSITIVE_INFINITY, 'MaxNorm: maxValue');
  }

  protected override wanted(norm: Expression): Expression {
    return minimum(norm, this.maxValue);
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

/** Every norm is 1. */
export class UnitNorm extends NormConstraint {
  readonly className = 'UnitNorm';

  /** @throws {ArgumentError} for axes that are not whole numbers */
  constructor(options: UnitNormOptions = {}) {
    checkOptions(options, ['axis'], 'UnitNorm');
    super(options.axis ?? 0, 'UnitNorm');
  }

  protected override wanted(_norm: Expression): Expression {
    return expression(1);
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
  /** How much of the way to the wanted norm each update goes, from 0 to 1. Default 1. */
  rate?: number;
  /** The axes over which norms are computed. Default 0: the norm of each column. */
  axis?: Axes;
}

/** Norms are moved toward a range: `rate * clip(norm, minValue, maxValue) + (1 - rate) * norm`. */
export class MinMaxNorm extends NormConstraint {
  readonly className = 'MinMaxNorm';
  readonly minValue: number;
  readonly maxValue: number;
  readonly rate: number;

  /**
   * @throws {ArgumentError} for a norm below 0, a rate outside of 0 to 1, or axes that are not
   *   whole numbers
   */
  constructor(options: MinMaxNormOptions = {}) {
    checkOptions(options, ['minValue', 'maxValue', 'rate', 'axis'], 'MinMaxNorm');
    const { minValue = 0, maxValue = 1, rate = 1, axis = 0 } = options;
    super(axis, 'MinMaxNorm');
    this.minValue = numberInRange(minValue, 0, Number.POSITIVE_INFINITY, 'MinMaxNorm: minValue');
    this.maxValue = numberInRange(maxValue, 0, Number.POSITIVE_INFINITY, 'MinMaxNorm: maxValue');
    this.rate = share(rate, 'MinMaxNorm: rate');
  }

  protected override wanted(norm: Expression): Expression {
    const clipped = minimum(maximum(norm, this.minValue), this.maxValue);
    return add(multiply(clipped, this.rate), multiply(norm, 1 - this.rate));
  }

  override getConfig(): LayerConfig {
    return { minValue: this.minValue, maxValue: this.maxValue, rate: this.rate, axis: this.axis };
  }

  /** Makes a constraint from the result of `getConfig`. */
  static fromConfig(config: LayerConfig): MinMaxNorm {
    return new MinMaxNorm(config as MinMaxNormOptions);
  }
}

const ones = (length: number): number[] => new Array<number>(length).fill(1);

/** `y [rows, columns] = x [rows, depth] · kernel [depth, columns]` */
function emitProduct(
  emitter: ProgramEmitter,
  x: PlannedBuffer,
  kernel: PlannedBuffer,
  y: PlannedBuffer,
  [rows, depth, columns]: readonly [number, number, number],
): void {
  emitter.call('denseForward', { rows, features: depth, units: columns, activation: ACTIVATIONS.linear, x, kernel, y });
}

/** Replaces values by a function of them (its input 0) and of others. */
function emitUpdate(emitter: ProgramEmitter, values: PlannedBuffer, result: Expression, others: readonly PlannedBuffer[]): void {
  const { length } = values;
  // Kernels do not write to what they read.
  const changed = emitter.floats('constrained', length);
  emitPointwise(emitter, [result], [values, ...others], [changed]);
  emitMove(emitter, { counts: [1], width: length, x: changed, from: { strides: [0] }, y: values, to: { strides: [0] } });
}
