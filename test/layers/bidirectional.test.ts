import { Bidirectional, Embedding, GRU, LSTM, SimpleRNN } from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { describeLayer } from '../support/conformance.ts';

const cellWeights = (gates: number, features: number, bias: readonly number[]) => ({
  kernel: [features, gates * 3],
  recurrentKernel: [3, gates * 3],
  bias,
});
const bothOf = (weights: Record<string, readonly number[]>) =>
  Object.fromEntries(['f', 'b'].flatMap((way) => Object.entries(weights).map(([name, shape]) => [`${way}/${name}`, shape])));

await loadAllLayers();

await describeLayer('Bidirectional', {
  fromConfig: (config) => layerFromConfig('Bidirectional', config),
  withOptions: (options) => new Bidirectional(new LSTM(3), options),
  cases: [
    {
      label: 'LSTM, side by side',
      make: () => new Bidirectional(new LSTM(3)),
      input: { shape: [4, 2] },
      output: [6],
      weights: bothOf(cellWeights(4, 2, [12])),
    },
    {
      label: 'GRU sequences, their sum',
      make: () => new Bidirectional(new GRU(3, { returnSequences: true }), { mergeMode: 'sum' }),
      input: { shape: [4, 2] },
      output: [4, 3],
      weights: bothOf(cellWeights(3, 2, [2, 9])),
    },
    {
      label: 'masked LSTM sequences',
      make: () => new Bidirectional(new LSTM(3, { returnSequences: true })),
      input: { steps: 5, ids: 6 },
      below: () => [new Embedding(6, 2, { maskZero: true })],
      output: [5, 6],
      weights: bothOf(cellWeights(4, 2, [12])),
    },
    {
      label: 'SimpleRNN, the product',
      make: () => new Bidirectional(new SimpleRNN(3), { mergeMode: 'mul' }),
      input: { shape: [3, 2] },
      output: [3],
      weights: bothOf(cellWeights(1, 2, [3])),
    },
    {
      label: 'another layer backwards, the mean',
      make: () => new Bidirectional(new SimpleRNN(3), { backwardLayer: new GRU(3, { goBackwards: true }), mergeMode: 'ave' }),
      input: { shape: [3, 2] },
      output: [3],
      weights: {
        'f/kernel': [2, 3],
        'f/recurrentKernel': [3, 3],
        'f/bias': [3],
        'b/kernel': [2, 9],
        'b/recurrentKernel': [3, 9],
        'b/bias': [2, 9],
      },
    },
  ],
  badValues: {
    'a layer that is not recurrent': () => new Bidirectional(new Embedding(3, 2) as never),
    'an unknown mergeMode': () => new Bidirectional(new LSTM(3), { mergeMode: 'add' as never }),
    'two layers of one direction': () => new Bidirectional(new LSTM(3), { backwardLayer: new LSTM(3) }),
    'layers of other outputs': () =>
      new Bidirectional(new LSTM(3), { backwardLayer: new LSTM(3, { goBackwards: true, returnSequences: true }) }),
  },
  badInputs: [[4]],
});
