import { expect, test } from 'vitest';
import { argmax } from '../../examples/argmax.js';
import { type Addition, makeAdditions } from '../../examples/datasets/additions.js';
import { Adam, Dense, LSTM, OneHot, padSequences, RepeatVector, Sequential, setRandomSeed, trainValidationSplit } from '../../ts/index.ts';

test('an encoder and a decoder add numbers of one and two digits', async () => {
  const characters = ' 0123456789+';
  const { train, validation } = trainValidationSplit(makeAdditions(4500, 2, 1), { validationSplit: 0.1 });
  const idsOf = (text: string) => [...text].map((character) => characters.indexOf(character));
  const questionsOf = (some: Addition[]) => padSequences(some.map(({ question }) => idsOf(question).reverse()));
  const answersOf = (some: Addition[]) => some.map(({ answer }) => idsOf(answer.padEnd(3)));

  setRandomSeed(1);
  const model = new Sequential([
    new OneHot(characters.length),
    new LSTM(64),
    new RepeatVector(3),
    new LSTM(64, { returnSequences: true }),
    new Dense(characters.length, { activation: 'softmax' }),
  ]);
  const [epochs, batchSize] = [15, 32];
  const steps = epochs * Math.ceil(train.length / batchSize);
  model.compile({
    optimizer: new Adam({ learningRate: (step) => 0.01 * (1 - step / steps) }),
    loss: 'sparseCategoricalCrossentropy',
  });
  await model.fit(questionsOf(train), answersOf(train), { epochs, batchSize, verbose: 0 });

  const ids = argmax(await model.predict(questionsOf(validation)));
  const right = answersOf(validation).filter((answer, row) => answer.every((id, step) => ids[3 * row + step] === id)).length;
  expect(right / validation.length).toBeGreaterThan(0.9);
});
