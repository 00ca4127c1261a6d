import { ArgumentError, FormatError, ShapeError, StateError } from '../../core/errors.ts';
import { isError } from '../../core/tags.ts';
import { InputLayer } from '../../layers/input.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import { Model } from '../../model/model.ts';
import { decodeModelMessage } from './decodeMessages.ts';
import { GraphReader, ReadNode } from './graphReader.ts';
import { DOMAIN, isMaskFunction } from './maskFunctions.ts';
import { inputMask } from './maskValues.ts';
import { ELEMENTS, type GraphMessage, type ModelMessage, type NodeMessage, type ValueMessage } from './messages.ts';
import { NODE_READERS } from './nodeReaders.ts';
import { MASK_READERS } from './readMasks.ts';
import { type Axis, type ReadValue, samplesFirst, tensorValue } from './readValues.ts';

/** The oldest version of ONNX's operators that is read. */
const OLDEST_OPSET = 7;

/** The most nodes that move axes between an input and a recurrent node. */
const MOST_MOVES = 64;

/** The recurrent operators, whose inputs say which axis is that of the samples. */
const RECURRENT = new Set(['LSTM', 'GRU', 'RNN']);
/** The places of sequence_lens and of the initial states. */
const [LENGTHS, STATE_H, STATE_C] = [4, 5, 6];

/** A model of an ONNX file, and the metadata that it was saved with. */
export interface DecodedONNX {
  readonly model: Model;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Makes a model of the bytes of an ONNX file. Its samples are the first axis of every input and
 * output, also where the file has them elsewhere. Layers of equal weights are one layer.
 * @param called the file's name, for error messages
 * @throws {FormatError} when the bytes are damaged, or a node cannot be made of layers, naming it
 */
export function decodeONNX(bytes: Uint8Array, called: string): DecodedONNX {
  const message = decodeModelMessage(bytes, called);
  try {
    return { model: modelOf(message, bytes.length), metadata: message.metadata };
  } catch (error) {
    const isWrong =
      error instanceof ArgumentError || error instanceof ShapeError || error instanceof StateError || error instanceof FormatError;
    if (isWrong) throw new FormatError(`${called}: ${error.message}`, { cause: error });
    if (isError(error) && (error.name === 'TypeError' || error.name === 'RangeError'))
      throw new FormatError(`${called}: the ONNX file cannot be made into layers: ${error.message}`, { cause: error });
    throw error;
  }
}

function modelOf({ graph, opsets, functions }: ModelMessage, bytes: number): Model {
  const opset = opsets.get('') ?? 0;
  if (opset < OLDEST_OPSET)
    throw new FormatError(`the ONNX file has version ${opset} of the operators; Backtime reads ${OLDEST_OPSET} and newer`);
  const reader = new GraphReader(graph, opset, bytes);
  const ownFunctions = new Set(functions.filter(({ domain }) => domain === DOMAIN).map(({ name }) => name));
  const inputs = readInputs(reader, graph);
  for (const message of graph.nodes) {
    for (const output of message.outputs)
      if (output !== '' && reader.values.has(output) && !reader.done.has(message))
        throw new FormatError(`two nodes of the ONNX file make the value '${output}'`);
    if (reader.done.has(message)) continue;
    readNode(new ReadNode(reader, message), ownFunctions);
  }
  const outputs = graph.outputs.map(({ name }) => outputOf(reader.value(name), name));
  const used = usedInputs(outputs);
  const taken = inputs.filter((input) => used.has(input));
  if (new Set(graph.outputs.map(({ name }) => name)).size !== outputs.length)
    throw new FormatError('two outputs of the ONNX file have one name');
  const named = Object.fromEntries(graph.outputs.map(({ name }, index) => [name, outputs[index] as SymbolicTensor]));
  const name = graph.name === '' ? 'model' : graph.name.slice(0, 200);
  return new Model({ inputs: taken, outputs: outputs.length === 1 ? (outputs[0] as SymbolicTensor) : named, name });
}

/** Reads a node. @throws {FormatError} for an operator that is not read */
function readNode(node: ReadNode, functions: ReadonlySet<string>): void {
  const { opType, domain, attributes } = node.message;
  for (const { name, other, reference } of attributes)
    if (other || reference)
      throw node.refusal(`has the attribute '${name}', which is a graph or of another kind that Backtime does not read`);
  const own = domain === '' && Object.hasOwn(NODE_READERS, opType) ? NODE_READERS[opType] : undefined;
  const read = domain === DOMAIN && isMaskFunction(opType) && functions.has(opType) ? MASK_READERS[opType] : own;
  if (!read)
    throw node.refusal(
      `is an operator that Backtime does not read${domain === '' ? '' : ` (of the domain '${domain}')`}; it reads ${Object.keys(NODE_READERS).join(', ')}`,
    );
  const outputs = [read(node)].flat() as readonly (ReadValue | null)[];
  for (const [index, output] of outputs.entries()) if (output) node.give(output, index);
}

/** An output of the graph as an output of the model. */
function outputOf(value: ReadValue, name: string): SymbolicTensor {
  if (value.kind !== 'tensor') throw new FormatError(`the output '${name}' of the ONNX file does not depend on the inputs`);
  return samplesFirst(value);
}

/** Makes the model's inputs, with the samples as the first axis. */
function readInputs(reader: GraphReader, graph: GraphMessage): SymbolicTensor[] {
  const makers = new Map<string, NodeMessage>();
  for (const node of graph.nodes) for (const output of node.outputs) makers.set(output, node);
  const samplesAt = new Map<string, number>();
  const lengths = new Set<string>();
  for (const node of graph.nodes) {
    if (!RECURRENT.has(node.opType)) continue;
    const ofBatch = node.attributes.find(({ name }) => name === 'layout')?.int === 1 ? 0 : 1;
    for (const [place, axis] of [
      [0, ofBatch],
      [LENGTHS, 0],
      [STATE_H, ofBatch],
      [STATE_C, ofBatch],
    ] as const) {
      const found = traced(makers, node.inputs[place] ?? '', axis);
      if (found && place === LENGTHS) lengths.add(found.name);
      else if (found && !samplesAt.has(found.name)) samplesAt.set(found.name, found.axis);
    }
  }
  return graph.inputs
    .filter(({ name }) => !reader.isInitializer(name))
    .map((input) => {
      const { value, tensor } = lengths.has(input.name) ? lengthsInput(input) : sampleInput(input, samplesAt.get(input.name) ?? 0);
      reader.values.set(input.name, value);
      reader.reserve((tensor.node.layer as InputLayer).name);
      return tensor;
    });
}

/** The value that nodes which only move axes make of, and where an axis lies there. */
function traced(makers: ReadonlyMap<string, NodeMessage>, start: string, axisThere: number): { name: string; axis: number } | null {
  let [name, axis] = [start, axisThere];
  for (let steps = 0; steps < MOST_MOVES; steps++) {
    const node = makers.get(name);
    if (!node) return name === '' ? null : { name, axis };
    if (node.opType === 'Transpose') {
      const order = node.attributes.find((attribute) => attribute.name === 'perm')?.ints;
      if (!order) return null;
      axis = order[axis] ?? 0;
    } else if (node.opType === 'Gather') {
      // Of ids: the rows of a table are one axis more, the last.
      name = node.inputs[1] ?? '';
      continue;
    } else if (node.opType !== 'Cast' && node.opType !== 'Identity' && node.opType !== 'Dropout') return null;
    name = node.inputs[0] ?? '';
  }
  return null;
}

/** An input of samples. */
function sampleInput({ name, dataType, dims }: ValueMessage, at: number): { value: ReadValue; tensor: SymbolicTensor } {
  if (dataType === null || dims === null) throw new FormatError(`the input '${name}' of the ONNX file has no type or no sizes`);
  if (dims.length < 2 || at >= dims.length)
    throw new FormatError(
      `the input '${name}' of the ONNX file has ${dims.length} axes; Backtime reads inputs of samples [N, …] of one axis and more`,
    );
  const shape = dims.filter((_, axis) => axis !== at).map((size) => (typeof size === 'number' && size > 0 ? size : null));
  const isFloat = ([ELEMENTS.float, ELEMENTS.double, ELEMENTS.float16, ELEMENTS.bfloat16] as number[]).includes(dataType);
  const type = dataType === ELEMENTS.bool ? 'bool' : isFloat ? 'float' : 'int';
  const dtypes = { bool: { dtype: 'bool' }, float: { dtype: 'float32' }, int: {} } as const;
  const tensor = inputTensor({ name, shape, ...dtypes[type] });
  let next = 0;
  const axes = dims.map((_, axis): Axis => (axis === at ? 'samples' : next++));
  return { value: tensorValue(tensor, axes, type), tensor };
}

/** The lengths of sequences: a mask of the steps in the model. */
function lengthsInput({ name }: ValueMessage): { value: ReadValue; tensor: SymbolicTensor } {
  const tensor = inputTensor({ name, shape: [null], dtype: 'bool' });
  return { value: { ...inputMask(tensor, tensor), kind: 'lengths' }, tensor };
}

function inputTensor(options: ConstructorParameters<typeof InputLayer>[0]): SymbolicTensor {
  // Names of weights have slashes, so those of layers have none.
  const name = (options.name ?? '').replaceAll('/', '_');
  return new InputLayer({ ...options, name }).use([]).outputs[0] as SymbolicTensor;
}

/** The inputs that outputs depend on. */
function usedInputs(outputs: readonly SymbolicTensor[]): ReadonlySet<SymbolicTensor> {
  const seen = new Set<SymbolicTensor>();
  const stack = [...outputs];
  for (let tensor = stack.pop(); tensor; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    stack.push(...tensor.node.inputs);
  }
  return seen;
}
