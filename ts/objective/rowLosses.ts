// Losses of Keras over the whole last axis of a row: C predictions p and targets t.
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, numberInRange } from '../core/options.ts';
import { BatchLoss, type LossBatch } from './batchLoss.ts';
import { checkLossOptions, type LossOptions } from './formulaLoss.ts';
import type { SmoothedCrossentropyOptions } from './kernelLoss.ts';
import type { OwnConfig } from './loss.ts';

/** Keras's `backend.epsilon()`. */
const EPSILON = 1e-7;

/** A loss of rows with an option `name`. */
abstract class RowLoss extends BatchLoss {
  readonly #name: string | undefined;

  constructor(options: LossOptions | undefined, known: readonly string[], className: string) {
    super();
    this.#name = checkLossOptions(options, known, className);
  }

  override get name(): string {
    return this.#name ?? super.name;
  }

  override getConfig(): OwnConfig {
    return this.#name === undefined ? {} : { name: this.#name };
  }
}

/**
 * Minus the cosine of the angle between target and prediction, vectors along the last axis: from -1
 * (the same direction) to 1. As a metric it is minus Keras's metric of this name.
 * https://keras.io/api/losses/regression_losses/#cosinesimilarity-class
 */
export class CosineSimilarity extends RowLoss {
  static readonly builtInName: string = 'CosineSimilarity';

  /** @throws {ArgumentError} for an unknown option; the axis is always the last */
  constructor(options?: LossOptions) {
    super(options, [], 'CosineSimilarity');
  }

  override call({ rows, units: C, yTrue, yPred, values, factors, gradients }: LossBatch): void {
    for (let n = 0; n < rows; n++) {
      let product = 0;
      let [ofTarget, ofPrediction] = [0, 0];
      for (let i = n * C; i < (n + 1) * C; i++) {
        const [t, p] = [yTrue[i] as number, yPred[i] as number];
        product += t * p;
        ofTarget += t * t;
        ofPrediction += p * p;
      }
      const target = inverseNorm(ofTarget);
      const prediction = inverseNorm(ofPrediction);
      const cosine = product * target * prediction;
      values[n] = -cosine;
      if (!gradients) continue;
      // The limit of the inverse norm does not depend on p.
      const along = prediction === 1 / EPSILON ? 0 : cosine * prediction * prediction;
      for (let i = n * C; i < (n + 1) * C; i++)
        gradients[i] = (factors[n] as number) * (along * (yPred[i] as number) - (yTrue[i] as number) * target * prediction);
    }
  }
}

/** One over a norm, at most 1e7. */
function inverseNorm(square: number): number {
  return Math.min(1 / Math.sqrt(square), 1 / EPSILON);
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

  override call({ rows, units: C, yTrue, yPred, values, factors, gradients }: LossBatch): void {
    for (let n = 0; n < rows; n++) {
      let right = 0;
      let wrong = Number.NEGATIVE_INFINITY;
      let ties = 0;
      for (let i = n * C; i < (n + 1) * C; i++) {
        const [t, p] = [yTrue[i] as number, yPred[i] as number];
        right += t * p;
        const other = (1 - t) * p;
        if (other === wrong) ties++;
        else if (other > wrong) {
          wrong = other;
          ties = 1;
        }
      }
      const value = wrong - right + 1;
      values[n] = Math.max(value, 0);
      if (!gradients || value <= 0) continue;
      for (let i = n * C; i < (n + 1) * C; i++) {
        const t = yTrue[i] as number;
        // Equal largest values share the gradient.
        const ofWrong = (1 - t) * (yPred[i] as number) === wrong ? (1 - t) / ties : 0;
        gradients[i] = (factors[n] as number) * (ofWrong - t);
      }
    }
  }
}

export interface CategoricalFocalCrossentropyOptions extends LossOptions, SmoothedCrossentropyOptions {
  /** The power of the probability of what is wrong; at least 0. Default 2. */
  gamma?: number;
  /** What the classes weigh: one number for all, or one for each. Default 0.25. */
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
  /** `[C]`: the normalised probabilities of a row. */
  #shares = new Float64Array(0);
  /** `[C]`: the slope of the loss for each of them. */
  #slopes = new Float64Array(0);

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

  override call({ rows, units: C, yTrue, yPred, values, factors, gradients }: LossBatch): void {
    const { gamma, alpha, fromLogits, labelSmoothing } = this;
    if (this.#shares.length !== C) this.#shares = new Float64Array(C);
    if (this.#slopes.length !== C) this.#slopes = new Float64Array(C);
    const [q, slopes] = [this.#shares, this.#slopes];
    for (let n = 0; n < rows; n++) {
      if (factors[n] === 0) continue;
      const start = n * C;
      let largest = 0;
      if (fromLogits) {
        largest = Number.NEGATIVE_INFINITY;
        for (let j = 0; j < C; j++) largest = Math.max(largest, yPred[start + j] as number);
      }
      let total = 0;
      for (let j = 0; j < C; j++) {
        const p = yPred[start + j] as number;
        q[j] = fromLogits ? Math.exp(p - largest) : p;
        total += q[j] as number;
      }
      // The slope of the loss for each q = p / Σp, and Σ slope q, which passes the sum on.
      let [value, mean] = [0, 0];
      for (let j = 0; j < C; j++) {
        const share = (q[j] as number) / total;
        const clipped = Math.min(Math.max(share, EPSILON), 1 - EPSILON);
        const t = (yTrue[start + j] as number) * (1 - labelSmoothing) + labelSmoothing / C;
        const weight = t * (alpha[alpha.length === 1 ? 0 : j] as number);
        const factor = (1 - clipped) ** gamma;
        value -= weight * factor * Math.log(clipped);
        const slope =
          share === clipped
            ? weight * (gamma === 0 ? 0 : (gamma * factor * Math.log(clipped)) / (1 - clipped)) - (weight * factor) / clipped
            : 0;
        mean += slope * share;
        slopes[j] = slope;
        q[j] = share;
      }
      values[n] = value;
      if (!gradients) continue;
      for (let j = 0; j < C; j++) {
        const slope = (slopes[j] as number) - mean;
        gradients[start + j] = (factors[n] as number) * (fromLogits ? slope * (q[j] as number) : slope / total);
      }
    }
  }

  override getConfig(): OwnConfig {
    const { gamma, alpha, fromLogits, labelSmoothing } = this;
    return { ...super.getConfig(), gamma, alpha, fromLogits, labelSmoothing };
  }
}

export interface CategoricalGeneralizedCrossEntropyOptions extends LossOptions {
  /**
   * Between 0 and 1: near 0 it is the cross-entropy, near 1 the absolute error, which wrong labels
   * move less. Default 0.5.
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

  override call({ rows, units: C, yTrue, yPred, values, factors, gradients }: LossBatch): void {
    const { q } = this;
    for (let n = 0; n < rows; n++) {
      // Labels of masked steps are never read.
      if (factors[n] === 0) continue;
      const i = n * C + (yTrue[n] as number);
      const p = Math.max(yPred[i] as number, EPSILON);
      values[n] = (1 - p ** q) / q;
      if (gradients) gradients[i] = -(factors[n] as number) * p ** (q - 1);
    }
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

  override call({ rows, units: C, yTrue, yPred, values, factors, gradients }: LossBatch): void {
    const { quantile } = this;
    for (let n = 0; n < rows; n++)
      for (let j = 0; j < C; j++) {
        const of = typeof quantile === 'number' ? quantile : (quantile[j] as number);
        const error = (yTrue[typeof quantile === 'number' ? n * C + j : n] as number) - (yPred[n * C + j] as number);
        const slope = error > 0 ? of : error < 0 ? of - 1 : 0;
        values[n] = (values[n] as number) + (slope * error) / C;
        if (gradients) gradients[n * C + j] = (-slope * (factors[n] as number)) / C;
      }
  }

  override getConfig(): OwnConfig {
    return { ...super.getConfig(), quantile: this.quantile };
  }
}
