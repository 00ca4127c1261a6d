import { sizeOf } from '../../core/shape.ts';
import type { Layer } from '../../layers/layer.ts';
import { Elementwise } from '../../layers/operations.ts';
import { Reduce, type ReduceOperation } from '../../layers/reduce.ts';
import { RMSNormalization } from '../../layers/rmsNormalization.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import { UnitNormalization } from '../../layers/unitNormalization.ts';
import type { ReadNode } from './graphReader.ts';
import { giveTo, scalesAfter } from './readScales.ts';
import type { TensorValue } from './readValues.ts';

/** The least norm of a UnitNormalization. */
const LEAST_NORM = 1e-12;
const near = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.abs(b);

/** The operand of an operation of one value and numbers; null for another layer. */
function operandOf(
  tensor: SymbolicTensor | undefined,
  operation: string,
): { readonly x: SymbolicTensor; readonly number: number | null } | null {
  const layer = tensor?.node.layer as Layer | undefined;
  if (!(tensor && layer instanceof Elementwise) || layer.operation !== operation || tensor.node.inputs.length !== 1) return null;
  const number = layer.operands.find((operand) => operand !== null) ?? null;
  return { x: tensor.node.inputs[0] as SymbolicTensor, number };
}

/**
 * The tensor that was reduced along axes of samples, which then have size 1; null for another
 * layer.
 */
function reducedOf(
  tensor: SymbolicTensor,
  operation: ReduceOperation,
): { readonly x: SymbolicTensor; readonly axes: readonly number[] } | null {
  const axes: number[] = [];
  let x = tensor;
  for (let layer = x.node.layer as Layer; ; layer = x.node.layer as Layer) {
    if (layer instanceof Reduce && layer.operation === operation && layer.keepDims) axes.push(layer.axis - 1);
    else if (operation === 'mean' && /^GlobalAveragePooling[12]D$/.test(layer.className) && (layer as unknown as Reduce).keepDims)
      axes.push(...x.shape.slice(0, -1).keys());
    else return axes.length === 0 ? null : { x, axes: axes.sort((a, b) => a - b) };
    x = x.node.inputs[0] as SymbolicTensor;
  }
}

/** Whether a tensor is the square of another. */
function isSquareOf(tensor: SymbolicTensor, x: SymbolicTensor): boolean {
  const { layer, inputs } = tensor.node;
  if (!(layer instanceof Elementwise)) return false;
  if (layer.operation === 'square') return inputs[0] === x;
  return layer.operation === 'multiply' && inputs.length === 2 && inputs.every((input) => input === x);
}

/**
 * Reads a quotient as a layer that divides by a norm, and with it the scale that follows.
 * @returns null for another quotient
 */
export function readByNorm(node: ReadNode, value: TensorValue, divisor: TensorValue): TensorValue | null {
  if (value.tensors.length !== 1 || divisor.tensors.length !== 1 || value.axes.join() !== divisor.axes.join()) return null;
  if (value.flipped !== divisor.flipped) return null;
  const [x, by] = [value.tensors[0] as SymbolicTensor, divisor.tensors[0] as SymbolicTensor];
  const least = operandOf(by, 'maximum');
  const root = operandOf(least ? least.x : by, 'sqrt');
  const sum = least ? null : operandOf(root?.x, 'add');
  const reduced = root && reducedOf(sum ? sum.x : root.x, least ? 'sum' : 'mean');
  if (!reduced || !isSquareOf(reduced.x, x)) return null;
  const sizes = reduced.axes.map((axis) => x.shape[axis]);
  if (sizes.includes(null)) return null;
  const axis = reduced.axes.map((each) => (each === x.shape.length - 1 ? -1 : each + 1));
  const options = { axis: axis.length === 1 ? (axis[0] as number) : axis };
  if (least) {
    if (!near(least.number ?? 0, LEAST_NORM)) return null;
    const layer = new UnitNormalization({ ...node.named, ...options });
    return { ...value, tensors: [layer.apply(x)] };
  }
  const epsilon = sum?.number ?? 0;
  // A flipped value has its scales in reverse order.
  if (!(epsilon > 0 && epsilon < 1) || (value.flipped && reduced.axes.includes(0))) return null;
  const [output] = node.message.outputs;
  const after = scalesAfter(node, output, 'Mul', value, reduced.axes);
  const key = ['RMSNormalization', after?.name ?? output, JSON.stringify(options), epsilon].join('\n');
  const scale = after?.numbers ?? new Float32Array(sizeOf(sizes as readonly number[])).fill(1);
  const make = () => new RMSNormalization({ ...(after?.node ?? node).named, ...options, epsilon });
  const [result] = node.weighted(key, make, [x], { scale });
  return giveTo({ ...value, tensors: [result as SymbolicTensor] }, after);
}
