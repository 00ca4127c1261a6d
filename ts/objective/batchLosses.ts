// Losses of Keras over samples or over whole batches.
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, numberInRange, positiveNumber } from '../core/options.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { LossBatch } from './batchLoss.ts';
import type { LossOptions } from './formulaLoss.ts';
import type { OwnConfig } from './loss.ts';
import { RowLoss } from './rowLoss.ts';
import { ROW_LOSSES } from './rowLossesPart.ts';

/** The elements over which an overlap is counted. */
export type OverlapAxis = number | readonly number[] | null;

export interface DiceOptions extends LossOptions {
  /**
   * The axes whose elements are counted together, with the batch as axis 0: null for the whole
   * batch, -1 for each row, or all axes but the batch, as `[1, 2]`, for each sample. Default null,
   * as in Keras; then it trains with at most one worker.
   */
  axis?: OverlapAxis;
}

export interface TverskyOptions extends DiceOptions {
  /** The weight of targets that were not predicted, at least 0. Default 0.5. */
  alpha?: number;
  /** The weight of predictions that are not targets, at least 0. Default 0.5. */
  beta?: number;
}

/** The base of losses that compare how much targets and predictions have in common. */
export abstract class OverlapLoss extends RowLoss {
  readonly axis: OverlapAxis;
  override readonly perSample: boolean;
  override readonly comparesSamples: boolean;
  abstract readonly alpha: number;
  abstract readonly beta: number;
  /** Added to the denominator. */
  abstract readonly epsilon: number;
  /** Room for three sums of each group of elements. */
  room = new Float64Array(0);

  constructor(options: DiceOptions | undefined, known: readonly string[], className: string) {
    super(options, ['axis', ...known], className);
    const axis: unknown = options?.axis ?? null;
    const isOfSamples = Array.isArray(axis) && axis.length > 0 && axis.every((each, index) => each === index + 1);
    if (axis !== null && axis !== -1 && !isOfSamples)
      throw new ArgumentError(`${className}: axis must be null, -1, or all axes but the batch, such as [1, 2], got ${describe(axis)}`);
    this.axis = axis as OverlapAxis;
    this.perSample = isOfSamples;
    this.comparesSamples = axis === null;
  }

  /** @throws {ArgumentError} when the axes are not all of the output */
  override checkOutput({ shape }: SymbolicTensor, what: string): void {
    if (Array.isArray(this.axis) && this.axis.length !== shape.length)
      throw new ArgumentError(
        `${what} '${this.name}' has axis ${describe(this.axis)}, but samples of the output have ${shape.length} axes: give all of them, null, or -1`,
      );
  }

  override call(batch: LossBatch): void {
    ROW_LOSSES.loaded.overlapLoss(batch, this);
  }

  override getConfig(): OwnConfig {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/**
 * `1 - 2 Σ t p / (Σ t + Σ p)`: how little targets and predictions from 0 to 1 overlap. Masked steps
 * do not count. Milletari et al. 2016.
 * https://keras.io/api/losses/probabilistic_losses/
 */
export class Dice extends OverlapLoss {
  static readonly builtInName: string = 'Dice';
  override readonly alpha = 0.5;
  override readonly beta = 0.5;
  override readonly epsilon = 0.5e-7;

  /** @throws {ArgumentError} for an unknown option, and for axes that are none of these */
  constructor(options?: DiceOptions) {
    super(options, [], 'Dice');
  }
}

/**
 * `1 - Σ t p / (Σ t p + alpha Σ t (1 - p) + beta Σ (1 - t) p)`: a {@link Dice} with a weight for
 * each kind of mistake. Masked steps do not count. Salehi et al. 2017.
 * https://keras.io/api/losses/probabilistic_losses/
 */
export class Tversky extends OverlapLoss {
  static readonly builtInName: string = 'Tversky';
  override readonly alpha: number;
  override readonly beta: number;
  override readonly epsilon = 1e-7;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: TverskyOptions) {
    super(options, ['alpha', 'beta'], 'Tversky');
    this.alpha = numberInRange(options?.alpha ?? 0.5, 0, Number.POSITIVE_INFINITY, 'Tversky: alpha');
    this.beta = numberInRange(options?.beta ?? 0.5, 0, Number.POSITIVE_INFINITY, 'Tversky: beta');
  }

  override getConfig(): OwnConfig {
    return { ...super.getConfig(), alpha: this.alpha, beta: this.beta };
  }
}

export interface CircleOptions extends LossOptions {
  /** The scale of the logarithms, above 0. Default 80. */
  gamma?: number;
  /** The margin between classes, from 0 to 1. Default 0.4. */
  margin?: number;
  /** Whether a row is not compared with itself. Default true. */
  removeDiagonal?: boolean;
}

/**
 * A loss for embeddings of length 1: those of one class should be near each other, and those of
 * others far away. Targets are class indices, of any number; the rows of a batch are compared with
 * each other, so it trains with at most one worker. Rows whose loss is 0 do not count in the mean,
 * as in Keras, and masked ones in nothing. Sun et al. 2020.
 * https://keras.io/api/losses/
 */
export class Circle extends RowLoss {
  static readonly builtInName: string = 'Circle';
  override readonly targetKind = 'labels';
  override readonly anyLabels = true;
  override readonly comparesSamples = true;
  readonly gamma: number;
  readonly margin: number;
  readonly removeDiagonal: boolean;
  /** Room for the distances of a row, and their slopes. */
  room = new Float64Array(0);

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: CircleOptions) {
    super(options, ['gamma', 'margin', 'removeDiagonal'], 'Circle');
    this.gamma = positiveNumber(options?.gamma ?? 80, 'Circle: gamma');
    this.margin = numberInRange(options?.margin ?? 0.4, 0, 1, 'Circle: margin');
    this.removeDiagonal = booleanOption(options?.removeDiagonal, true, 'Circle: removeDiagonal');
  }

  override call(batch: LossBatch): void {
    ROW_LOSSES.loaded.circle(batch, this);
  }

  override getConfig(): OwnConfig {
    const { gamma, margin, removeDiagonal } = this;
    return { ...super.getConfig(), gamma, margin, removeDiagonal };
  }
}
