import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { Constant } from './constants.ts';
import { ReadNode } from './graphReader.ts';
import type { TensorValue } from './readValues.ts';

/** A node that multiplies or adds a number for each place along some axes of samples. */
export interface Scales {
  readonly node: ReadNode;
  /** The name of the constant. */
  readonly name: string;
  readonly numbers: Float32Array;
}

/**
 * What a constant has for each place along some axes of samples, in their order; null when it
 * differs along others, or the axes lie in another order in the file.
 */
function alongAxes({ dims, data }: Constant, { axes, tensors }: TensorValue, own: readonly number[]): Float32Array | null {
  const before = axes.length - dims.length;
  const { shape } = tensors[0] as SymbolicTensor;
  const isOwn = (axis: unknown): axis is number => own.includes(axis as number);
  const isEach = axes.every((axis, index) => (dims[index - before] ?? 1) === (isOwn(axis) ? shape[axis] : 1));
  const order = axes.filter(isOwn);
  const isSorted = order.every((axis, index) => index === 0 || (order[index - 1] as number) < axis);
  return before >= 0 && isEach && isSorted && order.length === own.length ? Float32Array.from(data) : null;
}

/**
 * The node that alone takes an output, if it multiplies it by a number for each place along some
 * axes, or adds one; null when something else follows.
 */
export function scalesAfter(
  { graph }: ReadNode,
  output: string | undefined,
  operator: 'Mul' | 'Add',
  value: TensorValue,
  own: readonly number[],
): Scales | null {
  const next = output === undefined ? null : graph.onlyConsumer(output);
  if (next?.opType !== operator || next.domain !== '' || next.inputs.length !== 2) return null;
  const name = next.inputs.find((input) => input !== output);
  const constant = name === undefined ? null : graph.knownConstant(name);
  const numbers = constant && alongAxes(constant, value, own);
  return name === undefined || !numbers ? null : { node: new ReadNode(graph, next), name, numbers };
}

/** Gives nodes that were read with an earlier one their value. */
export function giveTo(value: TensorValue, ...read: readonly (Scales | null)[]): TensorValue {
  for (const each of read) {
    if (!each) continue;
    each.node.give(value);
    each.node.graph.done.add(each.node.message);
  }
  return value;
}
