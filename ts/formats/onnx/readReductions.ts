import { Elementwise } from '../../layers/operations.ts';
import { Reduce, type ReduceOperation } from '../../layers/reduce.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { ReadNode } from './graphReader.ts';
import type { ReadValue, TensorValue } from './readValues.ts';

const OPERATIONS: Readonly<Record<string, ReduceOperation>> = {
  GlobalAveragePool: 'mean',
  GlobalMaxPool: 'max',
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
  if (node.operator === 'ReduceSumSquare')
    value = { ...value, type: 'float', tensors: value.tensors.map((tensor) => new Elementwise('square', [null]).apply(tensor)) };
  // From the last on, so that the numbers of the others stay.
  for (const axis of [...node.axesOf(given, value.axes.length)].sort((a, b) => b - a)) value = reduced(node, value, operation, axis, keeps);
  return value;
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
  // What is left of a vector is its only number, along an axis of size 1.
  const left = others.indexOf('one');
  if (isVector && left >= 0) return { ...value, type: 'float', tensors, flipped, axes: others.map((own, at) => (at === left ? 0 : own)) };
  if (isVector) throw node.refusal('leaves no axis of a sample: export the model with keepdims');
  const axes = others.map((own) => (typeof own === 'number' && own > number ? own - 1 : own));
  return { ...value, type: 'float', tensors, flipped, axes };
}
