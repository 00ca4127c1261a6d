import { ArgumentError } from '../core/errors.ts';
import { checkOptions, oneOf } from '../core/options.ts';
import { checkSampleShape, positiveInteger } from '../core/shape.ts';
import { Layer, type LayerConfig } from './layer.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { SymbolicTensor } from './symbolicTensor.ts';
import type { Value } from './value.ts';

/** The type of an input: numbers, ids, or a mask. */
export type InputType = 'float32' | 'int32' | 'bool';

/** Options of `Input`. */
export interface InputOptions {
  /** One sample's shape, without the batch axis; null where the length is free. */
  shape: SampleShape;
  /**
   * 'float32': numbers; 'int32': ids; 'bool': a mask, in which 0 marks a step to skip. Default: the
   * type that the input's layers need, for example ids for an `Embedding`.
   */
  dtype?: InputType;
  /** The input's name, by which data can be given. Default 'input', numbered within the model. */
  name?: string;
  /**
   * Number of sequences in every batch; layers with `stateful: true` need it. Default: any number.
   */
  batchSize?: number | null;
}

const KINDS = { float32: 'floats', int32: 'ids', bool: 'ids' } as const;

/** The start of a graph. `Input(…)` makes an input layer and returns its tensor. */
export class InputLayer extends Layer {
  readonly className = 'InputLayer';
  readonly shape: SampleShape;
  readonly dtype: InputType | null;
  readonly batchSize: number | null;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: InputOptions) {
    checkOptions(options, ['shape', 'dtype', 'name', 'batchSize'], 'Input');
    super(options?.name === undefined ? {} : { name: options.name }, [], 'Input');
    if (options?.shape === undefined) throw new ArgumentError('Input: shape is missing: one sample’s, such as { shape: [null, 3] }');
    this.shape = checkSampleShape(options.shape, 'Input: shape');
    this.dtype = options.dtype === undefined ? null : oneOf(options.dtype, ['float32', 'int32', 'bool'] as const, 'Input: dtype');
    this.batchSize = options.batchSize == null ? null : positiveInteger(options.batchSize, 'Input: batchSize');
  }

  override infer(): readonly TensorSpec[] {
    return [{ shape: this.shape, kind: this.dtype === null ? 'any' : KINDS[this.dtype] }];
  }

  protected override checkInputShape(): number {
    return 0;
  }

  protected override featuresOf(): number {
    return 0;
  }

  override outputShape(): SampleShape {
    return this.shape;
  }

  /** Emits nothing: the graph makes the value of an input. */
  override emit(): readonly Value[] {
    return [];
  }

  override getConfig(): LayerConfig {
    return { name: this.name, shape: this.shape as never, dtype: this.dtype, batchSize: this.batchSize };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ name, shape, dtype, batchSize }: LayerConfig): InputLayer {
    const options = { shape: shape as unknown as SampleShape, name: name as string, batchSize: batchSize as number | null };
    return new InputLayer(dtype === null ? options : { ...options, dtype: dtype as InputType });
  }
}

/**
 * Makes an input of a model, the start of a graph.
 *
 *     const ids = Input({ shape: [null] });
 *     const output = new Dense(1).apply(new LSTM(8).apply(new Embedding(100, 4).apply(ids)));
 *     const model = new Model({ inputs: ids, outputs: output });
 *
 * https://keras.io/api/layers/core_layers/input/
 * @throws {ArgumentError} for an unknown option or a value outside its range
 */
export function Input(options: InputOptions): SymbolicTensor {
  return new InputLayer(options).use([]).outputs[0] as SymbolicTensor;
}
