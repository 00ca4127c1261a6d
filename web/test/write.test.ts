import { expect, test } from 'vitest';
import { buildModel } from '../src/model/layerList.ts';
import { encodeCharacters, prepareWriting } from '../src/tasks/write.ts';
import { writeOn } from '../src/tasks/writeOn.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';

const text = 'abc '.repeat(500);

test('every character is followed by the next, and rare ones are left out', () => {
  const { notes, train, validation, test: kept } = prepareWriting(`${text}é${text}`, { characters: 100_000, window: 8 });
  expect([...notes.characters].sort()).toEqual([' ', 'a', 'b', 'c']);
  expect(train[0].shape).toEqual([399, 8]);
  expect(Array.from(train[1].data.subarray(0, 7))).toEqual(Array.from(train[0].data.subarray(1, 8)));
  expect(train[1].data[7]).toBe(train[0].data[8]);
  expect(validation[0].shape).toEqual([49, 8]);
  expect(kept[0].shape).toEqual([49, 8]);
  expect(encodeCharacters(notes, 'aéa')).toHaveLength(2);
});

test('a text too short for one window to judge by is refused', () => {
  expect(() => prepareWriting('short', { characters: 1000, window: 8 })).toThrow('The text has 5 characters; at least 100 are needed');
});

test('a model writes on in the manner of its text', async () => {
  const prepared = prepareWriting(text, { characters: 100_000, window: 8 });
  const model = buildModel(prepared.frame, [{ kind: 'LSTM', units: 16 }]);
  await new TrainingRun(model, prepared, { epochs: 6, batchSize: 8, learningRate: 0.02 }, () => {}).train();
  const write = async (beginning: string) => {
    let written = '';
    for await (const piece of writeOn(model, prepared.notes, { beginning, count: 12, temperature: 0.2, seed: 1 })) written += piece;
    return written;
  };
  expect(await write('abc a')).toBe('bc abc abc a');
  expect(await write('')).toHaveLength(12);
});
