// Learns to write dates such as "Thursday, May 10, 1956" as "1956-05-10". An encoder reads the
// date; a decoder that begins with the encoder's states writes the answer. In training the decoder
// is given the right characters so far (teacher forcing), afterwards those that it wrote itself.
//   node examples/convert-dates.js [--epochs 12]
import { parseArgs } from 'node:util';
import { Adam, Dense, Embedding, Input, LSTM, Model, padSequences, setRandomSeed, trainValidationSplit } from 'backtime';
import { argmax } from './argmax.js';
import { makeDates } from './datasets/dates.js';

const { values } = parseArgs({ options: { epochs: { type: 'string', default: '12' } } });
setRandomSeed(1);

/** @typedef {import('./datasets/dates.js').WrittenDate} WrittenDate */
const dates = makeDates(10_000, 1);
const { train, validation: test } = trainValidationSplit(dates, { validationSplit: 0.1 });

const WRITTEN = ['', ...new Set(dates.flatMap(({ written }) => [...written]))]; // id 0 pads
const ISO = '^0123456789-'; // id 0 starts an answer
const ISO_LENGTH = '1956-05-10'.length;
/** @param {WrittenDate[]} some */
const writtenOf = (some) => padSequences(some.map(({ written }) => [...written].map((character) => WRITTEN.indexOf(character))));
/** @param {WrittenDate[]} some */
const answersOf = (some) => some.map(({ iso }) => [...iso].map((character) => ISO.indexOf(character)));
/**
 * What the decoder is given: the start, and the answers without their last character.
 * @param {WrittenDate[]} some
 */
const previousOf = (some) => answersOf(some).map((answer) => [0, ...answer.slice(0, -1)]);

const UNITS = 64;
const written = Input({ shape: [null], name: 'written' });
const encoder = new LSTM(UNITS, { returnState: true });
const [, ...states] = encoder.apply(new Embedding(WRITTEN.length, 32, { maskZero: true }).apply(written));

const previous = Input({ shape: [null], name: 'previous' });
const embedding = new Embedding(ISO.length, 32);
const decoder = new LSTM(UNITS, { returnSequences: true, returnState: true });
const classify = new Dense(ISO.length, { activation: 'softmax' });
const [decoded] = decoder.apply(embedding.apply(previous), { initialState: states });
const model = new Model({ inputs: { written, previous }, outputs: classify.apply(decoded) });

const epochs = Number(values.epochs);
const batchSize = 64;
const steps = epochs * Math.ceil(train.length / batchSize);
// The learning rate falls to 0 in a straight line.
const optimizer = new Adam({ learningRate: (step) => 0.003 * (1 - step / steps) });
model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
await model.fit({ written: writtenOf(train), previous: previousOf(train) }, answersOf(train), {
  epochs,
  batchSize,
  validationData: [{ written: writtenOf(test), previous: previousOf(test) }, answersOf(test)],
});

// Two more models of the same layers. One gives the states after a date; the other takes a
// character and the states before it, and gives the next character and the states after it.
const reader = new Model({ inputs: written, outputs: states });
const character = Input({ shape: [1], name: 'character' });
const before = ['h', 'c'].map((name) => Input({ shape: [UNITS], name }));
const [next, ...after] = decoder.apply(embedding.apply(character), { initialState: before });
const writer = new Model({ inputs: [character, ...before], outputs: [classify.apply(next), ...after] });

/**
 * What the model makes of dates, each character from those that it wrote before.
 * @param {WrittenDate[]} some
 */
async function convert(some) {
  let current = await reader.predict(writtenOf(some));
  let ids = some.map(() => 0);
  const texts = some.map(() => '');
  for (let step = 0; step < ISO_LENGTH; step++) {
    const [scores, ...changed] = await writer.predict([ids.map((id) => [id]), ...current]);
    ids = argmax(scores);
    for (const [row, id] of ids.entries()) texts[row] += ISO[id];
    current = changed;
  }
  return texts;
}

const converted = await convert(test);
for (const row of [0, 1, 2]) console.log(`${test[row].written} → ${converted[row]}`);
const right = test.filter(({ iso }, row) => converted[row] === iso).length;
console.log(`right answers: ${(right / test.length).toFixed(4)} of ${test.length} dates that were not trained on`);
export const result = test.slice(0, 5).map(({ written }, row) => ({ written, converted: converted[row] }));
