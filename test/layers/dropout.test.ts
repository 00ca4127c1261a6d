import { Dense, Dropout, Embedding, SimpleRNN } from '../../ts/index.ts';
import { describeLayer } from '../support/conformance.ts';

const rows = { input: { shape: [5] }, output: [5], weights: {}, above: () => [new Dense(2)] } as const;
const steps = { ...rows, input: { shape: [4, 5] }, output: [4, 5] } as const;

await describeLayer('Dropout', {
  fromConfig: Dropout.fromConfig,
  withOptions: (options) => new Dropout(0.1, options),
  cases: [
    { label: 'a little', make: () => new Dropout(0.1), ...rows },
    { label: 'half', make: () => new Dropout(0.5), ...rows },
    { label: 'nothing', make: () => new Dropout(0), ...rows },
    { label: 'between dense layers', make: () => new Dropout(0.3), ...rows, below: () => [new Dense(5)] },
    { label: 'of sequences', make: () => new Dropout(0.3), ...steps, above: () => [new SimpleRNN(2)] },
    { label: 'of images', make: () => new Dropout(0.3), ...rows, input: { shape: [2, 3, 4] }, output: [2, 3, 4] },
    {
      label: 'of embedding rows',
      make: () => new Dropout(0.3),
      ...steps,
      below: () => [new Embedding(6, 5, { maskZero: true })],
      input: { steps: 4, ids: 6 },
    },
  ],
  badValues: {
    'a rate of 1': () => new Dropout(1),
    'a negative rate': () => new Dropout(-0.1),
    'a rate that is NaN': () => new Dropout(Number.NaN),
    'no rate': () => new Dropout(undefined as never),
  },
  badInputs: [],
});
