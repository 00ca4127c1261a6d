import { booleanOption } from '../core/options.ts';
import { emitFunction } from './emit.ts';
import { emitBroadcast, emitPool, maskAsFloats } from './emitMore.ts';
import { divide, input as inputOf, maximum } from './expression.ts';
import { Layer, type LayerConfig, type LayerOptions, requireFeatures } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import { featuresOf, lengthOf, matrixRows, type Value } from './value.ts';

export interface GlobalPoolingOptions extends LayerOptions {
  /** Whether the axis of the steps stays, with size 1. Default false. */
  keepDims?: boolean;
}

/** The base of layers that make one number of each feature of a sequence. */
abstract class GlobalPooling extends Layer {
  readonly keepDims: boolean;

  protected constructor(options: GlobalPoolingOptions | undefined, className: string) {
    super(options, ['keepDims'], className);
    this.keepDims = booleanOption(options?.keepDims, false, `${className}: keepDims`);
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    return requireFeatures(this, inputShape, [2], 'sequences [steps, features]');
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    const features = inputShape[inputShape.length - 1] as number;
    return this.keepDims ? [1, features] : [features];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), keepDims: this.keepDims };
  }

  /** The largest number or the mean over the steps. */
  protected pooled(scope: Scope, input: Value, average: boolean): Value {
    const features = featuresOf(input);
    const windows = [{ size: input.shape[0] as number, stride: 1, dilation: 1, padding: 'valid' as const }];
    return emitPool(scope, input, windows, average, this.keepDims ? [1, features] : [features]);
  }
}

/**
 * The largest number of each feature over the steps of a sequence: `[T, D]` becomes `[D]`. Masked
 * steps count too, as in Keras.
 * https://keras.io/api/layers/pooling_layers/global_max_pooling1d/
 */
export class GlobalMaxPooling1D extends GlobalPooling {
  readonly className = 'GlobalMaxPooling1D';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: GlobalPoolingOptions) {
    super(options, 'GlobalMaxPooling1D');
  }

  override get supportsMasking(): boolean {
    return false;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    return [this.pooled(scope, input, false)];
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): GlobalMaxPooling1D {
    return new GlobalMaxPooling1D(config as GlobalPoolingOptions);
  }
}

/**
 * The mean of each feature over the steps of a sequence that count: `[T, D]` becomes `[D]`. A
 * sequence without such a step gives zeros (in Keras NaN).
 * https://keras.io/api/layers/pooling_layers/global_average_pooling1d/
 */
export class GlobalAveragePooling1D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling1D';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: GlobalPoolingOptions) {
    super(options, 'GlobalAveragePooling1D');
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const { mask, shape, rows } = input;
    if (!mask) return [this.pooled(scope, input, true)];
    const sum = this.pooled(scope, emitMasked(scope, input, mask), true);
    const ones = maskAsFloats(scope, mask, { ...input, shape: [shape[0] as number, 1] });
    const counted = emitBroadcast(scope, this.pooled(scope, ones, true), sum.shape, rows);
    // Both are means over all steps, so their ratio is the mean over those that count.
    return [emitFunction(scope, divide(inputOf(0), maximum(inputOf(1), SMALLEST_SHARE)), [sum, counted], sum)];
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): GlobalAveragePooling1D {
    return new GlobalAveragePooling1D(config as GlobalPoolingOptions);
  }
}

/** Below the share of one step in any sequence. */
const SMALLEST_SHARE = 1e-10;

/** Emits a value with zeros at masked steps. */
function emitMasked(scope: Scope, input: Value, mask: NonNullable<Value['mask']>): Value {
  const shared = { rows: matrixRows(input), features: featuresOf(input), mask };
  const y = scope.floats('masked', lengthOf(input));
  scope.call('applyMask', { ...shared, x: scope.floatsOf(input), y });
  const output: Value = { ...input, form: { kind: 'floats', buffer: y } };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    const dX = dY && gradients.to(input);
    if (dY && dX) scope.call('applyMask', { ...shared, x: dY, y: dX });
  });
  return output;
}
