import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { emitEachStep } from './emitMore.ts';
import type { InputUse, Layer, LayerConfig, LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { PLAIN_CALL } from './symbolicTensor.ts';
import type { Value } from './value.ts';
import { type LayerLike, layerOf, type MakeLayer, Wrapper } from './wrapper.ts';

/**
 * Applies a layer to every step of a sequence: samples `[T, …]` are T samples of the layer inside.
 * The steps of all sequences are computed together. Only in training with a `BatchNormalization`
 * inside are they computed one after the other: as in Keras, each step has its own moments and
 * updates the moving ones. https://keras.io/api/layers/recurrent_layers/time_distributed/
 */
export class TimeDistributed extends Wrapper {
  readonly className = 'TimeDistributed';
  readonly layer: Layer;

  /**
   * @param inside a layer, or a model, of one input and one output
   * @throws {ArgumentError} for an unknown option, something that is no layer or a stateful layer
   */
  constructor(inside: LayerLike, options?: LayerOptions) {
    const layer = layerOf(inside);
    super(options, [], 'TimeDistributed', [layer]);
    this.layer = layer;
    if (layer.stateful)
      throw new ArgumentError(
        `TimeDistributed takes no stateful layer, because each of its steps is a sample of its own: give ${layer.title} stateful: false`,
      );
  }

  override usesOf(place: number): readonly InputUse[] {
    return this.layer.usesOf(place);
  }

  override get needsSequences(): null {
    return null;
  }

  /** Null, no windows: each step of a batch changes the moving moments inside. */
  override get gradientSteps(): number | null {
    return this.#isOfBatch ? null : super.gradientSteps;
  }

  /** Whether the layer inside computes of a whole batch. */
  get #isOfBatch(): boolean {
    return this.layer.replicaSums > 0;
  }

  override infer(inputs: readonly TensorSpec[]): readonly TensorSpec[] {
    const [first, ...others] = inputs as readonly [TensorSpec, ...TensorSpec[]];
    if (others.length > 0) throw new ShapeError(`${this.title} takes one input, got ${inputs.length}`);
    const [steps] = first.shape;
    if (first.shape.length < 2)
      throw new ShapeError(`${this.title} takes sequences [steps, …], got samples of shape ${formatShape(first.shape)}`);
    return this.layer.infer([stepOf(first)], PLAIN_CALL).map(({ shape, kind }) => ({ shape: [steps as number | null, ...shape], kind }));
  }

  protected override buildInside([first]: readonly [TensorSpec]): void {
    this.layer.declare([stepOf(first)]);
  }

  override outputShape([steps, ...sample]: SampleShape): SampleShape {
    return [steps as number | null, ...this.layer.outputShape(sample)];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const [steps, ...sample] = input.shape as readonly [number, ...number[]];
    const own = () => scope.inner(this.layer.name, { keepsStates: false });
    if (scope.drops && this.#isOfBatch)
      return [emitEachStep(scope, input, (step) => this.layer.emitUse(own(), [step], PLAIN_CALL)[0] as Value)];
    // In time-major memory the steps of all sequences are rows that lie one after the other.
    const inside = scope.view(input, { shape: sample, rows: steps * input.rows, mask: null });
    const outputs = this.layer.emitUse(own(), [inside], PLAIN_CALL);
    return outputs.map((output) => scope.view(output, { shape: [steps, ...output.shape], rows: input.rows, mask: input.mask }));
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), layer: this.configOf(this.layer) };
  }

  protected override copyOf(options: LayerOptions): TimeDistributed {
    return new TimeDistributed(this.layer.clone(), options);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ layer, ...options }: LayerConfig, make: MakeLayer): TimeDistributed {
    return new TimeDistributed(make(layer), options as LayerOptions);
  }
}

/** The specification of one step. */
function stepOf({ shape, kind }: TensorSpec): TensorSpec {
  return { shape: shape.slice(1), kind };
}
