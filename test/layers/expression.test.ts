import { expect, test } from 'vitest';
import { OPERATIONS } from '../../ts/backend/kernels.generated.ts';
import { add, divide, exp, input, multiply } from '../../ts/layers/expression.ts';
import { programOf } from '../../ts/layers/expressionProgram.ts';

/** Runs a program on one element. */
function run(code: Int32Array, inputs: readonly number[]): number[] {
  const registers: number[] = [];
  const outputs: number[] = [];
  for (let place = 0; place < code.length; place += 5) {
    const [operation, target, a, b] = code.subarray(place, place + 5) as unknown as [number, number, number, number];
    const [left, right] = [registers[a] as number, registers[b] as number];
    const name = Object.entries(OPERATIONS).find(([, number]) => number === operation)?.[0];
    if (name === 'load') registers[target] = inputs[a] as number;
    else if (name === 'store') outputs[target] = left;
    else if (name === 'exp') registers[target] = Math.exp(left);
    else registers[target] = { add: left + right, multiply: left * right, divide: left / right }[name as 'add'];
  }
  return outputs;
}

test('a result keeps its register to the end, also if another result is made of it', () => {
  const [x, z] = [input(0), input(1)];
  const product = multiply(x, z);
  const ratio = divide(x, exp(product));
  const sum = add(ratio, exp(z));
  const [first, second, third] = run(programOf([product, sum, ratio]), [0.5, -2]);
  expect(first).toBe(-1);
  expect(third).toBe(0.5 / Math.exp(-1));
  expect(second).toBe(0.5 / Math.exp(-1) + Math.exp(-2));
});
