import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DataError,
  Dense,
  Dropout,
  Embedding,
  type EmbeddingOptions,
  LSTM,
  loadModel,
  modelToBytes,
  Sequential,
  ShapeError,
  type TensorLike,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer } from '../support/conformance.ts';
import { startOn } from '../support/modelBackends.ts';

const make = (inputDim: number, outputDim: number, options?: EmbeddingOptions) => new Embedding(inputDim, outputDim, options);
/** 0, 1, 2, … as a table. */
const table = (rows: number, columns: number) => ({
  shape: [rows, columns],
  data: Float32Array.from({ length: rows * columns }, (_, n) => n),
});
const common = { input: { steps: 4, ids: 6 }, output: [4, 3], weights: { embeddings: [6, 3] } } as const;

await describeLayer('Embedding', {
  fromConfig: Embedding.fromConfig,
  withOptions: (options) => make(6, 3, options),
  cases: [
    { label: 'alone', make: () => make(6, 3), ...common },
    { label: 'other initializer', make: () => make(6, 3, { embeddingsInitializer: 'randomNormal' }), ...common },
    { label: 'given weights', make: () => make(6, 3, { weights: [table(6, 3)] }), ...common },
    { label: 'below a dense layer', make: () => make(6, 3), above: () => [new Dense(2)], ...common },
    { label: 'below a recurrent layer', make: () => make(6, 3), above: () => [new LSTM(2)], ...common },
    { label: 'below dropout', make: () => make(6, 3), above: () => [new Dropout(0.3), new LSTM(2)], ...common },
    { label: 'masked', make: () => make(6, 3, { maskZero: true }), above: () => [new Dense(2)], ...common },
    { label: 'masked below a recurrent layer', make: () => make(6, 3, { maskZero: true }), above: () => [new LSTM(2)], ...common },
  ],
  badValues: {
    'inputDim of 0': () => make(0, 3),
    'inputDim of 1.5': () => make(1.5, 3),
    'outputDim of -1': () => make(6, -1),
    'no outputDim': () => make(6, undefined as never),
    'an unknown embeddingsInitializer': () => make(6, 3, { embeddingsInitializer: 'valueOf' as never }),
    'weights that are no array': () => make(6, 3, { weights: table(6, 3) as never }),
    'two tables of weights': () => make(6, 3, { weights: [table(6, 3), table(6, 3)] as never }),
    'maskZero that is no boolean': () => make(6, 3, { maskZero: 1 as never }),
  },
  badInputs: [
    [4, 2],
    [2, 3, 4],
  ],
});

describe.each(await availableBackends())('given weights of Embedding on $label', ({ backend }) => {
  const given = table(4, 2);
  const ids = [
    [3, 1],
    [0, 3],
  ];
  const vectors = [6, 7, 2, 3, 0, 1, 6, 7];
  const model = (options: EmbeddingOptions = {}, weights: TensorLike = given) => {
    startOn(backend);
    return new Sequential([new Embedding(4, 2, { weights: [weights], inputShape: [2], ...options }), new Dense(1)]);
  };

  test('are the vectors, also of nested arrays, and a copy of them', async () => {
    const mine = { shape: [4, 2], data: given.data.slice() };
    for (const weights of [
      mine,
      [
        [0, 1],
        [2, 3],
        [4, 5],
        [6, 7],
      ],
    ]) {
      const layer = new Embedding(4, 2, { weights: [weights], inputShape: [2] });
      mine.data.fill(9);
      expect(Array.from((await new Sequential([layer]).predict(ids)).data)).toEqual(vectors);
      mine.data.set(given.data);
    }
  });

  test.each([true, false])('trainable %s: training changes them or does not, and files have them', async (trainable) => {
    const trained = model({ trainable });
    trained.compile({ optimizer: 'sgd', loss: 'mse' });
    await trained.fit(
      ids,
      [
        [[1], [2]],
        [[3], [4]],
      ],
      { epochs: 2, verbose: 0 },
    );
    const [embeddings] = trained.getWeights();
    if (trainable) expect(Array.from(embeddings.data)).not.toEqual(Array.from(given.data));
    else expect(Array.from(embeddings.data)).toEqual(Array.from(given.data));
    expect((await loadModel(await modelToBytes(trained))).getWeights()[0]).toEqual(embeddings);
  });

  test('are those of clones, made before and after building', () => {
    startOn(backend);
    const layer = new Embedding(4, 2, { weights: [given], name: 'words' });
    const early = layer.clone('early');
    new Sequential([early]).build([null, 2]);
    new Sequential([layer]).build([null, 2]);
    for (const copy of [early, layer, layer.clone()]) expect(Array.from(copy.getWeights()[0].data)).toEqual(Array.from(given.data));
  });

  test('are refused with another shape, other values or in another form', () => {
    expect(() => new Embedding(4, 3, { weights: [given] })).toThrow(ShapeError);
    expect(() => new Embedding(4, 3, { weights: [given] })).toThrow(
      'Embedding: weights[0] must have shape [4, 3], inputDim times outputDim, got [4, 2]',
    );
    expect(() => new Embedding(1, 1, { weights: [[[Number.NaN]]] })).toThrow(DataError);
    expect(() => new Embedding(4, 2, { weights: given as never })).toThrow(ArgumentError);
  });
});
