import { test } from 'vitest';
import { Adam, Dense, GRU, Normalization, readCSV, Sequential } from '../../ts/index.ts';
import { expectMedianOfSeeds } from './medians.ts';
import { describeWithData } from './sharedData.ts';

// What a plain recurrent network reaches: 0.978 to 0.989 (PyTorch, five seeds; other rows).
describeWithData('digits of 8 by 8 pixels', 'seqclass/digits8x8.csv.gz', (file) => {
  test('a GRU reads them row by row', async () => {
    const table = await readCSV(file, { header: false });
    const names = table.describeColumns().map(({ name }) => name);
    const pixels = table.matrix(names.slice(0, 64)).data;
    const labels = Array.from(table.numbers(names[64] as string));
    const samplesOf = (first: number, end: number) => ({
      x: { shape: [end - first, 8, 8], data: Float32Array.from(pixels.subarray(64 * first, 64 * end)) },
      y: labels.slice(first, end),
    });
    const [train, test] = [samplesOf(0, 1437), samplesOf(1437, 1797)];
    // The last 360 were written by other people than those before.
    await expectMedianOfSeeds(
      async () => {
        const scale = new Normalization({ axis: null });
        scale.adapt(train.x);
        const model = new Sequential([scale, new GRU(32), new Dense(10, { activation: 'softmax' })]);
        model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
        await model.fit(train.x, train.y, { epochs: 8, batchSize: 16, verbose: 0 });
        const result = await model.evaluate(test.x, test.y);
        model.dispose();
        return result.accuracy as number;
      },
      { above: 0.88 },
    );
  });
});
