import { FormatError } from '../../core/errors.ts';
import type { FloatArray } from '../../core/numericArray.ts';
import type { Structure } from '../../graph/structure.ts';
import type { Weight } from '../../layers/weight.ts';
import type { Model } from '../../model/model.ts';
import { HDF5Group } from '../hdf5/group.ts';
import { readHDF5 } from '../hdf5/readHDF5.ts';
import type { ReadContext } from '../modelFormat.ts';
import { parseJSON } from '../parseJSON.ts';
import { numbersAt } from './archiveLearned.ts';
import { assembleModel } from './assembleModel.ts';
import { kerasObject } from './kerasObject.ts';
import { type LearnedSource, withLearned } from './learned.ts';
import { legacyVariables } from './legacyOptimizer.ts';
import { legacyOrder } from './legacyOrder.ts';
import { listedTexts } from './listedTexts.ts';
import { nestedUsesFromZero } from './nestedUses.ts';
import { readingOf, titleOf } from './readLayer.ts';
import { readModel } from './readModel.ts';
import { readOptimizerState } from './readOptimizerState.ts';
import { valuesAt } from './readWeights.ts';

/** The group of the weights. */
const ROOT = 'model_weights';

/**
 * Reads an `.h5` file of Keras 2, or of Keras 3 in that form.
 * @throws {FormatError} when it is damaged, has weights only, or has what Backtime does not have
 */
export function decodeLegacy(bytes: Uint8Array, { source = 'the saved model', compile }: ReadContext): Model {
  const file = readHDF5(bytes, source);
  const { attributes } = file;
  const text = attributes.get('model_config')?.[0];
  if (typeof text !== 'string')
    throw new FormatError(`${source} is an HDF5 file without model_config, so it has no model: model.loadWeights reads weights alone`);
  const reading = readingOf(String(attributes.get('keras_version')?.[0] ?? '2'));
  const training = compile ? attributes.get('training_config')?.[0] : undefined;
  try {
    const compileConfig = typeof training === 'string' ? parseJSON(training, 'its training_config') : null;
    const config = parseJSON(text, 'its model_config');
    const described = readModel(kerasObject(reading.version === 2 ? nestedUsesFromZero(config) : config, 'model_config'), reading);
    return assembleModel(withLearned(described, learnedOf(file)), {
      weights: (structure) => legacyWeights(file, structure),
      compileConfig,
      progress: (optimizer, described, weights, graph) => {
        const variables = legacyVariables(file, optimizer, described, weights);
        return readOptimizerState(variables, optimizer, described, weights, graph, 'optimizer_weights');
      },
    });
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`${source}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The values of the weights: each layer has a group of its name, and lists its datasets. */
function legacyWeights(file: HDF5Group, { layers }: Structure): ReadonlyMap<Weight, FloatArray> {
  const values = new Map<Weight, FloatArray>();
  for (const layer of layers) {
    if (layer.weights.length === 0) continue;
    const group = file.get(`${ROOT}/${layer.name}`);
    if (!(group instanceof HDF5Group)) throw new FormatError(`it has no weights of ${layer.title}`);
    const names = listedTexts(group, 'weight_names');
    const weights = legacyOrder(layer);
    if (names.length !== weights.length)
      throw new FormatError(`it has ${names.length} weights of ${layer.title}, expected ${weights.length}`);
    for (const [index, weight] of weights.entries())
      values.set(weight, valuesAt(file, `${ROOT}/${layer.name}/${names[index]}`, weight, 'the file'));
  }
  return values;
}

/** The learned state of preprocessing layers: only numbers, among the weights. */
function learnedOf(file: HDF5Group): LearnedSource {
  return {
    numbers: (layer, _, place) => {
      const path = `${ROOT}/${String(layer.config.name)}`;
      const group = file.get(path);
      const names = group instanceof HDF5Group ? listedTexts(group, 'weight_names') : [];
      return numbersAt(file, `${path}/${names[place as number] ?? place}`, titleOf(layer));
    },
    tokens: (layer) => {
      throw new FormatError(`${titleOf(layer)} has no vocabulary: .h5 files do not hold it. Save the model as .keras`);
    },
  };
}
