import { encodeText } from '../../core/nodeGlobals.ts';
import type { LayerConfig, LayerConfigValue } from '../../layers/layerConfig.ts';
import type { SampleShape } from '../../layers/spec.ts';
import type { WrittenDataset } from '../hdf5/writeHDF5.ts';
import { vocabularyAsset } from './archiveLearned.ts';
import { GroupNames } from './groupNames.ts';
import { preparesData } from './preparation.ts';
import type { DescribedLayer } from './readLayer.ts';

/** The learned state of preprocessing layers, in a `.keras` file besides `config.json`. */
export interface WrittenLearned {
  readonly datasets: readonly WrittenDataset[];
  /** Files of the archive. */
  readonly assets: readonly (readonly [name: string, content: Uint8Array])[];
}

/** Whether a layer's tokens are in a file of their own, a line each. */
function hasAsset({ vocabulary }: LayerConfig): boolean {
  // Tokens that Python's splitlines would split or drop are in the configuration.
  return Array.isArray(vocabulary) && vocabulary.at(-1) !== '' && !vocabulary.some((token) => LINE_END.test(String(token)));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they end lines in Python
const LINE_END = /[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/** The learned state of the layers of a model. @param layers in the order of Keras */
export function writeLearned(layers: readonly DescribedLayer[]): WrittenLearned {
  const names = new GroupNames();
  const datasets: WrittenDataset[] = [];
  const assets: (readonly [string, Uint8Array])[] = [];
  for (const { className, config } of layers) {
    if (!preparesData(className)) continue;
    const group = `layers/${names.next(className)}`;
    // A TextVectorization is written with its look-up layer, which Keras also reads.
    const groups = className === 'TextVectorization' ? [group, `${group}/_lookup_layer`] : [group];
    if (config.outputMode === 'tfIdf') {
      const data = Float32Array.from(allWeights(config));
      for (const each of groups) datasets.push({ path: `${each}/vars/idf_weights`, shape: [data.length], data });
    }
    if (hasAsset(config))
      for (const each of groups) assets.push([vocabularyAsset(each), encodeText((config.vocabulary as string[]).join('\n'))]);
  }
  return { datasets, assets };
}

/** The weights of all tokens; those of unknown ones are the mean of the others. */
function allWeights({ idfWeights, vocabulary }: LayerConfig): readonly number[] {
  const weights = idfWeights as readonly number[];
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const unknown = (vocabulary as readonly unknown[]).length - weights.length;
  return [...new Array<number>(unknown).fill(mean), ...weights];
}

/**
 * A layer that prepares data without what is beside the configuration, and in the form of Keras.
 * @param sample the shape of a sample that it takes
 */
export function withoutLearned({ className, config }: DescribedLayer, sample: SampleShape): DescribedLayer {
  const options: Record<string, LayerConfigValue> = { ...config };
  // Keras reads the asset last, and needs the number of columns before.
  const { length } = (config.vocabulary ?? []) as readonly unknown[];
  if (hasAsset(config)) Object.assign(options, { vocabulary: null, idfWeights: null, vocabularySize: length });
  if (className === 'StringLookup' || className === 'IntegerLookup') {
    if (config.salt === null) delete options.salt;
    else options.oovMethod = 'farmhash';
  }
  if (className === 'Normalization')
    for (const name of ['mean', 'variance'])
      options[name] = nested(config[name] as readonly number[], config.axis as number | null, sample);
  return { className, config: options };
}

/** Numbers of places on axes, with an array for each axis; one for all places is a number. */
function nested(values: readonly number[], axis: number | readonly number[] | null, sample: SampleShape): LayerConfigValue {
  if (values.length === 1) return values[0] as number;
  const axes = [axis].flat().map((each) => ((each as number) < 0 ? (each as number) + sample.length : (each as number) - 1));
  const sizes = axes.sort((a, b) => a - b).map((each) => sample[each] as number);
  return sizes.slice(1).reduceRight<LayerConfigValue[]>(
    (parts, size) => {
      const rows: LayerConfigValue[] = [];
      for (let at = 0; at < parts.length; at += size) rows.push(parts.slice(at, at + size));
      return rows;
    },
    [...values],
  );
}
