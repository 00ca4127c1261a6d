import { ArgumentError } from '../core/errors.ts';
import { checkOptions, oneOf } from '../core/options.ts';
import { checkSampleShape, positiveInteger } from '../core/shape.ts';
import type { Tensor } from '../core/tensor.ts';
import { Layer, type LayerConfig, type LayerConfigValue } from './layer.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { SymbolicTensor } from './symbolicTensor.ts';
import type { Value } from './value.ts';

/** The type of an input: numbers, ids, a mask, or texts for a preprocessing layer. */
export type InputType = 'float32' | 'int32' | 'bool' | 'string';

/** A layer that prepares the data of an input. */
export interface Preprocessing extends Layer {
  readonly takesTexts: boolean;
  process(data: unknown, argument: string): Tensor;
}

/** Options of `Input`. */
export interface InputOptions {
  /** One sample's shape, without the batch axis; null where the length is free. */
  shape: SampleShape;
  /**
   * 'float32': numbers; 'int32': ids; 'bool': a mask, in which 0 marks a step to skip; 'string':
   * texts, for a preprocessing layer. Default: the type that the input's layers need, for example
   * ids for an `Embedding`.
   */
  dtype?: InputType;
  /** The input's name, by which data can be given. Default 'input', numbered within the model. */
  name?: string;
  /**
   * Number of sequences in every batch; layers with `stateful: true` need it. Default: any number.
   */
  batchSize?: number | null;
}

const KINDS = { float32: 'floats', int32: 'ids', bool: 'ids', string: 'any' } as const;

const TYPES = ['float32', 'int32', 'bool', 'string'] as const;

/** Makes a layer of its description in a configuration. */
type MakePreprocessing = (described: LayerConfigValue) => Layer;

/** The start of a graph. `Input(…)` makes an input layer and returns its tensor. */
export class InputLayer extends Layer {
  readonly className = 'InputLayer';
  readonly shape: SampleShape;
  readonly dtype: InputType | null;
  readonly batchSize: number | null;
  /** The preprocessing layers of its data, in their order. */
  preprocessing: readonly Preprocessing[] = [];
  /** The input that the user made, before preprocessing; null for such an input. */
  origin: InputLayer | null = null;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: InputOptions) {
    checkOptions(options, ['shape', 'dtype', 'name', 'batchSize'], 'Input');
    super(options?.name === undefined ? {} : { name: options.name }, [], 'Input');
    if (options?.shape === undefined)
      throw new ArgumentError('Input: shape is missing: give the shape of one sample, { shape: [null, 3] }');
    this.shape = checkSampleShape(options.shape, 'Input: shape');
    this.dtype = options.dtype === undefined ? null : oneOf(options.dtype, TYPES, 'Input: dtype');
    this.batchSize = options.batchSize == null ? null : positiveInteger(options.batchSize, 'Input: batchSize');
  }

  /** The input of what a layer makes of this input's data. */
  prepared(layer: Preprocessing, { shape, kind }: TensorSpec): InputLayer {
    const name = this.hasName ? { name: this.name } : {};
    const made = new InputLayer({ shape, dtype: kind === 'ids' ? 'int32' : 'float32', batchSize: this.batchSize, ...name });
    made.preprocessing = [...this.preprocessing, layer];
    made.origin = this.origin ?? this;
    return made;
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
    const preprocessing = this.preprocessing.map((layer) => ({ className: layer.savedAs, config: layer.getConfig() }));
    const { name, batchSize, origin } = this;
    const config = { name, shape: this.shape as never, dtype: this.dtype, batchSize };
    if (preprocessing.length === 0) return config;
    return { ...config, preprocessing, ...(origin && { origin: { shape: origin.shape as never, dtype: origin.dtype } }) };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig(config: LayerConfig, make: MakePreprocessing): InputLayer {
    const { name, shape, dtype, batchSize, preprocessing, origin } = config;
    const options = { shape: shape as unknown as SampleShape, name: name as string, batchSize: batchSize as number | null };
    const input = new InputLayer(dtype === null ? options : { ...options, dtype: dtype as InputType });
    // Older files have no origin.
    if (origin) input.origin = InputLayer.fromConfig({ name, batchSize, ...(origin as LayerConfig) }, make);
    if (preprocessing) input.preprocessing = (preprocessing as readonly LayerConfigValue[]).map((each) => make(each) as Preprocessing);
    return input;
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
