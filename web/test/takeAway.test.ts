import { loadModel, modelToBytes, setRandomSeed } from 'backtime';
import { beforeAll, expect, test } from 'vitest';
import type { DataSource } from '../src/data/dataSource.ts';
import { readFiles } from '../src/data/source.ts';
import { codeSnippet } from '../src/model/codeSnippet.ts';
import { buildModel } from '../src/model/layerList.ts';
import { decodeTrained, encodeTrained } from '../src/model/modelFile.ts';
import { dataIn, withoutData } from '../src/model/personalData.ts';
import { pipelineOf } from '../src/model/pipeline.ts';
import type { TrainedModel } from '../src/model/trainedModel.ts';
import { prepareSeries } from '../src/tasks/classifySeries.ts';
import { prepareText } from '../src/tasks/classifyText.ts';
import { judgeWithSteps } from '../src/tasks/explainSteps.ts';
import { dateText, forecastRows } from '../src/tasks/forecastRows.ts';
import { newDataFor } from '../src/tasks/newData.ts';
import { prepareForecast } from '../src/tasks/prepareForecast.ts';
import { judge } from '../src/tasks/score.ts';
import { encodeSeries } from '../src/tasks/seriesInput.ts';
import { UnusableDataError } from '../src/tasks/task.ts';
import { textEncoder } from '../src/tasks/textInput.ts';
import { prepareWriting } from '../src/tasks/write.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { bundledTable, noise, parseTable, rolesOf } from './data.ts';

beforeAll(() => setRandomSeed(1));

const roles = rolesOf({ label: 1, values: [0, 1, 2], value: 1 });
const layers = [{ kind: 'GRU', units: 4 }] as const;
const source = (text: string, name = 'new.csv'): Promise<DataSource> => readFiles([{ file: new File([text], name), path: name }], {});

const reviews = async () =>
  prepareText(
    await parseTable(
      `review,stars\n${Array.from({ length: 40 }, (_, row) => `${row % 2 ? 'good' : 'bad'} film ${row},${row % 2}`).join('\n')}`,
    ),
    roles,
    { words: 20, length: 4 },
  );

test('texts are found by the name of their column, wherever it stands, or line by line', async () => {
  const { notes } = await reviews();
  const expected = textEncoder(notes)(['good film', 'bad, bad film']);
  const table = newDataFor(await source('id,review\n1,good film\n2,\n3,"bad, bad film"'), notes);
  expect(table).toMatchObject({ kind: 'examples', header: 'review', names: ['good film', 'bad, bad film'], x: expected });
  expect(table.kind === 'examples' && table.left).toEqual([{ row: 3, message: 'has no text' }]);
  expect(newDataFor(await source('good film\n\nbad, bad film\n', 'pasted.txt'), notes)).toMatchObject({
    names: ['good film', 'bad, bad film'],
    x: expected,
  });
  await expect(source(' \n', 'pasted.txt')).rejects.toThrow('pasted.txt is empty.');
});

test('series are put together by the name of the column of recordings, and columns may stand in another order', async () => {
  const table = await bundledTable('basic-motions.csv');
  const columns = table.names.length;
  const { notes } = prepareSeries(table, rolesOf({ label: 1, series: 0, values: Array.from({ length: columns - 2 }, (_, i) => i + 2) }), {
    length: 100,
  });
  const names = table.names.slice(2);
  const first = [...table.rows()].filter(({ recording }) => recording === '1').map((row) => names.map((name) => String(row[name])));
  const text = `${[...names].reverse().join(',')},recording\n${first
    .map((cells) => [...cells].reverse().join(','))
    .join('\n')
    .replace(/$/gm, ',r1')}`;
  const data = newDataFor(await source(text), notes);
  const series = first.map((cells) => cells.map(Number));
  expect(data).toMatchObject({ kind: 'examples', header: 'recording', names: ['r1'], x: encodeSeries(notes, [series]) });
  const [other, words] = [await source(`a,b\n${'1,2\n'.repeat(20)}`), await source('words', 'x.txt')];
  expect(() => newDataFor(other, notes)).toThrow(/The table lacks columns “acceleration x”, .*It must have the columns/);
  expect(() => newDataFor(words, notes)).toThrow(UnusableDataError);
});

const wave = (length: number) => Array.from({ length }, (_, step) => 50 + 10 * Math.sin((2 * Math.PI * step) / 12) + 2 * noise(step));

test('a series goes on from its own end; one that is too short is refused with the length that would do', async () => {
  const { notes } = prepareForecast(
    await parseTable(
      `day,load\n${wave(200)
        .map((value, day) => `d${day},${value}`)
        .join('\n')}`,
    ),
    roles,
    { window: 10, horizon: 5 },
  );
  const short = await source('load\n1\n2\n3');
  expect(() => newDataFor(short, notes)).toThrow('The series has 3 values; to go on from it, at least 36 are needed.');
  const data = newDataFor(
    await source(
      `other,load\n${wave(40)
        .map((value) => `7,${value}`)
        .join('\n')}`,
    ),
    notes,
  );
  expect(data.kind === 'series' && data.all[0]?.series.map(Number)).toEqual(wave(40));
});

test('forecasts have dates and an interval that covers about nine of ten values', async () => {
  const table = await parseTable(
    `day,load\n${wave(600)
      .map((value, day) => `d${day},${value}`)
      .join('\n')}`,
  );
  const data = prepareForecast(table, roles, { window: 12, horizon: 6 });
  const { model } = await new TrainingRun(
    buildModel(data.frame, layers),
    data,
    { epochs: 5, batchSize: 16, learningRate: 0.01 },
    () => {},
  ).train();
  if (!model) throw new Error('no model');
  const { residuals } = await judge(model, data);
  const times = Array.from({ length: 600 }, (_, day) => Date.UTC(2020, 0, 1 + day));
  const notes = { ...data.notes, residuals, times };
  let covered = 0;
  for (let start = 390; start < 480; start += 6) {
    for (const { lower, upper, step } of await forecastRows(model, notes, start)) {
      const truth = notes.series[step - 1];
      if (truth >= (lower ?? Number.NaN) && truth <= (upper ?? Number.NaN)) covered++;
    }
  }
  expect(covered / 90).toBeGreaterThan(0.75);
  const future = await forecastRows(model, notes, 600);
  expect(future.map(({ time }) => dateText(time ?? 0))).toEqual(
    Array.from({ length: 6 }, (_, ahead) => dateText(Date.UTC(2020, 0, 601 + ahead))),
  );
  expect(future[0].step).toBe(601);
  const last = await forecastRows(model, notes, 598);
  expect(last.map(({ time }) => time)).toEqual(Array.from({ length: 6 }, (_, ahead) => Date.UTC(2020, 0, 599 + ahead)));
  expect((await forecastRows(model, { ...notes, residuals: null, times: null }, 600))[0]).toMatchObject({
    lower: null,
    upper: null,
    time: null,
  });
});

test('the steps that decide are those that the class is told from', async () => {
  // The third quarter alone is high or low.
  const rows = Array.from({ length: 120 }, (_, row) =>
    [
      ...Array.from({ length: 16 }, (_step, step) => (step >= 8 && step < 12 ? (row % 2 ? 5 : -5) : 0) + noise(row * 16 + step)),
      row % 2 ? 'high' : 'low',
    ].join(','),
  );
  const table = await parseTable(`${Array.from({ length: 16 }, (_, step) => `s${step}`).join(',')},class\n${rows.join('\n')}`);
  const data = prepareSeries(table, { ...roles, label: 16, values: Array.from({ length: 16 }, (_, step) => step) }, { length: 16 });
  const { model } = await new TrainingRun(
    buildModel(data.frame, [{ kind: 'GRU', units: 8 }]),
    data,
    { epochs: 20, batchSize: 8, learningRate: 0.01 },
    () => {},
  ).train();
  if (!model) throw new Error('no model');
  const { parts, probabilities, best } = await judgeWithSteps(model, data.notes, data.notes.examples[0].example);
  expect(probabilities[best]).toBeGreaterThan(0.8);
  expect([parts[0].from, parts[parts.length - 1].to]).toEqual([0, 16]);
  const strongest = parts.reduce((most, part) => (part.effect > most.effect ? part : most));
  expect([strongest.from >= 7, strongest.to <= 13]).toEqual([true, true]);
});

const places = {
  wrong: [{ row: 3, text: 'my letter to you', truth: 0, said: 1, probability: 0.9 }],
  wrongCount: 1,
  confusion: [],
  classes: [],
};

test.each([
  ['texts', reviews, ['bad film 0', 'good film 1']],
  [
    'a series',
    async () =>
      prepareForecast(
        await parseTable(
          `day,load\n${wave(200)
            .map((value, day) => `d${day},${value}`)
            .join('\n')}`,
        ),
        roles,
        { window: 10, horizon: 5 },
      ),
    ['50.'],
  ],
  ['a text', () => prepareWriting('my diary of june '.repeat(100), { characters: 10_000, window: 8 }), ['my diary']],
] as const)('what a file holds of %s is told, and is not in it when it is left out', async (_, prepare, secrets) => {
  const { frame, notes } = await prepare();
  const trained: TrainedModel = {
    model: buildModel(frame, layers),
    notes,
    score: null,
    report: { ...places },
    trainedOn: 'x.csv',
    run: null,
  };
  expect(dataIn(trained)).toHaveLength(2);
  const textOf = async (model: TrainedModel) => {
    const bytes = await encodeTrained(model);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    return new TextDecoder().decode(bytes.subarray(8, 8 + length));
  };
  const hasSecret = (text: string) => text.includes('my letter to you') || secrets.some((secret) => text.includes(secret));
  expect(hasSecret(await textOf(trained))).toBe(true);
  const stripped = withoutData(trained);
  expect(hasSecret(await textOf(stripped))).toBe(false);
  expect(dataIn(stripped)).toEqual([]);
  expect((await decodeTrained(await encodeTrained(stripped))).notes.task).toBe(notes.task);
});

test('the program that is shown runs, and says what the model says', async () => {
  const { frame, notes } = await reviews();
  const model = buildModel(frame, layers);
  const bytes = await modelToBytes(pipelineOf(model, notes) as never);
  const snippet = codeSnippet(notes, 'reviews.safetensors');
  expect(snippet).toContain('await readFile("reviews.safetensors")');
  const body = snippet.replace(/^import .*$/gm, '').replace('console.log(classes, data)', 'return [classes, data]');
  const run = new Function('readFile', 'loadModel', `return (async () => {${body}\n})()`) as (
    read: () => Uint8Array,
    load: typeof loadModel,
  ) => Promise<[string[], Float32Array]>;
  const [classes, data] = await run(() => bytes, loadModel);
  expect(classes).toEqual(['0', '1']);
  const expected = (await model.predict(textEncoder(notes)(['a text', 'another text']))).data;
  expect(Array.from(data)).toEqual(Array.from(expected, (value) => expect.closeTo(value, 5)));
});
