// Learns which words of a sentence are nouns, verbs and so on. Many of them can be several: in "the
// cooks water the plants" only the words around "water" say that it is a verb.
//   node examples/tag-sentences.js [seed]
import { Adam, Bidirectional, Dense, Embedding, LSTM, padSequences, Sequential, setRandomSeed, TextVectorization } from 'backtime';
import { argmax } from './argmax.js';
import { makeSentences, TAGS } from './datasets/sentences.js';

setRandomSeed(Number(process.argv[2] ?? 1));

/** @typedef {import('./datasets/sentences.js').Sentence} Sentence */
const sentences = makeSentences(1500, 1);
const [train, test] = [sentences.slice(0, 1000), sentences.slice(1000)];

const words = new TextVectorization();
/** @param {Sentence[]} some */
const textsOf = (some) => some.map((sentence) => sentence.words.join(' '));
words.adapt(textsOf(train));
/** @param {Sentence[]} some */
const inputsOf = (some) => padSequences(words.encode(textsOf(some)), { padding: 'post' });
/** @param {Sentence[]} some */
const targetsOf = (some) =>
  padSequences(
    some.map(({ tags }) => tags.map((tag) => TAGS.indexOf(tag))),
    { padding: 'post' },
  );

// The mask of the padding (id 0) reaches the loss and the accuracy, so both count words only.
const model = new Sequential([
  new Embedding(words.vocabularySize, 16, { maskZero: true }),
  new Bidirectional(new LSTM(16, { returnSequences: true })),
  new Dense(TAGS.length, { activation: 'softmax' }),
]);
model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
await model.fit(inputsOf(train), targetsOf(train), { epochs: 6 });
const { accuracy } = await model.evaluate(inputsOf(test), targetsOf(test), { verbose: 0 });

// What a list of words with their most frequent tags reaches.
/** @type {Record<string, Record<string, number>>} */
const counts = {};
for (const { words, tags } of train) {
  for (const [place, word] of words.entries()) {
    counts[word] ??= {};
    counts[word][tags[place]] = (counts[word][tags[place]] ?? 0) + 1;
  }
}
/** @param {string} word */
const mostFrequent = (word) => Object.entries(counts[word] ?? { noun: 1 }).sort(([, a], [, b]) => b - a)[0][0];
const pairs = test.flatMap(({ words, tags }) => words.map((word, place) => [mostFrequent(word), tags[place]]));
const baseline = pairs.filter(([guess, tag]) => guess === tag).length / pairs.length;
console.log(`right tags: ${accuracy.toFixed(4)} of the words of ${test.length} sentences that were not trained on`);
console.log(`right with the most frequent tag of each word: ${baseline.toFixed(4)}`);

const texts = ['the cooks water the plants', 'the cook plants some water', 'my train can cool the old ship'];
const scores = await model.predict(padSequences(words.encode(texts), { padding: 'post' }));
const ids = argmax(scores);
export const result = texts.map((text, row) => {
  const tags = ids.slice((row * ids.length) / texts.length).map((id) => TAGS[id]);
  return text.split(' ').map((word, place) => ({ word, tag: tags[place] }));
});
for (const tagged of result) console.log(tagged.map(({ word, tag }) => `${word} (${tag})`).join(' '));
