import { Dense, LSTM, loadModel, modelToBytes, Sequential } from 'backtime';
import { expect, test } from 'vitest';
import { decodeTrained, encodeTrained } from '../src/model/modelFile.ts';
import type { TrainedModel } from '../src/model/trainedModel.ts';
import { encodeWindows, type ForecastNotes } from '../src/tasks/forecast.ts';

function trained(): TrainedModel {
  const model = new Sequential([new LSTM(4), new Dense(2, { activation: 'softmax' })]);
  model.build([null, 5, 3]);
  const scored = { count: 100, model: 0.75, baselines: [{ rule: 'frequent', value: 0.5, answer: 'a' }] } as const;
  const notes = {
    task: 'classifyText',
    vocabulary: ['', '[UNK]', 'naïve', '猫'],
    length: 5,
    classes: ['a', 'b'],
    example: 'é',
  } as const;
  return { model, notes, score: { kind: 'accuracy', validation: scored, test: scored }, report: null, trainedOn: 'mine.csv', run: null };
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

test('a file of another program is refused with the reason, in plain words', async () => {
  await expect(decodeTrained(await modelToBytes(trained().model))).rejects.toThrow('this page did not save it');
  await expect(decodeTrained(new Uint8Array(100))).rejects.toThrow('it is not a model that this page has saved, or the file is damaged');
});

/** A file of another version of the page, with its own notes. */
async function ofVersion(version: number, change: (notes: Record<string, unknown>) => object = (notes) => notes): Promise<Uint8Array> {
  const bytes = await encodeTrained(trained());
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as { __metadata__: Record<string, string> };
  const notes = JSON.parse(header.__metadata__['backtime.web']) as Record<string, unknown>;
  header.__metadata__['backtime.web'] = JSON.stringify({ ...change(notes), version });
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(8 + Math.ceil(json.length / 8) * 8 + bytes.length - 8 - length).fill(0x20);
  new DataView(padded.buffer).setBigUint64(0, BigInt(Math.ceil(json.length / 8) * 8), true);
  padded.set(json, 8);
  padded.set(bytes.subarray(8 + length), padded.length - (bytes.length - 8 - length));
  return padded;
}

test('a file of a version of the page with other notes is refused', async () => {
  for (const version of [1, 8]) await expect(decodeTrained(await ofVersion(version))).rejects.toThrow('another version of this page');
});

const oldScore = { kind: 'accuracy', validation: { count: 9, model: 0.75, baseline: 0.5 }, test: { count: 8, model: 0.5, baseline: 0.25 } };

test.each([2, 3])('a file of version %i, with one baseline, is read', async (version) => {
  const { score, run, notes } = await decodeTrained(
    await ofVersion(version, ({ notes: old, trainedOn }) => ({ notes: old, trainedOn, score: oldScore })),
  );
  expect(score?.test).toEqual({ count: 8, model: 0.5, baselines: [{ rule: 'frequent', value: 0.25 }] });
  expect([run, notes.task]).toEqual([null, 'classifyText']);
});

test('a forecaster of version 3 forecasts as it did: relative to the last value', async () => {
  const old = { task: 'forecast', name: 'x', window: 2, horizon: 1, scale: 4, series: [1, 2, 3], heldOutFrom: 1 };
  const { notes } = await decodeTrained(await ofVersion(3, ({ trainedOn }) => ({ notes: old, trainedOn, score: null })));
  expect(notes).toEqual({ ...old, season: 1, inputScale: 4, times: null, residuals: null });
  expect(Array.from(encodeWindows(notes as ForecastNotes, [3]).data)).toEqual([(2 - 3) / 4, 0]);
});
