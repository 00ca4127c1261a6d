import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, positiveInteger, type Shape } from '../core/shape.ts';
import { relu } from './elementwise.ts';
import { ElementwiseLayer } from './elementwiseLayer.ts';
import { emitFunction } from './emit.ts';
import { emitBroadcast, emitWeight } from './emitMore.ts';
import { input as inputOf, less, multiply, negative, where } from './expression.ts';
import { type InitializerLike, resolveInitializer, type StartValues } from './initializers.ts';
import type { Layer, LayerConfig, LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, ruleOptions, WeightRules } from './weightRules.ts';

export interface PReLUOptions extends LayerOptions {
  /**
   * The axes along which all elements share a slope, with the batch as axis 0: with `[1]`,
   * sequences of any length have one slope for each feature. Default none.
   */
  sharedAxes?: readonly number[];
  /** The initializer of the slopes. Default 'zeros'. */
  alphaInitializer?: InitializerLike;
  /** A penalty on the slopes, added to the loss. Default none. */
  alphaRegularizer?: RegularizerLike | null;
  /** A constraint on the slopes, applied after each update. Default none. */
  alphaConstraint?: ConstraintLike | null;
}

/**
 * `x` where it is above 0, else `alpha * x` with a trained slope for each element of a sample.
 *
 * Weight: alpha, of a sample's shape with 1 in the place of shared axes. He et al. 2015.
 * https://keras.io/api/layers/activation_layers/prelu/
 */
export class PReLU extends ElementwiseLayer {
  readonly className = 'PReLU';
  readonly sharedAxes: readonly number[];
  readonly #initializer: StartValues;
  readonly #rules: WeightRules;
  /** The shape of the slopes; null before they are declared. */
  #alphaShape: Shape | null = null;

  /** @throws {ArgumentError} for an unknown option or axes that are none */
  constructor(options?: PReLUOptions) {
    super(options, ['sharedAxes', 'alphaInitializer', ...ruleOptions(['alpha'])], 'PReLU');
    const axes: unknown = options?.sharedAxes ?? [];
    if (!Array.isArray(axes)) throw new ArgumentError(`PReLU: sharedAxes must be an array of axes, such as [1], got ${describe(axes)}`);
    this.sharedAxes = axes.map((axis, index) => positiveInteger(axis, `PReLU: sharedAxes[${index}]`));
    this.#initializer = resolveInitializer(options?.alphaInitializer ?? 'zeros', 1, 'PReLU: alphaInitializer');
    this.#rules = new WeightRules(options, ['alpha'], 'PReLU');
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    const alpha = this.#slopesOf(inputShape);
    if (this.#alphaShape && formatShape(alpha) !== formatShape(this.#alphaShape))
      throw new ShapeError(
        `${this.title} has slopes of shape ${formatShape(this.#alphaShape)}, got samples of shape ${formatShape(inputShape)}`,
      );
    return 0;
  }

  /** The shape of the slopes. @throws {ShapeError} when it is not known */
  #slopesOf(inputShape: SampleShape): Shape {
    const axes = inputShape.length;
    if (axes === 0 || axes > 3 || this.sharedAxes.some((axis) => axis > axes))
      throw new ShapeError(
        `${this.title} takes samples of 1 to 3 axes that have the axes of sharedAxes, ${formatShape(this.sharedAxes)}, got samples of shape ${formatShape(inputShape)}`,
      );
    return inputShape.map((size, index) => {
      if (this.sharedAxes.includes(index + 1)) return 1;
      if (size !== null) return size;
      throw new ShapeError(
        `${this.title} takes samples of known sizes, because each element has a slope, got samples of shape ${formatShape(inputShape)}: ` +
          `share the slopes along the free axis, sharedAxes: [${index + 1}]`,
      );
    });
  }

  override declare(inputs: readonly TensorSpec[]): void {
    this.#alphaShape ??= this.#slopesOf((inputs[0] as TensorSpec).shape);
    super.declare(inputs);
  }

  protected override declareWeights(): void {
    this.addWeight('alpha', this.#alphaShape as Shape, this.#initializer, this.#rules.of('alpha'));
  }

  protected override copyBuild(copy: Layer): void {
    (copy as PReLU).#alphaShape = this.#alphaShape;
    super.copyBuild(copy);
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const [weight] = this.weights as [Weight];
    const alpha = emitBroadcast(scope, emitWeight(scope, weight), input.shape, input.rows);
    const [x, slope] = [inputOf(0), inputOf(1)];
    // At 0 the derivative is 0, as in Keras.
    return [emitFunction(scope, where(less(0, x), x, negative(multiply(slope, relu(negative(x))))), [input, alpha], input)];
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      sharedAxes: this.sharedAxes,
      alphaInitializer: this.#initializer.saved,
      ...this.#rules.getConfig(),
    };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): PReLU {
    return new PReLU(config as PReLUOptions);
  }
}
