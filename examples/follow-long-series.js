// Trains on one sequence of millions of steps. The gradient reaches 100 steps back (truncate), so
// the memory beside the data does not grow with the length.
//   node examples/follow-long-series.js [--steps 6000000] [--epochs 3]
import { parseArgs } from 'node:util';
import { Adam, Dense, LSTM, Sequential, setRandomSeed } from 'backtime';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '6000000' }, epochs: { type: 'string', default: '3' } } });
const steps = Number(values.steps);

// The network forecasts the next value of a wave.
const wave = Float32Array.from({ length: steps + 1 }, (_, step) => Math.sin(step / 7));
const x = { shape: [1, steps, 1], data: wave.subarray(0, steps) };
const y = { shape: [1, steps, 1], data: wave.subarray(1) };

setRandomSeed(1);
const model = new Sequential([new LSTM(8, { returnSequences: true, truncate: 100, inputShape: [null, 1] }), new Dense(1)]);
model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'meanSquaredError' });
const before = process.memoryUsage.rss() / 1e6;
// The weights change once an epoch: the sequence is one sample.
// `maxRSS` of a process may be that of the process that started it, so memory is looked at here.
let most = 0;
const look = () => {
  most = Math.max(most, process.memoryUsage.rss() / 1e6);
};
const callbacks = [{ onTrainBatchEnd: look, onEpochEnd: look }];
const { history } = await model.fit(x, y, { epochs: Number(values.epochs), callbacks });

console.log(`${steps} steps, ${(wave.byteLength / 1e6).toFixed(1)} MB of data`);
console.log(`the loss fell from ${history.loss[0].toFixed(4)} to ${history.loss.at(-1).toFixed(4)}`);
console.log(`memory that training added: ${Math.max(0, most - before).toFixed(0)} MB`);
