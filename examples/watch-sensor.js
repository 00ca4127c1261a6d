// Reads a sensor, a number at a time, and says at once whether the door of a fridge is open. The
// temperature alone does not tell: a closed fridge is sometimes warmer than an open one.
//   node examples/watch-sensor.js [seed]
import { Adam, Dense, GRU, Sequential, setRandomSeed } from 'backtime';
import { readings } from './datasets/fridge.js';

setRandomSeed(Number(process.argv[2] ?? 1));

// Recordings to learn from: 40 of 200 readings, each with its own seed.
const recordings = Array.from({ length: 40 }, (_, recording) => {
  const sensor = readings(100 + recording);
  return Array.from({ length: 200 }, () => sensor.next().value);
});
/** @param {number} celsius */
const inputOf = (celsius) => [(celsius - 5) / 3];
const x = recordings.map((recording) => recording.map(({ celsius }) => inputOf(celsius)));
const y = recordings.map((recording) => recording.map(({ isOpen }) => [Number(isOpen)]));

// The number of steps is free: the network learns from 200, and a stream has no end.
const model = new Sequential([new GRU(16, { returnSequences: true, inputShape: [null, 1] }), new Dense(1, { activation: 'sigmoid' })]);
model.compile({ optimizer: new Adam({ learningRate: 0.02 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
await model.fit(x, y, { epochs: 30, batchSize: 8 });

// The best limit of the temperature, for comparison.
const learned = recordings.flat();
const limits = Array.from({ length: 100 }, (_, tenth) => tenth / 10);
/** @param {number} limit */
const rightWith = (limit) => learned.filter(({ celsius, isOpen }) => celsius > limit === isOpen).length;
const limit = limits.reduce((best, other) => (rightWith(other) > rightWith(best) ? other : best));

const stream = model.stream();
let [right, rightByLimit, seconds] = [0, 0, 0];
/** @type {{ celsius: number, isOpen: boolean, probability: number }[]} */
export const result = [];
for (const { celsius, isOpen } of readings(7)) {
  const [probability] = stream.step(inputOf(celsius));
  console.log(`${String(seconds).padStart(5)} s ${celsius.toFixed(2).padStart(6)} °C  ${probability > 0.5 ? 'OPEN' : '-'}`);
  if (probability > 0.5 === isOpen) right++;
  if (celsius > limit === isOpen) rightByLimit++;
  result.push({ celsius, isOpen, probability });
  seconds += 10;
  if (result.length === 600) break;
}
stream.dispose();
console.log(`right: ${(right / result.length).toFixed(4)} of ${result.length} readings`);
console.log(`right with a limit of ${limit} °C: ${(rightByLimit / result.length).toFixed(4)}`);
