import { beforeEach, describe, expect, test } from 'vitest';
import { Chain } from '../../ts/graph/chain.ts';
import type { Graph } from '../../ts/graph/graph.ts';
import { Dense, Embedding, GRU, LSTM, Sequential, setRandomSeed } from '../../ts/index.ts';
import { Parameters } from '../../ts/program/parameters.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { runKernel } from '../support/runKernel.ts';

/** Layers of which many weights have the same shape, and biases that are drawn. */
const layers = () => [
  new Embedding(8, 8),
  new LSTM(8, { returnSequences: true, biasInitializer: 'uniform' }),
  new LSTM(8, { returnSequences: true, biasInitializer: 'uniform' }),
  new GRU(8, { returnSequences: true, biasInitializer: 'randomNormal' }),
  new GRU(8, { biasInitializer: 'randomNormal' }),
  new Dense(8, { biasInitializer: 'uniform' }),
  new Dense(8, { kernelInitializer: 'orthogonal', biasInitializer: 'uniform' }),
  new Dense(8, { kernelInitializer: 'glorotNormal', biasInitializer: 'uniform' }),
];

interface Drawn {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

/**
 * The weights that a new model draws, biases of several parts part by part without the constant
 * one.
 */
function drawn(): Drawn[] {
  const model = new Sequential(layers());
  model.build([null, 5]);
  const weights = model.getWeights();
  return model.weights.flatMap(({ path }, index) => {
    const { data } = weights[index];
    // The forget gate's part is ones.
    if (!/^lstm.*bias$/.test(path)) return [{ name: path, values: data }];
    return [0, 2, 3].map((gate) => ({ name: `${path}, gate ${gate}`, values: data.slice(8 * gate, 8 * gate + 8) }));
  });
}

/**
 * Cosine of the angle between the first values of two arrays: ±1 when one is a multiple of the
 * other.
 */
function likeness(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const length = Math.min(a.length, b.length);
  const product = (c: ArrayLike<number>, d: ArrayLike<number>) =>
    Array.from({ length }, (_, index) => c[index] * d[index]).reduce((sum, value) => sum + value, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

describe.each(await availableBackends())('random subsequences of weights on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test('every weight, and every part of a bias, draws numbers of its own', () => {
    const all = drawn();
    expect(all.length).toBeGreaterThan(20);
    for (const [index, one] of all.entries()) {
      // A constant would be unlike all others.
      expect(new Set(Array.from(one.values)).size, one.name).toBe(one.values.length);
      for (const other of all.slice(0, index))
        expect(Math.abs(likeness(one.values, other.values)), `${other.name}, ${one.name}`).toBeLessThan(0.95);
    }
  });

  test('the same seed draws the same, another one nothing alike', () => {
    const [first, again] = [0, 1].map(() => {
      setRandomSeed(5);
      return drawn();
    });
    expect(again).toEqual(first);
    setRandomSeed(6);
    for (const [index, { name, values }] of drawn().entries())
      expect(Math.abs(likeness(values, first[index].values)), name).toBeLessThan(0.95);
  });

  test('weight number n draws from subsequence n of the model’s seed', () => {
    const chain = new Chain();
    for (let count = 0; count < 3; count++) chain.add(new Dense(8));
    chain.build([8]);
    const { weights } = chain.graph as Graph;
    const parameters = new Parameters(backend, weights, weights, [3, 4]);
    const limit = Math.sqrt(6 / 16);
    const expectedOf = (subsequence: number) =>
      runKernel(backend, 'randomUniform', {
        count: 64,
        low: -limit,
        high: limit,
        seedLow: 3,
        seedHigh: 4,
        subsequence,
        y: new Float64Array(64),
      }).y;
    expect(weights.map(({ name }) => name)).toEqual(['kernel', 'bias', 'kernel', 'bias', 'kernel', 'bias']);
    for (const subsequence of [0, 2, 4]) expect(Float64Array.from(weights[subsequence].read() ?? [])).toEqual(expectedOf(subsequence));
    parameters.dispose(() => false);
  });
});
