// Learns the part of speech of every word of a sentence, from the words before and after it.
//   node examples/tag-words.js [--data FOLDER] [--epochs 6]
import { parseArgs } from 'node:util';
import { Adam, Bidirectional, Dense, Dropout, Embedding, LSTM, padSequences, Sequential, setRandomSeed, TextVectorization } from 'backtime';
import { argmax } from './argmax.js';
import { readAtis, TAGS } from './datasets/atis.js';
import { ATIS, ATIS_SOURCE } from './datasets/atisSource.js';
import { requireShared, SHARED_FOLDER } from './datasets/sharedFolder.js';

const { values } = parseArgs({ options: { data: { type: 'string', default: SHARED_FOLDER }, epochs: { type: 'string', default: '6' } } });
setRandomSeed(1);

/** @typedef {import('./datasets/atis.js').Sentence} Sentence */
const { train, validation, test } = await readAtis(requireShared(values.data, ATIS, ATIS_SOURCE));

// 0 pads, 1 is any word that is not among the 698 most frequent ones.
const words = new TextVectorization({ maxTokens: 700, standardize: null, split: 'whitespace' });
/** @param {Sentence[]} sentences */
const textsOf = (sentences) => sentences.map((sentence) => sentence.words.join(' '));
words.adapt(textsOf(train));
/** @param {Sentence[]} sentences */
const inputsOf = (sentences) => padSequences(words.encode(textsOf(sentences)));
/** @param {Sentence[]} sentences */
const targetsOf = (sentences) => padSequences(sentences.map(({ tags }) => tags.map((tag) => TAGS.indexOf(tag))));

// The mask of the padding reaches the loss and the accuracy, so both count words only.
const model = new Sequential([
  new Embedding(words.vocabularySize, 64, { maskZero: true }),
  new Dropout(0.2),
  new Bidirectional(new LSTM(64, { returnSequences: true })),
  new Dropout(0.2),
  new Dense(TAGS.length, { activation: 'softmax' }),
]);
model.compile({ optimizer: new Adam({ learningRate: 0.003 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
await model.fit(inputsOf(train), targetsOf(train), {
  epochs: Number(values.epochs),
  validationData: [inputsOf(validation), targetsOf(validation)],
});

const { accuracy } = await model.evaluate(inputsOf(test), targetsOf(test));
console.log(`right tags: ${accuracy.toFixed(4)} of the words of ${test.length} sentences that were not trained on`);

// Questions that are not from the data.
const questions = ['what flights leave boston in the morning', 'show me the cheapest fare to dallas', 'how many seats does the plane have'];
const asked = questions.map((question) => question.split(' '));
const inputs = padSequences(words.encode(questions), { padding: 'post' });
const ids = argmax(await model.predict(inputs));
export const result = asked.map((question, row) =>
  question.map((word, place) => ({ word, tag: TAGS[ids[row * inputs.shape[1] + place]] })),
);
