import { FormatError } from '../../core/errors.ts';
import type { FloatArray } from '../../core/numericArray.ts';
import { isError } from '../../core/tags.ts';
import { warn } from '../../core/warnings.ts';
import type { Structure } from '../../graph/structure.ts';
import type { Layer } from '../../layers/layer.ts';
import type { Weight } from '../../layers/weight.ts';
import type { Model } from '../../model/model.ts';
import { HDF5Group } from '../hdf5/group.ts';
import { readHDF5 } from '../hdf5/readHDF5.ts';
import type { ReadContext } from '../modelFormat.ts';
import { assembleModel } from './assembleModel.ts';
import { isPlain, kerasObject } from './kerasObject.ts';
import { countUsesFromZero } from './nestedUses.ts';
import { readModel } from './readModel.ts';
import { valuesAt } from './readWeights.ts';

/** How many models may be inside each other. */
const DEEPEST = 32;

/**
 * Reads an `.h5` file of Keras 2, or of Keras 3 in that form. The optimizer begins anew.
 * @throws {FormatError} when it is damaged, has weights only, or has what Backtime does not have
 */
export function decodeLegacy(bytes: Uint8Array, { source = 'the saved model', compile }: ReadContext): Model {
  const file = readHDF5(bytes, source);
  const { attributes } = file;
  const text = attributes.get('model_config')?.[0];
  if (typeof text !== 'string')
    throw new FormatError(`${source} is an HDF5 file without model_config, so it has no model: model.loadWeights reads weights alone`);
  const version = String(attributes.get('keras_version')?.[0] ?? '2').startsWith('3') ? 3 : 2;
  const config = compile ? attributes.get('training_config')?.[0] : undefined;
  try {
    const compileConfig = typeof config === 'string' ? jsonOf(config, 'training_config') : null;
    return assembleModel(readModel(kerasObject(counted(jsonOf(text, 'model_config')), 'model_config'), { version }), {
      weights: (structure) => legacyWeights(file, structure),
      compileConfig,
      progress: () => {
        if (file.get('optimizer_weights'))
          warn(
            'OPTIMIZER_ANEW',
            `${source} has the state of an optimizer in the form of Keras 2, which is not read: the optimizer begins anew.`,
          );
        return { iteration: 0, slots: [], learningRate: null };
      },
    });
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`${source}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** A model whose uses of models inside are counted from 0, also inside of those. */
function counted(value: unknown, depth = 0): unknown {
  if (depth > DEEPEST) throw new FormatError(`more than ${DEEPEST} models are inside each other`);
  if (!isPlain(value) || !isPlain(value.config) || !Array.isArray(value.config.layers)) return value;
  return {
    ...value,
    config: countUsesFromZero({ ...value.config, layers: value.config.layers.map((layer) => counted(layer, depth + 1)) }),
  };
}

function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (isError(error)) throw new FormatError(`its ${what} is not JSON`, { cause: error });
    throw error;
  }
}

/** The values of the weights: each layer has a group of its name, and lists its datasets. */
function legacyWeights(file: HDF5Group, { layers }: Structure): ReadonlyMap<Weight, FloatArray> {
  const root = 'model_weights';
  const values = new Map<Weight, FloatArray>();
  for (const layer of layers) {
    if (layer.weights.length === 0) continue;
    const group = file.get(`${root}/${layer.name}`);
    if (!(group instanceof HDF5Group)) throw new FormatError(`it has no weights of ${layer.title}`);
    const names = listed(group);
    const weights = inOrder(layer);
    if (names.length !== weights.length)
      throw new FormatError(`it has ${names.length} weights of ${layer.title}, expected ${weights.length}`);
    for (const [index, weight] of weights.entries())
      values.set(weight, valuesAt(file, `${root}/${layer.name}/${names[index]}`, weight, 'the file'));
  }
  return values;
}

/** The names of a layer's datasets. Long lists are in several attributes. */
function listed({ attributes }: HDF5Group): string[] {
  const names: string[] = [];
  const add = (name: string) => {
    const found = attributes.get(name);
    if (found) names.push(...Array.from(found as string[], String));
    return found !== undefined;
  };
  if (!add('weight_names')) for (let part = 0; add(`weight_names${part}`); part++);
  return names;
}

/** Keras 2 has the weights that are trained before the others. */
function inOrder({ weights }: Layer): readonly Weight[] {
  return [...weights.filter(({ trainable }) => trainable), ...weights.filter(({ trainable }) => !trainable)];
}
