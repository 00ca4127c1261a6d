// Learns from a long series of commands whether a valve is open. The series is cut into windows of
// 20 steps, and most windows have no command. A stateful network keeps its states from window to
// window; one that begins every window anew cannot know what came before.
//   node examples/follow-valves.js [--epochs 15]
import { parseArgs } from 'node:util';
import { Adam, Dense, LSTM, Sequential, setRandomSeed } from 'backtime';
import { inWindows, makeValves } from './datasets/valves.js';

const { values } = parseArgs({ options: { epochs: { type: 'string', default: '15' } } });

const VALVES = 32;
const [train, test] = [1, 2].map((seed) => {
  const { commands, open } = makeValves(VALVES, 2000, seed);
  return { x: inWindows(commands, 20), y: inWindows(open, 20) };
});

/**
 * Trains a network, and gives the share of steps of the test series of which it knows whether the
 * valve is open.
 * @param {boolean} stateful
 */
async function accuracyOf(stateful) {
  setRandomSeed(1);
  const model = new Sequential([
    new LSTM(8, { stateful, returnSequences: true, inputShape: [null, 2] }),
    new Dense(1, { activation: 'sigmoid' }),
  ]);
  model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  // A batch has one window of every valve, and the next batch has the windows after them. Without
  // states the order is free.
  const callbacks = [{ onEpochBegin: () => model.resetStates() }];
  const epochs = Number(values.epochs);
  await model.fit(train.x, train.y, { epochs, batchSize: VALVES, shuffle: !stateful, callbacks });
  model.resetStates();
  const { accuracy } = await model.evaluate(test.x, test.y, { batchSize: VALVES });
  return accuracy;
}

const [withStates, without] = [await accuracyOf(true), await accuracyOf(false)];
console.log(`right with states: ${withStates.toFixed(4)} of the steps of series that were not trained on`);
console.log(`right without states: ${without.toFixed(4)}`);
export const result = { withStates, without };
