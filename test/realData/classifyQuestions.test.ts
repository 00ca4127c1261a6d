import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import {
  Adam,
  Bidirectional,
  Dense,
  Dropout,
  Embedding,
  LSTM,
  loadModel,
  modelToBytes,
  Sequential,
  SpatialDropout1D,
  TextVectorization,
} from '../../ts/index.ts';
import { expectMedianOfSeeds } from './medians.ts';
import { describeWithData } from './sharedData.ts';

describeWithData('types of questions of TREC', 'text/trec6', (folder) => {
  // What plain recurrent networks reach: 0.842 to 0.886 (PyTorch, five seeds).
  test('a pipeline that is saved answers questions', async () => {
    const read = (name: string) =>
      readFileSync(join(folder, name), 'latin1')
        .trim()
        .split('\n')
        .map((line) => ({ label: Number(line[0]), text: line.slice(2) }));
    const [train, test] = [read('TREC.train.all'), read('TREC.test.all')];
    const [texts, labels] = [test.map(({ text }) => text), test.map(({ label }) => label)];
    await expectMedianOfSeeds(
      async () => {
        const words = new TextVectorization({ maxTokens: 6000, outputSequenceLength: 20 });
        words.adapt(train.map(({ text }) => text));
        const model = new Sequential([
          words,
          new Embedding(words.vocabularySize, 48, { maskZero: true }),
          new SpatialDropout1D(0.3),
          new Bidirectional(new LSTM(32)),
          new Dropout(0.4),
          new Dense(6, { activation: 'softmax' }),
        ]);
        const optimizer = new Adam({ learningRate: 0.003 });
        model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
        const [x, y] = [train.map(({ text }) => text), train.map(({ label }) => label)];
        await model.fit(x, y, { epochs: 5, batchSize: 32, verbose: 0 });
        const loaded = await loadModel(await modelToBytes(model));
        return (await loaded.evaluate(texts, labels)).accuracy as number;
      },
      { above: 0.82 },
    );
  });
});
