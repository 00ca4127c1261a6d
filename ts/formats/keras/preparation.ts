import { FormatError } from '../../core/errors.ts';
import type { InputLayer } from '../../layers/input.ts';
import type { LayerConfig } from '../../layers/layerConfig.ts';
import { layerFromConfig } from '../../layers/registry.ts';
import { OF_TEXTS } from '../../model/rawInput.ts';
import { restored } from '../../model/restoreStructure.ts';
import type { DescribedLayer } from './readLayer.ts';

// Layers that prepare data: in Keras they are layers of the graph, here they belong to an input.

const OF_NUMBERS: readonly string[] = ['CategoryEncoding', 'Discretization', 'Hashing', 'IntegerLookup', 'Normalization'];

/** Whether a layer prepares data where it is read. */
export function preparesData(className: string): boolean {
  return OF_TEXTS.includes(className) || OF_NUMBERS.includes(className);
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

/** The layers that prepare the data of an input, as configurations. */
export function preparationOf({ preprocessing = [] }: LayerConfig): readonly DescribedLayer[] {
  return preprocessing as unknown as readonly DescribedLayer[];
}

/** @throws {FormatError} saying where a layer may stand that prepares data */
export function misplaced(title: string, problem: string): FormatError {
  return new FormatError(
    `${title} prepares data, but ${problem}. Let it follow an Input of its own in Keras, or prepare the data before the model`,
  );
}
