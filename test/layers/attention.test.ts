import { beforeEach, describe, expect, test } from 'vitest';
import {
  AdditiveAttention,
  ArgumentError,
  Attention,
  Dense,
  Dot,
  Embedding,
  GRU,
  Input,
  type Layer,
  loadBackend,
  Masking,
  Model,
  MultiHeadAttention,
  ops,
  ShapeError,
  type SymbolicTensor,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const random = new RandomArrays(8);
const [T, S] = [4, 5];
const X = [tensor([3, T, 2], random), tensor([3, S, 3], random)];
// Zeros are masked: behind, before, and everywhere.
for (const { data, shape } of X) {
  const length = data.length / 3;
  data.fill(0, length - shape[2], length);
  data.fill(0, length, length + shape[2]);
}
X[1].data.fill(0, 2 * S * 3);

const LAYERS: Record<string, () => Layer> = {
  Attention: () => new Attention({ useScale: true }),
  'Attention by sums': () => new Attention({ useScale: true, scoreMode: 'concat', useCausalMask: true }),
  AdditiveAttention: () => new AdditiveAttention({ useCausalMask: true }),
  MultiHeadAttention: () => new MultiHeadAttention({ numHeads: 2, keyDim: 3, valueDim: 2 }),
  'MultiHeadAttention with scores': () =>
    new MultiHeadAttention({ numHeads: 3, keyDim: 2, useCausalMask: true, returnAttentionScores: true }),
  'Attention with scores': () => new Attention({ returnAttentionScores: true }),
};

const weighted = (model: Model) => {
  model.setWeights(model.weights.map(({ shape }, index) => tensor(shape, new RandomArrays(70 + index), -0.9, 0.9)));
  return model;
};

/** A query and values of a model, with or without masks, and a layer between. */
function attending(layer: Layer, masked: boolean): { inputs: SymbolicTensor[]; outputs: readonly SymbolicTensor[] } {
  const inputs = [Input({ shape: [T, 2] }), Input({ shape: [S, 3] })];
  const [query, value] = inputs.map((input) => new Dense(4).apply(masked ? new Masking().apply(input) : input));
  return { inputs, outputs: layer.applyAll([query, value]) };
}

describe('attention on the reference', () => {
  beforeEach(async () => startOn(await loadBackend('reference')));

  for (const masked of [false, true])
    test.each(Object.keys(LAYERS))(
      `%s passes gradients to query, values and weights, ${masked ? 'with' : 'without'} masks`,
      async (name) => {
        const { inputs, outputs } = attending(LAYERS[name](), masked);
        const [output, scores] = outputs;
        const read = new GRU(3).apply(output);
        const all = scores
          ? ops.concatenate([
              read,
              ops.reshape(ops.square(scores), [-1, scores.shape.reduce<number>((size, axis) => size * (axis ?? 1), 1)]),
            ])
          : read;
        await expectGradient(weighted(new Model({ inputs, outputs: new Dense(2).apply(all) })), X, tensor([3, 2], random));
      },
    );

  test('a sequence that attends to itself has one gradient of query, values and keys', async () => {
    for (const layer of [new Attention(), new AdditiveAttention(), new MultiHeadAttention({ numHeads: 2, keyDim: 2 })]) {
      const input = Input({ shape: [T, 2] });
      const x = new Dense(3).apply(input);
      const model = new Model({ inputs: input, outputs: new Dense(2).apply(layer.apply([x, x, x])) });
      await expectGradient(weighted(model), X[0], tensor([3, T, 2], random));
    }
  });

  test('Dot passes the gradient of a value that is both of its inputs, also of samples of zeros', async () => {
    const input = Input({ shape: [T, 2] });
    const x = new Dense(2, { useBias: false }).apply(input);
    const model = new Model({ inputs: input, outputs: new Dense(2).apply(new Dot({ axes: 2, normalize: true }).apply([x, x])) });
    await expectGradient(weighted(model), tensor([3, T, 2], random), tensor([3, T, 2], random));
    const zeros = { shape: [1, T, 2], data: new Float64Array(2 * T) };
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    await model.trainOnBatch(zeros, { shape: [1, T, 2], data: new Float64Array(2 * T).fill(1) });
    expect(model.getWeights().every(({ data }) => data.every(Number.isFinite))).toBe(true);
  });

  test('dropout drops weights in training only, and each of them by chance', async () => {
    for (const make of [
      () => new Attention({ dropout: 0.5, seed: 3 }),
      () => new MultiHeadAttention({ numHeads: 2, keyDim: 2, dropout: 0.5, seed: 3 }),
    ]) {
      const { inputs, outputs } = attending(make(), false);
      const model = weighted(new Model({ inputs, outputs: outputs[0] }));
      const predicted = await model.predict(X);
      expect(await model.predict(X)).toEqual(predicted);
      const passes = [await model.forward(X, { training: true }), await model.forward(X)];
      const [dropped, kept] = passes.map(({ outputs: found }) => found as Tensor);
      expect(kept.data).toEqual(predicted.data);
      expect(dropped.data).not.toEqual(predicted.data);
      for (const pass of passes) pass.dispose();
    }
  });

  test('the mask of the query goes on to the loss', async () => {
    for (const layer of [new Attention(), new AdditiveAttention(), new MultiHeadAttention({ numHeads: 1, keyDim: 2 })]) {
      const [ids, values] = [Input({ shape: [T] }), Input({ shape: [S, 3] })];
      const query = new Embedding(6, 3, { maskZero: true }).apply(ids);
      const model = weighted(new Model({ inputs: [ids, values], outputs: layer.apply([query, new Dense(3).apply(values)]) }));
      const x = [{ shape: [2, T], data: Int32Array.of(1, 2, 0, 0, 3, 0, 4, 5) }, tensor([2, S, 3], random)];
      const { data } = (await model.predict(x)) as Tensor;
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      const y = tensor([2, T, 3], random);
      const counted = [0, 1, 4, 6, 7].flatMap((row) => [0, 1, 2].map((column) => (data[3 * row + column] - y.data[3 * row + column]) ** 2));
      expect((await model.evaluate(x, y)).loss).toBeCloseTo(counted.reduce((sum, value) => sum + value) / counted.length, 10);
    }
  });

  test('masked values change nothing', async () => {
    for (const [name, make] of Object.entries(LAYERS)) {
      const inputs = [Input({ shape: [T, 2] }), Input({ shape: [null, 3] })];
      const [query, value] = [new Dense(4).apply(inputs[0]), new Dense(4).apply(new Masking().apply(inputs[1]))];
      const model = weighted(new Model({ inputs, outputs: make().applyAll([query, value])[0] }));
      const short = tensor([1, 3, 3], random);
      const padded = { shape: [1, 5, 3], data: Float64Array.of(...short.data, 0, 0, 0, 0, 0, 0) };
      const question = tensor([1, T, 2], random);
      const [alone, before] = [await model.predict([question, short]), await model.predict([question, padded])] as Tensor[];
      expectClose(before.data, alone.data, { relative: 1e-14 }, name);
    }
  });

  test('a copy has the weights, for the same features', async () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, name: 'heads' });
    const inputs = [Input({ shape: [T, 2] }), Input({ shape: [S, 3] })];
    const model = weighted(new Model({ inputs, outputs: layer.apply(inputs) }));
    const again = new Model({ inputs, outputs: layer.clone('copy').apply(inputs) });
    expect(await again.predict(X)).toEqual(await model.predict(X));
    expect(layer.weights.map(({ path, shape }) => [path, shape])).toEqual([
      ['heads/queryKernel', [2, 2, 3]],
      ['heads/queryBias', [2, 3]],
      ['heads/keyKernel', [3, 2, 3]],
      ['heads/keyBias', [2, 3]],
      ['heads/valueKernel', [3, 2, 3]],
      ['heads/valueBias', [2, 3]],
      ['heads/outputKernel', [2, 3, 2]],
      ['heads/outputBias', [2]],
    ]);
  });

  test('wrong inputs and options are refused by name', () => {
    const [query, value] = [Input({ shape: [T, 3] }), Input({ shape: [S, 4] })];
    const heads = () => new MultiHeadAttention({ numHeads: 2, keyDim: 2 });
    for (const layer of [new Attention(), new AdditiveAttention(), heads()]) {
      expect(() => layer.apply(query)).toThrow(/takes an array of query and value, or of query, value and key, got 1 inputs$/);
      expect(() => layer.apply([query, value, query])).toThrow(/of the same steps, got \[4, 3\] and \[5, 4\] and \[4, 3\]$/);
      expect(() => layer.apply([query, Input({ shape: [3] })])).toThrow(ShapeError);
    }
    expect(() => new Attention().apply([query, value])).toThrow(/takes a query and keys of the same features, got \[4, 3\] and \[5, 4\]$/);
    const built = heads();
    built.apply([query, value]);
    expect(() => built.apply([value, value])).toThrow(/was built for a query, values and keys with 3, 4, 4 features, got 4, 4, 4$/);
    expect(() => new Attention({ scoreMode: 'sum' as never })).toThrow(/^Attention: scoreMode must be one of/);
    expect(() => new Attention({ usescale: true } as never)).toThrow(/^Attention: unknown option 'usescale'/);
    expect(() => new AdditiveAttention({ dropout: 1 })).toThrow(/^AdditiveAttention: dropout/);
    expect(() => new MultiHeadAttention({ numHeads: 0, keyDim: 2 })).toThrow(/^MultiHeadAttention: numHeads/);
    expect(() => new MultiHeadAttention(2 as never)).toThrow(ArgumentError);
    expect(() => new MultiHeadAttention({ numHeads: 1, keyDim: 2, outputShape: [2, 3] as never })).toThrow(
      /outputShape must be a number or an array of one/,
    );
    expect(() => new Dot({ axes: 0 })).toThrow(/^Dot: axes must be an integer or two, and not 0, which is the batch/);
    expect(() => new Dot({} as never)).toThrow(/as in new Dot\({ axes: 1 }\), got undefined$/);
    expect(() => new Dot({ axes: 2 }).apply([query, value])).toThrow(
      /takes inputs of the same size along axes \[2\], got \[4, 3\] and \[5, 4\]$/,
    );
    expect(() => new Dot({ axes: 3 }).apply([query, value])).toThrow(/that have axis 3 \(the batch is axis 0\), got \[4, 3\]$/);
    expect(() => new Dot({ axes: 1 }).apply(query)).toThrow(/takes an array of two inputs, got 1$/);
  });
});

describe.each(await availableBackends())('attention on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test('gives numbers where all values are masked, and learns', async () => {
    for (const make of Object.values(LAYERS)) {
      const { inputs, outputs } = attending(make(), true);
      const model = weighted(new Model({ inputs, outputs: outputs[0] }));
      expect(((await model.predict(X)) as Tensor).data.every(Number.isFinite)).toBe(true);
      model.compile({ optimizer: 'adam', loss: 'mse' });
      await model.trainOnBatch(X, tensor([3, T, 4], random));
      expect(model.getWeights().every(({ data }) => data.every(Number.isFinite))).toBe(true);
    }
  });
});
