import { GRU, type GRUOptions } from '../../ts/index.ts';
import { describeLayer } from '../support/conformance.ts';
import { RECURRENT_BAD_INPUTS, recurrentBadValues, recurrentCases } from './recurrentCases.ts';

const make = (units: number, options?: GRUOptions) => new GRU(units, options);
const makeResetBefore = (units: number, options?: GRUOptions) => new GRU(units, { ...options, resetAfter: false });

await describeLayer('GRU', {
  fromConfig: GRU.fromConfig,
  withOptions: (options) => make(2, options),
  cases: [
    ...recurrentCases(make, { gates: 3, bias: [2, 6] }, [
      {
        label: 'other gates',
        make: () => make(2, { recurrentActivation: 'tanh' }),
        input: { shape: [4, 3] },
        output: [2],
        weights: { kernel: [3, 6], recurrentKernel: [2, 6], bias: [2, 6] },
      },
    ]),
    ...recurrentCases(makeResetBefore, { gates: 3, bias: [6] }).map((layerCase) => ({
      ...layerCase,
      label: `reset before, ${layerCase.label}`,
    })),
  ],
  badValues: {
    ...recurrentBadValues(make),
    'an unknown recurrentActivation': () => make(2, { recurrentActivation: 'constructor' as never }),
    'an orthogonal bias of one axis': () => make(2, { biasInitializer: 'orthogonal', resetAfter: false }),
    'resetAfter that is no boolean': () => make(2, { resetAfter: 'yes' as never }),
  },
  badInputs: RECURRENT_BAD_INPUTS,
});
