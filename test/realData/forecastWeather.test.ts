import { test } from 'vitest';
import { Adam, Dense, GRU, Sequential, timeseriesDatasetFromArray } from '../../ts/index.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { expectMedianOfSeeds } from './medians.ts';

/** T hours of C channels; a day has 24. */
const [T, C, DAY] = [9000, 14, 24];
/** L: hours of a window; what is predicted is a day after it. */
const [L, AHEAD] = [48, 24];
const TRAIN = 7000;

/**
 * A series such as that of Jena: each channel has a course of the day, and weather that comes and
 * goes, which all channels share in part.
 */
function weather(): Float32Array {
  const random = new RandomArrays(11);
  const noise = random.floats(T * (C + 1), -1, 1);
  const data = new Float32Array(T * C);
  const own = new Float64Array(C + 1);
  for (let hour = 0; hour < T; hour++) {
    for (let place = 0; place <= C; place++) own[place] = 0.93 * (own[place] as number) + 0.3 * (noise[hour * (C + 1) + place] as number);
    for (let channel = 0; channel < C; channel++) {
      const course = Math.sin((2 * Math.PI * (hour + 2 * channel)) / DAY);
      data[hour * C + channel] = course + (own[C] as number) + (channel === 0 ? 0 : 0.3 * (own[channel] as number));
    }
  }
  return data;
}

test('a day ahead, weather is forecast better than by the weather of now', async () => {
  const data = weather();
  const x = { shape: [T, C], data };
  const targets = Float32Array.from({ length: T - L - AHEAD + 1 }, (_, start) => data[(start + L + AHEAD - 1) * C] as number);
  const train = timeseriesDatasetFromArray(x, targets, { sequenceLength: L, batchSize: 32, endIndex: TRAIN, shuffle: true });
  const test = timeseriesDatasetFromArray(x, targets, { sequenceLength: L, batchSize: 64, startIndex: TRAIN, endIndex: T - AHEAD });
  let naive = 0;
  let count = 0;
  for (let start = TRAIN; start + L + AHEAD <= T; start++, count++)
    naive += Math.abs((targets[start] as number) - (data[(start + L - 1) * C] as number));
  await expectMedianOfSeeds(
    async () => {
      const model = new Sequential([new GRU(16), new Dense(1)]);
      model.compile({ optimizer: new Adam({ learningRate: 0.003 }), loss: 'mae' });
      await model.fit(train, { epochs: 4, verbose: 0 });
      return (await model.evaluate(test)).loss as number;
    },
    { below: 0.9 * (naive / count) },
  );
});
