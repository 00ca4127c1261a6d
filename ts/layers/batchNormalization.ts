import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { booleanOption, positiveNumber, share } from '../core/options.ts';
import { formatShape } from '../core/shape.ts';
import { emitBatchNormalization } from './emitMore.ts';
import { type InitializerLike, resolveInitializer, type StartValues } from './initializers.ts';
import { Layer, type LayerConfig, type LayerOptions, requireFeatures } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import { matrixRows, type Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, ruleOptions, WeightRules } from './weightRules.ts';

/** How the names of the options of each trained weight begin. */
const WEIGHTS = ['beta', 'gamma'] as const;

/** The options that begin the names of initializers, with Keras's defaults. */
const INITIALIZERS = { beta: 'zeros', gamma: 'ones', movingMean: 'zeros', movingVariance: 'ones' } as const;

type Started = keyof typeof INITIALIZERS;

export interface BatchNormalizationOptions extends LayerOptions {
  /** The axis of the features, which must be the last one. Default -1. */
  axis?: number;
  /** The momentum of the moving mean and variance, 0 to 1. Default 0.99. */
  momentum?: number;
  /** Added to the variance before the square root, above 0. Default 0.001. */
  epsilon?: number;
  /** Whether beta is added. Default true. */
  center?: boolean;
  /** Whether the result is multiplied by gamma. Default true. */
  scale?: boolean;
  /** The initializer of beta. Default 'zeros'. */
  betaInitializer?: InitializerLike;
  /** The initializer of gamma. Default 'ones'. */
  gammaInitializer?: InitializerLike;
  /** The initializer of the moving mean. Default 'zeros'. */
  movingMeanInitializer?: InitializerLike;
  /** The initializer of the moving variance. Default 'ones'. */
  movingVarianceInitializer?: InitializerLike;
  /** A penalty on beta, added to the loss. Default none. */
  betaRegularizer?: RegularizerLike | null;
  /** A penalty on gamma. Default none. */
  gammaRegularizer?: RegularizerLike | null;
  /** A constraint on beta, applied after each update. Default none. */
  betaConstraint?: ConstraintLike | null;
  /** A constraint on gamma, applied after each update. Default none. */
  gammaConstraint?: ConstraintLike | null;
}

/**
 * Gives each feature the mean beta and the standard deviation gamma over the batch: `gamma * (x -
 * mean) / sqrt(variance + epsilon) + beta`. In training, mean and variance are those of the batch,
 * over all steps that count; otherwise, and in a layer with `trainable: false`, they are the moving
 * ones, which each training step updates. Several workers also use the moments of the whole batch.
 * Samples are `[..., D]`. Inside `TimeDistributed` each step has moments of its own. Ioffe &
 * Szegedy 2015.
 *
 * Weights: gamma `[D]`, beta `[D]`, and, which no optimizer changes, movingMean `[D]` and
 * movingVariance `[D]`. https://keras.io/api/layers/normalization_layers/batch_normalization/
 */
export class BatchNormalization extends Layer {
  readonly className = 'BatchNormalization';
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly #initializers: ReadonlyMap<Started, StartValues>;
  readonly #rules: WeightRules;
  #gamma: Weight | null = null;
  #beta: Weight | null = null;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: BatchNormalizationOptions) {
    const started = Object.keys(INITIALIZERS) as Started[];
    const known = ['axis', 'momentum', 'epsilon', 'center', 'scale', ...started.map((name) => `${name}Initializer`)];
    super(options, [...known, ...ruleOptions(WEIGHTS)], 'BatchNormalization');
    const axis: unknown = options?.axis ?? -1;
    if (!Number.isInteger(axis) || axis === 0)
      throw new ArgumentError(`BatchNormalization: axis must be an integer, and not 0, which is the batch, got ${describe(axis)}`);
    this.axis = axis as number;
    this.momentum = share(options?.momentum ?? 0.99, 'BatchNormalization: momentum');
    this.epsilon = positiveNumber(options?.epsilon ?? 0.001, 'BatchNormalization: epsilon');
    this.center = booleanOption(options?.center, true, 'BatchNormalization: center');
    this.scale = booleanOption(options?.scale, true, 'BatchNormalization: scale');
    this.#initializers = new Map(
      started.map((name) => {
        const given = options?.[`${name}Initializer`] ?? INITIALIZERS[name];
        return [name, resolveInitializer(given, 1, `BatchNormalization: ${name}Initializer`)];
      }),
    );
    this.#rules = new WeightRules(options, WEIGHTS, 'BatchNormalization');
  }

  override get needsSequences(): null {
    return null;
  }

  /** Null: in training every step depends on the moments of all. */
  override get gradientSteps(): null {
    return null;
  }

  override get replicaSums(): number {
    return 2 * (this.ownWeights[0]?.shape[0] ?? 0);
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    const features = requireFeatures(this, inputShape, null, 'samples [..., features]');
    if (this.axis !== -1 && this.axis !== inputShape.length)
      throw new ShapeError(
        `${this.title} takes samples whose last axis is axis ${this.axis} (the batch is axis 0), got samples of shape ${formatShape(inputShape)}: ` +
          'leave out axis, or move the features to the end by Permute',
      );
    return features;
  }

  protected override declareWeights(features: number): void {
    const start = (name: Started) => this.#initializers.get(name) as StartValues;
    this.#gamma = this.scale ? this.addWeight('gamma', [features], start('gamma'), this.#rules.of('gamma')) : null;
    this.#beta = this.center ? this.addWeight('beta', [features], start('beta'), this.#rules.of('beta')) : null;
    this.addWeight('movingMean', [features], start('movingMean'), { trainable: false });
    this.addWeight('movingVariance', [features], start('movingVariance'), { trainable: false });
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    if (input.mask && input.mask.length !== matrixRows(input))
      throw new ShapeError(
        `${this.title} has a mask of steps, which needs samples [steps, features], got samples of shape ${formatShape(input.shape)}: wrap it in TimeDistributed`,
      );
    const [gamma, beta] = [this.#gamma, this.#beta];
    const [movingMean, movingVariance] = this.ownWeights.slice(-2) as [Weight, Weight];
    const trained = gamma ?? beta;
    const isTrained = trained ? scope.isTrainable(trained) : this.trainable;
    const { momentum, epsilon } = this;
    const plan = { gamma, beta, movingMean, movingVariance, momentum, epsilon, ofBatch: scope.drops && isTrained };
    return [emitBatchNormalization(scope, input, plan)];
  }

  override getConfig(): LayerConfig {
    const { axis, momentum, epsilon, center, scale } = this;
    const starts = [...this.#initializers].map(([name, { saved }]) => [`${name}Initializer`, saved] as const);
    return {
      ...super.getConfig(),
      axis,
      momentum,
      epsilon,
      center,
      scale,
      ...(Object.fromEntries(starts) as LayerConfig),
      ...this.#rules.getConfig(),
    };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): BatchNormalization {
    return new BatchNormalization(config as BatchNormalizationOptions);
  }
}
