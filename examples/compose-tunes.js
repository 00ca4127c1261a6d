// Learns to write tunes from 18 old songs, one note after the other, and writes a new one in ABC
// notation, which any ABC player on the web plays.
//   node examples/compose-tunes.js [seed]
import { readFileSync } from 'node:fs';
import { Adam, Dense, Dropout, Embedding, generate, LSTM, padSequences, Sequential, setRandomSeed } from 'backtime';

const seed = Number(process.argv[2] ?? 1);
setRandomSeed(seed);

const file = readFileSync(new URL('data/tunes/tunes.txt', import.meta.url), 'utf8');
const tunes = file
  .trim()
  .split('\n')
  .map((line) => line.split(': ')[1].split(' '));
const [train, test] = [tunes.slice(0, -3), tunes.slice(-3)];

// Id 0 pads, id 1 begins and ends a tune.
const SYMBOLS = ['', '.', ...new Set(tunes.flat())];
/** @param {string[]} tune */
const idsOf = (tune) => [1, ...tune.map((note) => SYMBOLS.indexOf(note)), 1];
/** @param {string[][]} some */
const inputsOf = (some) =>
  padSequences(
    some.map((tune) => idsOf(tune).slice(0, -1)),
    { padding: 'post' },
  );
/** The next symbol of each step. @param {string[][]} some */
const targetsOf = (some) =>
  padSequences(
    some.map((tune) => idsOf(tune).slice(1)),
    { padding: 'post' },
  );

const model = new Sequential([
  new Embedding(SYMBOLS.length, 24, { maskZero: true }),
  new LSTM(64, { returnSequences: true }),
  new Dropout(0.3),
  new Dense(SYMBOLS.length, { activation: 'softmax' }),
]);
model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy' });
await model.fit(inputsOf(train), targetsOf(train), { epochs: 60, batchSize: 6, verbose: 0 });

// The mean of -log of the probability of each symbol, in the tunes that were not trained on.
const { loss } = await model.evaluate(inputsOf(test), targetsOf(test), { verbose: 0 });
const counts = SYMBOLS.map((_, id) => 1 + train.flatMap((tune) => idsOf(tune).slice(1)).filter((other) => other === id).length);
const all = counts.reduce((sum, count) => sum + count);
const symbols = test.flatMap((tune) => idsOf(tune).slice(1));
const baseline = symbols.reduce((sum, id) => sum - Math.log(counts[id] / all), 0) / symbols.length;
console.log(`nats for each symbol: ${loss.toFixed(2)} in ${test.length} tunes that were not trained on`);
console.log(`nats with the frequencies of the symbols: ${baseline.toFixed(2)}`);

const ids = [...generate(model, [1], { length: 120, minLength: 40, stopIds: 1, temperature: 0.5, seed })];
const bars = ids
  .map((id) => SYMBOLS[id])
  .join(' ')
  .split('|')
  .map((bar) => bar.trim())
  .filter((bar) => bar !== '');
/** The eighths of a note: the number behind its name, or 1. @param {string} note */
const eighths = (note) => Number(/\d+/.exec(note) ?? 1);
/** @param {string} bar */
const lengthOf = (bar) => bar.split(' ').reduce((sum, note) => sum + eighths(note), 0);
console.log(`full bars: ${bars.filter((bar) => lengthOf(bar) === 8).length} of ${bars.length}`);
console.log(`\nX:1\nT:A new tune\nM:4/4\nL:1/8\nK:C\n${bars.join(' | ')} |]`);
export const result = bars.map((bar) => bar.split(' ').map((note) => ({ note, eighths: eighths(note) })));
