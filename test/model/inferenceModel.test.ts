import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { registered } from '../../ts/core/registerClass.ts';
import type { InputsLike } from '../../ts/feed/checkData.ts';
import { provideInference } from '../../ts/formats/provideInference.ts';
import {
  ArgumentError,
  Bidirectional,
  Conv2D,
  CRF,
  Dense,
  Embedding,
  GRU,
  Input,
  LSTM,
  loadModel,
  Model,
  modelToBytes,
  Sequential,
  StateError,
  setRandomSeed,
  type Tensor,
  TextVectorization,
  TimeDistributed,
} from '../../ts/index.ts';
import { loadModel as loadForInference } from '../../ts/inference.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';

const words = () => {
  const layer = new TextVectorization({ outputSequenceLength: 5 });
  layer.adapt(['a good film', 'a bad film', 'good acting in a bad film']);
  return layer;
};

/** Models of every kind of input and output, with samples. */
const MODELS: Readonly<Record<string, () => [Model, InputsLike]>> = {
  'sequences of numbers': () => [
    new Sequential([Input({ shape: [null, 2] }), new LSTM(3), new Dense(2, { activation: 'softmax' })]),
    Array.from({ length: 7 }, (_, n) => [
      [n, 1],
      [0.5, -n],
    ]),
  ],
  'texts, with padding that is masked': () => [
    new Sequential([
      Input({ shape: [], dtype: 'string' }),
      words(),
      new Embedding(9, 4, { maskZero: true }),
      new Bidirectional(new GRU(3)),
      new Dense(1, { activation: 'sigmoid' }),
    ]),
    ['a good film', 'bad', 'acting in an unknown film'],
  ],
  'tags of every step': () => [
    new Sequential([Input({ shape: [null] }), new Embedding(6, 3, { maskZero: true }), new GRU(4, { returnSequences: true }), new CRF(3)]),
    [
      [1, 2, 3, 0],
      [5, 4, 0, 0],
    ],
  ],
  'two inputs and two named outputs': () => {
    const [series, ids] = [Input({ shape: [3, 2], name: 'series' }), Input({ shape: [4], name: 'ids' })];
    const states = new LSTM(3, { returnSequences: true }).apply(series);
    const inner = new Sequential([Input({ shape: [4, 2] }), new GRU(3)]);
    const last = inner.apply(new Embedding(5, 2).apply(ids));
    const outputs = { steps: new TimeDistributed(new Dense(2)).apply(states), whole: new Dense(1).apply(last) };
    const numbers: Tensor = { shape: [2, 3, 2], data: Float32Array.from({ length: 12 }, (_, i) => i / 7) };
    return [
      new Model({ inputs: [series, ids], outputs }),
      {
        series: numbers,
        ids: [
          [0, 1, 2, 3],
          [4, 4, 4, 0],
        ],
      },
    ];
  },
  'inputs and outputs of several axes': () => [
    new Sequential([Input({ shape: [3, 4, 1] }), new Conv2D(2, 2)]),
    { shape: [3, 3, 4, 1], data: Float32Array.from({ length: 36 }, (_, i) => Math.cos(i)) },
  ],
  'states from batch to batch': () => [
    new Sequential([Input({ shape: [2, 1], batchSize: 2 }), new LSTM(3, { stateful: true })]),
    { shape: [6, 2, 1], data: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)) },
  ],
};

const dataOf = (prediction: unknown) =>
  (Array.isArray(prediction) ? prediction : 'data' in (prediction as object) ? [prediction] : Object.entries(prediction as object)).map(
    (each) => (Array.isArray(each) ? [each[0], each[1].shape, each[1].data] : [(each as Tensor).shape, (each as Tensor).data]),
  );

describe.each(await availableBackends())('prediction alone, on $label', ({ backend }) => {
  test.each(Object.keys(MODELS))('%s: the bits of the model', async (name) => {
    startOn(backend);
    setRandomSeed(3);
    const [model, x] = (MODELS[name] as () => [Model, InputsLike])();
    const bytes = await modelToBytes(model);
    const alone = await loadForInference(bytes);
    const batchSize = 2;
    const expected = dataOf(await (await loadModel<Model>(bytes)).predict(x, { batchSize }));
    expect(dataOf(await alone.predict(x, { batchSize }))).toEqual(expected);
    // Again, because states begin with zeros in each call.
    expect(dataOf(await alone.predict(x, { batchSize }))).toEqual(expected);
    alone.dispose();
    await expect(alone.predict(x)).rejects.toThrow(StateError);
  });
});

test('it says what its inputs take', async () => {
  const [model] = (MODELS['two inputs and two named outputs'] as () => [Model, InputsLike])();
  const alone = await loadForInference(await modelToBytes(model, { metadata: { labels: ['a', 'b'] } }));
  expect(alone.inputs).toEqual([
    { name: 'series', isText: false, isIds: false, shape: [3, 2] },
    { name: 'ids', isText: false, isIds: true, shape: [4] },
  ]);
  expect(alone.outputNames).toEqual(['steps', 'whole']);
  expect(alone.metadata).toEqual({ labels: ['a', 'b'] });
  const [texts] = (MODELS['texts, with padding that is masked'] as () => [Model, InputsLike])();
  expect((await loadForInference(await modelToBytes(texts))).inputs).toMatchObject([{ isText: true }]);
});

test('what it cannot read or take is refused in words', async () => {
  const golden = JSON.parse(readFileSync(new URL('../golden/tfjs.json', import.meta.url), 'utf8'));
  await expect(loadForInference(Buffer.from(JSON.stringify(golden)))).rejects.toThrow(
    /a file of another program: backtime\/inference reads/,
  );
  await expect(loadForInference(new Uint8Array(9))).rejects.toThrow(/saved model/);
  const [model] = (MODELS['sequences of numbers'] as () => [Model, InputsLike])();
  const alone = await loadForInference(await modelToBytes(model));
  await expect(alone.predict([[[1, 2, 3]]])).rejects.toThrow(/2/);
  await expect(alone.predict([[[1, Number.NaN]]])).rejects.toThrow(/NaN/);
  await expect(alone.predict([[[1, 2]]], { batch: 3 } as never)).rejects.toThrow(ArgumentError);
});

test('the optimizer of a trained model is not needed', async () => {
  const [model, x] = (MODELS['sequences of numbers'] as () => [Model, InputsLike])();
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  await model.fit(x, [0, 1, 0, 1, 0, 1, 0], { epochs: 1, verbose: 0 });
  const alone = await loadForInference(await modelToBytes(model));
  expect(dataOf(await alone.predict(x))).toEqual(dataOf(await model.predict(x)));
});

test('a class of a user is refused with the remedy that this entry has', () => {
  // The formats of the other entry, which this file imports too, may have loaded since.
  provideInference();
  expect(() => registered('Custom>Attending', 'layer')).toThrow(
    "there is no layer 'Custom>Attending': backtime/inference has no code of your own: load the model with loadModel of 'backtime'",
  );
});
