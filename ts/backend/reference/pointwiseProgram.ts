import { OPERATIONS, type PointwiseArguments } from '../kernels.generated.ts';

/** Words of an instruction: operation, target, three operands. */
const WORDS = 5;

const BITS = new DataView(new ArrayBuffer(8));

/** The number of which an instruction holds the bits. */
function constant(upper: number, lower: number): number {
  BITS.setInt32(0, upper);
  BITS.setInt32(4, lower);
  return BITS.getFloat64(0);
}

type Operation = (a: number, b: number, c: number) => number;

/** The function of each operation. */
const FORMULAS: Readonly<Record<number, Operation>> = {
  [OPERATIONS.add]: (a, b) => a + b,
  [OPERATIONS.subtract]: (a, b) => a - b,
  [OPERATIONS.multiply]: (a, b) => a * b,
  [OPERATIONS.divide]: (a, b) => a / b,
  [OPERATIONS.maximum]: (a, b) => (a < b ? b : a),
  [OPERATIONS.minimum]: (a, b) => (b < a ? b : a),
  [OPERATIONS.less]: (a, b) => (a < b ? 1 : 0),
  [OPERATIONS.select]: (condition, b, c) => (condition > 0 ? b : c),
  [OPERATIONS.negative]: (a) => -a,
  [OPERATIONS.absolute]: Math.abs,
  [OPERATIONS.sqrt]: Math.sqrt,
  [OPERATIONS.exp]: Math.exp,
  [OPERATIONS.log]: Math.log,
  [OPERATIONS.tanh]: Math.tanh,
  [OPERATIONS.sigmoid]: (a) => 1 / (1 + Math.exp(-a)),
};

/**
 * Runs a program of elementwise operations, element by element. Element i of an input is its
 * element i modulo its length.
 */
export function pointwise({ count, code, ...buffers }: PointwiseArguments<Float64Array, Int32Array>): void {
  const inputs = [buffers.x0, buffers.x1, buffers.x2, buffers.x3, buffers.x4, buffers.x5];
  const outputs = [buffers.y0, buffers.y1, buffers.y2, buffers.y3];
  const registers = new Float64Array(16);
  for (let i = 0; i < count; i++) {
    for (let at = 0; at < code.length; at += WORDS) {
      const [operation, target, a, b, c] = [code[at], code[at + 1], code[at + 2], code[at + 3], code[at + 4]];
      if (operation === OPERATIONS.load) {
        const input = inputs[a] as Float64Array;
        registers[target] = input[i % input.length];
      } else if (operation === OPERATIONS.constant) registers[target] = constant(a, b);
      else if (operation === OPERATIONS.store) (outputs[target] as Float64Array)[i] = registers[a];
      else registers[target] = (FORMULAS[operation] as Operation)(registers[a], registers[b], registers[c]);
    }
  }
}
