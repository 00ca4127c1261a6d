import { FormatError } from '../../core/errors.ts';
import type { ZipArchive } from '../../data/zip.ts';
import type { Metadata } from '../../model/metadata.ts';
import type { Model } from '../../model/model.ts';
import { checkMetadata } from '../checkMetadata.ts';
import { HDF5Group } from '../hdf5/group.ts';
import { readHDF5 } from '../hdf5/readHDF5.ts';
import type { ReadContext } from '../modelFormat.ts';
import { parseJSON } from '../parseJSON.ts';
import { learnedOfArchive } from './archiveLearned.ts';
import { assembleModel } from './assembleModel.ts';
import { isPlain, kerasObject } from './kerasObject.ts';
import { withLearned } from './learned.ts';
import { nestedUsesFromZero } from './nestedUses.ts';
import { openArchive } from './openArchive.ts';
import { readingOf } from './readLayer.ts';
import { readModel } from './readModel.ts';
import { numberedDatasets, ofKeras3, readOptimizerState } from './readOptimizerState.ts';
import { groupOfLayers, readWeights } from './readWeights.ts';

const [CONFIG, WEIGHTS, METADATA] = ['config.json', 'model.weights.h5', 'metadata.json'] as const;
/** The longest configuration that is read: it takes some ten times its size in memory. */
const LONGEST_CONFIG = 2 ** 26;

/**
 * Reads a `.keras` file.
 * @throws {FormatError} when it is damaged, or has what Backtime does not have
 */
export function decodeArchive(bytes: Uint8Array, { source = 'the saved model', compile }: ReadContext): Model {
  const archive = openArchive(bytes, `loadModel: ${source}`);
  if (!archive.has(CONFIG) || !archive.has(WEIGHTS))
    throw new FormatError(
      `${source} is a zip archive, but no .keras file: it has no ${archive.has(CONFIG) ? WEIGHTS : CONFIG}` +
        (archive.names.some((name) => name.endsWith('data.pkl'))
          ? ". It has weights of PyTorch: build the model, then call model.loadWeights(file, { format: 'pytorch' }), see docs/from-pytorch.md"
          : ''),
    );
  const config = jsonOf(archive, CONFIG, source);
  const metadata = archive.has(METADATA) ? jsonOf(archive, METADATA, source) : {};
  try {
    const reading = readingOf(versionOf(metadata));
    const object = kerasObject(reading.version === 2 ? nestedUsesFromZero(config) : config, 'config.json');
    const file = readHDF5(archive.read(WEIGHTS), WEIGHTS, bytes.length);
    return assembleModel(withLearned(readModel(object, reading), learnedOfArchive(archive, file), groupOfLayers(file)), {
      weights: ({ layers }, described) => readWeights(file, layers, described, WEIGHTS),
      metadata: ownMetadata(metadata),
      compileConfig: compile ? object.whole.compile_config : null,
      progress: (optimizer, described, weights, graph) => {
        const group = file.get('optimizer/vars');
        const variables = group instanceof HDF5Group ? numberedDatasets(group, WEIGHTS) : [];
        return readOptimizerState(ofKeras3(variables, described), optimizer, described, weights, graph, WEIGHTS);
      },
    });
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`${source}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The version of Keras that wrote the file: 2.12 and later ones write this form, too. */
function versionOf(metadata: unknown): string {
  return isPlain(metadata) ? String(metadata.keras_version) : '';
}

/**
 * The metadata that a user of Backtime saved with the model. @throws {FormatError} when it is wrong
 */
function ownMetadata(metadata: unknown): Metadata {
  const own = isPlain(metadata) ? metadata.backtime : undefined;
  return own === undefined ? {} : checkMetadata(own, 'metadata.json: backtime', FormatError);
}

/** A JSON file of the archive. @throws {FormatError} when it is none, or too long */
function jsonOf(archive: ZipArchive, name: string, source: string): unknown {
  if (archive.size(name) > LONGEST_CONFIG)
    throw new FormatError(`${source}: ${name} has ${archive.size(name)} bytes, at most ${LONGEST_CONFIG} are read`);
  return parseJSON(archive.read(name), `${source}: ${name}`);
}
