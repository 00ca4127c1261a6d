import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ATIS, readAtis, type Sentence, TAGS } from '../../examples/datasets/atis.js';
import {
  Adam,
  Bidirectional,
  Dense,
  Embedding,
  LSTM,
  padSequences,
  readCoNLL,
  Sequential,
  setRandomSeed,
  TextVectorization,
} from '../../ts/index.ts';
import { describeWithData } from './sharedData.ts';

describeWithData('parts of speech of ATIS', ATIS, (folder) => {
  test('readCoNLL reads the sentences that the example splits by hand', async () => {
    const table = await readCoNLL(join(folder, 'en_atis-ud-test.conllu.gz'));
    const sentences = [...table.groupBy('sentence').values()].map((rows) => ({ words: rows.texts('form'), tags: rows.texts('upos') }));
    expect(sentences).toEqual(readAtis(folder).test);
  });

  test('a bidirectional LSTM tags more words than their most frequent tags do', async () => {
    const { train, test } = readAtis(folder);
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
