import { Dense, LSTM, loadModel, modelToBytes, Sequential } from 'backtime';
import { expect, test } from 'vitest';
import { decodeTrained, encodeTrained, type TrainedModel } from '../src/model/modelFile.ts';

function trained(): TrainedModel {
  const model = new Sequential([new LSTM(4), new Dense(2, { activation: 'softmax' })]);
  model.build([null, 5, 3]);
  const scored = { count: 100, model: 0.75, baseline: 0.5 };
  const notes = {
    task: 'classifyText',
    vocabulary: ['', '[UNK]', 'naïve', '猫'],
    length: 5,
    classes: ['a', 'b'],
    example: 'é',
  } as const;
  return { model, notes, score: { kind: 'accuracy', validation: scored, test: scored }, trainedOn: 'mine.csv' };
}

const x = { shape: [2, 5, 3], data: Float32Array.from({ length: 30 }, (_, index) => Math.sin(index)) };

test('a file gives back the model and what it takes to use it', async () => {
  const { model, ...notes } = trained();
  const { model: loaded, ...loadedNotes } = await decodeTrained(await encodeTrained({ model, ...notes }));
  expect(loadedNotes).toEqual(notes);
  expect((await loaded.predict(x)).data).toEqual((await model.predict(x)).data);
});

test('the library loads the file too, and its data begins at a multiple of eight bytes', async () => {
  const { model, ...notes } = trained();
  const bytes = await encodeTrained({ model, ...notes });
  expect((await (await loadModel(bytes)).predict(x)).data).toEqual((await model.predict(x)).data);
  expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
});

test('a file of another program is refused with the reason', async () => {
  await expect(decodeTrained(await modelToBytes(trained().model))).rejects.toThrow('it was not saved by this page');
  await expect(decodeTrained(new Uint8Array(100))).rejects.toThrow('is not a safetensors file');
});

/** A file that says to be of another version of the page. */
async function ofVersion(version: number): Promise<Uint8Array> {
  const file = new TextDecoder('latin1').decode(await encodeTrained(trained()));
  const other = file.replace('\\"version\\":3', `\\"version\\":${version}`);
  expect(other).not.toBe(file);
  return Uint8Array.from(other, (character) => character.charCodeAt(0));
}

test('a file of a version of the page with other notes is refused', async () => {
  for (const version of [1, 4]) await expect(decodeTrained(await ofVersion(version))).rejects.toThrow('another version of this page');
});

test('a file of the version that had a score for every model is read', async () => {
  expect((await decodeTrained(await ofVersion(2))).score).toEqual(trained().score);
});
