import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import {
  ArgumentError,
  Bidirectional,
  Concatenate,
  Dense,
  Dropout,
  Embedding,
  GRU,
  generate,
  Input,
  type Layer,
  LSTM,
  loadModel,
  Masking,
  Model,
  modelToBytes,
  Sequential,
  SGD,
  ShapeError,
  SimpleRNN,
  StateError,
  type SymbolicTensor,
  TimeDistributed,
} from '../../ts/index.ts';
import '../../ts/formats/entry.ts';
import { type GoldenTensor, readGolden } from '../golden/goldenFiles.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { expectSameWeights, flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

interface Case {
  readonly name: 'sequenceWithMask' | 'twins' | 'timeDistributed';
  readonly inputs: readonly GoldenTensor[];
  readonly weights: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
  readonly y: GoldenTensor;
  readonly trained: readonly GoldenTensor[];
}

const random = new RandomArrays(1);
const SERIES = tensor([6, 4, 3], random);
const IDS = { shape: [6, 5], data: random.integers(30, 7) };
const Y = tensor([6, 2], random);
const { nested } = readGolden<{ nested: readonly Case[] }>('graphs');

/** The models of scripts/golden/graphs.py. */
const GOLDEN_MODELS: Record<Case['name'], () => Model> = {
  sequenceWithMask: () => {
    const ids = Input({ shape: [5] });
    const encoder = new Sequential([new Embedding(6, 4, { maskZero: true }), new GRU(3, { returnSequences: true })]);
    return new Model({ inputs: ids, outputs: new Dense(2).apply(new LSTM(3).apply(encoder.apply(ids))) });
  },
  twins: () => {
    const [one, other] = [Input({ shape: [5, 4], name: 'one' }), Input({ shape: [5, 4], name: 'other' })];
    const branch = new Sequential([new Dense(3, { activation: 'tanh' }), new SimpleRNN(3)]);
    const both = new Concatenate().apply([branch.apply(one), branch.apply(other)]);
    return new Model({ inputs: [one, other], outputs: new Dense(2).apply(both) });
  },
  timeDistributed: () => {
    const frames = Input({ shape: [5, 4] });
    const inside = new Sequential([new Dense(4, { activation: 'tanh' }), new Dense(3)]);
    return new Model({ inputs: frames, outputs: new LSTM(2).apply(new TimeDistributed(inside).apply(frames)) });
  },
};

/** Some layers by themselves, or in a model of two inside a model of one. */
function stacks(layers: () => readonly [Layer, Layer, Layer]): { flat: Sequential; deep: Sequential } {
  const [first, second, third] = layers();
  return {
    flat: new Sequential(layers()),
    deep: new Sequential([new Sequential([new Sequential([first]), second], { name: 'inner' }), third]),
  };
}

describe.each(await availableBackends())('models inside of models on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const isReference = backend.name === 'reference';
  const tolerance = isReference ? { absolute: 1e-12, relative: 1e-12 } : { absolute: 2e-6, relative: 4e-6 };

  test.each(nested.map((each) => [each.name, each] as const))('give and learn what Keras does: %s', async (name, each) => {
    const model = GOLDEN_MODELS[name]();
    const tensors = (all: readonly GoldenTensor[]) => all.map(({ shape, data }) => ({ shape, data: Float64Array.from(data) }));
    model.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'mse' });
    model.setWeights(tensors(each.weights));
    expect(model.getWeights().map(({ shape }) => shape)).toEqual(each.weights.map(({ shape }) => shape));
    const inputs = tensors(each.inputs);
    expectClose((await model.predict(inputs)).data, each.outputs[0].data, tolerance, 'output');
    await model.trainOnBatch(inputs, tensors([each.y])[0]);
    for (const [index, { data }] of model.getWeights().entries()) expectClose(data, each.trained[index].data, tolerance, `weight ${index}`);
  });

  test('train to the bits of the same layers by themselves, with a mask and a loss that takes scores', async () => {
    const layers = () => [new Embedding(7, 3, { maskZero: true }), new LSTM(4), new Dense(2, { activation: 'softmax' })] as const;
    const { flat, deep } = stacks(layers);
    const [first, second, third] = layers();
    const last = new Sequential([first, new Sequential([second, third])]);
    const labels = { shape: [6, 2], data: Y.data.map((value) => (value > 0 ? 1 : 0)) };
    for (const model of [flat, deep, last]) {
      model.build([null, 5]);
      model.setWeights(flat.getWeights());
    }
    // Each model draws a seed of its own, so the rows stay in order.
    for (const model of [flat, deep, last]) {
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
      await model.fit(IDS, labels, { epochs: 3, batchSize: 4, verbose: 0, shuffle: false });
    }
    expectSameWeights(deep, flat);
    expectSameWeights(last, flat);
  });

  test('have dropout in training alone, or where apply says so', async () => {
    const inner = new Sequential([new Dropout(0.5)]);
    const input = Input({ shape: [3] });
    const model = new Model({ inputs: input, outputs: [inner.apply(input), inner.apply(input, { training: true })] });
    const x = { shape: [4, 3], data: new Float32Array(12).fill(1) };
    const [still, dropped] = await model.predict(x);
    expect([...still.data]).toEqual([...x.data]);
    expect(new Set(dropped.data)).toEqual(new Set([0, 2]));
  });

  test('share their weights with the model that is used alone', async () => {
    const inner = new Sequential([new LSTM(3)], { name: 'reader' });
    const outer = new Sequential([inner, new Dense(2)]);
    outer.compile({ optimizer: 'adam', loss: 'mse' });
    await outer.fit(SERIES, Y, { verbose: 0 });
    const alone = await inner.predict(SERIES);
    expect(inner.getWeights()).toEqual(outer.getLayer('reader').getWeights());
    inner.compile({ optimizer: 'adam', loss: 'mse' });
    await inner.fit(SERIES, tensor([6, 3], random), { verbose: 0 });
    expect(outer.getLayer('reader').getWeights()).toEqual(inner.getWeights());
    expect((await inner.predict(SERIES)).data).not.toEqual(alone.data);
  });

  test('are not trained when they are frozen', async () => {
    const inner = new Sequential([new LSTM(3)]);
    const outer = new Sequential([inner, new Dense(2)]);
    outer.build([null, 4, 3]);
    inner.trainable = false;
    outer.compile({ optimizer: 'adam', loss: 'mse' });
    const before = inner.getWeights();
    const dense = outer.layers[1]?.getWeights();
    await outer.fit(SERIES, Y, { verbose: 0 });
    expect(inner.getWeights()).toEqual(before);
    expect(outer.layers[1]?.getWeights()).not.toEqual(dense);
    expect(inner.layers[0]?.trainable).toBe(false);
  });

  test('have several inputs and outputs, by name or in order, and states', async () => {
    const [ids, series] = [Input({ shape: [null] }), Input({ shape: [null, 3] })];
    const [sequence, state] = new GRU(3, { returnSequences: true, returnState: true }).apply(series);
    const words = new LSTM(2).apply(new Embedding(7, 3, { maskZero: true }).apply(ids));
    const inner = new Model({ inputs: { words: ids, series }, outputs: { sequence, state, words }, name: 'reader' });
    const [a, b] = [Input({ shape: [5], name: 'a' }), Input({ shape: [4, 3], name: 'b' })];
    const named = inner.apply({ series: b, words: a });
    expectTypeOf(named.state).toEqualTypeOf<SymbolicTensor>();
    const decoded = new GRU(3).apply(named.sequence, { initialState: named.state });
    const outer = new Model({ inputs: [a, b], outputs: new Dense(2).apply(new Concatenate().apply([decoded, named.words])) });
    expect(inner.apply([a, b]).words.shape).toEqual([2]);
    if (isReference) await expectGradient(outer, [IDS, SERIES], Y);
    outer.compile({ optimizer: 'adam', loss: 'mse' });
    await outer.fit([IDS, SERIES], Y, { verbose: 0 });
    const loaded = await loadModel<typeof outer>(await modelToBytes(outer));
    expect((await loaded.predict([IDS, SERIES])).data).toEqual((await outer.predict([IDS, SERIES])).data);
    for (const model of [outer, loaded]) await model.fit([IDS, SERIES], Y, { epochs: 2, verbose: 0 });
    expectSameWeights(loaded, outer);
  });

  test('pass a mask through, and take one as an argument', async () => {
    const mask = Input({ shape: [null], dtype: 'bool', name: 'mask' });
    const series = Input({ shape: [null, 3], name: 'series' });
    const inner = new Sequential([new Dense(3), new LSTM(2)]);
    const model = new Model({ inputs: [series, mask], outputs: inner.apply(series, { mask }) });
    const counted = Int32Array.from({ length: 24 }, (_, index) => (index % 4 < 3 ? 1 : 0));
    const cut = { shape: [6, 3, 3], data: SERIES.data.filter((_, index) => index % 12 < 9) };
    const ones = { shape: [6, 3], data: new Int32Array(18).fill(1) };
    const masked = await model.predict([SERIES, { shape: [6, 4], data: counted }]);
    expectClose(masked.data, (await model.predict([cut, ones])).data, tolerance, 'masked');
  });

  test('run step by step and generate as the layers by themselves do', async () => {
    const { flat, deep } = stacks(() => [new Embedding(7, 4), new GRU(4), new Dense(7, { activation: 'softmax' })]);
    for (const model of [flat, deep]) model.build([null, null]);
    deep.setWeights(flat.getWeights());
    const [streamed, expected] = [deep.stream(), flat.stream()];
    for (const id of [1, 4, 2]) expect(streamed.step([id])).toEqual(expected.step([id]));
    const options = { length: 6, temperature: 0.5, seed: 4 } as const;
    expect(await generate(deep, [1, 2], options)).toEqual(await generate(flat, [1, 2], options));
  });

  test.each([1, 2])('train in %i workers as here', async (workers) => {
    const models = [0, workers].map(() => GOLDEN_MODELS.twins());
    const x = [tensor([6, 5, 4], random), tensor([6, 5, 4], random)];
    const start = models[0]?.getWeights() ?? [];
    for (const [index, model] of models.entries()) {
      model.setWeights(start);
      model.compile({ optimizer: 'adam', loss: 'mse' });
      await model.fit(x, Y, { epochs: 2, batchSize: 6, shuffle: false, verbose: 0, workers: index === 0 ? 0 : workers });
    }
    const [here, there] = models.map(flatWeights) as [Float64Array, Float64Array];
    expectClose(there, here, TRAIN_STEP_FLOAT32, 'weights');
  });

  test('keep states from batch to batch', async () => {
    const { flat, deep } = stacks(() => [
      new GRU(3, { returnSequences: true, stateful: true }),
      new LSTM(3, { stateful: true }),
      new Dense(2),
    ]);
    for (const model of [flat, deep]) model.build([6, 4, 3]);
    deep.setWeights(flat.getWeights());
    const first = await deep.predict(SERIES);
    expect(first.data).toEqual((await flat.predict(SERIES)).data);
    const second = await deep.predict(SERIES);
    expect(second.data).toEqual((await flat.predict(SERIES)).data);
    expect(second.data).not.toEqual(first.data);
    deep.resetStates();
    expect((await deep.predict(SERIES)).data).toEqual(first.data);
  });
});

describe('a model inside of a model', () => {
  test('has its layers in the names of weights and in the summary', () => {
    const inner = new Sequential([new Dense(2), new Bidirectional(new GRU(3))], { name: 'reader' });
    const outer = new Sequential([inner, new Sequential([new Dense(2)]), new Sequential([new Dense(2)])]);
    outer.build([null, 4, 3]);
    const names = outer.getState().weights.map(({ name }) => name);
    expect(names[0]).toBe('reader/dense/kernel');
    expect(names[2]).toBe('reader/bidirectional/forward_gru/kernel');
    expect(outer.layers.map(({ name }) => name)).toEqual(['reader', 'sequential', 'sequential_1']);
    const lines: string[] = [];
    outer.summary((text) => lines.push(text));
    expect(lines.join('\n')).toContain('reader (Sequential)');
    expect(inner.asLayer().getLayer('dense')).toBe(inner.layers[0]);
    expect(outer.getLayer('reader')).toBe(inner.asLayer());
    expect(() => inner.asLayer().getLayer('lstm')).toThrow(/layer reader \(Sequential\) has no layer 'lstm'; it has dense, bidirectional/);
  });

  test('is cloned with copies of the weights', () => {
    for (const inner of [
      new Sequential([new Dense(2), new LSTM(3)], { name: 'reader' }),
      GOLDEN_MODELS.timeDistributed(),
      new Sequential([new TimeDistributed(new Sequential([new Dense(2)]))]),
    ]) {
      const outer = new Sequential([inner]);
      outer.build([null, 5, 4]);
      const copy = outer.layers[0]?.clone('copy') as Layer;
      expect(copy.getWeights()).toEqual(inner.getWeights());
      const next = new Sequential([copy]);
      next.build([null, 5, 4]);
      next.setWeights(next.getWeights().map(({ shape, data }) => ({ shape, data: data.map((value) => value + 1) })));
      expect(flatWeights(next)).not.toEqual(flatWeights(outer));
    }
  });

  test('data that does not fit a model inside names its own input', async () => {
    const sources = [Input({ shape: [2], name: 'innerA' }), Input({ shape: [3], name: 'innerB' })];
    const inner = new Model({ inputs: sources, outputs: new Dense(1).apply(new Concatenate().apply(sources)), name: 'pair' });
    const given = [Input({ shape: [2], name: 'a' }), Input({ shape: [3], name: 'b' })];
    const outer = new Model({ inputs: given, outputs: inner.apply(given) as SymbolicTensor });
    await expect(outer.predict([[[1, 2]], [[1, 2]]])).rejects.toThrow(
      'x.b has samples of shape [2], but input innerB of layer pair (Model) takes samples of shape [3]',
    );
  });

  test('refuses wrong inputs, states, names and changes of its layers', () => {
    const input = Input({ shape: [4, 3], name: 'series' });
    const inner = new Model({ inputs: input, outputs: new LSTM(2).apply(input), name: 'reader' });
    expect(() => inner.apply([input, input])).toThrow(new ShapeError('layer reader (Model) takes one input, got 2'));
    expect(() => inner.apply(Input({ shape: [4, 5] }))).toThrow(
      new ShapeError('layer reader (Model) takes samples of shape [4, 3] for input series, got [4, 5]'),
    );
    expect(() => inner.apply({ reading: input })).toThrow(ArgumentError);
    expect(() => inner.apply(3 as never)).toThrow(ArgumentError);
    expect(() => inner.apply(input, { initialState: input } as never)).toThrow(/takes no initialState/);
    const chain = new Sequential([new Dense(2)]);
    new Sequential([chain, new Dense(1)]).build([null, 3]);
    expect(() => chain.add(new Dense(1))).toThrow(StateError);
    expect(() => chain.pop()).toThrow(StateError);
    expect(() => new Sequential([chain, chain])).toThrow(ArgumentError);
    expect(() => inner.stream()).not.toThrow();
    const backwards = new Sequential([new Sequential([new GRU(2, { goBackwards: true })], { name: 'reader' })]);
    backwards.build([null, 4, 3]);
    expect(() => backwards.stream()).toThrow(/layer reader \(Sequential\) has layer gru \(GRU\), which/);
  });

  test('refuses a file whose description of it is wrong', async () => {
    const outer = new Sequential([new Sequential([new Masking(), new Dense(2)], { name: 'reader' })]);
    outer.build([null, 4, 3]);
    const state = JSON.parse(JSON.stringify(outer.getState()));
    expect(Sequential.fromState(state).getLayer('reader').weights).toHaveLength(2);
    for (const layers of [3, null, [{}], [{ className: 'Nothing', config: {} }]]) {
      const wrong = structuredClone(state);
      wrong.layers[0].config.layers = layers;
      expect(() => Sequential.fromState(wrong), JSON.stringify(layers)).toThrow(/saved model|configuration|class/);
    }
  });
});

test('a model is refused as a layer of itself, directly or inside', () => {
  const built = new Sequential([new Dense(3, { inputShape: [3] })]);
  const empty = new Sequential();
  const around = new Sequential([empty]);
  for (const [model, added] of [
    [built, built],
    [empty, empty],
    [empty, around],
    [empty, new TimeDistributed(empty)],
  ] as const) {
    const before = model.layers.length;
    expect(() => model.add(added)).toThrow(/cannot be a layer of itself/);
    expect(model.layers).toHaveLength(before);
  }
});
