import { expect, test } from 'vitest';
import { inWindows, makeValves } from '../../examples/datasets/valves.js';
import { Adam, Dense, LSTM, Sequential, setRandomSeed } from '../../ts/index.ts';

test('a stateful network follows a long series, which one of the same size without states cannot', async () => {
  const [train, validation] = [1, 2].map((seed) => {
    const { commands, open } = makeValves(32, 2000, seed);
    return { x: inWindows(commands, 20), y: inWindows(open, 20) };
  });
  const accuracyOf = async (stateful: boolean) => {
    setRandomSeed(1);
    const model = new Sequential([
      new LSTM(8, { stateful, returnSequences: true, inputShape: [null, 2] }),
      new Dense(1, { activation: 'sigmoid' }),
    ]);
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    const callbacks = [{ onEpochBegin: () => model.resetStates() }];
    await model.fit(train.x, train.y, { epochs: 15, batchSize: 32, shuffle: !stateful, callbacks, verbose: 0 });
    model.resetStates();
    return (await model.evaluate(validation.x, validation.y, { batchSize: 32 })).accuracy;
  };
  expect(await accuracyOf(true)).toBeGreaterThan(0.95);
  expect(await accuracyOf(false)).toBeLessThan(0.65);
});
