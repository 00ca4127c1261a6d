// Losses of Keras that are an expression of a target and a prediction.
import { booleanOption, numberInRange, positiveNumber, share } from '../core/options.ts';
import { add, type Expression, multiply, sigmoid, subtract } from '../layers/expression.ts';
import { checkLossOptions, FormulaLoss, type LossOptions } from './formulaLoss.ts';
import type { SmoothedCrossentropyOptions } from './kernelLoss.ts';
import type { OwnConfig } from './loss.ts';
import { binaryFocalCrossentropy, huber } from './lossFormulas.ts';

export interface HuberOptions extends LossOptions {
  /** The error above which the loss is linear, above 0. Default 1. */
  delta?: number;
}

/**
 * Squared for small errors, linear for large ones: outliers count less than in a squared error.
 * Huber 1964. https://keras.io/api/losses/regression_losses/#huber-class
 */
export class Huber extends FormulaLoss {
  static readonly builtInName: string = 'Huber';
  readonly delta: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: HuberOptions) {
    super('huber', checkLossOptions(options, ['delta'], 'Huber'));
    this.delta = positiveNumber(options?.delta ?? 1, 'Huber: delta');
  }

  override call(yTrue: Expression, yPred: Expression): Expression {
    return huber(yTrue, yPred, this.delta);
  }

  override getConfig(): OwnConfig {
    return { ...super.getConfig(), delta: this.delta };
  }
}

/**
 * The logarithm of the hyperbolic cosine of the error: a smooth {@link Huber}.
 * https://keras.io/api/losses/regression_losses/#logcosh-class
 */
export class LogCosh extends FormulaLoss {
  static readonly builtInName: string = 'LogCosh';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LossOptions) {
    super('logCosh', checkLossOptions(options, [], 'LogCosh'));
  }
}

/**
 * `100 |t - p| / |t|`, the error in percent of the target; a target nearer to 0 than 1e-7 counts as
 * 1e-7.
 * https://keras.io/api/losses/regression_losses/#meanabsolutepercentageerror-class
 */
export class MeanAbsolutePercentageError extends FormulaLoss {
  static readonly builtInName: string = 'MeanAbsolutePercentageError';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LossOptions) {
    super('meanAbsolutePercentageError', checkLossOptions(options, [], 'MeanAbsolutePercentageError'));
  }
}

/**
 * `(log(1 + p) - log(1 + t))²`, for targets and predictions of at least 0.
 * https://keras.io/api/losses/regression_losses/#meansquaredlogarithmicerror-class
 */
export class MeanSquaredLogarithmicError extends FormulaLoss {
  static readonly builtInName: string = 'MeanSquaredLogarithmicError';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LossOptions) {
    super('meanSquaredLogarithmicError', checkLossOptions(options, [], 'MeanSquaredLogarithmicError'));
  }
}

/**
 * `p - t log p`: the negative logarithm of the probability of a count t where p are expected,
 * without the terms that do not depend on p.
 * https://keras.io/api/losses/probabilistic_losses/#poisson-class
 */
export class Poisson extends FormulaLoss {
  static readonly builtInName: string = 'Poisson';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LossOptions) {
    super('poisson', checkLossOptions(options, [], 'Poisson'));
  }
}

/**
 * `Σ t log(t / p)` over the classes of the last axis, for distributions t and p. Kullback & Leibler
 * 1951. https://keras.io/api/losses/probabilistic_losses/#kldivergence-class
 */
export class KLDivergence extends FormulaLoss {
  static readonly builtInName: string = 'KLDivergence';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LossOptions) {
    super('klDivergence', checkLossOptions(options, [], 'KLDivergence'));
  }
}

/**
 * `max(1 - t p, 0)` for targets -1 and 1; a target 0 counts as -1.
 * https://keras.io/api/losses/hinge_losses/#hinge-class
 */
export class Hinge extends FormulaLoss {
  static readonly builtInName: string = 'Hinge';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LossOptions) {
    super('hinge', checkLossOptions(options, [], 'Hinge'));
  }
}

/**
 * `max(1 - t p, 0)²` for targets -1 and 1; a target 0 counts as -1.
 * https://keras.io/api/losses/hinge_losses/#squaredhinge-class
 */
export class SquaredHinge extends FormulaLoss {
  static readonly builtInName: string = 'SquaredHinge';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LossOptions) {
    super('squaredHinge', checkLossOptions(options, [], 'SquaredHinge'));
  }
}

export interface BinaryFocalCrossentropyOptions extends LossOptions, SmoothedCrossentropyOptions {
  /** The power of `1 - p`; at least 0. Default 2. */
  gamma?: number;
  /** The weight of targets 1 with `applyClassBalancing`, from 0 to 1. Default 0.25. */
  alpha?: number;
  /**
   * Whether targets 1 have the weight `alpha` and targets 0 the weight `1 - alpha`. Default false.
   */
  applyClassBalancing?: boolean;
}

/**
 * The binary cross-entropy times `(1 - p)^gamma`, where p is the probability of the true class:
 * well classified examples have little weight. For classes of very different frequency. Lin et al.
 * 2017. https://keras.io/api/losses/probabilistic_losses/#binaryfocalcrossentropy-class
 */
export class BinaryFocalCrossentropy extends FormulaLoss {
  static readonly builtInName: string = 'BinaryFocalCrossentropy';
  override readonly fromLogits: boolean;
  readonly gamma: number;
  readonly alpha: number;
  readonly applyClassBalancing: boolean;
  readonly labelSmoothing: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: BinaryFocalCrossentropyOptions) {
    const where = 'BinaryFocalCrossentropy';
    const known = ['gamma', 'alpha', 'applyClassBalancing', 'fromLogits', 'labelSmoothing'];
    super('binaryFocalCrossentropy', checkLossOptions(options, known, where));
    this.gamma = numberInRange(options?.gamma ?? 2, 0, Number.POSITIVE_INFINITY, `${where}: gamma`);
    this.alpha = share(options?.alpha ?? 0.25, `${where}: alpha`);
    this.applyClassBalancing = booleanOption(options?.applyClassBalancing, false, `${where}: applyClassBalancing`);
    this.fromLogits = booleanOption(options?.fromLogits, false, `${where}: fromLogits`);
    this.labelSmoothing = numberInRange(options?.labelSmoothing ?? 0, 0, 1, `${where}: labelSmoothing`);
  }

  override call(yTrue: Expression, yPred: Expression): Expression {
    const t = add(multiply(yTrue, 1 - this.labelSmoothing), this.labelSmoothing / 2);
    const loss = binaryFocalCrossentropy(t, this.fromLogits ? sigmoid(yPred) : yPred, this.gamma);
    if (!this.applyClassBalancing) return loss;
    return multiply(add(multiply(t, this.alpha), multiply(subtract(1, t), 1 - this.alpha)), loss);
  }

  override getConfig(): OwnConfig {
    const { gamma, alpha, applyClassBalancing, fromLogits, labelSmoothing } = this;
    return { ...super.getConfig(), gamma, alpha, applyClassBalancing, fromLogits, labelSmoothing };
  }
}
