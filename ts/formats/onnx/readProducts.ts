import { Dense } from '../../layers/dense.ts';
import { Embedding } from '../../layers/embedding.ts';
import { MatMul } from '../../layers/matMul.ts';
import { OneHot } from '../../layers/oneHot.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import { type Constant, transposed } from './constants.ts';
import { ReadNode } from './graphReader.ts';
import { type ReadValue, samplesFirst, type TensorValue, tensorValue } from './readValues.ts';

/** Reads the product with a constant matrix as a Dense layer, that of two values as a MatMul. */
export function readMatMul(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  const right = node.input(1);
  if (right.kind === 'tensor') {
    const pair = [value, right].map((each) => {
      if (each.axes[0] !== 'samples') throw node.refusal('multiplies values whose samples are not the first axis');
      return samplesFirst(each);
    });
    return tensorValue(new MatMul(true).apply(pair));
  }
  const kernel = node.constant(1, 'the matrix');
  if (kernel.dims.length !== 2) throw node.refusal(`multiplies by a constant of ${kernel.dims.length} axes, expected a matrix`);
  const sum = addedBias(node, kernel.dims[1] as number);
  const key = ['Dense', node.message.inputs[1], sum?.name ?? ''].join('\n');
  const result = dense(node, key, value, kernel, sum?.bias ?? null);
  if (sum) {
    sum.node.give(result);
    node.graph.done.add(sum.node.message);
  }
  return result;
}

/** The bias that the only node after a product adds; null when there is none. */
function addedBias(node: ReadNode, units: number): { node: ReadNode; name: string; bias: Constant } | null {
  const { graph, message } = node;
  const output = message.outputs[0] as string;
  const next = graph.onlyConsumer(output);
  if (next?.opType !== 'Add' || next.domain !== '' || next.inputs.length !== 2) return null;
  const name = next.inputs.find((input) => input !== output);
  const bias = name === undefined ? null : graph.knownConstant(name);
  if (name === undefined || !bias) return null;
  if (bias.data.length !== units || bias.dims.at(-1) !== units) return null;
  return { node: new ReadNode(graph, next), name, bias };
}

/** Uses a Dense layer along the last axis of a value. */
function dense(node: ReadNode, key: string, value: TensorValue, kernel: Constant, bias: Constant | null): TensorValue {
  const { axes, tensors } = value;
  const [features, units] = kernel.dims as readonly [number, number];
  const last = (tensors[0] as SymbolicTensor).shape.length - 1;
  if (axes.at(-1) !== last || tensors.length !== 1) {
    if (axes[0] !== 'samples') throw node.refusal('multiplies another axis than the last of its input in Backtime');
    return dense(node, key, tensorValue(samplesFirst(value)), kernel, bias);
  }
  if ((tensors[0] as SymbolicTensor).shape[last] !== features)
    throw node.refusal(`multiplies ${(tensors[0] as SymbolicTensor).shape[last]} features by a matrix of ${features} rows`);
  const make = () => new Dense(units, { ...node.named, useBias: bias !== null });
  const weights = { kernel: Float32Array.from(kernel.data), ...(bias && { bias: Float32Array.from(bias.data) }) };
  return { ...value, type: 'float', tensors: node.weighted(key, make, tensors, weights) };
}

/** Reads a Gemm with constant matrices as a Dense layer. */
export function readGemm(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  const given = node.constant(1, 'the matrix');
  if (node.int('transA', 0) !== 0 || value.axes.length !== 2 || given.dims.length !== 2)
    throw node.refusal('does not multiply rows of features');
  const kernel = node.int('transB', 0) === 0 ? given : transposed(given, [1, 0]);
  const [alpha, beta, units] = [node.float('alpha', 1), node.float('beta', 1), kernel.dims[1] as number];
  const scaled = (constant: Constant, factor: number): Constant => ({ ...constant, data: constant.data.map((each) => each * factor) });
  const bias = node.optional(2) ? node.constant(2, 'the bias') : null;
  if (bias && ![1, units].includes(bias.data.length)) throw node.refusal(`adds a bias of ${bias.data.length} numbers to ${units} units`);
  const wide = bias?.data.length === units ? bias : bias && { ...bias, data: new Float32Array(units).fill(bias.data[0] as number) };
  const key = ['Gemm', ...node.message.inputs.slice(1), node.int('transB', 0), alpha, beta].join('\n');
  return dense(node, key, value, scaled(kernel, alpha), wide && scaled(wide, beta));
}

/** Reads the rows of a constant table at ids as an Embedding. */
export function readEmbedding(node: ReadNode, table: Constant, ids: TensorValue): ReadValue {
  const [inputDim, outputDim] = table.dims as readonly [number, number];
  if (table.dims.length !== 2 || node.int('axis', 0) !== 0) throw node.refusal('gathers from a constant that is not a table of rows');
  // Ids that are made a mask are masked where they are 0.
  const maskZero = node.graph.booleans.has(node.message.inputs[1] as string);
  const key = ['Embedding', node.message.inputs[0], maskZero].join('\n');
  const make = () => new Embedding(inputDim, outputDim, { ...node.named, maskZero });
  const tensors = node.weighted(key, make, ids.tensors, { embeddings: Float32Array.from(table.data) });
  return { ...ids, tensors, axes: [...ids.axes, (tensors[0] as SymbolicTensor).shape.length - 1], type: 'float' };
}

/** Reads one-hot rows of ids. */
export function readOneHot(node: ReadNode): ReadValue {
  const ids = node.tensor(0);
  const [depth] = node.constant(1, 'the depth').data;
  const [off, on] = node.constant(2, 'the values').data;
  if (off !== 0 || on !== 1 || ![-1, ids.axes.length].includes(node.int('axis', -1)))
    throw node.refusal('makes rows of other numbers than 0 and 1, or along another axis than the last');
  const tensor = new OneHot(depth as number, node.named).apply(ids.tensors[0] as SymbolicTensor);
  return { ...ids, tensors: [tensor], axes: [...ids.axes, tensor.shape.length - 1], type: 'float' };
}
