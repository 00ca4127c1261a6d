// brain.js has no batches, no embeddings of its own, and no targets but the next element of a
// sequence, so it can train only the character model: one sequence after the other, an update after
// each, with the RMSprop that it has instead of Adam.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { makeData } from '../data.mjs';
import { Cannot } from './engine.mjs';

// Its main file would also load a native WebGL add-on, which the networks here do not use.
const LSTM = createRequire(import.meta.url)('brain.js/dist/recurrent/lstm').default;

/** @returns {Promise<import('./engine.mjs').Engine>} */
export async function openEngine() {
  const { version } = JSON.parse(readFileSync(new URL('../node_modules/brain.js/package.json', import.meta.url), 'utf8'));
  return { versions: { 'brain.js': version }, prepare: async (workload, kind) => prepare(workload, kind) };
}

function prepare(workload, kind) {
  if (workload.encoder || workload.loss !== 'sparseCategoricalCrossentropy')
    throw new Cannot('its recurrent networks learn only to predict the next element of a sequence');
  if (kind !== 'train') throw new Cannot('it infers only by generating text, one sequence at a time');
  const { steps, batch, vocabulary, layers } = workload;
  const { data: x } = makeData(workload).inputs[0];
  const sequences = Array.from({ length: batch }, (_, row) => [...x.subarray(row * steps, (row + 1) * steps)]);
  const hiddenLayers = layers.filter(({ type }) => type === 'LSTM').map(({ units }) => units);
  const network = new LSTM({ inputSize: layers[0].units, inputRange: vocabulary, outputSize: vocabulary, hiddenLayers });
  network.initialize();
  const run = async (units) => {
    for (let unit = 0; unit < units; unit++) for (const sequence of sequences) network.trainPattern(sequence);
    return units;
  };
  return { run };
}
