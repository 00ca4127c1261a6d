// Learns from family names where they are from. One branch reads a name forwards, another
// backwards, because endings tell much; both branches share the vectors of the characters.
//   node examples/tell-nationalities.js [--data FOLDER] [--epochs 8] [--seeds 3]
import { parseArgs } from 'node:util';
import {
  Adam,
  Concatenate,
  Dense,
  Dropout,
  Embedding,
  GRU,
  Input,
  Model,
  padSequences,
  setRandomSeed,
  trainValidationSplit,
} from 'backtime';
import { argmax } from './argmax.js';
import { NAMES, NAMES_SOURCE, readNames } from './datasets/names.js';
import { requireShared, SHARED_FOLDER } from './datasets/sharedFolder.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: SHARED_FOLDER },
    epochs: { type: 'string', default: '8' },
    seeds: { type: 'string', default: '3' },
  },
});

/** @typedef {import('./datasets/names.js').FamilyName} FamilyName */
const { names, nationalities } = readNames(requireShared(values.data, NAMES, NAMES_SOURCE));
const { train, validation: test } = trainValidationSplit(names, { stratify: ({ nationality }) => nationality });

const CHARACTERS = ['', ...new Set(names.flatMap(({ name }) => [...name]))]; // id 0 pads
/** @param {FamilyName[]} some */
function inputsOf(some) {
  const ids = some.map(({ name }) => [...name].map((character) => CHARACTERS.indexOf(character)));
  return { forwards: padSequences(ids), backwards: padSequences(ids.map((row) => row.toReversed())) };
}
/** @param {FamilyName[]} some */
const labelsOf = (some) => some.map(({ nationality }) => nationality);

const shown = test.slice(0, 6);

/**
 * Trains a network, and gives its accuracy on the test names, and its answers for some of them.
 * @param {number} seed
 */
async function resultOf(seed) {
  setRandomSeed(seed);
  const embedding = new Embedding(CHARACTERS.length, 32, { maskZero: true });
  const forwards = Input({ shape: [null], name: 'forwards' });
  const backwards = Input({ shape: [null], name: 'backwards' });
  const branches = [forwards, backwards].map((input) => new GRU(64).apply(embedding.apply(input)));
  const both = new Dropout(0.3).apply(new Concatenate().apply(branches));
  const output = new Dense(nationalities.length, { activation: 'softmax' }).apply(both);
  const model = new Model({ inputs: { forwards, backwards }, outputs: output });

  const epochs = Number(values.epochs);
  const steps = epochs * Math.ceil(train.length / 32); // 32 is the default batch size
  // The learning rate falls to 0 in a straight line.
  const optimizer = new Adam({ learningRate: (step) => 0.003 * (1 - step / steps) });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  await model.fit(inputsOf(train), labelsOf(train), { epochs });
  const { accuracy } = await model.evaluate(inputsOf(test), labelsOf(test));
  const answers = argmax(await model.predict(inputsOf(shown)));
  model.dispose();
  return { accuracy, answers };
}

const accuracies = [];
/** @type {{ name: string, nationality: string, given: string }[]} */
export const result = [];
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  console.log(`seed ${seed}`);
  const { accuracy, answers } = await resultOf(seed);
  accuracies.push(accuracy);
  if (seed === 1)
    result.push(
      ...shown.map(({ name, nationality }, row) => ({ name, nationality: nationalities[nationality], given: nationalities[answers[row]] })),
    );
}
accuracies.sort();
console.log(`right nationalities: ${accuracies.map((accuracy) => accuracy.toFixed(4)).join(', ')} of ${test.length} names`);
console.log(`the median of the seeds: ${accuracies[Math.floor(accuracies.length / 2)].toFixed(4)}`);
