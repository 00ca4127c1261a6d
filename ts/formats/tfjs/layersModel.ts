import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import type { Model } from '../../model/model.ts';
import { checkMetadata } from '../checkMetadata.ts';
import { assembleModel } from '../keras/assembleModel.ts';
import { isPlain, kerasObject, type Plain } from '../keras/kerasObject.ts';
import { readingOf } from '../keras/readLayer.ts';
import { readModel } from '../keras/readModel.ts';
import type { ModelSource, ReadContext } from '../modelFormat.ts';
import { mainFile, nameOf } from '../modelSource.ts';
import { parseJSON } from '../parseJSON.ts';
import { adaptLayers } from './adaptLayers.ts';
import { assignWeights } from './assignWeights.ts';
import { readManifest, type WeightGroup } from './manifest.ts';
import { readShards } from './readShards.ts';
import { adaptTraining } from './trainingConfig.ts';
import { weightsIn } from './weightValues.ts';

/** The longest description that is read: it takes some ten times its size in memory. */
const LONGEST = 2 ** 26;

/** The contents of model.json, and the bytes of its other files. */
interface LayersModel {
  readonly description: Plain;
  readonly groups: readonly WeightGroup[];
  /** Of the files of each group. */
  readonly shards: readonly (readonly Uint8Array[])[];
}

/**
 * Reads model.json and the files with the weights.
 * @throws {FormatError} when it is not a layers model of TF.js
 * @throws {FileError} when a file cannot be read
 * @throws {ArgumentError} when the source does not tell where the files are
 */
export async function prepareLayersModel(bytes: Uint8Array, source: ModelSource): Promise<LayersModel> {
  try {
    const description = descriptionIn(bytes);
    const groups = readManifest(description.weightsManifest);
    return { description, groups, shards: await readShards(groups, source) };
  } catch (error) {
    throw inFile(nameOf(mainFile(source)), error);
  }
}

/**
 * Makes the model that {@link prepareLayersModel} has read.
 * @throws {FormatError} naming what is wrong, or what Backtime does not have
 */
export function decodeLayersModel(_bytes: Uint8Array, { source, compile, prepared }: ReadContext): Model {
  const { description, groups, shards } = prepared as LayersModel;
  try {
    const { topology, trainingConfig } = topologyOf(description);
    const stored = groups.flatMap((group, index) => weightsIn(group, shards[index] as readonly Uint8Array[]));
    return assembleModel(readModel(kerasObject(adaptLayers(topology), 'modelTopology'), readingOf('2')), {
      weights: ({ layers }) =>
        assignWeights(
          layers,
          stored.filter(({ weight }) => !weight.isSlot),
        ),
      metadata: checkMetadata(description.userDefinedMetadata ?? {}, 'userDefinedMetadata', FormatError),
      compileConfig: compile ? adaptTraining(trainingConfig) : null,
      // TF.js saves no state of the optimizer that tells which weight it is of.
      progress: () => ({ iteration: 0, slots: [], learningRate: null }),
    });
  } catch (error) {
    throw inFile(source, error);
  }
}

/** An error whose message begins with the name of the file. */
function inFile(source: string | undefined, error: unknown): unknown {
  return error instanceof FormatError ? new FormatError(`${source ?? 'the saved model'}: ${error.message}`, { cause: error }) : error;
}

/** The object in model.json. @throws {FormatError} when there is none, or it is too long */
function descriptionIn(bytes: Uint8Array): Plain {
  if (bytes.length > LONGEST) throw new FormatError(`it has ${bytes.length} bytes, at most ${LONGEST} are read`);
  const description = parseJSON(bytes, 'it begins as JSON, but');
  if (!isPlain(description)) throw new FormatError(`it should be an object, but is ${describe(description)}`);
  return description;
}

/** The model's class and configuration, and how it was trained. @throws {FormatError} */
function topologyOf({ format, modelTopology: given, trainingConfig }: Plain): { topology: Plain; trainingConfig: unknown } {
  if (format === 'graph-model' || (isPlain(given) && Array.isArray(given.node)))
    throw new FormatError(
      'it is a graph model of TF.js, a TensorFlow graph without layers: convert the Keras model to a layers model (tensorflowjs_converter --output_format tfjs_layers_model), or load the Keras file itself',
    );
  if (!isPlain(given)) throw new FormatError(`modelTopology should be an object, but is ${describe(given)}: this is not a model of TF.js`);
  const isInside = isPlain(given.model_config);
  const topology = (isInside ? given.model_config : given) as Plain;
  // The converter leaves what Keras wrote in the topology.
  return { topology, trainingConfig: trainingConfig ?? (isInside ? given.training_config : null) ?? null };
}
