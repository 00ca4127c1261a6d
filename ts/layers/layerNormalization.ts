import { REDUCTIONS } from '../backend/kernels.generated.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { booleanOption } from '../core/options.ts';
import { formatShape, type Shape, sizeOf } from '../core/shape.ts';
import { emitPointwise } from './emit.ts';
import { emitReorder } from './emitMore.ts';
import { add, input as inputOf, multiply } from './expression.ts';
import { type InitializerLike, resolveInitializer, type StartValues } from './initializers.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { type Strides, stridesOf } from './strides.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, ruleOptions, WeightRules } from './weightRules.ts';

// N rows that are normalized, each of D elements.

/** How the names of the options of each weight begin. */
const WEIGHTS = ['gamma', 'beta'] as const;
const OPTIONS = [
  'axis',
  'epsilon',
  'center',
  'scale',
  'gammaInitializer',
  'betaInitializer',
  ...WEIGHTS.flatMap((weight) => ruleOptions([weight])),
];

export interface LayerNormalizationOptions extends LayerOptions {
  /**
   * The axis or the axes that are normalized together, with the batch as axis 0, negative from the
   * last one on. Default -1, the features.
   */
  axis?: number | readonly number[];
  /** What is added to the variance, so that nothing is divided by 0. Default 0.001. */
  epsilon?: number;
  /** Whether beta is added. Default true. */
  center?: boolean;
  /** Whether the result is multiplied by gamma. Default true. */
  scale?: boolean;
  /** Start values of gamma. Default 'ones'. */
  gammaInitializer?: InitializerLike;
  /** Start values of beta. Default 'zeros'. */
  betaInitializer?: InitializerLike;
  /** A penalty on gamma, added to the loss. Default none. */
  gammaRegularizer?: RegularizerLike | null;
  /** A penalty on beta. Default none. */
  betaRegularizer?: RegularizerLike | null;
  /** What holds for gamma after each update. Default nothing. */
  gammaConstraint?: ConstraintLike | null;
  /** What holds for beta after each update. Default nothing. */
  betaConstraint?: ConstraintLike | null;
}

/**
 * Each step of each sample with mean 0 and variance 1 over its features, then scaled and shifted:
 *
 *     y = gamma * (x - mean) / sqrt(variance + epsilon) + beta
 *
 * A mask goes on; masked steps are normalized too.
 *
 * Weights: gamma and beta, of the sizes of the normalized axes. Ba, Kiros & Hinton 2016.
 * https://keras.io/api/layers/normalization_layers/layer_normalization/
 */
export class LayerNormalization extends Layer {
  readonly className = 'LayerNormalization';
  readonly axis: number | readonly number[];
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly #gammaInitializer: StartValues;
  readonly #betaInitializer: StartValues;
  readonly #rules: WeightRules;
  /** The sizes of the axes that the weights are for; empty before. */
  #sizes: Shape = [];

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: LayerNormalizationOptions) {
    super(options, OPTIONS, 'LayerNormalization');
    const axis = options?.axis ?? -1;
    const axes = [axis].flat();
    if (axes.length === 0 || new Set(axes).size < axes.length || !axes.every((each) => Number.isInteger(each) && each !== 0))
      throw new ArgumentError(
        `LayerNormalization: axis must be a whole number or several different ones, and not 0, which is the batch, got ${describe(axis)}`,
      );
    this.axis = typeof axis === 'number' ? axis : [...axis];
    const epsilon: unknown = options?.epsilon ?? 0.001;
    if (typeof epsilon !== 'number' || !(epsilon > 0 && epsilon < 1))
      throw new ArgumentError(`LayerNormalization: epsilon must be a number between 0 and 1, got ${describe(epsilon)}`);
    this.epsilon = epsilon;
    this.center = booleanOption(options?.center, true, 'LayerNormalization: center');
    this.scale = booleanOption(options?.scale, true, 'LayerNormalization: scale');
    this.#gammaInitializer = resolveInitializer(options?.gammaInitializer ?? 'ones', 1, 'LayerNormalization: gammaInitializer');
    this.#betaInitializer = resolveInitializer(options?.betaInitializer ?? 'zeros', 1, 'LayerNormalization: betaInitializer');
    this.#rules = new WeightRules(options, WEIGHTS, 'LayerNormalization');
  }

  override get needsSequences(): string | null {
    return [this.axis].flat().every((axis) => axis === -1 || axis > 1) ? null : 'normalizes over steps';
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    const axes = this.#sampleAxes(inputShape);
    const sizes = axes.map((axis) => inputShape[axis]);
    if (sizes.includes(null))
      throw new ShapeError(
        `${this.title} takes samples of a known size along the axes that it normalizes, got samples of shape ${formatShape(inputShape)}`,
      );
    return sizeOf(sizes as number[]);
  }

  override infer(inputs: readonly TensorSpec[], call: Parameters<Layer['infer']>[1]): readonly TensorSpec[] {
    const found = super.infer(inputs, call);
    const { shape } = inputs[0] as TensorSpec;
    const sizes = this.#sampleAxes(shape).map((axis) => shape[axis]);
    if (this.#sizes.length > 0 && formatShape(this.#sizes) !== formatShape(sizes as Shape))
      throw new ShapeError(
        `${this.title} was built for sizes ${formatShape(this.#sizes)} of the normalized axes, got ${formatShape(sizes as Shape)}`,
      );
    return found;
  }

  override declare(inputs: readonly TensorSpec[]): void {
    if (this.built) return;
    const { shape } = inputs[0] as TensorSpec;
    this.#sizes = this.#sampleAxes(shape).map((axis) => shape[axis] as number);
    super.declare(inputs);
  }

  protected override copyBuild(copy: Layer): void {
    (copy as LayerNormalization).#sizes = this.#sizes;
    super.copyBuild(copy);
  }

  protected override declareWeights(): void {
    if (this.scale) this.addWeight('gamma', this.#sizes, this.#gammaInitializer, this.#rules.of('gamma'));
    if (this.center) this.addWeight('beta', this.#sizes, this.#betaInitializer, this.#rules.of('beta'));
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const { shape, rows } = input;
    const axes = this.#sampleAxes(shape);
    if (axes.length === 1 && axes[0] === shape.length - 1) return [this.#emitRows(scope, input)];
    // The normalized axes become the last one, and come back.
    const others = [...shape.keys()].filter((axis) => !axes.includes(axis));
    const sizes = axes.map((axis) => shape[axis] as number);
    const together: Shape = [...others.map((axis) => shape[axis] as number), sizeOf(sizes)];
    const order = [...others, ...axes];
    const own = stridesOf(shape, rows);
    const packed = stridesOf(together, rows);
    const from: Strides = { rows: own.rows, axes: order.map((axis) => own.axes[axis] as number) };
    const to: Strides = {
      rows: packed.rows,
      axes: [...packed.axes.slice(0, -1), ...sizes.map((_, index) => sizeOf(sizes.slice(index + 1)))],
    };
    const walked = order.map((axis) => shape[axis] as number);
    const turned = emitReorder(scope, input, walked, from, to, { ...input, shape: together });
    return [emitReorder(scope, this.#emitRows(scope, turned), walked, to, from, input)];
  }

  /** Normalizes the rows along the last axis. */
  #emitRows(scope: Scope, input: Value): Value {
    const [gamma, beta] = (this.scale ? this.ownWeights : [undefined, ...this.ownWeights]) as [Weight?, Weight?];
    const x = scope.floatsOf(input);
    const features = input.shape[input.shape.length - 1] as number;
    const rows = x.length / features;
    const [normal, factors] = [scope.floats('normal', x.length), scope.floats('factors', rows)];
    scope.call('normalizeRows', { rows, features, epsilon: this.epsilon, x, y: normal, scale: factors });
    const needsGradient = input.needsGradient || [gamma, beta].some((weight) => weight && scope.isTrainable(weight));
    let y = normal;
    if (gamma || beta) {
      y = scope.floats('y', x.length);
      const weights = [gamma, beta].filter((weight) => weight !== undefined);
      const scaled = gamma ? multiply(inputOf(0), inputOf(1)) : inputOf(0);
      const shifted = beta ? add(scaled, inputOf(weights.length)) : scaled;
      emitPointwise(scope, [shifted], [normal, ...weights.map((weight) => scope.weight(weight))], [y]);
    }
    const output: Value = { ...input, form: { kind: 'floats', buffer: y }, needsGradient };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      if (!dY) return;
      const sumRows = (whole: PlannedBuffer, sums: PlannedBuffer) =>
        scope.call('reduceRows', { operation: REDUCTIONS.sum, outer: 1, count: rows, inner: features, x: whole, y: sums });
      const times = (by: PlannedBuffer) => {
        const product = scope.floats('product', dY.length);
        emitPointwise(scope, [multiply(inputOf(0), inputOf(1))], [dY, by], [product]);
        return product;
      };
      if (beta) sumRows(dY, gradients.toWeight(beta));
      if (gamma) sumRows(times(normal), gradients.toWeight(gamma));
      const dX = gradients.to(input);
      const dNormal = dX && gamma ? times(scope.weight(gamma)) : dY;
      if (dX) scope.call('normalizeRowsBackward', { rows, features, y: normal, scale: factors, dY: dNormal, dX });
    });
    return output;
  }

  /** The axes of samples, in order. @throws {ShapeError} when samples do not have them */
  #sampleAxes(shape: SampleShape): readonly number[] {
    const axes = [this.axis].flat().map((axis) => (axis < 0 ? shape.length + axis : axis - 1));
    const isEach = axes.every((axis) => axis >= 0 && axis < shape.length) && new Set(axes).size === axes.length;
    if (!isEach || shape.length > 3)
      throw new ShapeError(
        `${this.title} takes samples of at most 3 axes that have axis ${[this.axis].flat().join(' and ')} (the batch is axis 0), got samples of shape ${formatShape(shape)}`,
      );
    return axes.sort((a, b) => a - b);
  }

  override getConfig(): LayerConfig {
    const { axis, epsilon, center, scale } = this;
    return {
      ...super.getConfig(),
      axis,
      epsilon,
      center,
      scale,
      gammaInitializer: this.#gammaInitializer.saved,
      betaInitializer: this.#betaInitializer.saved,
      ...this.#rules.getConfig(),
    };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): LayerNormalization {
    return new LayerNormalization(config as LayerNormalizationOptions);
  }
}
