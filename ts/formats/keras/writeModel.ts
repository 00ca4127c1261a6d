import { warn } from '../../core/warnings.ts';
import { type Graph, layerOf } from '../../graph/graph.ts';
import { InputLayer } from '../../layers/input.ts';
import type { Layer } from '../../layers/layer.ts';
import type { LayerConfig } from '../../layers/layerConfig.ts';
import type { Node, SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { ModelState, NamedArray } from '../../model/modelState.ts';
import { rawInput } from '../../model/rawInput.ts';
import { structureOf } from '../../model/restoreStructure.ts';
import { kerasGraph } from './kerasGraph.ts';
import type { Plain } from './kerasObject.ts';
import { snakeOption } from './names.ts';
import { preparesData } from './preparation.ts';
import { RECURRENT } from './readCalls.ts';
import type { DescribedLayer } from './readLayer.ts';
import { unfolded } from './unfoldedGraph.ts';
import { CALL_OPTIONS, writeLayer } from './writeLayer.ts';
import { withoutLearned } from './writeLearned.ts';
import { isOperationLayer, operands, writeOperation } from './writeOperation.ts';

/** A model, as a state or as the configuration of a layer holds it. */
export type DescribedModel = Pick<ModelState, 'name' | 'layers' | 'graph' | 'inputShape' | 'batchSize'> & { readonly trainable?: boolean };

/** Layers that take an array of inputs. */
const OF_ARRAYS = 'Add AdditiveAttention Attention Average Concatenate Dot Maximum Minimum Multiply Subtract'.split(' ');

/** The names that Keras gives to functions that make masks when it loads a file. */
const MASK_FUNCTION = /^(any|concatenate|expand_dims|logical_or|not_equal|ones_like|stack|zeros_like)(_\d+)?(?=\/|$)/;

/** A name of a layer, or a path that begins with one, where it is no name of such a function. */
const otherName = (path: string) => (MASK_FUNCTION.test(path) ? `layer_${path}` : path);

/**
 * Renames layers that have the names of functions of masks, which Keras makes when it loads the
 * file: names are unique in a model. Weights and what is compiled follow.
 */
export function withoutMaskNames(model: ModelState): ModelState {
  if (!model.graph || !JSON.stringify(model.layers).match(/"maskZero":true|"className":"Masking"/)) return model;
  const layers = model.layers.map(({ className, config }) => {
    const { name } = config as { readonly name: string };
    return { className, config: { ...config, name: otherName(name) } };
  });
  const arrays = (given: readonly NamedArray[]) => given.map((array) => ({ ...array, name: otherName(array.name) }));
  const { compile } = model;
  const trainable = compile?.trainable && { trainable: compile.trainable.map(otherName) };
  return {
    ...model,
    layers,
    weights: arrays(model.weights),
    compile: compile && { ...compile, ...trainable, slots: arrays(compile.slots) },
  };
}

/** Writes a model. @throws {ArgumentError} for what Keras does not have */
export function writeModel(model: DescribedModel): Plain {
  return model.graph ? writeFunctional(model) : writeSequential(model);
}

/** Writes a layer or a model inside of a model. */
function writeAny({ className, config }: DescribedLayer): Plain {
  if (className === 'Sequential' || className === 'Model') return writeModel({ inputShape: null, ...config } as unknown as DescribedModel);
  return writeLayer({ className, config }, writeAny);
}

function writeSequential({ name, layers, inputShape, batchSize, trainable = true }: DescribedModel): Plain {
  const preparation = layers.filter(({ className }) => preparesData(className));
  const raw = preparation.length > 0 && inputShape ? rawInput(preparation, inputShape) : { shape: inputShape, dtype: null };
  const shape = [batchSize ?? null, ...(raw.shape ?? [])];
  const config = { batch_shape: shape, dtype: raw.dtype ?? 'float32', sparse: false, ragged: false, name: `${name}_input` };
  const input = inputShape === null ? [] : [{ module: 'keras.layers', class_name: 'InputLayer', config, registered_name: null }];
  const written = layers.map((layer) => writeAny(preparesData(layer.className) ? withoutLearned(layer, raw.shape ?? []) : layer));
  return {
    module: 'keras',
    class_name: 'Sequential',
    config: { name, trainable, layers: [...input, ...written], ...(input.length > 0 ? { build_input_shape: shape } : {}) },
    registered_name: null,
    ...(input.length > 0 ? { build_config: { input_shape: shape } } : {}),
  };
}

function writeFunctional(model: DescribedModel): Plain {
  const { name, trainable = true } = model;
  const { names } = structureOf(model).graph as Graph;
  const graph = unfolded(structureOf(model).graph as Graph);
  const described = new Map(model.layers.map((layer) => [layer.config.name as string, layer]));
  for (const [own, { described: layer, sample }] of graph.preparation) described.set(own, withoutLearned(layer, sample));
  const all = [...graph.inputs.map(({ node }) => node), ...graph.nodes];
  const uses = new Map<Layer, Node[]>();
  for (const node of all) uses.set(layerOf(node), [...(uses.get(layerOf(node)) ?? []), node]);
  const place = ({ node, port }: SymbolicTensor) => [layerOf(node).name, (uses.get(layerOf(node)) as Node[]).indexOf(node), port] as const;
  const tensor = (of: SymbolicTensor) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, ...of.shape], dtype: of.kind === 'ids' ? 'int32' : 'float32', keras_history: place(of) },
  });
  const byName = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const ordered = kerasOrder(model).map(({ config }) => byName.get(config.name as string) as Layer);
  const layers = [...graph.inputs.map(({ node }) => layerOf(node)), ...ordered].map((layer) => {
    const own = described.get(layer.name) as DescribedLayer;
    const nodes = uses.get(layer) as Node[];
    if (layer instanceof InputLayer) return { ...writeInput(layer), name: layer.name, inbound_nodes: [] };
    if (isOperationLayer(own))
      return {
        ...writeOperation(own),
        name: layer.name,
        inbound_nodes: nodes.map((node) => ({ args: operands(own, node.inputs.map(tensor)), kwargs: {} })),
      };
    return { ...writeAny(own), name: layer.name, inbound_nodes: nodes.map((node) => writeCall(node, own, tensor)) };
  });
  const ends = (tensors: readonly SymbolicTensor[], given: readonly string[] | null) => {
    // Keras counts uses of functional models from 1 here, and everywhere else from 0.
    const places = tensors.map((of) => {
      const [name, use, port] = place(of);
      return [name, described.get(name)?.className === 'Model' ? use + 1 : use, port];
    });
    return given ? Object.fromEntries(given.map((one, index) => [one, places[index]])) : places.length === 1 ? places[0] : places;
  };
  return {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name,
      trainable,
      layers,
      input_layers: ends(graph.inputs, names.inputs),
      output_layers: ends(graph.outputs, names.outputs),
    },
    registered_name: 'Functional',
    build_config: { input_shape: null },
  };
}

function writeInput({ name, shape, dtype, batchSize }: InputLayer): Plain {
  const config = { batch_shape: [batchSize, ...shape], dtype: dtype ?? 'float32', sparse: false, ragged: false, name };
  return { module: 'keras.layers', class_name: 'InputLayer', config, registered_name: null };
}

/** A use of a layer: its inputs as arguments, the rest by name. */
function writeCall({ inputs, call }: Node, { className, config }: DescribedLayer, tensor: (of: SymbolicTensor) => Plain): Plain {
  const end = inputs.length - (call.mask ? 1 : 0);
  const taken = inputs.slice(0, end - call.states).map(tensor);
  const states = inputs.slice(end - call.states, end).map(tensor);
  const kwargs: Record<string, unknown> = {};
  if (states.length > 0) kwargs.initial_state = states;
  if (call.mask) kwargs.mask = tensor(inputs[end] as SymbolicTensor);
  if (call.training !== null) {
    kwargs.training = call.training;
    warn(
      'TRAINING_NOT_SAVED',
      `save: layer ${String(config.name)} is used with training: ${call.training}, which fit, evaluate and predict of Keras 3 do not follow.`,
      undefined,
      String(config.name),
    );
  }
  for (const option of CALL_OPTIONS) if (config[option] === true) kwargs[snakeOption(option)] = true;
  const [, , key] = taken;
  if (className === 'MultiHeadAttention') return { args: taken.slice(0, 2), kwargs: { ...(key ? { key } : {}), ...kwargs } };
  const isArray = OF_ARRAYS.includes(className) || (taken.length > 1 && !RECURRENT.includes(className));
  return { args: isArray ? [taken] : taken, kwargs };
}

/** The layers of a model in the order in which Keras has them, as configurations. */
export function kerasOrder(model: DescribedModel): readonly DescribedLayer[] {
  const { layers, graph } = model;
  if (!graph) return layers.map(withOrder);
  const described = new Map(layers.map((layer) => [layer.config.name as string, layer]));
  const { layers: ordered, preparation } = unfolded(kerasGraph(structureOf(model).graph as Graph));
  return ordered.map(({ name }) => preparation.get(name)?.described ?? withOrder(described.get(name) as DescribedLayer));
}

/** A layer whose models inside have their layers in Keras's order. */
function withOrder({ className, config }: DescribedLayer): DescribedLayer {
  if (className === 'Model') {
    const ordered = kerasOrder({ inputShape: null, ...config } as unknown as DescribedModel);
    return { className, config: { ...config, layers: ordered } as unknown as LayerConfig };
  }
  if (className === 'Sequential')
    return {
      className,
      config: { ...config, layers: (config.layers as unknown as DescribedLayer[]).map(withOrder) } as unknown as LayerConfig,
    };
  if (className === 'TimeDistributed')
    return { className, config: { ...config, layer: withOrder(config.layer as unknown as DescribedLayer) as never } };
  return { className, config };
}
