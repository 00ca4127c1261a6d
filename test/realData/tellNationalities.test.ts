import { expect, test } from 'vitest';
import { type FamilyName, NAMES, readNames } from '../../examples/datasets/names.js';
import {
  Adam,
  Concatenate,
  Dense,
  Embedding,
  GRU,
  Input,
  Model,
  padSequences,
  setRandomSeed,
  trainValidationSplit,
} from '../../ts/index.ts';
import { describeWithData } from './sharedData.ts';

describeWithData('nationalities of names', NAMES, (folder) => {
  test('two branches with one embedding tell more than the most frequent nationality', async () => {
    const { names, nationalities } = readNames(folder);
    const { train, validation } = trainValidationSplit(names, { stratify: ({ nationality }) => nationality });
    const characters = ['', ...new Set(names.flatMap(({ name }) => [...name]))];
    const labelsOf = (some: FamilyName[]) => some.map(({ nationality }) => nationality);
    const inputsOf = (some: FamilyName[]) => {
      const ids = some.map(({ name }) => [...name].map((character) => characters.indexOf(character)));
      return { forwards: padSequences(ids), backwards: padSequences(ids.map((row) => [...row].reverse())) };
    };

    setRandomSeed(1);
    const embedding = new Embedding(characters.length, 16, { maskZero: true });
    const inputs = { forwards: Input({ shape: [null], name: 'forwards' }), backwards: Input({ shape: [null], name: 'backwards' }) };
    const branches = Object.values(inputs).map((input) => new GRU(32).apply(embedding.apply(input)));
    const output = new Dense(nationalities.length, { activation: 'softmax' }).apply(new Concatenate().apply(branches));
    const model = new Model({ inputs, outputs: output });
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    await model.fit(inputsOf(train), labelsOf(train), { epochs: 2, verbose: 0 });
    const { accuracy } = await model.evaluate(inputsOf(validation), labelsOf(validation));
    // 0.468 of the names are Russian.
    expect(accuracy).toBeGreaterThan(0.77);
  });
});
