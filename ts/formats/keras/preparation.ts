import { FormatError } from '../../core/errors.ts';
import type { InputLayer, InputType } from '../../layers/input.ts';
import type { LayerConfig } from '../../layers/layerConfig.ts';
import { layerFromConfig } from '../../layers/registry.ts';
import type { SampleShape } from '../../layers/spec.ts';
import { restored } from '../../model/restoreStructure.ts';
import type { DescribedLayer } from './readLayer.ts';

// Layers that prepare data: in Keras they are layers of the graph, here they belong to an input.

const OF_TEXTS: readonly string[] = ['TextVectorization', 'StringLookup'];
const OF_NUMBERS: readonly string[] = ['CategoryEncoding', 'Discretization', 'Hashing', 'IntegerLookup', 'Normalization'];

/** Whether a layer prepares data where it is read. */
export function preparesData(className: string): boolean {
  return OF_TEXTS.includes(className) || OF_NUMBERS.includes(className);
}

/** Whether layers, the first of a model, take texts. `Hashing` may. */
export function takesTexts([first]: readonly DescribedLayer[]): boolean {
  return first !== undefined && OF_TEXTS.includes(first.className);
}

/** What a model is given, before it is prepared. */
export interface RawInput {
  /** One sample's. */
  readonly shape: SampleShape;
  /** Null for that which the layers need. */
  readonly dtype: InputType | null;
}

/**
 * The input of what layers make of data, as a configuration.
 * @param config that of the raw input
 * @throws {FormatError} when they cannot stand one after the other
 */
export function preparedInput(config: LayerConfig, layers: readonly DescribedLayer[]): DescribedLayer {
  return restored(() => {
    const start = layerFromConfig('InputLayer', config).use([]);
    const node = layers.reduce((last, { className, config: own }) => layerFromConfig(className, own).use(last.outputs), start);
    return { className: 'InputLayer', config: (node.layer as InputLayer).getConfig() };
  });
}

/**
 * What a model takes whose layers make samples of `shape`, where nothing says it: texts one a
 * sample, and any number of values where they are counted.
 */
export function rawInput(layers: readonly DescribedLayer[], shape: SampleShape): RawInput {
  const raw = [...layers].reverse().reduce(before, shape);
  const hashesTexts = layers[0]?.className === 'Hashing' && typeof layers[0].config.maskValue !== 'number';
  return { shape: raw, dtype: takesTexts(layers) || hashesTexts ? 'string' : null };
}

function before(shape: SampleShape, { className, config }: DescribedLayer): SampleShape {
  const mode = config.outputMode;
  if (className === 'TextVectorization') return [1];
  if (className === 'Normalization' || mode === 'int') return shape;
  if (mode !== 'oneHot') return [null];
  return shape.length > 1 ? shape.slice(0, -1) : [1];
}

/** The layers that prepare the data of an input, as configurations. */
export function preparationOf({ preprocessing = [] }: LayerConfig): readonly DescribedLayer[] {
  return preprocessing as unknown as readonly DescribedLayer[];
}

/** @throws {FormatError} saying where a layer may stand that prepares data */
export function misplaced(title: string, problem: string): FormatError {
  return new FormatError(
    `${title} prepares data where it is read, but ${problem}. Let it follow an Input of its own in Keras, or prepare the data before the model`,
  );
}
