import { FormatError } from '../../core/errors.ts';
import { decodeText } from '../../core/nodeGlobals.ts';
import type { ZipArchive } from '../../data/zip.ts';
import type { LayerConfig } from '../../layers/layerConfig.ts';
import { HDF5Dataset } from '../hdf5/dataset.ts';
import type { HDF5Group } from '../hdf5/group.ts';
import { snakeName } from './names.ts';
import type { DescribedLayer } from './readLayer.ts';

const WITH_VOCABULARY: readonly string[] = ['TextVectorization', 'StringLookup', 'IntegerLookup'];

/** Whether a layer prepares data where it is read. */
export function preparesData(className: string): boolean {
  return WITH_VOCABULARY.includes(className) || className === 'Normalization';
}

/**
 * Gives the preprocessing layers of a Sequential model what they have learned, which the file has
 * beside their configuration: vocabularies in texts, numbers among the weights.
 * @throws {FormatError} when it is missing
 */
export function withLearned({ className, config }: DescribedLayer, archive: ZipArchive, file: HDF5Group): DescribedLayer {
  if (className !== 'Sequential') return { className, config };
  const counts = new Map<string, number>();
  const layers = (config.layers as unknown as readonly DescribedLayer[]).map((layer) => {
    const name = snakeName(layer.className);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return preparesData(layer.className) ? learned(layer, `layers/${count === 0 ? name : `${name}_${count}`}`, archive, file) : layer;
  });
  return { className, config: { ...config, layers } as unknown as LayerConfig };
}

function learned({ className, config }: DescribedLayer, group: string, archive: ZipArchive, file: HDF5Group): DescribedLayer {
  const numbers = (path: string): number[] => {
    const found = file.get(`${group}/vars/${path}`);
    if (!(found instanceof HDF5Dataset)) throw new FormatError(`layer ${String(config.name)} (${className}) has no ${group}/vars/${path}`);
    return Array.from(found.read() as Float32Array);
  };
  if (className === 'Normalization')
    return config.mean == null ? { className, config: { ...config, mean: numbers('0'), variance: numbers('1') } } : { className, config };
  if (config.vocabulary !== null && config.vocabulary !== undefined) return { className, config };
  const asset = `assets/${group}/vocabulary.txt`;
  if (!archive.has(asset)) throw new FormatError(`layer ${String(config.name)} (${className}) has no vocabulary: the file has no ${asset}`);
  const tokens = decodeText(archive.read(asset), true).split('\n');
  const weights = config.outputMode === 'tfIdf' ? { idfWeights: numbers('idf_weights') } : {};
  return {
    className,
    config: { ...config, vocabulary: className === 'IntegerLookup' ? tokens.map(Number) : tokens, ...weights } as LayerConfig,
  };
}
