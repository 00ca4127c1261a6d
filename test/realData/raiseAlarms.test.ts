import { expect, test } from 'vitest';
import { ANOMALIES, alarmsOf, forecastSamples, readAnomalies, scoreOf } from '../../examples/datasets/anomalies.js';
import { Adam, Dense, GRU, Sequential } from '../../ts/index.ts';
import { medianOfSeeds } from './medians.ts';
import { describeWithData } from './sharedData.ts';

test('alarms are where the mean error is higher than in the training part, and are scored by the windows they touch', () => {
  const errors = [0, 1, 0, 1, 0, 0, 9, 0, 0, 0, 0, 8, 8, 0, 0, 0, 0];
  const alarms = alarmsOf(errors, 5, { factor: 2, span: 2 });
  expect(alarms).toEqual([
    [6, 7],
    [11, 13],
  ]);
  expect(
    scoreOf(alarms, [
      [0, 5],
      [7, 8],
    ]),
  ).toEqual({ found: 1, windows: 2, falseAlarms: 1 });
});

describeWithData('alarms in series of the Numenta benchmark', ANOMALIES, (folder) => {
  /** Learns the first half of a series, and scores the alarms of the whole. */
  const alarmsIn = async (name: string) => {
    const { steps, trained, windows } = readAnomalies(folder, name, 0.5);
    const [length, ahead] = [24, 12];
    const [train, all] = [steps.slice(0, trained), steps].map((part) => forecastSamples(part, length, ahead));
    const model = new Sequential([new GRU(16), new Dense(1)]);
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'meanAbsoluteError' });
    await model.fit(train.x, train.y, { epochs: 10, verbose: 0 });
    const { data } = await model.predict(all.x);
    model.dispose();
    const none = new Array<number>(length + ahead - 1).fill(0);
    return scoreOf(
      alarmsOf([...none, ...all.y.map(([value], row) => Math.abs(value - data[row]))], trained, { factor: 1.5, span: 24 }),
      windows,
    );
  };

  test.each(['flatmiddle', 'jumpsdown', 'jumpsup', 'nojump'])('the error of forecasts finds the day of art_daily_%s', async (kind) => {
    let falseAlarms = 0;
    const found = await medianOfSeeds(async () => {
      const score = await alarmsIn(`artificialWithAnomaly/art_daily_${kind}.csv`);
      expect(score.windows).toBe(1);
      falseAlarms += score.falseAlarms;
      return score.found;
    });
    expect(found).toBe(1);
    expect(falseAlarms).toBeLessThan(3); // in three runs
  });

  test('raises no alarm in a noisy series without anomalies', async () => {
    expect(await medianOfSeeds(async () => (await alarmsIn('artificialNoAnomaly/art_daily_small_noise.csv')).falseAlarms)).toBe(0);
  });
});
