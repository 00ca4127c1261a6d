import { booleanOption } from '../core/options.ts';
import { type Shape, sizeOf } from '../core/shape.ts';
import { emitFunction } from './emit.ts';
import { emitBroadcast, emitPool, emitReduce, maskAsFloats } from './emitMore.ts';
import { divide, input as inputOf, maximum } from './expression.ts';
import { Layer, type LayerConfig, type LayerOptions, requireAxes } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import { featuresOf, lengthOf, matrixRows, type Value } from './value.ts';

export interface GlobalPoolingOptions extends LayerOptions {
  /** Whether the pooled axes are kept, with size 1. Default false. */
  keepDims?: boolean;
}

/** The base of layers that make one number of each feature of a sequence or an image. */
abstract class GlobalPooling extends Layer {
  /** The number of axes that are pooled. */
  protected readonly axes: 1 | 2;
  readonly keepDims: boolean;
  /** true: the mean, false: the largest number. */
  protected abstract readonly average: boolean;

  protected constructor(axes: 1 | 2, options: GlobalPoolingOptions | undefined, className: string) {
    super(options, ['keepDims'], className);
    this.axes = axes;
    this.keepDims = booleanOption(options?.keepDims, false, `${className}: keepDims`);
  }

  override get supportsMasking(): boolean {
    return false;
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    const [axes, expected] = this.axes === 1 ? [2, 'sequences [steps, features]'] : [3, 'images [height, width, channels]'];
    requireAxes(this, inputShape, [axes as number], expected as string);
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    const features = inputShape[inputShape.length - 1] as number | null;
    return this.keepDims ? [...new Array<number>(this.axes).fill(1), features] : [features];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    return [this.pooled(scope, input)];
  }

  protected pooled(scope: Scope, input: Value): Value {
    const { rows } = input;
    const shape = this.outputShape(input.shape) as Shape;
    const places = sizeOf(input.shape.slice(0, -1));
    const windows = [{ size: places, stride: 1, dilation: 1, padding: 'valid' as const }];
    // The axes before the last lie one after the other in memory: they are one axis.
    const joined = scope.view(input, { shape: [places, featuresOf(input)], rows, mask: null });
    if (this.average) return emitPool(scope, joined, windows, true, shape);
    // Equal largest numbers share the gradient, as in Keras.
    return scope.view(emitReduce(scope, 'max', joined, 0, false), { shape, rows, mask: null });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), keepDims: this.keepDims };
  }
}

/**
 * The largest number of each feature over the steps of a sequence: `[T, D]` becomes `[D]`. Masked
 * steps count too, as in Keras.
 * https://keras.io/api/layers/pooling_layers/global_max_pooling1d/
 */
export class GlobalMaxPooling1D extends GlobalPooling {
  readonly className = 'GlobalMaxPooling1D';
  protected readonly average = false;

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: GlobalPoolingOptions) {
    super(1, options, 'GlobalMaxPooling1D');
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): GlobalMaxPooling1D {
    return new GlobalMaxPooling1D(config as GlobalPoolingOptions);
  }
}

/**
 * The largest number of each channel of an image: `[H, W, C]` becomes `[C]`.
 * https://keras.io/api/layers/pooling_layers/global_max_pooling2d/
 */
export class GlobalMaxPooling2D extends GlobalPooling {
  readonly className = 'GlobalMaxPooling2D';
  protected readonly average = false;

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: GlobalPoolingOptions) {
    super(2, options, 'GlobalMaxPooling2D');
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): GlobalMaxPooling2D {
    return new GlobalMaxPooling2D(config as GlobalPoolingOptions);
  }
}

/**
 * The mean of each channel of an image: `[H, W, C]` becomes `[C]`.
 * https://keras.io/api/layers/pooling_layers/global_average_pooling2d/
 */
export class GlobalAveragePooling2D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling2D';
  protected readonly average = true;

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: GlobalPoolingOptions) {
    super(2, options, 'GlobalAveragePooling2D');
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): GlobalAveragePooling2D {
    return new GlobalAveragePooling2D(config as GlobalPoolingOptions);
  }
}

/**
 * The mean of each feature over the steps of a sequence that count: `[T, D]` becomes `[D]`. A
 * sequence without such a step gives zeros (in Keras NaN).
 * https://keras.io/api/layers/pooling_layers/global_average_pooling1d/
 */
export class GlobalAveragePooling1D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling1D';
  protected readonly average = true;

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: GlobalPoolingOptions) {
    super(1, options, 'GlobalAveragePooling1D');
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const { mask, shape, rows } = input;
    if (!mask) return [this.pooled(scope, input)];
    const sum = this.pooled(scope, emitMasked(scope, input, mask));
    const ones = maskAsFloats(scope, mask, { ...input, shape: [shape[0] as number, 1] });
    const counted = emitBroadcast(scope, this.pooled(scope, ones), sum.shape, rows);
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
