import { beforeEach, describe, expect, test } from 'vitest';
import {
  Add,
  Average,
  Concatenate,
  Dense,
  Embedding,
  GRU,
  Input,
  type Layer,
  LSTM,
  loadBackend,
  loadModel,
  Maximum,
  Minimum,
  Model,
  Multiply,
  modelToBytes,
  Subtract,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const random = new RandomArrays(1);
const A = tensor([5, 4, 3], random);
const B = tensor([5, 4, 3], random);
const Y = tensor([5, 2], random);

const MERGES: Record<string, [make: () => Layer, of: (...values: number[]) => number, least: number, most: number]> = {
  Add: [() => new Add(), (...values) => values.reduce((sum, value) => sum + value, 0), 2, 3],
  Subtract: [() => new Subtract(), (a, b) => a - b, 2, 2],
  Multiply: [() => new Multiply(), (...values) => values.reduce((product, value) => product * value, 1), 2, 3],
  Average: [() => new Average(), (...values) => values.reduce((sum, value) => sum + value, 0) / values.length, 2, 3],
  Maximum: [() => new Maximum(), Math.max, 2, 3],
  Minimum: [() => new Minimum(), Math.min, 2, 3],
};

const weighted = (model: Model) => {
  model.setWeights(model.weights.map(({ shape }, index) => tensor(shape, new RandomArrays(30 + index), -0.8, 0.8)));
  return model;
};

describe.each(await availableBackends())('merges on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each(Object.keys(MERGES))('%s computes its formula of two and three inputs', async (name) => {
    const [make, formula, least, most] = MERGES[name];
    for (let count = least; count <= most; count++) {
      const inputs = Array.from({ length: count }, (_, index) => Input({ shape: [4, 3], name: `in${index}` }));
      const model = new Model({ inputs, outputs: make().apply(inputs) });
      const x = [A, B, tensor([5, 4, 3], new RandomArrays(9))].slice(0, count);
      const { data } = await model.predict(x);
      const expected = x[0].data.map((_, at) => formula(...x.map((values) => values.data[at])));
      expectClose(data, expected, { relative: 1e-6 }, name);
    }
  });

  test('Concatenate puts inputs one after the other along any axis', async () => {
    const [a, b] = [Input({ shape: [4, 3], name: 'a' }), Input({ shape: [4, 2], name: 'b' })];
    const wide = new Model({ inputs: [a, b], outputs: new Concatenate().apply([a, b]) });
    const narrow = tensor([5, 4, 2], random);
    const { shape, data } = await wide.predict([A, narrow]);
    expect(shape).toEqual([5, 4, 5]);
    for (let row = 0; row < 20; row++) {
      expect(Array.from(data.slice(5 * row, 5 * row + 3))).toEqual(Array.from(A.data.slice(3 * row, 3 * row + 3)));
      expect(Array.from(data.slice(5 * row + 3, 5 * row + 5))).toEqual(Array.from(narrow.data.slice(2 * row, 2 * row + 2)));
    }
    const [c, d] = [Input({ shape: [4, 3], name: 'c' }), Input({ shape: [2, 3], name: 'd' })];
    const long = new Model({ inputs: [c, d], outputs: new Concatenate({ axis: 1 }).apply([c, d]) });
    const short = tensor([5, 2, 3], random);
    const steps = await long.predict([A, short]);
    expect(steps.shape).toEqual([5, 6, 3]);
    for (let sample = 0; sample < 5; sample++) {
      expect(Array.from(steps.data.slice(18 * sample, 18 * sample + 12))).toEqual(Array.from(A.data.slice(12 * sample, 12 * sample + 12)));
      expect(Array.from(steps.data.slice(18 * sample + 12, 18 * (sample + 1)))).toEqual(
        Array.from(short.data.slice(6 * sample, 6 * sample + 6)),
      );
    }
  });
});

describe('merges on the reference', () => {
  beforeEach(async () => startOn(await loadBackend('reference')));

  test.each([...Object.keys(MERGES), 'Concatenate', 'Concatenate of steps'])('%s passes gradients to each of its inputs', async (name) => {
    const make = MERGES[name]?.[0] ?? (() => new Concatenate(name === 'Concatenate' ? {} : { axis: 1 }));
    const [a, b] = [Input({ shape: [4, 3], name: 'a' }), Input({ shape: [4, 3], name: 'b' })];
    const shared = new Dense(3);
    const [x, z] = [shared.apply(a), new GRU(3, { returnSequences: true }).apply(b)];
    const merged = make().apply([x, z]);
    // A value that is merged with itself, and goes on beside the merge.
    const again = MERGES[name]
      ? make().apply([merged, x])
      : new Add().apply([new Dense(3).apply(make().apply([x, x])), new Dense(3).apply(make().apply([x, z]))]);
    const outputs = new Dense(2).apply(new LSTM(2).apply(name === 'Concatenate of steps' ? merged : again));
    await expectGradient(weighted(new Model({ inputs: [a, b], outputs })), [A, B], Y);
  });

  test('a value that is used k times has k times the gradient', async () => {
    const gradientTimes = async (times: number) => {
      const a = Input({ shape: [4, 3] });
      const x = new Dense(3, { name: 'below' }).apply(a);
      const outputs = new GRU(2).apply(times === 1 ? x : new Add().apply(new Array(times).fill(x)));
      return new Model({ inputs: a, outputs });
    };
    for (const times of [2, 3, 5]) await expectGradient(weighted(await gradientTimes(times)), A, Y);
  });

  test('steps count where they count in either input, to the loss', async () => {
    const ids = [Input({ shape: [5], name: 'a' }), Input({ shape: [5], name: 'b' })];
    const tables = ids.map((input, index) => new Embedding(6, 3, { maskZero: true, name: `table${index}` }).apply(input));
    const merged = new TimeDistributed(new Dense(2)).apply(new Add().apply(tables));
    const model = weighted(new Model({ inputs: ids, outputs: merged }));
    const x = [
      { shape: [2, 5], data: Int32Array.of(1, 0, 2, 0, 0, 3, 4, 0, 0, 0) },
      { shape: [2, 5], data: Int32Array.of(0, 0, 2, 5, 0, 3, 0, 0, 1, 0) },
    ];
    const counts = [1, 0, 1, 1, 0, 1, 1, 0, 1, 0];
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const y = tensor([2, 5, 2], random);
    const { data } = (await model.predict(x)) as Tensor;
    let sum = 0;
    for (const [row, counted] of counts.entries())
      if (counted) sum += ((data[2 * row] - y.data[2 * row]) ** 2 + (data[2 * row + 1] - y.data[2 * row + 1]) ** 2) / 2;
    expect((await model.evaluate(x, y)).loss).toBeCloseTo(sum / 6, 12);
    const loaded = await loadModel<Model>(await modelToBytes(model));
    expect((await loaded.evaluate(x, y)).loss).toBe((await model.evaluate(x, y)).loss);
  });

  test('wrong inputs are refused by name', () => {
    const [a, b] = [Input({ shape: [4, 3] }), Input({ shape: [4, 2] })];
    expect(() => new Add().apply([a, b])).toThrow(/^layer add \(Add\) takes inputs of one shape, got \[4, 3\] and \[4, 2\]$/);
    expect(() => new Add().apply(a)).toThrow(/takes an array of at least two inputs, got 1$/);
    expect(() => new Subtract().apply([a, a, a])).toThrow(/takes an array of two inputs, got 3$/);
    for (const second of [b, [b]])
      expect(() => new Concatenate().apply(a, second as never)).toThrow(
        /^layer concatenate \(Concatenate\): apply takes several inputs in one array, apply\(\[first, second\]\), got tensors side by side$/,
      );
    expect(() => new Concatenate({ axis: 1 }).apply([a, b])).toThrow(/takes inputs that differ along axis 1 only/);
    expect(() => new Concatenate({ axis: 3 }).apply([a, b])).toThrow(/axis 3 is not an axis of samples of shape \[4, 3\]/);
    expect(() => new Concatenate({ axis: 0 })).toThrow(/axis must be an integer, and not 0/);
  });
});
