import { Dense, Dropout, Embedding, type Layer, LSTM, Sequential, SGD, type Tensor } from '../../ts/index.ts';
import { builtModel, samples } from './models.ts';
import { RandomArrays } from './randomArrays.ts';
import { FEATURES } from './regression.ts';

/** Layers whose activations are wide. */
export function labelModel(units: number): Layer[] {
  return [new Dense(units), new Dense(1)];
}

/**
 * A classifier and six samples with labels in shared memory, which workers read as the caller
 * changes it.
 */
export function sharedLabels(): { model: Sequential; ids: Tensor; labels: Tensor<Int32Array> } {
  const model = builtModel([new Dense(3, { activation: 'softmax' })], [FEATURES], new RandomArrays(4));
  model.compile({ optimizer: new SGD(), loss: 'sparseCategoricalCrossentropy' });
  const data = new Int32Array(new SharedArrayBuffer(6 * 4));
  data.set([0, 1, 2, 0, 1, 2]);
  return {
    model,
    ids: { shape: [6, FEATURES], data: new RandomArrays(5).float32s(6 * FEATURES) },
    labels: { shape: [6], data },
  };
}

/** Samples of 1 to 6 ids, padded to 6, and an id to guess at every step. */
export function nextIds(count: number): { x: Tensor; y: Tensor } {
  const random = new RandomArrays(3);
  return { x: samples({ steps: 6, ids: 12 }, count, random), y: { shape: [count, 6], data: random.integers(count * 6, 12) } };
}

/**
 * For {@link nextIds}, with what is hard to split: a mask up to the loss, dropout, weights that
 * nobody has set.
 */
export function nextIdModel(): Sequential {
  const model = new Sequential([
    new Embedding(12, 5, { maskZero: true }),
    new LSTM(7, { returnSequences: true, dropout: 0.2 }),
    new Dropout(0.3),
    new Dense(12, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: new SGD({ learningRate: 0.5, momentum: 0.9 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** For the ids of {@link nextIds}: one output for each sample. */
export function sentimentModel(): Sequential {
  const model = new Sequential([new Embedding(12, 5, { maskZero: true }), new LSTM(6), new Dense(1, { activation: 'sigmoid' })]);
  model.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'binaryCrossentropy', metrics: ['accuracy', 'meanAbsoluteError'] });
  return model;
}
