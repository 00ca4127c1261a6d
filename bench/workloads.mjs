// What is measured, as data: every engine builds its own model from a workload's description.
import { reviewLengths } from './reviewLengths.mjs';

/** @typedef {{ type: 'OneHot', depth: number }} OneHotLayer */
/**
 * @typedef {{ type: 'Embedding', vocabulary: number, units: number, maskZero?: boolean }}
 *   EmbeddingLayer
 */
/**
 * @typedef {object} RecurrentLayer
 * @property {'SimpleRNN' | 'LSTM' | 'GRU'} type
 * @property {number} units H of each direction.
 * @property {boolean} [returnSequences]
 * @property {boolean} [bidirectional] Two layers, one from the last step to the first, whose
 *   outputs are joined.
 */
/**
 * @typedef {{ type: 'Dense', units: number, activation: 'sigmoid' | 'softmax' | 'linear' }}
 *   DenseLayer
 */
/** @typedef {OneHotLayer | EmbeddingLayer | RecurrentLayer | DenseLayer} LayerDescription */

/** @typedef {'step' | 'epoch' | 'stream' | 'startUp'} Unit */

/**
 * @typedef {object} Workload
 * @property {string} id The number of the list in docs/performance.md; `8 padded` is 8 without its
 *   mask.
 * @property {string} name
 * @property {Unit} unit What one measured time is: one batch, `batches` batches, one time step
 *   with the state kept, or a whole process.
 * @property {number} batch B
 * @property {number} steps T
 * @property {number} batches Batches of data; an epoch has all of them.
 * @property {number} [vocabulary] The input is ids below it,
 * @property {number} [features] or floats, D a step.
 * @property {LayerDescription[]} layers
 * @property {LayerDescription[]} [encoder] Reads a first input of the same shape. The last state of
 *   its recurrent layer, which is its last layer, begins the recurrent layer of `layers`.
 * @property {'sgd' | 'adam'} optimizer
 * @property {'binaryCrossentropy' | 'sparseCategoricalCrossentropy' | 'meanSquaredError'} loss
 * @property {number[]} [lengths] Of each sequence; the id 0 fills the rest, in front.
 */

const BINARY = /** @type {const} */ ({ type: 'Dense', units: 1, activation: 'sigmoid' });
/** Batches of an epoch of workload 8. */
const REVIEW_BATCHES = 16;
const REVIEW_STEPS = 400;

/** @param {string} id @param {string} name @param {boolean} maskZero @returns {Workload} */
const reviews = (id, name, maskZero) => ({
  id,
  name,
  unit: 'epoch',
  batch: 32,
  steps: REVIEW_STEPS,
  batches: REVIEW_BATCHES,
  vocabulary: 1000,
  layers: [{ type: 'Embedding', vocabulary: 1000, units: 32, maskZero }, { type: 'LSTM', units: 64 }, BINARY],
  optimizer: 'adam',
  loss: 'binaryCrossentropy',
  lengths: reviewLengths(32 * REVIEW_BATCHES).map((length) => Math.min(length, REVIEW_STEPS)),
});

/** @type {Workload} */
const embeddedSimpleRnn = {
  id: '2',
  name: 'ids 100 → Embedding(1000, 32) → SimpleRNN(8) → Dense(1), SGD',
  unit: 'step',
  batch: 32,
  steps: 100,
  batches: 4,
  vocabulary: 1000,
  layers: [{ type: 'Embedding', vocabulary: 1000, units: 32 }, { type: 'SimpleRNN', units: 8 }, BINARY],
  optimizer: 'sgd',
  loss: 'binaryCrossentropy',
};

/** @type {Workload[]} */
export const WORKLOADS = [
  {
    id: '1',
    name: 'one-hot 100×100 → SimpleRNN(32) → Dense(1), SGD',
    unit: 'step',
    batch: 32,
    steps: 100,
    batches: 4,
    vocabulary: 100,
    layers: [{ type: 'OneHot', depth: 100 }, { type: 'SimpleRNN', units: 32 }, BINARY],
    optimizer: 'sgd',
    loss: 'binaryCrossentropy',
  },
  embeddedSimpleRnn,
  {
    id: '3',
    name: 'ids 100 → Embedding(1000, 32) → LSTM(64) → Dense(1), Adam',
    unit: 'step',
    batch: 32,
    steps: 100,
    batches: 32,
    vocabulary: 1000,
    layers: [{ type: 'Embedding', vocabulary: 1000, units: 32 }, { type: 'LSTM', units: 64 }, BINARY],
    optimizer: 'adam',
    loss: 'binaryCrossentropy',
  },
  {
    id: '4',
    name: 'ids 100 → Embedding(65, 64) → LSTM(256) → LSTM(256) → Dense(65) at each step, Adam',
    unit: 'step',
    batch: 32,
    steps: 100,
    batches: 2,
    vocabulary: 65,
    layers: [
      { type: 'Embedding', vocabulary: 65, units: 64 },
      { type: 'LSTM', units: 256, returnSequences: true },
      { type: 'LSTM', units: 256, returnSequences: true },
      { type: 'Dense', units: 65, activation: 'softmax' },
    ],
    optimizer: 'adam',
    loss: 'sparseCategoricalCrossentropy',
  },
  {
    id: '5',
    name: '64×96×16 → GRU(128) → Dense(1), Adam',
    unit: 'step',
    batch: 64,
    steps: 96,
    batches: 4,
    features: 16,
    layers: [
      { type: 'GRU', units: 128 },
      { type: 'Dense', units: 1, activation: 'linear' },
    ],
    optimizer: 'adam',
    loss: 'meanSquaredError',
  },
  {
    id: '6',
    name: '64×64×512 → LSTM(512) → Dense(1), SGD',
    unit: 'step',
    batch: 64,
    steps: 64,
    batches: 1,
    features: 512,
    layers: [
      { type: 'LSTM', units: 512 },
      { type: 'Dense', units: 1, activation: 'linear' },
    ],
    optimizer: 'sgd',
    loss: 'meanSquaredError',
  },
  {
    id: '7',
    name: 'streaming: one step at batch 1 of LSTM(128) on 32 inputs, state kept',
    unit: 'stream',
    batch: 1,
    steps: 1,
    batches: 1,
    features: 32,
    layers: [{ type: 'LSTM', units: 128 }],
    optimizer: 'sgd',
    loss: 'meanSquaredError',
  },
  reviews('8', 'an epoch of 512 reviews padded to 400, masked → Embedding(1000, 32) → LSTM(64) → Dense(1), Adam', true),
  reviews('8 padded', 'the same without the mask: every padded step computed', false),
  { ...embeddedSimpleRnn, id: '9', name: 'start-up: process start to the first trained step of 2', unit: 'startUp', batches: 1 },
  {
    id: '10',
    name: 'ids 100 → Embedding(1000, 32) → Bidirectional(LSTM(64)) → Dense(1), Adam',
    unit: 'step',
    batch: 32,
    steps: 100,
    batches: 8,
    vocabulary: 1000,
    layers: [{ type: 'Embedding', vocabulary: 1000, units: 32 }, { type: 'LSTM', units: 64, bidirectional: true }, BINARY],
    optimizer: 'adam',
    loss: 'binaryCrossentropy',
  },
  {
    id: '11',
    name: 'ids 40 → Embedding(500, 64) → GRU(128), whose state begins: ids 40 → Embedding(500, 64) → GRU(128) → Dense(500) at each step, Adam',
    unit: 'step',
    batch: 32,
    steps: 40,
    batches: 4,
    vocabulary: 500,
    encoder: [
      { type: 'Embedding', vocabulary: 500, units: 64 },
      { type: 'GRU', units: 128 },
    ],
    layers: [
      { type: 'Embedding', vocabulary: 500, units: 64 },
      { type: 'GRU', units: 128, returnSequences: true },
      { type: 'Dense', units: 500, activation: 'softmax' },
    ],
    optimizer: 'adam',
    loss: 'sparseCategoricalCrossentropy',
  },
];

/** The part of the steps that are not padding. @param {Workload} workload One with lengths. */
export function realShare({ lengths = [], steps }) {
  return lengths.reduce((sum, length) => sum + length, 0) / (lengths.length * steps);
}
