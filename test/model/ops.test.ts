import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  CustomLayer,
  Dense,
  GRU,
  Input,
  LSTM,
  loadBackend,
  loadModel,
  Model,
  modelToBytes,
  ops,
  type SampleShape,
  ShapeError,
  type SymbolicTensor,
  type Tensor,
  type Weight,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const random = new RandomArrays(5);
const STEPS = 6;
const X = tensor([3, STEPS, 4], random);

const weighted = (model: Model) => {
  model.setWeights(model.weights.map(({ shape }, index) => tensor(shape, new RandomArrays(50 + index), -0.8, 0.8)));
  return model;
};

/** Operations of a sequence `[STEPS, 4]`, along several axes and with elements taken twice. */
const OPERATIONS: Record<string, (a: SymbolicTensor) => SymbolicTensor> = {
  max: (a) => ops.add(ops.max(a, { axis: 1, keepDims: true }), ops.max(a, { axis: -1, keepDims: true })),
  min: (a) => ops.multiply(ops.min(a, { axis: 1 }), ops.take(a, -2, 1)),
  matmul: (a) => ops.matmul(ops.softmax(ops.matmul(a, ops.transpose(a, [0, 2, 1]))), a),
  take: (a) => ops.take(ops.take(a, [5, 3, 1, 1, 0], 1), [3, 3, 1], 2),
  slice: (a) => ops.multiply(ops.slice(a, [0, 1, 1], [-1, 3, -1]), ops.slice(a, [0, -3, 0], [-1, 3, 3])),
  expandDims: (a) => ops.max(ops.tanh(ops.subtract(ops.expandDims(a, 1), ops.expandDims(a, 2))), { axis: 2 }),
  stack: (a) => ops.max(ops.stack([a, ops.negative(a)], 3), { axis: 3 }),
  split: (a) => ops.concatenate(ops.split(a, [1, 4], 1).reverse(), 1),
  softmax: (a) => ops.softmax(a, 1),
};

describe.each(await availableBackends())('operations along axes on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test('give the elements that they name', async () => {
    const input = Input({ shape: [3, 2] });
    const outputs = [
      ops.max(input, { axis: 1 }),
      ops.min(input, { axis: 2 }),
      ops.take(input, -1, 1),
      ops.take(input, [2, 0], 1),
      ops.slice(input, [0, 1, -1], [-1, -1, 1]),
      ops.squeeze(ops.expandDims(input, 2), 2),
      ops.stack([input, input], -1),
      ...ops.split(input, [1], 1),
      ...ops.split(input, 3, 1),
    ];
    const found = await new Model({ inputs: input, outputs }).predict([
      [
        [1, 6],
        [5, 2],
        [3, 4],
      ],
    ]);
    expect((found as Tensor[]).map(({ shape, data }) => [shape, Array.from(data)])).toEqual([
      [
        [1, 2],
        [5, 6],
      ],
      [
        [1, 3],
        [1, 2, 3],
      ],
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2, 2],
        [3, 4, 1, 6],
      ],
      [
        [1, 2, 1],
        [2, 4],
      ],
      [
        [1, 3, 2],
        [1, 6, 5, 2, 3, 4],
      ],
      [
        [1, 3, 2, 2],
        [1, 1, 6, 6, 5, 5, 2, 2, 3, 3, 4, 4],
      ],
      [
        [1, 1, 2],
        [1, 6],
      ],
      [
        [1, 2, 2],
        [5, 2, 3, 4],
      ],
      [
        [1, 1, 2],
        [1, 6],
      ],
      [
        [1, 1, 2],
        [5, 2],
      ],
      [
        [1, 1, 2],
        [3, 4],
      ],
    ]);
  });

  test('one-hot rows of ids', async () => {
    const ids = Input({ shape: [3], dtype: 'int32' });
    const { data } = (await new Model({ inputs: ids, outputs: ops.multiply(ops.oneHot(ids, 2), 3) }).predict([[1, 0, 1]])) as Tensor;
    expect(Array.from(data)).toEqual([0, 3, 3, 0, 0, 3]);
  });

  test('lengths may be free until data comes', async () => {
    const input = Input({ shape: [null, 4] });
    const last = ops.take(input, -1, 1);
    const scores = ops.matmul(ops.slice(input, [0, -2, 0], [-1, -1, -1]), ops.transpose(input, [0, 2, 1]));
    const weights = ops.softmax(ops.max(ops.expandDims(input, 2), { axis: -1 }), 1);
    const model = new Model({ inputs: input, outputs: [last, scores, weights] });
    for (const steps of [2, 5]) {
      const x = tensor([2, steps, 4], random);
      const [taken, product, shares] = (await model.predict(x)) as Tensor[];
      expect([taken, product, shares].map(({ shape }) => shape)).toEqual([
        [2, 4],
        [2, 2, steps],
        [2, steps, 1],
      ]);
      const row = (sample: number, step: number) => x.data.subarray((sample * steps + step) * 4, (sample * steps + step + 1) * 4);
      const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, value, at) => sum + value * b[at], 0);
      expect(taken.data.subarray(4)).toEqual(taken.data.slice(4).map((_, at) => row(1, steps - 1)[at]));
      const expected = [0, 1].flatMap((sample) =>
        [steps - 2, steps - 1].flatMap((step) => Array.from({ length: steps }, (_, other) => dot(row(sample, step), row(sample, other)))),
      );
      expectClose(product.data, expected, { relative: 1e-6 }, 'scores');
      expectClose([Array.from(shares.data.slice(0, steps)).reduce((sum, value) => sum + value)], [1], { relative: 1e-6 }, 'shares');
    }
    await expect(model.predict(tensor([2, 1, 4], random))).rejects.toThrow(ShapeError);
  });

  test.each(Object.keys(OPERATIONS))('%s is the same in a saved model', async (name) => {
    const input = Input({ shape: [STEPS, 4] });
    const model = weighted(new Model({ inputs: input, outputs: OPERATIONS[name](new Dense(4).apply(input)) }));
    const loaded = await loadModel<Model>(await modelToBytes(model));
    expect(await loaded.predict(X)).toEqual(await model.predict(X));
  });
});

describe('operations along axes on the reference', () => {
  beforeEach(async () => startOn(await loadBackend('reference')));

  test.each(Object.keys(OPERATIONS))('%s passes gradients to its input, which goes on beside it', async (name) => {
    const input = Input({ shape: [STEPS, 4] });
    const a = new GRU(4, { returnSequences: true }).apply(input);
    const result = OPERATIONS[name](a);
    const summary = result.shape.length === 2 ? new LSTM(2).apply(result) : result;
    const outputs = new Dense(2).apply(ops.concatenate([summary, ops.take(a, 0, 1)]));
    await expectGradient(weighted(new Model({ inputs: input, outputs })), X, tensor([3, 2], random));
  });

  test('a product of a weight with samples, and weights that are repeated, have their gradients', async () => {
    class Mixed extends CustomLayer {
      steps!: Weight;
      shift!: Weight;
      override build([steps, features]: SampleShape): void {
        this.steps = this.addWeight({ name: 'steps', shape: [3, steps as number] });
        this.shift = this.addWeight({ name: 'shift', shape: [features as number] });
      }
      override call(x: SymbolicTensor): SymbolicTensor {
        const wide = ops.add(ops.expandDims(ops.matmul(this.steps, x), 1), ops.reshape(this.scaled(x), [-1, 2, 1, 4]));
        return ops.reshape(ops.tanh(ops.multiply(wide, this.shift)), [-1, 24]);
      }
      private scaled(x: SymbolicTensor): SymbolicTensor {
        return ops.slice(ops.multiply(x, this.shift), [0, 2, 0], [-1, 2, -1]);
      }
    }
    const input = Input({ shape: [STEPS, 4] });
    const outputs = new Dense(2).apply(new Mixed().apply(new Dense(4).apply(input)));
    await expectGradient(weighted(new Model({ inputs: input, outputs })), X, tensor([3, 2], random));
  });

  test('equally large elements share the gradient', async () => {
    const input = Input({ shape: [3, 2] });
    const model = new Model({ inputs: input, outputs: ops.max(input, { axis: 1 }) });
    const pass = await model.forward([
      [
        [1, 5],
        [2, 5],
        [2, 5],
      ],
    ]);
    const { data } = (await pass.backward([[6, 12]])) as Tensor;
    expect(Array.from(data)).toEqual([0, 4, 3, 4, 3, 4]);
  });

  test('sequences that need all steps are named in streams, others go step by step', async () => {
    const input = Input({ shape: [null, 4] });
    const stream = (output: SymbolicTensor) => new Model({ inputs: input, outputs: output }).stream();
    const whole = [ops.max(input, { axis: 1 }), ops.take(input, -1, 1), ops.slice(input, [0, -1, 0], [-1, 1, -1])];
    whole.push(ops.matmul(input, ops.transpose(input, [0, 2, 1])), ops.expandDims(input, 1));
    for (const output of whole) await expect(async () => stream(output)).rejects.toThrow(/cannot run step by step$/);
    const steps = ops.add(ops.take(input, [1, 0], -1), ops.slice(input, [0, 0, 2], [-1, -1, 2]));
    const model = new Model({ inputs: input, outputs: ops.max(ops.expandDims(steps, -1), { axis: -1 }) });
    const running = await model.stream();
    const x = [
      [1, 2, 3, 4],
      [4, 1, 2, 8],
    ];
    const outputs = [await running.step([x[0]]), await running.step([x[1]])];
    expect(outputs.map((values) => Array.from(values))).toEqual([
      [5, 5],
      [3, 12],
    ]);
  });
});

describe('what operations along axes refuse', () => {
  const input = Input({ shape: [5, 4] });
  const made = (use: () => unknown) => expect(use);

  test('axes, indices and sizes that samples do not have', () => {
    made(() => ops.add(input, Input({ shape: [5, 3] }))).toThrow(/^ops.add takes samples whose sizes .* got \[5, 4\] and \[5, 3\]$/);
    made(() => ops.take(input, 5, 1)).toThrow(/^layer take \(Take\): index 5 is out of range for the 5 along axis 1$/);
    made(() => ops.take(input, [0, -5], 2)).toThrow(/index -5 is out of range for the 4 along axis 2$/);
    made(() => ops.take(input, 0, 3)).toThrow(/axis 3 is not an axis of samples of shape \[5, 4\]/);
    made(() => ops.take(input, 0, 0)).toThrow(/^ops.take: axis must be an integer, and not 0, which is the batch, got 0$/);
    made(() => ops.take(input, [0.5], 1)).toThrow(/^ops.take: indices must be integers, got 0.5$/);
    made(() => ops.take(input, [], 1)).toThrow(ArgumentError);
    made(() => ops.take(Input({ shape: [4] }), 0, 1)).toThrow(/would leave no axis .*: give the index in an array$/);
    made(() => ops.slice(input, [0, 3, 0], [-1, 3, -1])).toThrow(
      /^layer slice \(Slice\): start \[0, 3, 0\] and size \[-1, 3, -1\] do not fit samples of shape \[5, 4\]/,
    );
    made(() => ops.slice(input, [0, -6, 0], [-1, 1, 1])).toThrow(ShapeError);
    made(() => ops.slice(input, [0, 1], [-1, 1])).toThrow(ShapeError);
    made(() => ops.slice(input, [1, 1, 0], [-1, 1, -1])).toThrow(/^ops.slice: the start must be an array that begins with 0/);
    made(() => ops.slice(input, [0, 1, 0], [1, 1, -1])).toThrow(/^ops.slice: the size must be an array as long as the start/);
    made(() => ops.slice(input, [0, 1, 0], [-1, 0, -1])).toThrow(/^ops.slice: sizes must be integers above 0, or -1/);
    made(() => ops.slice(Input({ shape: [2, 4] }), [0, 2, 0], [-1, -1, -1])).toThrow(ShapeError);
    made(() => ops.split(input, 2, 1)).toThrow(/^ops.split: axis 1 of size 5 does not have 2 equal parts$/);
    made(() => ops.split(input, [3, 2], 1)).toThrow(/^ops.split: parts must begin at increasing indices below 5/);
    made(() => ops.split(input, [5], 1)).toThrow(ArgumentError);
    made(() => ops.split(Input({ shape: [null, 4] }), 2, 1)).toThrow(/has no known size/);
    made(() => ops.split([1, 2] as never, 2, 1)).toThrow(/^ops.split takes a symbolic tensor/);
    made(() => ops.squeeze(input, 1)).toThrow(/removes an axis of size 1, got axis 1 of samples of shape \[5, 4\]$/);
    made(() => ops.expandDims(ops.expandDims(input, 1), 1)).toThrow(/at most 3 axes/);
    made(() => ops.stack(input as never, 1)).toThrow(/^ops.stack takes an array of tensors/);
    made(() => ops.softmax(input, 3)).toThrow(ArgumentError);
    made(() => ops.max(input, { axis: 0 })).toThrow(/^ops.max: axis must be an integer, and not 0/);
    made(() => ops.oneHot(Input({ shape: [3], dtype: 'int32' }), 0)).toThrow(ArgumentError);
  });

  test('products whose sizes do not fit', () => {
    made(() => ops.matmul(input, input)).toThrow(/^ops.matmul takes samples \[n, m\] and \[m, k\], .*, got \[5, 4\] and \[5, 4\]$/);
    made(() => ops.matmul(input, Input({ shape: [4] }))).toThrow(ShapeError);
    made(() => ops.matmul(ops.reshape(input, [-1, 2, 5, 2]), Input({ shape: [3, 2, 5] }))).toThrow(ShapeError);
    made(() => ops.matmul(input, 3 as never)).toThrow(/^ops.matmul takes tensors and weights, got 3$/);
  });
});
