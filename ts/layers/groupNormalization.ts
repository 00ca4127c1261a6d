import { describe } from '../core/describe.ts';
import { ShapeError } from '../core/errors.ts';
import { formatShape, positiveInteger } from '../core/shape.ts';
import { epsilonOption } from './axesNormalization.ts';
import { emitAlongAxes, emitNormalGroups } from './emitMore.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import { axisOption, sampleAxis } from './operationLayer.ts';
import { SCALE_AND_SHIFT, ScaleAndShift, type ScaleAndShiftOptions } from './scaleAndShift.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import type { Value } from './value.ts';

export interface GroupNormalizationOptions extends LayerOptions, ScaleAndShiftOptions {
  /**
   * The number of groups into which the channels are split; -1: a group for each channel. Default
   * 32.
   */
  groups?: number;
  /** The axis of the channels, with the batch as axis 0. Default -1, the last. */
  axis?: number;
}

/**
 * Normalizes each group of channels of each sample to mean 0 and variance 1 over its channels and
 * all other axes, then scales and shifts it:
 *
 *     y = gamma * (x - mean) / sqrt(variance + epsilon) + beta
 *
 * The output has the mask of the input; masked steps are normalized too.
 *
 * Weights: gamma and beta `[C]`. Wu & He 2018.
 * https://keras.io/api/layers/normalization_layers/group_normalization/
 */
export class GroupNormalization extends Layer {
  readonly className = 'GroupNormalization';
  readonly groups: number;
  readonly axis: number;
  readonly epsilon: number;
  readonly #weights: ScaleAndShift;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: GroupNormalizationOptions) {
    super(options, ['groups', 'axis', ...SCALE_AND_SHIFT], 'GroupNormalization');
    const groups: unknown = options?.groups ?? 32;
    this.groups = groups === -1 ? -1 : positiveInteger(groups, 'GroupNormalization: groups');
    this.axis = axisOption(options?.axis ?? -1, 'GroupNormalization');
    this.epsilon = epsilonOption(options?.epsilon ?? 0.001, 'GroupNormalization: epsilon');
    this.#weights = new ScaleAndShift(options, 'GroupNormalization');
  }

  override get needsSequences(): string {
    return 'normalizes over steps';
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    const channels = inputShape[sampleAxis(this, this.axis, inputShape)] ?? null;
    if (channels === null || (this.groups > 0 && channels % this.groups !== 0))
      throw new ShapeError(
        `${this.title} takes samples whose channels, axis ${this.axis}, are a multiple of groups, ${describe(this.groups)}, got samples of shape ${formatShape(inputShape)}`,
      );
    return channels;
  }

  protected override declareWeights(channels: number): void {
    this.#weights.declare([channels], (...weight) => this.addWeight(...weight));
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const at = sampleAxis(this, this.axis, input.shape);
    const normal = (channels: Value) => {
      const groups = this.groups > 0 ? this.groups : (channels.shape[channels.shape.length - 1] as number);
      return this.#weights.emit(scope, emitNormalGroups(scope, channels, groups, this.epsilon), this.ownWeights);
    };
    return [emitAlongAxes(scope, input, [at], normal)];
  }

  override getConfig(): LayerConfig {
    const { groups, axis, epsilon } = this;
    return { ...super.getConfig(), groups, axis, epsilon, ...this.#weights.getConfig() };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): GroupNormalization {
    return new GroupNormalization(config as GroupNormalizationOptions);
  }
}
