import {
  Add,
  AdditiveAttention,
  type AdditiveAttentionOptions,
  Attention,
  Average,
  Concatenate,
  Dense,
  Dot,
  type DotOptions,
  Embedding,
  type Layer,
  Maximum,
  Minimum,
  MultiHeadAttention,
  Multiply,
  Subtract,
} from '../../ts/index.ts';
import { describeLayer } from '../support/conformance.ts';

// Layers of several inputs, in the harness of all layers: `branches` give their inputs.

const sequences = { input: { shape: [4, 3] } } as const;
/** One of the inputs is bent, so that no two give the same. */
const branches =
  (units: number, count = 2) =>
  (): Layer[] =>
    Array.from({ length: count }, (_, index) => new Dense(units, { activation: index === 0 ? 'linear' : 'tanh' }));
/** Options with those that a layer must have; what is no object stays. */
const besides = <Required extends object>(required: Required, options: object): Required =>
  options?.constructor === Object ? { ...required, ...options } : (options as Required);
const padded = { below: () => [new Embedding(5, 3, { maskZero: true })], input: { steps: 4, ids: 5 } };

const MERGES = { Add, Subtract, Multiply, Average, Maximum, Minimum } as const;

for (const [name, Merge] of Object.entries(MERGES)) {
  const cases = [
    {
      label: 'two inputs',
      make: () => new Merge(),
      branches: branches(2),
      above: () => [new Dense(2)],
      ...sequences,
      output: [4, 2],
      weights: {},
    },
    { label: 'masked inputs', make: () => new Merge(), branches: branches(2), ...padded, output: [4, 2], weights: {} },
  ];
  const three = { ...(cases[0] as (typeof cases)[number]), label: 'three inputs', branches: branches(2, 3) };
  await describeLayer(name, {
    fromConfig: (config) => new Merge(config),
    withOptions: (options) => new Merge(options),
    cases: name === 'Subtract' ? cases : [...cases, three],
    badValues: {},
    badInputs: [],
  });
}

await describeLayer('Concatenate', {
  fromConfig: (config) => new Concatenate(config),
  withOptions: (options) => new Concatenate(options),
  cases: [
    { label: 'the last axis', make: () => new Concatenate(), branches: branches(2), ...sequences, output: [4, 4], weights: {} },
    { label: 'the steps', make: () => new Concatenate({ axis: 1 }), branches: branches(2, 3), ...sequences, output: [12, 2], weights: {} },
    { label: 'masked inputs', make: () => new Concatenate(), branches: branches(2), ...padded, output: [4, 4], weights: {} },
  ],
  badValues: { 'an axis that is not whole': () => new Concatenate({ axis: 0.5 }) },
  badInputs: [],
});

await describeLayer('Dot', {
  fromConfig: (config) => new Dot(config as unknown as DotOptions),
  withOptions: (options) => new Dot(besides({ axes: 2 }, options)),
  cases: [
    { label: 'features', make: () => new Dot({ axes: 2 }), branches: branches(2), ...sequences, output: [4, 4], weights: {} },
    { label: 'steps', make: () => new Dot({ axes: 1 }), branches: branches(2), ...sequences, output: [2, 2], weights: {} },
    {
      label: 'normalized',
      make: () => new Dot({ axes: -1, normalize: true }),
      branches: branches(6),
      ...sequences,
      output: [4, 4],
      weights: {},
    },
  ],
  badValues: {
    'axes that are no numbers': () => new Dot({ axes: 'last' as never }),
    'normalize that is no boolean': () => new Dot({ axes: 2, normalize: 1 as never }),
  },
  badInputs: [],
});

await describeLayer('Attention', {
  fromConfig: (config) => new Attention(config as object),
  withOptions: (options) => new Attention(options),
  cases: [
    { label: 'defaults', make: () => new Attention(), branches: branches(3), ...sequences, output: [4, 3], weights: {} },
    {
      label: 'key, scale and a causal mask',
      make: () => new Attention({ useScale: true, useCausalMask: true }),
      branches: branches(3, 3),
      ...sequences,
      output: [4, 3],
      weights: { scale: [] },
    },
    {
      label: 'sums of masked inputs',
      make: () => new Attention({ useScale: true, scoreMode: 'concat' }),
      branches: branches(3),
      ...padded,
      output: [4, 3],
      weights: { scale: [], concatScoreWeight: [] },
    },
  ],
  badValues: {
    'an unknown scoreMode': () => new Attention({ scoreMode: 'sum' as never }),
    'useScale that is no boolean': () => new Attention({ useScale: 1 as never }),
    'a dropout of 2': () => new Attention({ dropout: 2 }),
  },
  badInputs: [],
});

await describeLayer('AdditiveAttention', {
  fromConfig: (config) => new AdditiveAttention(config as AdditiveAttentionOptions),
  withOptions: (options) => new AdditiveAttention(options),
  cases: [
    {
      label: 'defaults',
      make: () => new AdditiveAttention(),
      branches: branches(3),
      ...sequences,
      output: [4, 3],
      weights: { scale: [3] },
    },
    {
      label: 'masked inputs without scale',
      make: () => new AdditiveAttention({ useScale: false }),
      branches: branches(3, 3),
      ...padded,
      output: [4, 3],
      weights: {},
    },
  ],
  badValues: { 'a dropout of -1': () => new AdditiveAttention({ dropout: -1 }) },
  badInputs: [],
});

const heads = { numHeads: 2, keyDim: 3 };
await describeLayer('MultiHeadAttention', {
  fromConfig: (config) => new MultiHeadAttention(config as never),
  withOptions: (options) => new MultiHeadAttention(besides(heads, options)),
  cases: [
    {
      label: 'defaults',
      make: () => new MultiHeadAttention(heads),
      branches: branches(4),
      ...sequences,
      output: [4, 4],
      weights: {
        queryKernel: [4, 2, 3],
        queryBias: [2, 3],
        keyKernel: [4, 2, 3],
        keyBias: [2, 3],
        valueKernel: [4, 2, 3],
        valueBias: [2, 3],
        outputKernel: [2, 3, 4],
        outputBias: [4],
      },
    },
    {
      label: 'masked inputs, a causal mask and no biases',
      make: () => new MultiHeadAttention({ numHeads: 3, keyDim: 2, valueDim: 1, useBias: false, outputShape: 2, useCausalMask: true }),
      branches: branches(4, 3),
      ...padded,
      output: [4, 2],
      weights: { queryKernel: [4, 3, 2], keyKernel: [4, 3, 2], valueKernel: [4, 3, 1], outputKernel: [3, 1, 2] },
    },
  ],
  badValues: {
    'no heads': () => new MultiHeadAttention({ numHeads: 0, keyDim: 3 }),
    'a keyDim that is not whole': () => new MultiHeadAttention({ numHeads: 2, keyDim: 1.5 }),
  },
  badInputs: [],
});
