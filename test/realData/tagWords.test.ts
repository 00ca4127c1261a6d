import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readAtis, type Sentence, TAGS } from '../../examples/datasets/atis.js';
import { ATIS } from '../../examples/datasets/atisSource.js';
import { Adam, Bidirectional, Dense, Embedding, LSTM, padSequences, Sequential, setRandomSeed, TextVectorization } from '../../ts/index.ts';
import { describeWithData } from './sharedData.ts';

describeWithData('parts of speech of ATIS', ATIS, (folder) => {
  test('the sentences that readCoNLL reads for the example are those of the file', async () => {
    const text = gunzipSync(readFileSync(join(folder, 'en_atis-ud-test.conllu.gz'))).toString('utf8');
    const sentences = text
      .trim()
      .split('\n\n')
      .map((sentence) => {
        // Lines of words begin with a number, other lines with # or a range of words.
        const rows = sentence
          .split('\n')
          .filter((line) => /^\d+\t/.test(line))
          .map((line) => line.split('\t'));
        return { words: rows.map(([, word]) => word), tags: rows.map(([, , , tag]) => tag) };
      });
    expect((await readAtis(folder)).test).toEqual(sentences);
  });

  test('a bidirectional LSTM tags more words than their most frequent tags do', async () => {
    const { train, test } = await readAtis(folder);
    const words = new TextVectorization({ maxTokens: 700, standardize: null, split: 'whitespace' });
    const textsOf = (sentences: Sentence[]) => sentences.map((sentence) => sentence.words.join(' '));
    words.adapt(textsOf(train));
    const inputsOf = (sentences: Sentence[]) => padSequences(words.encode(textsOf(sentences)));
    const targetsOf = (sentences: Sentence[]) => padSequences(sentences.map(({ tags }) => tags.map((tag) => TAGS.indexOf(tag))));

    setRandomSeed(1);
    const model = new Sequential([
      new Embedding(words.vocabularySize, 32, { maskZero: true }),
      new Bidirectional(new LSTM(32, { returnSequences: true })),
      new Dense(TAGS.length, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    await model.fit(inputsOf(train), targetsOf(train), { epochs: 2, verbose: 0 });
    const { accuracy } = await model.evaluate(inputsOf(test), targetsOf(test));
    // The most frequent tag of each word is right for 0.960 of the words.
    expect(accuracy).toBeGreaterThan(0.98);
  });
});
