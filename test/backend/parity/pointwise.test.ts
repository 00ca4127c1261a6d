import { describe, expect, test } from 'vitest';
import { emitPointwise } from '../../../ts/layers/emitPointwise.ts';
import * as expressions from '../../../ts/layers/expression.ts';
import { type Expression, input } from '../../../ts/layers/expression.ts';
import { derivatives, programOf } from '../../../ts/layers/expressionProgram.ts';
import type { PlannedBuffer } from '../../../ts/layers/plannedBuffer.ts';
import { kernelBackends } from '../../support/backends.ts';
import { callReference, unwritten } from '../../support/kernelRuns.ts';
import { expectParity, forSeeds } from '../../support/parity.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { PARITY } from '../../support/tolerances.ts';

/** The arguments of the kernel that computes these results. */
function argumentsOf(results: readonly Expression[], inputs: readonly Float64Array[], count: number) {
  let found: Record<string, unknown> = {};
  const buffer = (length: number) => ({ length }) as PlannedBuffer;
  const emitter = {
    constants: (_name: string, values: Int32Array) => buffer(values.length),
    call: (_kernel: string, args: object) => {
      found = { ...args };
    },
  };
  emitPointwise(
    emitter as never,
    results,
    inputs.map(({ length }) => buffer(length)),
    results.map(() => buffer(count)),
  );
  const named = (letter: string, arrays: readonly Float64Array[]) =>
    Object.fromEntries([0, 1, 2, 3, 4, 5].map((index) => [letter + index, arrays[index] ?? null]));
  const outputs = results.map(() => unwritten(count));
  return { ...found, code: programOf(results), ...named('x', inputs), ...named('y', outputs) } as never;
}

const { add, subtract, multiply, divide, maximum, minimum, less, where, negative, abs, sqrt, exp, log, tanh, sigmoid, square } =
  expressions;
const [x, z] = [input(0), input(1)];

/** Functions that have every operation in them, of inputs from -2 to 2. */
const FUNCTIONS: Record<string, Expression> = {
  add: add(x, multiply(z, 3)),
  subtract: subtract(multiply(x, 2), z),
  divide: divide(x, add(square(z), 1)),
  maximum: maximum(x, multiply(z, 0.5)),
  minimum: minimum(multiply(x, x), z),
  where: where(less(x, z), multiply(x, z), subtract(x, 1)),
  negative: negative(multiply(x, z)),
  abs: multiply(abs(x), z),
  sqrt: sqrt(add(square(x), add(square(z), 0.5))),
  exp: exp(multiply(x, z)),
  log: log(add(multiply(x, x), add(multiply(z, z), 0.25))),
  tanh: tanh(add(x, z)),
  sigmoid: multiply(x, sigmoid(multiply(x, z))),
  many: add(tanh(x), add(sigmoid(z), multiply(add(exp(negative(square(x))), z), divide(x, add(abs(z), 1))))),
};

const results = (name: string) => {
  const result = FUNCTIONS[name] as Expression;
  return [result, ...derivatives(result, [0, 1], expressions.expression(1))];
};

describe('derivatives are made from the function', () => {
  test.each(Object.keys(FUNCTIONS))('%s, against central differences', (name) => {
    const random = new RandomArrays(5);
    const [a, b] = [random.float32s(40, -2, 2), random.float32s(40, -2, 2)];
    const run = (inputs: readonly Float64Array[]) => {
      const args = argumentsOf(results(name), inputs, 40) as { y0: Float64Array; y1: Float64Array; y2: Float64Array };
      callReference('pointwise', args as never);
      return args;
    };
    const { y1, y2 } = run([a, b]);
    const H = 1e-5;
    for (const [index, derivative] of [y1, y2].entries()) {
      const moved = (by: number) => run([a, b].map((values, at) => (at === index ? values.map((value) => value + by) : values))).y0;
      const [above, below] = [moved(H), moved(-H)];
      for (let i = 0; i < 40; i++) expect(derivative[i]).toBeCloseTo((above[i] - below[i]) / (2 * H), 6);
    }
  });
});

describe.each(await kernelBackends())('elementwise programs on $label compute what the reference computes', ({ backend }) => {
  test.each(Object.keys(FUNCTIONS))('%s and its derivatives, for any length', (name) => {
    forSeeds(20, (seed) => {
      const random = new RandomArrays(seed);
      const count = seed < 10 ? seed : random.integers(1, 900)[0] + 1;
      const short = [1, count, Math.max(1, Math.floor(count / 3))][seed % 3];
      const inputs = [random.float32s(count, -2, 2), random.float32s(short, -2, 2)];
      expectParity(backend, 'pointwise', argumentsOf(results(name), inputs, count), PARITY.losses);
    });
  });
});
