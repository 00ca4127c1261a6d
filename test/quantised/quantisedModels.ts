import {
  Bidirectional,
  Conv1D,
  Dense,
  Embedding,
  GRU,
  Input,
  type Layer,
  LSTM,
  LSTMCell,
  Masking,
  Model,
  OneHot,
  RNN,
  SimpleRNN,
  StackedRNNCells,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { builtModel, type SampleInput, samples, tensor, withRandomWeights } from '../support/models.ts';
import type { RandomArrays } from '../support/randomArrays.ts';

/** A model with random weights, and samples. */
export interface QuantisedCase {
  readonly model: Model;
  readonly x: Tensor | Tensor[];
  /** Whether it runs step by step. */
  readonly streams: boolean;
}

function chain(layers: readonly Layer[], input: SampleInput, random: RandomArrays, streams = true): QuantisedCase {
  const shape = input.ids === undefined ? input.shape : [input.steps];
  return { model: builtModel(layers, shape, random), x: samples(input, 7, random), streams };
}

const series = { shape: [6, 5] };
const padded = { shape: [6, 5], padding: 0 };
const ids = { steps: 6, ids: 11 };

/** Every layer with integers, alone and in every layer that can have it inside. */
export const QUANTISED_MODELS: Readonly<Record<string, (random: RandomArrays) => QuantisedCase>> = {
  Dense: (random) => chain([new Dense(9, { activation: 'tanh' }), new Dense(3, { activation: 'softmax' })], { shape: [13] }, random, false),
  'Dense of ids': (random) => chain([new OneHot(11), new Dense(3)], ids, random),
  SimpleRNN: (random) => chain([new SimpleRNN(7), new Dense(2)], series, random),
  'SimpleRNN without bounds': (random) => chain([new SimpleRNN(7, { activation: 'relu', useBias: false })], series, random),
  LSTM: (random) => chain([new LSTM(9, { returnSequences: true }), new LSTM(4), new Dense(2)], series, random),
  GRU: (random) => chain([new GRU(8), new Dense(2, { activation: 'sigmoid' })], series, random),
  'GRU with the reset before': (random) => chain([new GRU(5, { resetAfter: false })], series, random),
  'LSTM of ids': (random) => chain([new OneHot(11), new LSTM(6, { returnSequences: true })], ids, random),
  'Embedding with a mask, GRU in both directions': (random) =>
    chain([new Embedding(11, 6, { maskZero: true }), new Bidirectional(new GRU(5)), new Dense(2)], ids, random, false),
  'Masking, zeros at masked steps': (random) =>
    chain([new Masking(), new LSTM(5, { returnSequences: true, zeroOutputForMask: true })], padded, random, false),
  'LSTM backwards': (random) => chain([new LSTM(5, { goBackwards: true })], series, random, false),
  'cells of RNN': (random) =>
    chain([new RNN(new StackedRNNCells([new LSTMCell(6), new LSTMCell(3)]), { returnSequences: true })], series, random),
  'inside of TimeDistributed': (random) =>
    chain([new TimeDistributed(new LSTM(4)), new TimeDistributed(new Dense(3)), new GRU(3)], { shape: [3, 4, 2] }, random, false),
  'beside layers of floats': (random) =>
    chain([new Conv1D(4, 2), new LSTM(5, { recurrentActivation: 'hardSigmoid' }), new Dense(2)], series, random, false),
  'stateful layers': (random) => chain([new LSTM(5, { stateful: true }), new Dense(2)], series, random),
  'an encoder, a decoder and a shared layer': (random) => {
    const [question, answer] = [Input({ shape: [null, 5] }), Input({ shape: [null, 4] })];
    const [, h, c] = new LSTM(6, { returnState: true }).apply(question);
    const decoded = new LSTM(6, { returnSequences: true }).apply(answer, { initialState: [h, c] });
    const shared = new Dense(3);
    const model = new Model({ inputs: [question, answer], outputs: [shared.apply(decoded), shared.apply(h)] });
    return { model: withRandomWeights(model, random, 0.8), x: [tensor([7, 6, 5], random), tensor([7, 3, 4], random)], streams: false };
  },
};
