import { FormatError } from '../../core/errors.ts';
import { decodeText } from '../../core/nodeGlobals.ts';
import { drawSeed } from '../../core/seed.ts';
import { isError } from '../../core/tags.ts';
import { ZipArchive } from '../../data/zip.ts';
import { Model } from '../../model/model.ts';
import type { ModelState, NamedArray } from '../../model/modelState.ts';
import { structureOf } from '../../model/restoreStructure.ts';
import { Sequential } from '../../model/sequential.ts';
import { readHDF5 } from '../hdf5/readHDF5.ts';
import type { ReadContext } from '../modelFormat.ts';
import { kerasObject } from './kerasObject.ts';
import { readModel } from './readModel.ts';
import { readWeights } from './readWeights.ts';

const [CONFIG, WEIGHTS] = ['config.json', 'model.weights.h5'] as const;
/** The longest configuration that is read: it takes some ten times its size in memory. */
const LONGEST_CONFIG = 2 ** 26;

/**
 * Reads a `.keras` file.
 * @throws {FormatError} when it is damaged, or has what Backtime does not have
 */
export function decodeArchive(bytes: Uint8Array, { source = 'the saved model' }: ReadContext): Model {
  const archive = new ZipArchive(bytes, `loadModel: ${source}`);
  if (!archive.has(CONFIG) || !archive.has(WEIGHTS))
    throw new FormatError(`${source} is a zip archive, but no .keras file: it has no ${archive.has(CONFIG) ? WEIGHTS : CONFIG}`);
  const object = kerasObject(jsonOf(archive, CONFIG, source), `${source}: config.json`);
  try {
    const { className, config } = readModel(object, { version: 3 });
    const { name, layers, graph, inputShape = null, batchSize } = config as unknown as ModelState;
    const described = { name, layers, graph, inputShape, ...(batchSize ? { batchSize } : {}) } as unknown as ModelState;
    const structure = structureOf(described);
    const built = structure.graph;
    if (!built) throw new FormatError('the model was never built, so it has no weights: call it once in Keras and save it again');
    const values = readWeights(readHDF5(archive.read(WEIGHTS), WEIGHTS), structure.layers, WEIGHTS);
    const weights = built.weights.map(
      (weight): NamedArray => ({ name: built.pathOf(weight), shape: weight.shape, data: values.get(weight) as Float32Array }),
    );
    const state: ModelState = { ...described, seed: drawSeed(), weights, compile: null };
    return className === 'Sequential' ? Sequential.fromState(state) : Model.fromState(state);
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`${source}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** A JSON file of the archive. @throws {FormatError} when it is none, or too long */
function jsonOf(archive: ZipArchive, name: string, source: string): unknown {
  if (archive.size(name) > LONGEST_CONFIG)
    throw new FormatError(`${source}: ${name} has ${archive.size(name)} bytes, and ${LONGEST_CONFIG} are the most that is read`);
  try {
    return JSON.parse(decodeText(archive.read(name), true));
  } catch (error) {
    if (isError(error) && !(error instanceof FormatError)) throw new FormatError(`${source}: ${name} is not JSON`, { cause: error });
    throw error;
  }
}
