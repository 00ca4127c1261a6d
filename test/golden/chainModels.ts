import type { Backend } from '../../ts/backend/backend.ts';
import { Adam, Dense, Dropout, Embedding, GRU, LSTM, OneHot, RMSprop, type Sequential, SGD, SimpleRNN } from '../../ts/index.ts';
import { Sequential as SequentialModel } from '../../ts/model/sequential.ts';
import { startOn } from '../support/modelBackends.ts';
import { samples, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const VERBOSE = { verbose: 0 } as const;

/** A mask, variational dropout, and Adam on a loss that takes logits. */
async function maskedReviews(random: RandomArrays): Promise<Sequential> {
  const model = new SequentialModel([
    new Embedding(11, 6, { maskZero: true }),
    new LSTM(7, { dropout: 0.25 }),
    new Dense(1, { activation: 'sigmoid' }),
  ]);
  model.compile({ optimizer: new Adam({ learningRate: 0.01, clipnorm: 0.5 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  const x = samples({ steps: 5, ids: 11 }, 22, random);
  const y = Array.from({ length: 22 }, (_, row) => row % 2);
  await model.fit(x, y, { ...VERBOSE, epochs: 3, batchSize: 8, classWeight: { 0: 1, 1: 2 } });
  return model;
}

/**
 * Stacked cells, dropout of a sequence, truncated gradients, sample weights, and centered RMSprop.
 */
async function stackedSeries(random: RandomArrays): Promise<Sequential> {
  const model = new SequentialModel([
    new GRU(6, { returnSequences: true, truncate: 3 }),
    new Dropout(0.3),
    new SimpleRNN(5, { goBackwards: true, activation: 'relu' }),
    new Dense(2, { activation: 'tanh' }),
  ]);
  model.compile({ optimizer: new RMSprop({ centered: true, momentum: 0.5, globalClipnorm: 1 }), loss: 'mse', metrics: ['mae'] });
  const x = samples({ shape: [7, 3] }, 20, random);
  await model.fit(x, tensor([20, 2], random), { ...VERBOSE, epochs: 3, batchSize: 6, sampleWeight: random.float32s(20, 0, 2) });
  return model;
}

/** One-hot ids, an output for every step, and SGD with Nesterov's momentum. */
async function taggedSteps(random: RandomArrays): Promise<Sequential> {
  const model = new SequentialModel([
    new OneHot(9),
    new SimpleRNN(8, { returnSequences: true }),
    new GRU(4, { returnSequences: true, resetAfter: false, dropout: 0.2 }),
    new Dense(3, { activation: 'softmax' }),
  ]);
  const optimizer = new SGD({ learningRate: (step) => 0.2 / (1 + step), momentum: 0.9, nesterov: true, clipvalue: 0.1 });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const x = samples({ steps: 6, ids: 9 }, 17, random);
  const y = { shape: [17, 6], data: random.integers(17 * 6, 3) };
  await model.fit(x, y, { ...VERBOSE, epochs: 3, batchSize: 5 });
  return model;
}

export const CHAIN_MODELS = { maskedReviews, stackedSeries, taggedSteps };
export type ChainName = keyof typeof CHAIN_MODELS;

/**
 * Trains one of the chain models from a fixed seed on a backend, and returns all of its weights,
 * one after the other.
 */
export async function trainedWeights(name: ChainName, backend: Backend): Promise<Float32Array | Float64Array> {
  startOn(backend, 20);
  const model = await CHAIN_MODELS[name](new RandomArrays(21));
  const weights = model.getWeights().map(({ data }) => data);
  const ArrayType = backend.floatBytes === 8 ? Float64Array : Float32Array;
  const all = new ArrayType(weights.reduce((sum, { length }) => sum + length, 0));
  let next = 0;
  for (const data of weights) {
    all.set(data, next);
    next += data.length;
  }
  model.dispose();
  return all;
}
