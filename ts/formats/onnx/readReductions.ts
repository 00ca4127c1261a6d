import { GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D } from '../../layers/globalPooling.ts';
import { Elementwise } from '../../layers/operations.ts';
import { Reduce, type ReduceOperation } from '../../layers/reduce.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { ReadNode } from './graphReader.ts';
import { maskSources, withoutMask } from './maskSources.ts';
import type { ReadValue, TensorValue } from './readValues.ts';

const OPERATIONS: Readonly<Record<string, ReduceOperation>> = {
  GlobalAveragePool: 'mean',
  GlobalMaxPool: 'max',
  ReduceL2: 'sum',
  ReduceMax: 'max',
  ReduceMean: 'mean',
  ReduceMin: 'min',
  ReduceSum: 'sum',
  ReduceSumSquare: 'sum',
};

/** Reads the sum, the mean, the largest or the smallest along axes. */
export function readReduction(node: ReadNode): ReadValue {
  const operation = OPERATIONS[node.operator] as ReduceOperation;
  let value = node.tensor(0);
  const isGlobal = node.operator.startsWith('Global');
  const given = isGlobal ? value.axes.slice(2).map((_, axis) => axis + 2) : node.intsAt('axes', 1);
  if (!given || given.length === 0) throw node.refusal('reduces all axes, the samples too');
  const keeps = isGlobal || node.int('keepdims', 1) !== 0;
  const axes = node.axesOf(given, value.axes.length);
  const pooled = pooledPlaces(node, value, operation, axes, keeps);
  if (pooled) return pooled;
  if (node.operator === 'ReduceSumSquare' || node.operator === 'ReduceL2')
    value = { ...value, type: 'float', tensors: value.tensors.map((tensor) => new Elementwise('square', [null]).apply(tensor)) };
  // From the last on, so that the numbers of the others stay.
  for (const axis of [...axes].sort((a, b) => b - a)) value = reduced(node, value, operation, axis, keeps);
  if (node.operator !== 'ReduceL2') return value;
  return { ...value, type: 'float', tensors: value.tensors.map((tensor) => new Elementwise('sqrt', [null]).apply(tensor)) };
}

/** The mean or the largest of each feature as a layer that pools; null for another reduction. */
function pooledPlaces(
  node: ReadNode,
  value: TensorValue,
  operation: ReduceOperation,
  axes: readonly number[],
  keepDims: boolean,
): TensorValue | null {
  const [tensor] = value.tensors as readonly [SymbolicTensor];
  const last = tensor.shape.length - 1;
  const places = axes.map((axis) => value.axes[axis]);
  const isEach = places.length === last && places.every((axis) => typeof axis === 'number' && axis < last);
  if (!isEach || last < 1 || last > 2 || value.tensors.length !== 1 || (operation !== 'mean' && operation !== 'max')) return null;
  const options = { ...node.named, keepDims };
  const layers = {
    mean: () => (last === 1 ? new GlobalAveragePooling1D(options) : new GlobalAveragePooling2D(options)),
    max: () => (last === 1 ? new GlobalMaxPooling1D(options) : new GlobalMaxPooling2D(options)),
  };
  // The mean would be that of the steps that count.
  const plain = operation === 'mean' && maskSources(tensor) !== null ? withoutMask(tensor) : tensor;
  const tensors = [layers[operation]().apply(plain)];
  if (keepDims) return { ...value, type: 'float', tensors, flipped: false };
  const left = value.axes.filter((_, at) => !axes.includes(at));
  return { ...value, type: 'float', tensors, flipped: false, axes: left.map((axis) => (axis === last ? 0 : axis)) };
}

function reduced(node: ReadNode, value: TensorValue, operation: ReduceOperation, index: number, keeps: boolean): TensorValue {
  const axis = value.axes[index];
  const others = value.axes.filter((_, at) => at !== index);
  if (axis === 'samples') throw node.refusal('reduces the samples');
  if (axis === 'one') return keeps ? value : { ...value, axes: others };
  const asOne = value.axes.map((own, at) => (at === index ? ('one' as const) : own));
  if (axis === 'stack') {
    const combined = { sum: 'add', mean: 'add', max: 'maximum', min: 'minimum' } as const;
    const [first, ...rest] = value.tensors as readonly [SymbolicTensor, ...SymbolicTensor[]];
    const all = rest.reduce((a, b) => new Elementwise(combined[operation], [null, null]).apply([a, b]), first);
    const result = operation === 'mean' ? new Elementwise('divide', [null, value.tensors.length]).apply(all) : all;
    return { ...value, type: 'float', tensors: [result], axes: keeps ? asOne : others };
  }
  const number = axis as number;
  const isVector = (value.tensors[0] as SymbolicTensor).shape.length === 1;
  const tensors = value.tensors.map((tensor) => new Reduce(operation, number + 1, keeps || isVector).apply(tensor));
  const flipped = value.flipped && number !== 0;
  if (keeps) return { ...value, type: 'float', tensors, flipped };
  // The reduction of a vector is one number, along an axis of size 1.
  const left = others.indexOf('one');
  if (isVector && left >= 0) return { ...value, type: 'float', tensors, flipped, axes: others.map((own, at) => (at === left ? 0 : own)) };
  if (isVector) throw node.refusal('leaves no axis of a sample: export the model with keepdims');
  const axes = others.map((own) => (typeof own === 'number' && own > number ? own - 1 : own));
  return { ...value, type: 'float', tensors, flipped, axes };
}
