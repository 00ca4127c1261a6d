import { Elementwise } from '../../layers/operations.ts';
import { Rescaling } from '../../layers/rescaling.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { ReadNode } from './graphReader.ts';
import { maskSources } from './maskSources.ts';

/** A tensor as a number times another one. */
export function factored(tensor: SymbolicTensor): { readonly x: SymbolicTensor; readonly factor: number } {
  const { layer, inputs } = tensor.node;
  const [x] = inputs as readonly [SymbolicTensor];
  if (layer instanceof Rescaling && layer.offset === 0) return { x, factor: layer.scale };
  if (layer instanceof Elementwise && inputs.length === 1) {
    const [a, b] = layer.operands;
    if (layer.operation === 'multiply') return { x, factor: (a ?? b) as number };
    if (layer.operation === 'divide' && typeof b === 'number') return { x, factor: 1 / b };
  }
  return { x: tensor, factor: 1 };
}

/** An operation with a number as `scale * x + offset`; null for another one. */
function scaleAndOffset(operation: string, number: number, isLeft: boolean): readonly [scale: number, offset: number] | null {
  if (operation === 'add') return [1, number];
  if (operation === 'subtract') return isLeft ? [-1, number] : [1, -number];
  if (operation === 'multiply') return [number, 0];
  return operation === 'divide' && !isLeft ? [1 / number, 0] : null;
}

/**
 * An operation with a number as a Rescaling: where a mask goes on, which an operation of `ops`
 * would end, and of a product and the sum that follows it.
 * @param isLeft whether the number is the first operand
 * @returns null for what stays an operation
 */
export function rescaled(
  node: ReadNode,
  operation: string,
  tensor: SymbolicTensor,
  number: number,
  isLeft: boolean,
): SymbolicTensor | null {
  const found = scaleAndOffset(operation, number, isLeft);
  if (!found?.every(Number.isFinite)) return null;
  const [scale, offset] = found;
  const { x, factor } = offset === 0 ? { x: tensor, factor: 1 } : factored(tensor);
  if (x === tensor && maskSources(tensor) === null) return null;
  return new Rescaling(scale * factor, offset, node.named).apply(x);
}
