import { Dense, type DenseOptions, Embedding, OneHot, SimpleRNN } from '../../ts/index.ts';
import { describeLayer } from '../support/conformance.ts';

const make = (units: number, options?: DenseOptions) => new Dense(units, options);
const bad = (options: object) => () => make(2, options as DenseOptions);
const rows = { input: { shape: [3] }, output: [2], weights: { kernel: [3, 2], bias: [2] } } as const;
const steps = { ...rows, input: { shape: [4, 3] }, output: [4, 2] } as const;

await describeLayer('Dense', {
  fromConfig: Dense.fromConfig,
  withOptions: (options) => make(2, options),
  cases: [
    { label: 'defaults', make: () => make(2), ...rows },
    { label: 'tanh', make: () => make(2, { activation: 'tanh' }), ...rows },
    { label: 'sigmoid', make: () => make(2, { activation: 'sigmoid' }), ...rows },
    { label: 'relu', make: () => make(2, { activation: 'relu' }), ...rows },
    { label: 'softmax', make: () => make(2, { activation: 'softmax' }), ...rows },
    { label: 'no activation, no bias', make: () => make(2, { activation: null, useBias: false }), ...rows, weights: { kernel: [3, 2] } },
    { label: 'other initializers', make: () => make(2, { kernelInitializer: 'orthogonal', biasInitializer: 'uniform' }), ...rows },
    { label: 'every step of a sequence', make: () => make(2, { activation: 'softmax' }), ...steps },
    {
      label: 'samples of three axes',
      make: () => make(2, { activation: 'softmax' }),
      ...rows,
      input: { shape: [2, 4, 3] },
      output: [2, 4, 2],
    },
    { label: 'samples of four axes', make: () => make(2), ...rows, input: { shape: [2, 2, 2, 3] }, output: [2, 2, 2, 2] },
    { label: 'between others', make: () => make(2, { activation: 'tanh' }), below: () => [make(3)], above: () => [make(3)], ...rows },
    { label: 'below a recurrent layer', make: () => make(2), above: () => [new SimpleRNN(2)], ...steps },
    { label: 'on one-hot rows', make: () => make(2), below: () => [new OneHot(3)], ...steps, input: { steps: 4, ids: 3 } },
    {
      label: 'on masked embedding rows',
      make: () => make(2, { activation: 'relu' }),
      below: () => [new Embedding(5, 3, { maskZero: true })],
      ...steps,
      input: { steps: 4, ids: 5 },
    },
  ],
  badValues: {
    'units of 0': () => make(0),
    'units of -1': () => make(-1),
    'units of 1.5': () => make(1.5),
    'units that are no number': () => make('2' as never),
    'an unknown activation': bad({ activation: 'toString' }),
    'an unknown kernelInitializer': bad({ kernelInitializer: 'toString' }),
    'an unknown biasInitializer': bad({ biasInitializer: '__proto__' }),
    'useBias that is no boolean': bad({ useBias: 0 }),
    'an orthogonal bias, which has one axis': bad({ biasInitializer: 'orthogonal' }),
  },
  badInputs: [],
});
