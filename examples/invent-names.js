// Learns from a list of first names how names are spelt, and invents new ones, letter by letter.
//   node examples/invent-names.js [seed]
import { readFileSync } from 'node:fs';
import {
  Adam,
  Dense,
  Dropout,
  EarlyStopping,
  Embedding,
  GRU,
  generateBatch,
  padSequences,
  Sequential,
  setRandomSeed,
  trainValidationSplit,
} from 'backtime';

const seed = Number(process.argv[2] ?? 1);
setRandomSeed(seed);

const names = readFileSync(new URL('data/names/names.txt', import.meta.url), 'utf8')
  .trim()
  .toLowerCase()
  .split(/\s+/);
const { train, validation: test } = trainValidationSplit(names, { validationSplit: 0.15, seed: 1 });

// Id 0 pads, id 1 begins and ends a name.
const SYMBOLS = ` .${[...new Set(names.join(''))].sort().join('')}`;
/** @param {string} name */
const idsOf = (name) => [...`.${name}.`].map((letter) => SYMBOLS.indexOf(letter));
/** @param {string[]} some */
const inputsOf = (some) =>
  padSequences(
    some.map((name) => idsOf(name).slice(0, -1)),
    { padding: 'post', maxLength: 14 },
  );
/** The next letter of each step. @param {string[]} some */
const targetsOf = (some) =>
  padSequences(
    some.map((name) => idsOf(name).slice(1)),
    { padding: 'post', maxLength: 14 },
  );

const model = new Sequential([
  new Embedding(SYMBOLS.length, 16, { maskZero: true }),
  new GRU(48, { returnSequences: true }),
  new Dropout(0.3),
  new Dense(SYMBOLS.length, { activation: 'softmax' }),
]);
model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy' });
const callbacks = [new EarlyStopping({ patience: 4, restoreBestWeights: true })];
await model.fit(inputsOf(train), targetsOf(train), { epochs: 60, callbacks, validationData: [inputsOf(test), targetsOf(test)] });

// The mean of -log of the probability of each letter, in names that were not trained on.
const { loss } = await model.evaluate(inputsOf(test), targetsOf(test), { verbose: 0 });
const letters = train.flatMap((name) => idsOf(name).slice(1));
/** @param {number} id */
const share = (id) => letters.filter((other) => other === id).length / letters.length;
const tested = test.flatMap((name) => idsOf(name).slice(1));
const baseline = tested.reduce((sum, id) => sum - Math.log(share(id)), 0) / tested.length;
console.log(`nats for each letter: ${loss.toFixed(2)} in ${test.length} names that were not trained on`);
console.log(`nats with the frequencies of the letters: ${baseline.toFixed(2)}`);

const prompts = Array.from({ length: 60 }, () => [1]);
const invented = await generateBatch(model, prompts, { length: 12, minLength: 3, stopIds: 1, temperature: 0.8, seed });
const texts = invented.map((ids) => ids.map((id) => SYMBOLS[id]).join(''));
export const result = [...new Set(texts)].filter((text) => !names.includes(text)).map((text) => text[0].toUpperCase() + text.slice(1));
console.log(`new names: ${result.length} of ${texts.length}`);
console.log(result.slice(0, 24).join(', '));
