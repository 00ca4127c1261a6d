import { expect, test } from 'vitest';
import { argmax } from '../../examples/argmax.js';
import { makeDates, type WrittenDate } from '../../examples/datasets/dates.js';
import { Adam, Dense, Embedding, Input, LSTM, Model, padSequences, setRandomSeed, trainValidationSplit } from '../../ts/index.ts';

test('a decoder that begins with the states of an encoder and reads what it has written converts dates', async () => {
  const dates = makeDates(5000, 1);
  const { train, validation } = trainValidationSplit(dates, { validationSplit: 0.1 });
  const characters = ['', ...new Set(dates.flatMap(({ written }) => [...written]))];
  const iso = '^0123456789-';
  const writtenOf = (some: WrittenDate[]) =>
    padSequences(some.map(({ written }) => [...written].map((character) => characters.indexOf(character))));
  const answersOf = (some: WrittenDate[]) => some.map((date) => [...date.iso].map((character) => iso.indexOf(character)));

  setRandomSeed(1);
  const units = 64;
  const written = Input({ shape: [null], name: 'written' });
  const vectors = new Embedding(characters.length, 32, { maskZero: true }).apply(written);
  const [, ...states] = new LSTM(units, { returnState: true }).apply(vectors);
  const embedding = new Embedding(iso.length, 32);
  const decoder = new LSTM(units, { returnSequences: true, returnState: true });
  const classify = new Dense(iso.length, { activation: 'softmax' });
  const previous = Input({ shape: [null], name: 'previous' });
  const [decoded] = decoder.apply(embedding.apply(previous), { initialState: states });
  const model = new Model({ inputs: { written, previous }, outputs: classify.apply(decoded) });
  const [epochs, batchSize] = [6, 32];
  const steps = epochs * Math.ceil(train.length / batchSize);
  model.compile({
    optimizer: new Adam({ learningRate: (step) => 0.01 * (1 - step / steps) }),
    loss: 'sparseCategoricalCrossentropy',
  });
  const answers = answersOf(train);
  const x = { written: writtenOf(train), previous: answers.map((answer) => [0, ...answer.slice(0, -1)]) };
  await model.fit(x, answers, { epochs, batchSize, verbose: 0 });

  const reader = new Model({ inputs: written, outputs: states });
  const character = Input({ shape: [1], name: 'character' });
  const before = ['h', 'c'].map((name) => Input({ shape: [units], name }));
  const [next, ...after] = decoder.apply(embedding.apply(character), { initialState: before });
  const writer = new Model({ inputs: [character, ...before], outputs: [classify.apply(next), ...after] });
  let current = await reader.predict(writtenOf(validation));
  const columns = [validation.map(() => 0)];
  for (let step = 0; step < 10; step++) {
    const ids = columns[step].map((id) => [id]);
    const [scores, ...changed] = await writer.predict([ids, ...current]);
    columns.push(argmax(scores));
    current = changed;
  }

  const right = answersOf(validation).filter((answer, row) => answer.every((id, step) => columns[step + 1][row] === id)).length;
  expect(right / validation.length).toBeGreaterThan(0.95);

  // At every step the decoder gave what the trained model gives for the same characters at once.
  const atOnce = await model.predict({
    written: writtenOf(validation),
    previous: validation.map((_, row) => columns.slice(0, 10).map((column) => column[row])),
  });
  expect(argmax(atOnce)).toEqual(validation.flatMap((_, row) => columns.slice(1).map((column) => column[row])));
});
