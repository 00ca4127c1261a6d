import { LSTM, type LSTMOptions } from '../../ts/index.ts';
import { describeLayer } from '../support/conformance.ts';
import { RECURRENT_BAD_INPUTS, recurrentBadValues, recurrentCases } from './recurrentCases.ts';

const make = (units: number, options?: LSTMOptions) => new LSTM(units, options);

await describeLayer('LSTM', {
  fromConfig: LSTM.fromConfig,
  withOptions: (options) => make(2, options),
  cases: recurrentCases(make, { gates: 4, bias: [8] }, [
    {
      label: 'other gates, no bias of the forget gate',
      make: () => make(2, { recurrentActivation: 'tanh', unitForgetBias: false }),
      input: { shape: [4, 3] },
      output: [2],
      weights: { kernel: [3, 8], recurrentKernel: [2, 8], bias: [8] },
    },
  ]),
  badValues: {
    ...recurrentBadValues(make),
    'an unknown recurrentActivation': () => make(2, { recurrentActivation: 'constructor' as never }),
    'an orthogonal bias, which has one axis': () => make(2, { biasInitializer: 'orthogonal' }),
    'unitForgetBias that is no boolean': () => make(2, { unitForgetBias: 1 as never }),
  },
  badInputs: RECURRENT_BAD_INPUTS,
});
