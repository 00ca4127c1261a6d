// Makes the files of two models, as Backtime writes them, what they predict in Backtime, and their
// weights after one step there: step.keras learns numbers, the rows of step.csv; texts.keras begins
// with its vocabulary and learns the classes of texts.csv. Needs dist/ (npm run build):
//   node scale/tests/golden/make.mjs
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Adam, Dense, Embedding, Input, LSTM, Sequential, setBackend, setRandomSeed, TextVectorization } from '../../../dist/node.js';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const ROWS = 8;
const STEPS = 4;
const CHANNELS = 2;

setBackend('wasm', { deterministic: true });
setRandomSeed(11);

/** Saves a model and what it predicts, trains it one step on all rows, and writes its weights. */
async function save(name, model, x, y) {
  await model.save(file(`${name}.keras`));
  const { shape, data } = await model.predict(x);
  const predictions = Array.from({ length: ROWS }, (_, row) => Array.from(data.slice(row * shape[1], (row + 1) * shape[1])));
  await model.fit(x, y, { epochs: 1, batchSize: ROWS, shuffle: false, verbose: 0 });
  const weights = model.getWeights().map((weight) => Array.from(weight.data));
  writeFileSync(file(`${name}.json`), `${JSON.stringify({ predictions, weights })}\n`);
}

// Rows of a lattice, in no need of a generator: every number has few digits.
const rows = Array.from({ length: ROWS }, (_, row) =>
  Array.from({ length: STEPS * CHANNELS }, (_, i) => ((row * 7 + i * 5) % 11) / 4 - 1.25),
);
const targets = rows.map((row) => row[0] - row.at(-1) / 2);
const header = [...rows[0].map((_, i) => `c${i}`), 'y'].join(',');
writeFileSync(file('step.csv'), `${[header, ...rows.map((row, i) => [...row, targets[i]].join(','))].join('\n')}\n`);
const numbers = new Sequential([Input({ shape: [STEPS, CHANNELS] }), new LSTM(3), new Dense(1)]);
numbers.compile({ optimizer: new Adam({ learningRate: 0.05 }), loss: 'meanSquaredError' });
const x = rows.map((row) => Array.from({ length: STEPS }, (_, step) => row.slice(step * CHANNELS, (step + 1) * CHANNELS)));
await save('step', numbers, x, targets);

const texts = [
  'a good film',
  'a bad film',
  'good!',
  'bad acting',
  'fine acting in a good film',
  'a dull and bad film',
  'fine',
  'dull, dull',
];
const classes = [1, 0, 1, 0, 1, 0, 1, 0];
writeFileSync(file('texts.csv'), `text,y\n${texts.map((text, i) => `"${text}",${classes[i]}`).join('\n')}\n`);
const words = new TextVectorization({ outputSequenceLength: 5 });
words.adapt(texts);
const reviews = new Sequential([
  Input({ shape: [], dtype: 'string' }),
  words,
  new Embedding(words.vocabularySize, 3, { maskZero: true }),
  new LSTM(3),
  new Dense(2, { activation: 'softmax' }),
]);
reviews.compile({ optimizer: new Adam({ learningRate: 0.05 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
await save('texts', reviews, texts, classes);
