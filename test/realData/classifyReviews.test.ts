import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { Adam, Dense, Dropout, Embedding, LSTM, Sequential, TextVectorization, trainValidationSplit } from '../../ts/index.ts';
import { expectMedianOfSeeds } from './medians.ts';

// What a bidirectional LSTM reaches with such sentences: 0.767 to 0.781 (PyTorch).
test('an LSTM tells good from bad sentences of film reviews', async () => {
  const file = new URL('../../examples/data/movie-snippets/movie-snippets.tsv', import.meta.url);
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const rows = lines.map((line) => line.split('\t'));
  const { train, validation } = trainValidationSplit(rows, { validationSplit: 0.1 });
  const textsOf = (some: string[][]) => some.map(([, , text]) => text);
  const labelsOf = (some: string[][]) => some.map(([label]) => Number(label));
  await expectMedianOfSeeds(
    async () => {
      const words = new TextVectorization({ maxTokens: 4000, outputSequenceLength: 30 });
      words.adapt(textsOf(train));
      const model = new Sequential([
        words,
        new Embedding(words.vocabularySize, 16, { maskZero: true }),
        new LSTM(16),
        new Dropout(0.5),
        new Dense(1, { activation: 'sigmoid' }),
      ]);
      model.compile({ optimizer: new Adam({ learningRate: 0.003 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
      await model.fit(textsOf(train), labelsOf(train), { epochs: 2, verbose: 0 });
      const result = await model.evaluate(textsOf(validation), labelsOf(validation));
      model.dispose();
      return result.accuracy as number;
    },
    { above: 0.7 },
  );
});
