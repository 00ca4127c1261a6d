// Losses of Keras over the whole last axis of a row: C predictions p and targets t.
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, numberInRange } from '../core/options.ts';
import type { LossBatch } from './batchLoss.ts';
import type { LossOptions } from './formulaLoss.ts';
import type { SmoothedCrossentropyOptions } from './kernelLoss.ts';
import type { OwnConfig } from './loss.ts';
import { RowLoss } from './rowLoss.ts';
import { ROW_LOSSES } from './rowLossesPart.ts';

/**
 * Minus the cosine of the angle between target and prediction, vectors along the last axis: from -1
 * (the same direction) to 1. Keras's metric of this name is {@link CosineSimilarityMetric}.
 * https://keras.io/api/losses/regression_losses/#cosinesimilarity-class
 */
export class CosineSimilarity extends RowLoss {
  static readonly builtInName: string = 'CosineSimilarity';

  /** @throws {ArgumentError} for an unknown option; the axis is always the last */
  constructor(options?: LossOptions) {
    super(options, [], 'CosineSimilarity');
  }

  override call(batch: LossBatch): void {
    ROW_LOSSES.loaded.cosineSimilarity(batch);
  }
}

/**
 * `max(wrong - right + 1, 0)`: right is the prediction of the class whose target is 1, wrong the
 * largest of the others (or 0, if all are below it).
 * https://keras.io/api/losses/hinge_losses/#categoricalhinge-class
 */
export class CategoricalHinge extends RowLoss {
  static readonly builtInName: string = 'CategoricalHinge';
  override readonly comparesClasses = true;

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LossOptions) {
    super(options, [], 'CategoricalHinge');
  }

  override call(batch: LossBatch): void {
    ROW_LOSSES.loaded.categoricalHinge(batch);
  }
}

export interface CategoricalFocalCrossentropyOptions extends LossOptions, SmoothedCrossentropyOptions {
  /** The power of `1 - p`; at least 0. Default 2. */
  gamma?: number;
  /** The weight of the classes: one number for all, or one for each. Default 0.25. */
  alpha?: number | readonly number[];
}

/**
 * The categorical cross-entropy times `alpha (1 - p)^gamma`, for classes of very different
 * frequency. Lin et al. 2017.
 * https://keras.io/api/losses/probabilistic_losses/#categoricalfocalcrossentropy-class
 */
export class CategoricalFocalCrossentropy extends RowLoss {
  static readonly builtInName: string = 'CategoricalFocalCrossentropy';
  override readonly comparesClasses = true;
  override readonly probabilityTargets = true;
  override readonly fromLogits: boolean;
  readonly gamma: number;
  readonly alpha: readonly number[];
  readonly labelSmoothing: number;
  /** `[2, C]`: room for the probabilities of a row and the slopes of the loss for them. */
  room = new Float64Array(0);

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: CategoricalFocalCrossentropyOptions) {
    const where = 'CategoricalFocalCrossentropy';
    super(options, ['gamma', 'alpha', 'fromLogits', 'labelSmoothing'], where);
    this.gamma = numberInRange(options?.gamma ?? 2, 0, Number.POSITIVE_INFINITY, `${where}: gamma`);
    const alpha: unknown = options?.alpha ?? 0.25;
    this.alpha = (Array.isArray(alpha) ? alpha : [alpha]).map((each) =>
      numberInRange(each, 0, Number.POSITIVE_INFINITY, `${where}: alpha`),
    );
    this.fromLogits = booleanOption(options?.fromLogits, false, `${where}: fromLogits`);
    this.labelSmoothing = numberInRange(options?.labelSmoothing ?? 0, 0, 1, `${where}: labelSmoothing`);
  }

  override checkUnits(units: number): void {
    const { length } = this.alpha;
    if (length !== 1 && length !== units)
      throw new ArgumentError(
        `CategoricalFocalCrossentropy: alpha must have one number, or one for each of ${units} classes, got ${length}`,
      );
  }

  override call(batch: LossBatch): void {
    ROW_LOSSES.loaded.categoricalFocalCrossentropy(batch, this);
  }

  override getConfig(): OwnConfig {
    const { gamma, alpha, fromLogits, labelSmoothing } = this;
    return { ...super.getConfig(), gamma, alpha, fromLogits, labelSmoothing };
  }
}

export interface CategoricalGeneralizedCrossEntropyOptions extends LossOptions {
  /**
   * Between 0 and 1: near 0 it is the cross-entropy, near 1 the absolute error, on which wrong
   * labels have less influence. Default 0.5.
   */
  q?: number;
}

/**
 * `(1 - p^q) / q` of the probability p of the true class: class indices as targets, some of which
 * may be wrong. Zhang & Sabuncu 2018.
 * https://keras.io/api/losses/probabilistic_losses/
 */
export class CategoricalGeneralizedCrossEntropy extends RowLoss {
  static readonly builtInName: string = 'CategoricalGeneralizedCrossEntropy';
  override readonly comparesClasses = true;
  override readonly targetKind = 'labels';
  readonly q: number;

  /** @throws {ArgumentError} for an unknown option or a q outside its range */
  constructor(options?: CategoricalGeneralizedCrossEntropyOptions) {
    super(options, ['q'], 'CategoricalGeneralizedCrossEntropy');
    const q: unknown = options?.q ?? 0.5;
    if (typeof q !== 'number' || !(q > 0 && q < 1))
      throw new ArgumentError(`CategoricalGeneralizedCrossEntropy: q must be a number between 0 and 1, got ${describe(q)}`);
    this.q = q;
  }

  override call(batch: LossBatch): void {
    ROW_LOSSES.loaded.categoricalGeneralizedCrossEntropy(batch, this);
  }

  override getConfig(): OwnConfig {
    return { ...super.getConfig(), q: this.q };
  }
}

export interface QuantileLossOptions extends LossOptions {
  /**
   * The quantile that is predicted, between 0 and 1, or several: then the last axis of the outputs
   * has one prediction for each, and targets have one number in its place. Default 0.5, the median.
   */
  quantile?: number | readonly number[];
}

/**
 * The pinball loss: an error above the prediction costs `quantile`, one below it `1 - quantile`. The
 * predictions that minimize it are quantiles of the target. The loss of several quantiles is the
 * mean over them. Keras does not have it. Koenker & Bassett 1978.
 */
export class QuantileLoss extends RowLoss {
  static readonly builtInName: string = 'QuantileLoss';
  override readonly targetUnits: number | null;
  readonly quantile: number | readonly number[];

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: QuantileLossOptions) {
    super(options, ['quantile'], 'QuantileLoss');
    const given: unknown = options?.quantile ?? 0.5;
    const several = Array.isArray(given) ? given : [given];
    for (const each of several)
      if (typeof each !== 'number' || !(each > 0 && each < 1))
        throw new ArgumentError(`QuantileLoss: quantile must be a number between 0 and 1, or an array of such, got ${describe(each)}`);
    if (several.length === 0) throw new ArgumentError('QuantileLoss: quantile must have at least one number, got an empty array');
    this.quantile = Array.isArray(given) ? [...given] : (given as number);
    this.targetUnits = Array.isArray(given) ? 1 : null;
  }

  override checkUnits(units: number): void {
    const { quantile } = this;
    if (typeof quantile !== 'number' && quantile.length !== units)
      throw new ArgumentError(
        `QuantileLoss: there are ${quantile.length} quantiles, but the last axis of the model's output has ${units}: it needs one prediction for each`,
      );
  }

  override call(batch: LossBatch): void {
    ROW_LOSSES.loaded.quantileLoss(batch, this);
  }

  override getConfig(): OwnConfig {
    return { ...super.getConfig(), quantile: this.quantile };
  }
}
