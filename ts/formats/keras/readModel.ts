import { FormatError } from '../../core/errors.ts';
import type { LayerConfigValue } from '../../layers/layerConfig.ts';
import type { SampleShape } from '../../layers/spec.ts';
import { isPlain, type KerasObject, kerasObject, listAt, type Plain, readBatchShape, textAt } from './kerasObject.ts';
import { readGraph } from './readGraph.ts';
import { type DescribedLayer, type Reading, readLayer, titleOf } from './readLayer.ts';

/** How many models and layers may be inside each other. */
const DEEPEST = 32;

/** Reads a layer or a model inside of a model. @throws {FormatError} */
export function readAny(value: unknown, where: string, reading: Reading, depth = 0): DescribedLayer {
  if (depth > DEEPEST) throw new FormatError(`${where}: more than ${DEEPEST} layers are inside each other`);
  const object = kerasObject(value, where);
  if (isModel(object)) return readModel(object, reading, depth);
  return readLayer(object, reading, (inside, at) => readAny(inside, at, reading, depth + 1));
}

/** Whether an object is a model. */
function isModel({ className, registeredName, config }: KerasObject): boolean {
  return registeredName === null && ['Sequential', 'Functional', 'Model'].includes(className) && config.layers !== undefined;
}

/**
 * Reads a model: its layers and how they are joined, as the configuration of a layer.
 * @throws {FormatError} naming what is wrong, or what Backtime does not have
 */
export function readModel(object: KerasObject, reading: Reading, depth = 0): DescribedLayer {
  const { className, registeredName, config } = object;
  if (!isModel(object))
    throw new FormatError(
      `the model is a ${registeredName ?? className}, a class whose code is not in the file: build it of Sequential or of Model with inputs and outputs in Keras`,
    );
  const where = titleOf(object);
  const name = textAt(config.name, `${where}: name`);
  const given = listAt(config.layers, `${where}: layers`);
  const options = { name, ...(config.trainable === false ? { trainable: false } : {}) };
  if (className === 'Sequential') {
    const { layers, inputShape, batchSize } = readChain(object, given, reading, depth);
    const made: Record<string, LayerConfigValue> = { ...options, layers: layers as never };
    if (inputShape !== null) made.inputShape = inputShape;
    // Inside of another model the number of samples is that model's.
    if (batchSize !== null && depth === 0) made.batchSize = batchSize;
    return { className: 'Sequential', config: made };
  }
  const { layers, graph } = readGraph(config, given, reading, where, (value, at) => readAny(value, at, reading, depth + 1));
  return { className: 'Model', config: { ...options, layers: layers as never, graph: graph as never } };
}

/**
 * The layers of a Sequential model, and one sample's shape; null where the file does not have it.
 */
function readChain(
  { config, whole }: KerasObject,
  given: readonly unknown[],
  reading: Reading,
  depth: number,
): { layers: readonly DescribedLayer[]; inputShape: SampleShape | null; batchSize: number | null } {
  const objects = given.map((value, index) => kerasObject(value, `layers[${index}]`));
  const [first] = objects;
  const input = first?.className === 'InputLayer' ? first : null;
  const build = isPlain(whole.build_config) ? (whole.build_config as Plain).input_shape : null;
  const shapes = [first?.config.batch_shape, first?.config.batch_input_shape, config.build_input_shape, build, innerShape(first)];
  const batchShape = shapes.find((shape) => Array.isArray(shape)) ?? null;
  const layers = objects
    .filter((object) => object !== input)
    .map(({ whole: value }, index) => readAny(value, `layers[${index}]`, reading, depth + 1));
  if (batchShape === null) return { layers, inputShape: null, batchSize: null };
  const { shape, batchSize } = readBatchShape(batchShape, `${input ? titleOf(input) : 'the model'}: batch_shape`);
  return { layers, inputShape: shape, batchSize: input || first?.config.batch_input_shape ? batchSize : null };
}

/** The input shape of a Sequential model that is the first layer of another one, with its batch. */
function innerShape(first: KerasObject | undefined, depth = 0): unknown {
  if (first?.className !== 'Sequential' || depth > DEEPEST || !Array.isArray(first.config.layers)) return null;
  const inner = first.config.layers[0];
  if (!isPlain(inner) || !isPlain(inner.config)) return null;
  return inner.config.batch_shape ?? inner.config.batch_input_shape ?? innerShape(kerasObject(inner, 'layers[0]'), depth + 1);
}
