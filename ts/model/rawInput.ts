import type { InputLayer, InputType } from '../layers/input.ts';
import type { Layer } from '../layers/layer.ts';
import type { LayerConfig } from '../layers/layerConfig.ts';
import type { SampleShape } from '../layers/spec.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';

/** A layer that prepares data, as a state has it. */
interface DescribedLayer {
  readonly className: string;
  readonly config: LayerConfig;
}

/** The data of an input before preprocessing. */
export interface RawInput {
  /** One sample's. */
  readonly shape: SampleShape;
  /** Null for that which the layers need. */
  readonly dtype: InputType | null;
}

/** Layers that take texts alone. `Hashing` may take them. */
export const OF_TEXTS: readonly string[] = ['TextVectorization', 'StringLookup'];

/** Whether layers, the first of a model, take texts. `Hashing` may. */
export function takesTexts([first]: readonly DescribedLayer[]): boolean {
  return first !== undefined && OF_TEXTS.includes(first.className);
}

/**
 * The input of a model whose preprocessing layers make samples of `shape`, if no Input declares it:
 * texts one a sample, and any number of values where they are counted.
 */
export function rawInput(layers: readonly DescribedLayer[], shape: SampleShape): RawInput {
  const raw = [...layers].reverse().reduce(before, shape);
  const hashesTexts = layers[0]?.className === 'Hashing' && typeof layers[0].config.maskValue !== 'number';
  return { shape: raw, dtype: takesTexts(layers) || hashesTexts ? 'string' : null };
}

/**
 * The raw form of an input, from which `layers` make `input`: as it was declared, or as the layers
 * take it, since a `Sequential` is saved without that.
 */
export function givenInput({ node, shape }: SymbolicTensor, layers: readonly Layer[]): RawInput {
  const { origin } = node.layer as InputLayer;
  if (origin || layers.length === 0) return origin ?? { shape, dtype: null };
  return rawInput(
    layers.map((layer) => ({ className: layer.className, config: layer.getConfig() })),
    shape,
  );
}

function before(shape: SampleShape, { className, config }: DescribedLayer): SampleShape {
  const mode = config.outputMode;
  if (className === 'TextVectorization') return [1];
  if (className === 'Normalization' || mode === 'int') return shape;
  if (mode !== 'oneHot') return [null];
  return shape.length > 1 ? shape.slice(0, -1) : [1];
}
