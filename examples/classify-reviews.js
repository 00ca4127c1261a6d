// Learns from sentences of film reviews whether a sentence speaks well of the film, and judges a
// few new ones.
//   node examples/classify-reviews.js
import { readFileSync } from 'node:fs';
import {
  Dense,
  Dropout,
  Embedding,
  LSTM,
  padSequences,
  Sequential,
  setRandomSeed,
  TextVectorization,
  trainValidationSplit,
} from 'backtime';

setRandomSeed(1);

// Columns: label (1 good, 0 bad), rating, sentence.
const file = new URL('data/movie-snippets/movie-snippets.tsv', import.meta.url);
const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
const rows = lines.map((line) => line.split('\t'));
const { train, validation } = trainValidationSplit(rows);

// Words become ids by frequency in the training sentences; every sentence gets 30 places, the empty
// ones (0) are masked.
const words = new TextVectorization({ maxTokens: 2000 });
words.adapt(train.map(([, , text]) => text));
/** @param {string[]} texts */
const encode = (texts) => padSequences(words.encode(texts), { maxLength: 30 });
/** @param {string[][]} some */
const inputsOf = (some) => encode(some.map(([, , text]) => text));
/** @param {string[][]} some */
const labelsOf = (some) => some.map(([label]) => Number(label));

const model = new Sequential([
  new Embedding(2000, 32, { maskZero: true }),
  new LSTM(32),
  new Dropout(0.5),
  new Dense(1, { activation: 'sigmoid' }),
]);
model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] });
await model.fit(inputsOf(train), labelsOf(train), {
  epochs: 3,
  validationData: [inputsOf(validation), labelsOf(validation)],
});

const { accuracy } = await model.evaluate(inputsOf(validation), labelsOf(validation), { verbose: 0 });
const share = labelsOf(validation).filter((label) => label === 1).length / validation.length;
console.log(`right: ${accuracy.toFixed(3)} of ${validation.length} sentences that were not trained on`);
console.log(`right with always the same answer: ${Math.max(share, 1 - share).toFixed(3)}`);

const sentences = ['a warm, funny and moving film', 'a dull, lifeless mess', 'not bad at all', 'I wanted my two hours back'];
const { data } = await model.predict(encode(sentences));
export const result = sentences.map((sentence, row) => ({ sentence, good: data[row] }));
for (const { sentence, good } of result) console.log(`${(100 * good).toFixed(0).padStart(3)} % good: ${sentence}`);
