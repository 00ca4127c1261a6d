import { Dense, Dropout, GRU, OneHot } from '../../ts/index.ts';
import { describeLayer } from '../support/conformance.ts';

const common = { make: () => new OneHot(6), input: { steps: 4, ids: 6 }, output: [4, 6], weights: {} } as const;

await describeLayer('OneHot', {
  fromConfig: OneHot.fromConfig,
  withOptions: (options) => new OneHot(6, options),
  cases: [
    { label: 'below a dense layer', above: () => [new Dense(2)], ...common },
    { label: 'below a recurrent layer', above: () => [new GRU(2)], ...common },
    { label: 'below dropout', above: () => [new Dropout(0.3), new GRU(2)], ...common },
  ],
  badValues: {
    'a depth of 0': () => new OneHot(0),
    'a depth of -1': () => new OneHot(-1),
    'a depth of 2.5': () => new OneHot(2.5),
  },
  badInputs: [[4, 2]],
});
