import { Dense, Dropout, Embedding, type EmbeddingOptions, LSTM } from '../../ts/index.ts';
import { describeLayer } from '../support/conformance.ts';

const make = (inputDim: number, outputDim: number, options?: EmbeddingOptions) => new Embedding(inputDim, outputDim, options);
const common = { input: { steps: 4, ids: 6 }, output: [4, 3], weights: { embeddings: [6, 3] } } as const;

await describeLayer('Embedding', {
  fromConfig: Embedding.fromConfig,
  withOptions: (options) => make(6, 3, options),
  cases: [
    { label: 'alone', make: () => make(6, 3), ...common },
    { label: 'other initializer', make: () => make(6, 3, { embeddingsInitializer: 'randomNormal' }), ...common },
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
    'maskZero that is no boolean': () => make(6, 3, { maskZero: 1 as never }),
  },
  badInputs: [
    [4, 2],
    [2, 3, 4],
  ],
});
