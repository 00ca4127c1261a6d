// Optimizers of Keras that are an expression of one parameter.
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { LARGEST_FLOAT32 } from '../core/float32.ts';
import { booleanOption, numberInRange, share } from '../core/options.ts';
import { power } from '../core/power.ts';
import {
  abs,
  add,
  divide,
  type Expression,
  type ExpressionLike,
  exp,
  less,
  log,
  maximum,
  minimum,
  multiply,
  sqrt,
  square,
  subtract,
} from '../layers/expression.ts';
import type { AdamLikeOptions } from './adam.ts';
import { ElementwiseOptimizer, type UpdateResult, type UpdateTerms } from './elementwiseOptimizer.ts';
import type { OptimizerConfig, OptimizerOptions } from './optimizer.ts';

type Slots = Readonly<Record<string, Expression>>;
type StepNumbers = { readonly learningRate: number; readonly step: number };

/** The smallest divisor of `Ftrl`: without a gradient so far, a sum may be 0. */
const LEAST = 1e-30;

/** `old + part (new - old)`: a mean that keeps `1 - part` of what it was. */
const mean = (old: Expression, now: Expression, part: ExpressionLike) => add(old, multiply(subtract(now, old), part));

const epsilonOf = (value: unknown, className: string) => numberInRange(value ?? 1e-7, 0, LARGEST_FLOAT32, `${className}: epsilon`);
const decayOf = (value: unknown, byDefault: number, where: string) => numberInRange(value ?? byDefault, 0, 1, where);

/** Adam's settings. */
abstract class AdamLike extends ElementwiseOptimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(options: AdamLikeOptions | undefined, className: string, known: readonly string[] = []) {
    super(options, ['beta1', 'beta2', 'epsilon', ...known]);
    this.beta1 = decayOf(options?.beta1, 0.9, `${className}: beta1`);
    this.beta2 = decayOf(options?.beta2, 0.999, `${className}: beta2`);
    this.epsilon = epsilonOf(options?.epsilon, className);
  }

  override getConfig(batches?: number): OptimizerConfig {
    return { ...super.getConfig(batches), beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }
}

export interface AdamWOptions extends AdamLikeOptions {
  /** Divide by the largest mean square so far. Reddi et al. 2018. Default false. */
  amsgrad?: boolean;
}

/**
 * Adam with decoupled weight decay: `weightDecay` is 0.004 by default. Loshchilov & Hutter 2019.
 * https://keras.io/api/optimizers/adamw/
 */
export class AdamW extends AdamLike {
  static readonly builtInName: string = 'AdamW';
  override readonly slotNames: readonly string[];
  readonly amsgrad: boolean;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: AdamWOptions) {
    super({ weightDecay: 0.004, ...options }, 'AdamW', ['amsgrad']);
    this.amsgrad = booleanOption(options?.amsgrad, false, 'AdamW: amsgrad');
    this.slotNames = ['momentum', 'velocity', ...(this.amsgrad ? ['largestVelocity'] : [])];
  }

  /** The learning rate with both bias corrections. */
  override numbersOf({ learningRate, step }: StepNumbers): readonly number[] {
    return [(learningRate * Math.sqrt(1 - power(this.beta2, step))) / (1 - power(this.beta1, step))];
  }

  override update({ parameter, gradient, slots, numbers }: UpdateTerms): UpdateResult {
    const { momentum: m, velocity: v, largestVelocity: largest } = slots as Slots & { momentum: Expression; velocity: Expression };
    const momentum = mean(m, gradient, 1 - this.beta1);
    const velocity = mean(v, square(gradient), 1 - this.beta2);
    const largestVelocity = largest ? maximum(largest, velocity) : null;
    const root = sqrt(largestVelocity ?? velocity);
    const step = divide(multiply(momentum, numbers[0] as Expression), add(root, this.epsilon));
    const kept = { momentum, velocity, ...(largestVelocity ? { largestVelocity } : {}) };
    return { parameter: subtract(parameter, step), slots: kept };
  }

  override getConfig(batches?: number): OptimizerConfig {
    return { ...super.getConfig(batches), amsgrad: this.amsgrad };
  }
}

/**
 * Adam with Nesterov's momentum. Dozat 2016. https://keras.io/api/optimizers/Nadam/
 */
export class Nadam extends AdamLike {
  static readonly builtInName: string = 'Nadam';
  override readonly slotNames = ['momentum', 'velocity'];

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: AdamLikeOptions) {
    super(options, 'Nadam');
  }

  /**
   * The weights of the mean gradient and of the gradient in a step, times the learning rate, and
   * the weight of a square in the mean.
   */
  override numbersOf({ learningRate, step }: StepNumbers): readonly number[] {
    const factor = (of: number) => this.beta1 * (1 - 0.5 * power(0.96, of));
    let product = 1;
    for (let of = 1; of <= step; of++) {
      product *= factor(of);
      // Later factors change no bit of 1 - product.
      if (product < 1e-20) break;
    }
    const next = factor(step + 1);
    return [
      (learningRate * next) / (1 - product * next),
      (learningRate * (1 - factor(step))) / (1 - product),
      (1 - this.beta2) / (1 - power(this.beta2, step)),
    ];
  }

  override update({ parameter, gradient, slots, numbers }: UpdateTerms): UpdateResult {
    const { momentum: m, velocity: v } = slots as { momentum: Expression; velocity: Expression };
    const [ofMean, ofGradient, part] = numbers as readonly [Expression, Expression, Expression];
    const momentum = mean(m, gradient, 1 - this.beta1);
    // The corrected mean square: it is a mean of as many squares as there have been.
    const velocity = mean(v, square(gradient), part);
    const step = add(multiply(momentum, ofMean), multiply(gradient, ofGradient));
    return { parameter: subtract(parameter, divide(step, add(sqrt(velocity), this.epsilon))), slots: { momentum, velocity } };
  }
}

/**
 * Adam with the largest gradient instead of the mean square. Kingma & Ba 2015, section 7.
 * https://keras.io/api/optimizers/adamax/
 */
export class Adamax extends AdamLike {
  static readonly builtInName: string = 'Adamax';
  override readonly slotNames = ['momentum', 'largest'];

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: AdamLikeOptions) {
    super(options, 'Adamax');
  }

  /** The learning rate with the bias correction. */
  override numbersOf({ learningRate, step }: StepNumbers): readonly number[] {
    return [learningRate / (1 - power(this.beta1, step))];
  }

  override update({ parameter, gradient, slots, numbers }: UpdateTerms): UpdateResult {
    const { momentum: m, largest: u } = slots as { momentum: Expression; largest: Expression };
    const momentum = mean(m, gradient, 1 - this.beta1);
    const largest = maximum(multiply(this.beta2, u), abs(gradient));
    const step = divide(multiply(momentum, numbers[0] as Expression), add(largest, this.epsilon));
    return { parameter: subtract(parameter, step), slots: { momentum, largest } };
  }
}

export interface AdagradOptions extends OptimizerOptions {
  /** The initial value of the sum of squares; at least 0. Default 0.1. */
  initialAccumulatorValue?: number;
  /** Added under the square root. Default 1e-7. */
  epsilon?: number;
}

/**
 * A step is the gradient divided by the root of the sum of all its squares. Duchi et al. 2011.
 * https://keras.io/api/optimizers/adagrad/
 */
export class Adagrad extends ElementwiseOptimizer {
  static readonly builtInName: string = 'Adagrad';
  /** The sum without its initial value: slots begin as zeros. */
  override readonly slotNames = ['sumOfSquares'];
  readonly initialAccumulatorValue: number;
  readonly epsilon: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: AdagradOptions) {
    super(options, ['initialAccumulatorValue', 'epsilon']);
    const initial = options?.initialAccumulatorValue ?? 0.1;
    this.initialAccumulatorValue = numberInRange(initial, 0, LARGEST_FLOAT32, 'Adagrad: initialAccumulatorValue');
    this.epsilon = epsilonOf(options?.epsilon, 'Adagrad');
  }

  override update({ parameter, gradient, slots, learningRate }: UpdateTerms): UpdateResult {
    const sumOfSquares = add((slots as Slots).sumOfSquares as Expression, square(gradient));
    const root = sqrt(add(sumOfSquares, this.initialAccumulatorValue + this.epsilon));
    return { parameter: subtract(parameter, divide(multiply(learningRate, gradient), root)), slots: { sumOfSquares } };
  }

  override getConfig(batches?: number): OptimizerConfig {
    return { ...super.getConfig(batches), initialAccumulatorValue: this.initialAccumulatorValue, epsilon: this.epsilon };
  }
}

export interface AdadeltaOptions extends OptimizerOptions {
  /** Decay of the mean squares: the fraction that a step keeps. Default 0.95. */
  rho?: number;
  /** Added under the square roots. Default 1e-7. */
  epsilon?: number;
}

/**
 * A step is the gradient, scaled by the roots of the recent mean squares of steps and gradients.
 * Zeiler 2012. https://keras.io/api/optimizers/adadelta/
 */
export class Adadelta extends ElementwiseOptimizer {
  static readonly builtInName: string = 'Adadelta';
  override readonly slotNames = ['meanSquare', 'meanSquareOfSteps'];
  readonly rho: number;
  readonly epsilon: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: AdadeltaOptions) {
    super(options, ['rho', 'epsilon']);
    this.rho = share(options?.rho ?? 0.95, 'Adadelta: rho');
    this.epsilon = epsilonOf(options?.epsilon, 'Adadelta');
  }

  override update({ parameter, gradient, slots, learningRate }: UpdateTerms): UpdateResult {
    const { meanSquare: ofGradients, meanSquareOfSteps: ofSteps } = slots as { meanSquare: Expression; meanSquareOfSteps: Expression };
    const meanSquare = mean(ofGradients, square(gradient), 1 - this.rho);
    const root = (value: Expression) => sqrt(add(value, this.epsilon));
    const step = divide(multiply(root(ofSteps), gradient), root(meanSquare));
    const meanSquareOfSteps = mean(ofSteps, square(step), 1 - this.rho);
    return { parameter: subtract(parameter, multiply(learningRate, step)), slots: { meanSquare, meanSquareOfSteps } };
  }

  override getConfig(batches?: number): OptimizerConfig {
    return { ...super.getConfig(batches), rho: this.rho, epsilon: this.epsilon };
  }
}

export interface LionOptions extends OptimizerOptions {
  /**
   * The weight of the mean gradient in a step; the gradient has the weight `1 - beta1`. Default
   * 0.9.
   */
  beta1?: number;
  /** Decay of the mean gradient: the fraction that a step keeps. Default 0.99. */
  beta2?: number;
}

/**
 * A step is the sign of a mean of gradients, so all parameters move by the learning rate. Chen et
 * al. 2023. https://keras.io/api/optimizers/lion/
 */
export class Lion extends ElementwiseOptimizer {
  static readonly builtInName: string = 'Lion';
  override readonly slotNames = ['momentum'];
  readonly beta1: number;
  readonly beta2: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: LionOptions) {
    super(options, ['beta1', 'beta2']);
    this.beta1 = share(options?.beta1 ?? 0.9, 'Lion: beta1');
    this.beta2 = share(options?.beta2 ?? 0.99, 'Lion: beta2');
  }

  override update({ parameter, gradient, slots, learningRate }: UpdateTerms): UpdateResult {
    const m = (slots as Slots).momentum as Expression;
    const mixed = add(multiply(m, this.beta1), multiply(gradient, 1 - this.beta1));
    const sign = subtract(less(0, mixed), less(mixed, 0));
    const momentum = add(multiply(m, this.beta2), multiply(gradient, 1 - this.beta2));
    return { parameter: subtract(parameter, multiply(learningRate, sign)), slots: { momentum } };
  }

  override getConfig(batches?: number): OptimizerConfig {
    return { ...super.getConfig(batches), beta1: this.beta1, beta2: this.beta2 };
  }
}

export interface FtrlOptions extends OptimizerOptions {
  /**
   * The power of the sum of squares that the learning rate is multiplied by; at most 0. Default
   * -0.5, the root of the sum as in `Adagrad`; 0 for a constant rate.
   */
  learningRatePower?: number;
  /** The initial value of the sum of squares; at least 0. Default 0.1. */
  initialAccumulatorValue?: number;
  /** Weight of the absolute values; at least 0. It makes weights 0. Default 0. */
  l1RegularizationStrength?: number;
  /** Weight of the squares; at least 0. Default 0. */
  l2RegularizationStrength?: number;
  /**
   * Weight of the squares in the gradient alone, not in the sum of squares; at least 0. Default 0.
   */
  l2ShrinkageRegularizationStrength?: number;
  /** Added to the root of the sum of squares; at least 0. Default 0. */
  beta?: number;
}

/**
 * Follow the regularized leader: the weights that are best for the sum of all gradients so far,
 * with penalties. McMahan et al. 2013. https://keras.io/api/optimizers/ftrl/
 */
export class Ftrl extends ElementwiseOptimizer {
  static readonly builtInName: string = 'Ftrl';
  /** The sum of squares is stored without its initial value: slots begin as zeros. */
  override readonly slotNames = ['sumOfSquares', 'linear'];
  readonly learningRatePower: number;
  readonly initialAccumulatorValue: number;
  readonly l1RegularizationStrength: number;
  readonly l2RegularizationStrength: number;
  readonly l2ShrinkageRegularizationStrength: number;
  readonly beta: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: FtrlOptions) {
    super(options, [
      'learningRatePower',
      'initialAccumulatorValue',
      'l1RegularizationStrength',
      'l2RegularizationStrength',
      'l2ShrinkageRegularizationStrength',
      'beta',
    ]);
    const given = options ?? {};
    const notNegative = (name: keyof FtrlOptions, byDefault = 0) =>
      numberInRange(given[name] ?? byDefault, 0, LARGEST_FLOAT32, `Ftrl: ${name}`);
    const power: unknown = given.learningRatePower ?? -0.5;
    if (typeof power !== 'number' || !(power <= 0 && power > -LARGEST_FLOAT32))
      throw new ArgumentError(`Ftrl: learningRatePower must be a number of at most 0, got ${describe(power)}`);
    this.learningRatePower = power;
    this.initialAccumulatorValue = notNegative('initialAccumulatorValue', 0.1);
    this.l1RegularizationStrength = notNegative('l1RegularizationStrength');
    this.l2RegularizationStrength = notNegative('l2RegularizationStrength');
    this.l2ShrinkageRegularizationStrength = notNegative('l2ShrinkageRegularizationStrength');
    this.beta = notNegative('beta');
  }

  override update({ parameter, gradient, slots, learningRate }: UpdateTerms): UpdateResult {
    const { sumOfSquares: before, linear: old } = slots as { sumOfSquares: Expression; linear: Expression };
    const sumOfSquares = add(before, square(gradient));
    const [rootBefore, root] = [this.#root(before), this.#root(sumOfSquares)];
    const shrunk = add(gradient, multiply(2 * this.l2ShrinkageRegularizationStrength, parameter));
    const moved = multiply(divide(subtract(root, rootBefore), learningRate), parameter);
    const linear = add(old, subtract(shrunk, moved));
    const l1 = this.l1RegularizationStrength;
    const quadratic = add(divide(add(root, this.beta), learningRate), 2 * this.l2RegularizationStrength);
    const clipped = minimum(maximum(linear, -l1), l1);
    return { parameter: divide(subtract(clipped, linear), maximum(quadratic, LEAST)), slots: { sumOfSquares, linear } };
  }

  /** The sum of squares to the power `-learningRatePower`. */
  #root(sumOfSquares: Expression): Expression {
    const sum = add(sumOfSquares, this.initialAccumulatorValue);
    return this.learningRatePower === -0.5 ? sqrt(sum) : exp(multiply(-this.learningRatePower, log(sum)));
  }

  override getConfig(batches?: number): OptimizerConfig {
    return {
      ...super.getConfig(batches),
      learningRatePower: this.learningRatePower,
      initialAccumulatorValue: this.initialAccumulatorValue,
      l1RegularizationStrength: this.l1RegularizationStrength,
      l2RegularizationStrength: this.l2RegularizationStrength,
      l2ShrinkageRegularizationStrength: this.l2ShrinkageRegularizationStrength,
      beta: this.beta,
    };
  }
}
