import { Activation } from '../../layers/activation.ts';
import { Elementwise } from '../../layers/operations.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { ReadNode } from './graphReader.ts';
import { factored } from './readRescaling.ts';
import type { ErfValue, ReadValue, TensorValue } from './readValues.ts';

/** Float32s that a program rounded in another way are the same number. */
const near = (a: number, b: number) => Math.abs(a - b) < 1e-5;

/**
 * Reads the error function, of which the activation gelu is made: `x / 2 * (1 + erf(x / √2))`.
 */
export function readErf(node: ReadNode): ReadValue {
  const like = node.tensor(0);
  const { x, factor } = factored(like.tensors[0] as SymbolicTensor);
  if (!near(factor, Math.SQRT1_2) || like.tensors.length !== 1)
    throw node.refusal('is an error function that is not part of the activation gelu');
  return { kind: 'erf', x, like, plus: 0, factor: 1 };
}

/** The sum or product with a part of gelu. */
export function withErf(node: ReadNode, name: string, a: ReadValue, b: ReadValue): ReadValue {
  const [erf, other] = (a.kind === 'erf' ? [a, b] : [b, a]) as [ErfValue, ReadValue];
  if (other.kind === 'constant' && other.data.length === 1) {
    const number = other.data[0] as number;
    if (name === 'add' && erf.plus === 0 && erf.factor === 1 && number === 1) return { ...erf, plus: 1 };
    if (name === 'multiply') return { ...erf, factor: erf.factor * number };
  }
  if (name === 'multiply' && other.kind === 'tensor' && erf.plus === 1) return gelu(node, erf, other);
  throw node.refusal('uses an error function that is not part of the activation gelu');
}

function gelu(node: ReadNode, { x, like, factor }: ErfValue, other: TensorValue): TensorValue {
  const { x: source, factor: own } = factored(other.tensors[0] as SymbolicTensor);
  const [left, scale] = other.tensors[0] === x ? [x, 1] : [source, own];
  if (left !== x || other.axes.join() !== like.axes.join())
    throw node.refusal('uses an error function that is not part of the activation gelu');
  const result = new Activation('gelu', node.named).apply(x);
  const total = 2 * scale * factor;
  return { ...like, type: 'float', tensors: [near(total, 1) ? result : new Elementwise('multiply', [null, total]).apply(result)] };
}
