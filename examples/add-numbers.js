// Learns to add numbers of one to three digits from examples such as "12+345" and "357". An encoder
// reads the question, a decoder writes the answer, both character by character.
//   node examples/add-numbers.js [--digits 3] [--sums 50000] [--epochs 10]
import { parseArgs } from 'node:util';
import { Adam, Dense, LSTM, OneHot, padSequences, RepeatVector, Sequential, setRandomSeed, trainValidationSplit } from 'backtime';
import { argmax } from './argmax.js';
import { makeAdditions } from './datasets/additions.js';

const { values } = parseArgs({
  options: {
    digits: { type: 'string', default: '3' },
    sums: { type: 'string', default: '50000' },
    epochs: { type: 'string', default: '10' },
  },
});
setRandomSeed(1);

/** @typedef {import('./datasets/additions.js').Addition} Addition */
const digits = Number(values.digits);
const additions = makeAdditions(Number(values.sums), digits, 1);
const { train, validation: test } = trainValidationSplit(additions, { validationSplit: 0.1 });

const CHARACTERS = ' 0123456789+';
const answerLength = digits + 1;
/** @param {string} text */
const idsOf = (text) => [...text].map((character) => CHARACTERS.indexOf(character));
// Reversed, as in Keras's example: the digits that decide the first carry are read first.
/** @param {Addition[]} some */
const questionsOf = (some) => padSequences(some.map(({ question }) => idsOf(question).reverse()));
/** @param {Addition[]} some */
const answersOf = (some) => some.map(({ answer }) => idsOf(answer.padEnd(answerLength)));

const model = new Sequential([
  new OneHot(CHARACTERS.length),
  new LSTM(96),
  new RepeatVector(answerLength),
  new LSTM(96, { returnSequences: true }),
  new Dense(CHARACTERS.length, { activation: 'softmax' }),
]);
const epochs = Number(values.epochs);
const batchSize = 64;
const steps = epochs * Math.ceil(train.length / batchSize);
// The learning rate falls to 0 in a straight line.
const optimizer = new Adam({ learningRate: (step) => 0.006 * (1 - step / steps) });
model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
await model.fit(questionsOf(train), answersOf(train), { epochs, batchSize, validationData: [questionsOf(test), answersOf(test)] });

const ids = argmax(await model.predict(questionsOf(test)));
/** @param {number} row */
const answered = (row) =>
  ids
    .slice(row * answerLength, (row + 1) * answerLength)
    .map((id) => CHARACTERS[id])
    .join('');
for (const row of [0, 1, 2]) console.log(`${test[row].question}=${answered(row)}`);
const right = test.filter(({ answer }, row) => answered(row).trimEnd() === answer).length;
console.log(`right answers: ${(right / test.length).toFixed(4)} of ${test.length} sums that were not trained on`);
export const result = test.slice(0, 6).map(({ question, answer }, row) => ({ question, answer, given: answered(row).trimEnd() }));
