import { FormatError } from '../../core/errors.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Structure } from '../../graph/structure.ts';
import type { InnerGraph } from '../../layers/innerGraph.ts';
import type { InputLayer } from '../../layers/input.ts';
import type { Layer } from '../../layers/layer.ts';
import type { SampleShape } from '../../layers/spec.ts';
import { PLAIN_CALL, type SymbolicTensor } from '../../layers/symbolicTensor.ts';
import { TimeDistributed } from '../../layers/timeDistributed.ts';
import type { Weight } from '../../layers/weight.ts';
import { ModelLayer } from '../../model/modelLayer.ts';
import type { ModelState, NamedArray } from '../../model/modelState.ts';
import { givenInput } from '../../model/rawInput.ts';
import { structureOf } from '../../model/restoreStructure.ts';
import { encodeModelMessage } from './encodeMessages.ts';
import { GraphWriter, notWritten, type Written } from './graphWriter.ts';
import type { LayerUse } from './layerUse.ts';
import { LAYER_WRITERS } from './layerWriters.ts';
import { DOMAIN } from './maskFunctions.ts';
import { ELEMENTS, type ValueMessage } from './messages.ts';
import { takesNumbers, writePrepared } from './writePreparation.ts';

/** The version of ONNX's operators in the files, and that of the format. ONNX 1.12 and newer. */
export const OPSET = 17;
const IR_VERSION = 8;
/** The key of the user's metadata. */
export const METADATA = 'backtime.metadata';

/**
 * Encodes a model as an ONNX file, which predicts: an optimizer, a loss and metrics are not in it.
 * Weights are float32.
 * @throws {ArgumentError} naming a layer that has no operator in ONNX, with the remedy
 */
export function encodeONNX(state: ModelState): Uint8Array<ArrayBuffer> {
  const { graph, preprocessing } = structureOf(state);
  if (!graph) throw new FormatError('the model is not built');
  const writer = new ModelWriter(graph, preprocessing, state);
  return encodeModelMessage(writer.message(state));
}

class ModelWriter {
  readonly #model: Graph;
  readonly #preprocessing: Structure['preprocessing'];
  readonly #graph = new GraphWriter();
  readonly #arrays = new Map<Weight, NamedArray>();

  /** @param preprocessing for each input the layers that prepare its data */
  constructor(model: Graph, preprocessing: Structure['preprocessing'], { weights }: ModelState) {
    this.#model = model;
    this.#preprocessing = preprocessing;
    const byName = new Map(weights.map((array) => [array.name, array]));
    for (const weight of model.weights) this.#arrays.set(weight, byName.get(model.pathOf(weight)) as NamedArray);
  }

  /** The file's message. */
  message({ name, metadata = {} }: ModelState) {
    const model = this.#model;
    const graph = this.#graph;
    const inputs = model.inputs.map((input, index) => this.#inputOf(input, model.inputNames[index] as string));
    const names = model.outputNames.map((output) => graph.freeName(output));
    const values = model.inputs.map((_input, index) =>
      (this.#preprocessing[index] ?? []).reduce<Written>(
        (value, layer) => writePrepared(graph, value, layer),
        (inputs[index] as { value: Written }).value,
      ),
    );
    const results = this.#write(model, values, '');
    const outputs = results.map((result, index): ValueMessage => {
      const called = names[index] as string;
      graph.nodes.push({ name: called, opType: 'Identity', domain: '', inputs: [result.name], outputs: [called], attributes: [] });
      const dataType = ELEMENTS[result.type];
      return { name: called, dataType, dims: ['batch', ...result.shape] };
    });
    const opsets = new Map([['', OPSET]]);
    if (graph.functions.size > 0) opsets.set(DOMAIN, 1);
    return {
      irVersion: IR_VERSION,
      producerName: 'backtime',
      opsets,
      graph: { name, nodes: graph.nodes, initializers: graph.initializers, inputs: inputs.map(({ message }) => message), outputs },
      functions: [...graph.functions.values()],
      metadata: new Map(Object.keys(metadata).length > 0 ? [[METADATA, JSON.stringify(metadata)]] : []),
    };
  }

  /** An input of the file: ids as int64, masks as bool, else floats. */
  #inputOf(input: SymbolicTensor, called: string): { message: ValueMessage; value: Written } {
    const { dtype, batchSize } = input.node.layer as InputLayer;
    const name = this.#graph.freeName(called);
    const index = this.#model.inputs.indexOf(input);
    const prepared = this.#preprocessing[index] ?? [];
    const [preparing] = prepared;
    const ofIds = preparing ? !takesNumbers(preparing) : this.#model.feeds.some((feed) => feed.input === index && feed.kind === 'ids');
    const type = dtype === 'bool' ? 'bool' : ofIds ? 'int64' : 'float';
    const { shape } = givenInput(input, prepared);
    const sizes = shape.map((size, axis) => size ?? (axis === 0 ? `${name}_steps` : `${name}_axis_${axis + 1}`));
    return {
      message: { name, dataType: ELEMENTS[type], dims: [batchSize ?? 'batch', ...sizes] },
      value: { name, shape, type, mask: null },
    };
  }

  /** Writes a graph. @returns its outputs */
  #write({ inputs, outputs, nodes }: InnerGraph, given: readonly Written[], prefix: string): readonly Written[] {
    const values = new Map(inputs.map((input, index) => [input, given[index] as Written]));
    for (const { layer, inputs: taken, outputs: made, call } of nodes) {
      const own = taken.map((tensor) => values.get(tensor) as Written);
      const written = this.#use(layer as Layer, withMask(this.#graph, own, call.mask), prefix, { ...call, mask: false });
      for (const [port, output] of made.entries()) values.set(output, written[port] as Written);
    }
    return outputs.map((output) => values.get(output) as Written);
  }

  /** Writes a use of a layer. @throws {ArgumentError} when ONNX has no operator for it */
  #use(layer: Layer, inputs: readonly Written[], prefix: string, call = PLAIN_CALL): readonly Written[] {
    const path = `${prefix}${layer.name}`;
    if (call.training)
      throw notWritten(
        layer.title,
        'it is used with training: true, and a file only predicts',
        'Use it without this option, and save that model',
      );
    if (layer instanceof ModelLayer) return this.#write(layer.graph as Graph, inputs, `${path}/`);
    const use: LayerUse = {
      layer,
      inputs,
      call,
      path,
      graph: this.#graph,
      valuesOf: (weight) => this.#arrays.get(weight) as NamedArray,
      inner: (inside, own) => this.#use(inside, own, `${path}/`),
    };
    if (layer instanceof TimeDistributed) return writeEachStep(use as LayerUse<TimeDistributed>);
    const write = Object.hasOwn(LAYER_WRITERS, layer.className) ? LAYER_WRITERS[layer.className] : undefined;
    if (!write)
      throw notWritten(
        layer.title,
        'ONNX has no operator for it',
        'Save a model of the layers before it, and compute the rest in your program, or save to a .safetensors file',
      );
    return write(use);
  }
}

/** The inputs of a use, with the mask that is the last of them moved to the first. */
function withMask(graph: GraphWriter, inputs: readonly Written[], hasMask: boolean): readonly Written[] {
  if (!hasMask) return inputs;
  const [first, ...others] = inputs as readonly [Written, ...Written[]];
  const { name, type } = others.pop() as Written;
  return [{ ...first, mask: type === 'bool' ? name : graph.cast(name, 'bool') }, ...others];
}

/** Writes a layer at every step: the steps of all samples are samples of it. */
function writeEachStep({ layer, graph, inputs, inner, path }: LayerUse<TimeDistributed>): readonly Written[] {
  const [input] = inputs as readonly [Written];
  const [steps, ...sample] = input.shape as readonly [number | null, ...SampleShape];
  // Of these layers each step of a sequence is computed by itself anyway.
  if (POINTWISE.has(layer.layer.className)) return inner(layer.layer, [input]);
  const rest = graph.node('Shape', [input.name], { start: 2 });
  const joined = graph.node(
    'Reshape',
    [input.name, graph.node('Concat', [graph.ints([-1]), rest], { axis: 0 })],
    {},
    { as: `${path}/samples` },
  );
  return inner(layer.layer, [{ ...input, name: joined, shape: sample, mask: null }]).map((output) => {
    const before = graph.node('Shape', [input.name], { start: 0, end: 2 });
    const shape = graph.node('Concat', [before, graph.node('Shape', [output.name], { start: 1 })], { axis: 0 });
    return {
      ...output,
      name: graph.node('Reshape', [output.name, shape], {}, { as: `${path}/steps` }),
      shape: [steps, ...output.shape],
      mask: input.mask,
    };
  });
}

const POINTWISE = new Set(['Dense', 'Activation', 'Dropout', 'ReLU', 'LeakyReLU', 'ELU']);
