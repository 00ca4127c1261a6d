import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ANOMALIES, alarmsOf, forecastSamples, readAnomalies, scoreOf } from '../../examples/datasets/anomalies.js';
import { Adam, Dense, GRU, readCSV, Sequential, timeseriesDatasetFromArray } from '../../ts/index.ts';
import { expectMedianOfSeeds } from './medians.ts';
import { describeWithData } from './sharedData.ts';

const DAY = 86_400_000;
/** L: steps of a window; C: the value, and where in the day and in the week it is. */
const [L, C] = [24, 5];

const SERIES = [
  'realKnownCause/nyc_taxi.csv',
  'artificialWithAnomaly/art_daily_flatmiddle.csv',
  'artificialWithAnomaly/art_daily_jumpsdown.csv',
  'artificialWithAnomaly/art_daily_jumpsup.csv',
  'realAWSCloudwatch/ec2_cpu_utilization_5f5533.csv',
  'realTraffic/speed_7578.csv',
];

/** The mean over the last steps. */
function smoothed(values: Float64Array, steps: number): Float64Array {
  let sum = 0;
  return values.map((value, place) => {
    sum += value - (place < steps ? 0 : (values[place - steps] as number));
    return sum / Math.min(steps, place + 1);
  });
}

describeWithData('anomalies of the Numenta benchmark', 'anomaly/nab', (folder) => {
  /** Whether the largest error of a forecast is in a labelled window. The first 30 % train it. */
  async function isFound(name: string): Promise<boolean> {
    const table = await readCSV(join(folder, name));
    const [times, values] = [table.dates('timestamp'), table.numbers('value')];
    const T = values.length;
    const end = Math.floor(0.3 * T);
    const known = values.subarray(0, end);
    const mean = known.reduce((sum, value) => sum + value, 0) / end;
    const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / end);
    const x = new Float32Array(T * C);
    for (const [row, time] of times.entries()) {
      const [day, week] = [DAY, 7 * DAY].map((period) => (2 * Math.PI * (time % period)) / period) as [number, number];
      x.set([((values[row] as number) - mean) / deviation, Math.sin(day), Math.cos(day), Math.sin(week), Math.cos(week)], row * C);
    }
    const y = Float32Array.from({ length: T - L }, (_, row) => x[(row + L) * C] as number);
    const series = { shape: [T, C], data: x };
    const model = new Sequential([new GRU(16), new Dense(1)]);
    model.compile({ optimizer: new Adam({ learningRate: 0.005 }), loss: 'mae' });
    await model.fit(timeseriesDatasetFromArray(series, y, { sequenceLength: L, batchSize: 32, endIndex: end, shuffle: true }), {
      epochs: 25,
      verbose: 0,
    });
    const { data } = await model.predict(timeseriesDatasetFromArray(series, y, { sequenceLength: L, batchSize: 256 }));
    const errors = Float64Array.from(data, (predicted, row) => Math.abs(predicted - (y[row] as number)));
    const quarter = Math.round(DAY / 4 / ((times[1] as number) - (times[0] as number)));
    const tested = smoothed(errors, quarter).subarray(end);
    const worst = times[end + tested.indexOf(Math.max(...tested)) + L] as number;
    const timeOf = (text: string) => Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`);
    const labelled = JSON.parse(readFileSync(join(folder, 'windows.json'), 'utf8')) as Record<string, { windows: [string, string][] }>;
    return (labelled[name]?.windows ?? []).some(([from, to]) => timeOf(from) <= worst && worst <= timeOf(to));
  }

  // The labelled windows are about a tenth of the steps, so chance finds less than one of the six.
  test('the largest error of a forecast is at a labelled anomaly in most series', async () => {
    await expectMedianOfSeeds(
      async () => {
        let count = 0;
        // Further series change nothing once four are found.
        for (const name of SERIES) if (count < 4 && (await isFound(name))) count++;
        return count;
      },
      { above: 3 },
    );
  });
});

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
    let [falseAlarms, runs] = [0, 0];
    await expectMedianOfSeeds(
      async () => {
        const score = await alarmsIn(`artificialWithAnomaly/art_daily_${kind}.csv`);
        expect(score.windows).toBe(1);
        falseAlarms += score.falseAlarms;
        runs++;
        return score.found;
      },
      { above: 0 },
    );
    expect(falseAlarms).toBeLessThan(runs);
  });

  test('raises no alarm in a noisy series without anomalies', async () => {
    await expectMedianOfSeeds(async () => (await alarmsIn('artificialNoAnomaly/art_daily_small_noise.csv')).falseAlarms, { below: 1 });
  });
});
