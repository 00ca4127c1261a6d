import { Dense, Embedding, type Layer, OneHot, type RecurrentOptions } from '../../ts/index.ts';
import type { LayerCase } from '../support/conformance.ts';

/** T steps, D features, H units of the cases. */
const T = 4;
const D = 3;
const H = 2;
const VOCABULARY = 6;

/** What one recurrent layer's weights look like. */
export interface RecurrentWeights {
  /** G */
  readonly gates: number;
  /** Shape of the bias, for H = 2. */
  readonly bias: readonly number[];
}

/** The cases of a recurrent layer: its own options and everything that all of them share. */
export function recurrentCases(
  make: (units: number, options?: RecurrentOptions) => Layer,
  { gates, bias }: RecurrentWeights,
  own: readonly LayerCase[] = [],
): LayerCase[] {
  const weightsFor = (features: number) => ({ kernel: [features, gates * H], recurrentKernel: [H, gates * H], bias });
  const floats = { input: { shape: [T, D] }, weights: weightsFor(D), output: [H] };
  const sequences = { ...floats, output: [T, H] };
  const { bias: _bias, ...withoutBias } = weightsFor(D);
  const onIds = (below: () => Layer[], features: number) => ({
    input: { steps: T, ids: VOCABULARY },
    below,
    weights: weightsFor(features),
  });
  const masked = onIds(() => [new Embedding(VOCABULARY, D, { maskZero: true })], D);
  return [
    { label: 'defaults', make: () => make(H), ...floats },
    { label: 'one step', make: () => make(H), ...floats, input: { shape: [1, D] } },
    { label: 'returnSequences', make: () => make(H, { returnSequences: true }), ...sequences },
    { label: 'no bias, relu', make: () => make(H, { useBias: false, activation: 'relu' }), ...floats, weights: withoutBias },
    { label: 'goBackwards', make: () => make(H, { goBackwards: true, returnSequences: true }), ...sequences },
    {
      label: 'other initializers, linear',
      make: () =>
        make(H, { activation: 'linear', kernelInitializer: 'glorotNormal', recurrentInitializer: 'randomNormal', biasInitializer: 'ones' }),
      ...floats,
    },
    { label: 'dropout', make: () => make(H, { dropout: 0.4, returnSequences: true }), ...sequences },
    { label: 'recurrentDropout', make: () => make(H, { recurrentDropout: 0.4, returnSequences: true }), ...sequences },
    {
      label: 'both dropouts with a seed, unrolled',
      make: () => make(H, { dropout: 0.3, recurrentDropout: 0.4, seed: 7, unroll: true }),
      ...floats,
    },
    {
      label: 'recurrentDropout, masked backwards with zeros',
      make: () => make(H, { recurrentDropout: 0.4, returnSequences: true, zeroOutputForMask: true, goBackwards: true }),
      ...masked,
      output: [T, H],
    },
    { label: 'an activation that is an expression', make: () => make(H, { activation: 'swish', dropout: 0.3 }), ...floats },
    { label: 'softmax, no bias', make: () => make(H, { activation: 'softmax', useBias: false }), ...floats, weights: withoutBias },
    {
      label: 'masked sequences of an expression',
      make: () => make(H, { activation: 'softsign', returnSequences: true }),
      ...masked,
      output: [T, H],
    },
    { label: 'on one-hot rows', make: () => make(H), ...onIds(() => [new OneHot(VOCABULARY)], VOCABULARY), output: [H] },
    {
      label: 'on one-hot rows with dropout',
      make: () => make(H, { dropout: 0.3 }),
      ...onIds(() => [new OneHot(VOCABULARY)], VOCABULARY),
      output: [H],
    },
    { label: 'on an embedding', make: () => make(H), ...onIds(() => [new Embedding(VOCABULARY, D)], D), output: [H] },
    {
      label: 'on an embedding with dropout',
      make: () => make(H, { dropout: 0.3 }),
      ...onIds(() => [new Embedding(VOCABULARY, D)], D),
      output: [H],
    },
    { label: 'masked', make: () => make(H), ...masked, output: [H] },
    { label: 'masked sequences', make: () => make(H, { returnSequences: true }), ...masked, output: [T, H] },
    {
      label: 'masked backwards with zeros',
      make: () => make(H, { returnSequences: true, zeroOutputForMask: true, goBackwards: true }),
      ...masked,
      output: [T, H],
    },
    {
      label: 'stacked',
      make: () => make(H, { returnSequences: true }),
      below: () => [new Dense(D, { activation: 'tanh' })],
      above: () => [make(3)],
      ...sequences,
    },
    ...own,
  ];
}

/** Values of a recurrent layer's constructor that are refused. */
export function recurrentBadValues(make: (units: number, options?: RecurrentOptions) => Layer): Record<string, () => Layer> {
  const bad = (options: object) => () => make(H, options as RecurrentOptions);
  return {
    'units of 0': () => make(0),
    'units of -1': () => make(-1),
    'units of 1.5': () => make(1.5),
    'units that are no number': () => make('2' as never),
    'no units': () => make(undefined as never),
    'an unknown activation': bad({ activation: 'hard_sigmoid' }),
    'an activation that is a number': bad({ activation: 1 }),
    'an unknown kernelInitializer': bad({ kernelInitializer: 'constructor' }),
    'an unknown recurrentInitializer': bad({ recurrentInitializer: '__proto__' }),
    'a biasInitializer that is no name': bad({ biasInitializer: 5 }),
    'a dropout of 1': bad({ dropout: 1 }),
    'a negative dropout': bad({ dropout: -0.1 }),
    'a dropout that is NaN': bad({ dropout: Number.NaN }),
    'a recurrentDropout of 1': bad({ recurrentDropout: 1 }),
    'a recurrentDropout that is no number': bad({ recurrentDropout: '0.1' }),
    'a seed that is no integer': bad({ seed: 1.5 }),
    'a seed that is a text': bad({ seed: '7' }),
    'unroll that is no boolean': bad({ unroll: 1 }),
    'useBias that is no boolean': bad({ useBias: 'yes' }),
    'returnSequences that is no boolean': bad({ returnSequences: 1 }),
    'goBackwards that is no boolean': bad({ goBackwards: 'true' }),
    'zeroOutputForMask that is no boolean': bad({ zeroOutputForMask: 0, returnSequences: true }),
    'returnState that is no boolean': bad({ returnState: 1 }),
    'truncate of 0': bad({ truncate: 0 }),
    'truncate of 2.5': bad({ truncate: 2.5 }),
  };
}

/** Samples that are no sequences of features. */
export const RECURRENT_BAD_INPUTS = [[3], [2, 3, 4]];
