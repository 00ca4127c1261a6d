import { join } from 'node:path';
import { test } from 'vitest';
import { Adam, Dense, Dropout, GRU, readCSV, Sequential, timeseriesDatasetFromArray } from '../../ts/index.ts';
import { expectMedianOfSeeds } from './medians.ts';
import { describeWithData } from './sharedData.ts';

/** L: steps of a window; H: steps that are predicted. */
const [L, H] = [48, 24];
/** Hours of the usual parts: 12 months to train, 4 to validate, 4 to test. */
const [TRAIN, VALIDATED, HOURS] = [8640, 11_520, 14_400];

describeWithData('oil temperatures of transformers (ETTh1)', 'forecast/ETTh1.csv.gz', (file) => {
  // What plain recurrent networks reach: a mean squared error of 0.642 to 0.696, scaled (PyTorch).
  test('seven channels a day ahead, better than the last value', async () => {
    const table = await readCSV(join(file));
    const names = table.names.slice(1);
    const C = names.length;
    const { data } = table.matrix(names);
    const column = (channel: number) => Array.from({ length: TRAIN }, (_, hour) => data[hour * C + channel] as number);
    const scales = names.map((_, channel) => {
      const values = column(channel);
      const mean = values.reduce((sum, value) => sum + value, 0) / TRAIN;
      return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / TRAIN) };
    });
    const scaled = Float32Array.from({ length: HOURS * C }, (_, place) => {
      const { mean, deviation } = scales[place % C] as (typeof scales)[number];
      return ((data[place] as number) - mean) / deviation;
    });
    const windows = HOURS - L - H + 1;
    const targets = new Float32Array(windows * H * C);
    for (let start = 0; start < windows; start++) targets.set(scaled.subarray((start + L) * C, (start + L + H) * C), start * H * C);
    const [x, y] = [
      { shape: [HOURS, C], data: scaled },
      { shape: [windows, H * C], data: targets },
    ];
    const train = timeseriesDatasetFromArray(x, y, { sequenceLength: L, batchSize: 64, endIndex: TRAIN - H, shuffle: true });
    const options = { sequenceLength: L, batchSize: 64, sequenceStride: 4 };
    const test = timeseriesDatasetFromArray(x, y, { ...options, startIndex: VALIDATED - L, endIndex: HOURS - H });
    // The last value of the window for all 24 hours has 1.24.
    await expectMedianOfSeeds(
      async () => {
        const model = new Sequential([new GRU(32), new Dropout(0.2), new Dense(H * C)]);
        model.compile({ optimizer: new Adam({ learningRate: 0.002 }), loss: 'mse' });
        await model.fit(train, { epochs: 3, verbose: 0 });
        return (await model.evaluate(test)).loss as number;
      },
      { below: 0.72 },
    );
  });
});
