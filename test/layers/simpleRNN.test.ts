import { SimpleRNN, type SimpleRNNOptions } from '../../ts/index.ts';
import { describeLayer } from '../support/conformance.ts';
import { RECURRENT_BAD_INPUTS, recurrentBadValues, recurrentCases } from './recurrentCases.ts';

const make = (units: number, options?: SimpleRNNOptions) => new SimpleRNN(units, options);

await describeLayer('SimpleRNN', {
  fromConfig: SimpleRNN.fromConfig,
  withOptions: (options) => make(2, options),
  cases: recurrentCases(make, { gates: 1, bias: [2] }),
  badValues: { ...recurrentBadValues(make), 'an orthogonal bias, which has one axis': () => make(2, { biasInitializer: 'orthogonal' }) },
  badInputs: RECURRENT_BAD_INPUTS,
});
