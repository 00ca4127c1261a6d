import { Activation, type ActivationName, Dense, type ElementwiseName } from '../../ts/index.ts';
import { ELEMENTWISE } from '../../ts/layers/elementwise.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { describeLayer } from '../support/conformance.ts';

const NAMES = ['relu', 'softmax', ...Object.keys(ELEMENTWISE), 'logSoftmax'] as (ActivationName | ElementwiseName | 'logSoftmax')[];

await loadAllLayers();

await describeLayer('Activation', {
  fromConfig: (config) => layerFromConfig('Activation', config),
  withOptions: (options) => new Activation('softsign', options),
  cases: NAMES.map((name) => ({
    label: name,
    make: () => new Activation(name),
    input: { shape: [3] },
    below: () => [new Dense(4)],
    above: () => [new Dense(2)],
    output: [4],
    weights: {},
  })),
  badValues: { 'a name that is none': () => new Activation('gelu2' as never) },
  badInputs: [],
});
