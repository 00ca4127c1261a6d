import { join } from 'node:path';
import { test } from 'vitest';
import { Adam, Bidirectional, Dense, Dropout, GRU, Masking, padSequences, readTs, Sequential } from '../../ts/index.ts';
import { expectMedianOfSeeds } from './medians.ts';
import { describeWithData } from './sharedData.ts';

const PADDING = -99;

// What plain recurrent networks reach: 0.976 to 0.981, 0.917 to 0.965, 0.925 to 1 (PyTorch, five
// seeds).
describeWithData('classes of the UEA and UCR archives', 'seqclass', (folder) => {
  test.each([
    ['JapaneseVowels', { units: 32, epochs: 25, batchSize: 32, isBidirectional: true, least: 0.95 }],
    ['ItalyPowerDemand', { units: 32, epochs: 60, batchSize: 16, isBidirectional: false, least: 0.9 }],
    ['BasicMotions', { units: 24, epochs: 30, batchSize: 8, isBidirectional: true, least: 0.85 }],
  ] as const)('%s', async (name, { units, epochs, batchSize, isBidirectional, least }) => {
    const read = (part: string) => readTs(join(folder, name, `${name}_${part}.ts`));
    const [train, test] = [await read('TRAIN'), await read('TEST')];
    const inputsOf = (sequences: number[][][]) => padSequences(sequences, { dtype: 'float32', value: PADDING });
    await expectMedianOfSeeds(
      async () => {
        const gru = new GRU(units);
        const model = new Sequential([
          new Masking({ maskValue: PADDING }),
          isBidirectional ? new Bidirectional(gru) : gru,
          new Dropout(0.2),
          new Dense(train.classNames.length, { activation: 'softmax' }),
        ]);
        const optimizer = new Adam({ learningRate: 0.01, clipnorm: 1 });
        model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
        await model.fit(inputsOf(train.sequences), train.targets, { epochs, batchSize, verbose: 0 });
        return (await model.evaluate(inputsOf(test.sequences), test.targets)).accuracy as number;
      },
      { above: least },
    );
  });
});
