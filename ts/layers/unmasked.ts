import { ArgumentError } from '../core/errors.ts';
import type { Layer, LayerConfig, LayerOptions } from './layer.ts';
import { OperationLayer } from './operationLayer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { PLAIN_CALL } from './symbolicTensor.ts';
import type { Value } from './value.ts';
import type { MakeLayer } from './wrapper.ts';

/**
 * A layer without weights that ignores masks and whose output has none, like the functions of
 * `keras.ops`.
 */
export class Unmasked extends OperationLayer {
  readonly className = 'Unmasked';
  readonly layer: Layer;

  /** @throws {ArgumentError} for a layer that has weights or others inside */
  constructor(layer: Layer, options?: LayerOptions) {
    super(options, [], 'Unmasked');
    if (layer.weights.length > 0 || layer.sublayers.length > 0)
      throw new ArgumentError(`Unmasked takes a layer without weights, got ${layer.title}`);
    this.layer = layer;
  }

  override get needsSequences(): string | null {
    return this.layer.needsSequences;
  }

  override infer(inputs: readonly TensorSpec[]): readonly TensorSpec[] {
    return this.layer.infer(inputs, PLAIN_CALL);
  }

  override emit(scope: Scope, inputs: readonly [Value, ...Value[]]): readonly Value[] {
    const known = new Map<Value, Value>();
    for (const input of inputs) known.set(input, known.get(input) ?? (input.mask ? scope.view(input, { ...input, mask: null }) : input));
    const values = inputs.map((input) => known.get(input) as Value) as [Value, ...Value[]];
    return this.layer.emit(scope, values, PLAIN_CALL);
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return this.layer.outputShape(inputShape);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), layer: { className: this.layer.className, config: this.layer.getConfig() } };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ layer, ...options }: LayerConfig, make: MakeLayer): Unmasked {
    return new Unmasked(make(layer), options as LayerOptions);
  }
}
