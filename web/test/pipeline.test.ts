import { forecast, loadModel, type Model, modelToBytes, modelToHTML, Sequential, setRandomSeed } from 'backtime';
import { expect, test } from 'vitest';
import { buildModel } from '../src/model/layerList.ts';
import { pipelineOf } from '../src/model/pipeline.ts';
import { prepareSeries } from '../src/tasks/classifySeries.ts';
import { prepareText } from '../src/tasks/classifyText.ts';
import { forecastFrom } from '../src/tasks/forecast.ts';
import { prepareForecast } from '../src/tasks/prepareForecast.ts';
import { encodeSeries } from '../src/tasks/seriesInput.ts';
import { textEncoder } from '../src/tasks/textInput.ts';
import { prepareWriting } from '../src/tasks/write.ts';
import { noise, parseTable, rolesOf } from './data.ts';

setRandomSeed(1);
const roles = rolesOf({ label: 1, values: [0, 1, 2] });
const layers = [{ kind: 'GRU', units: 4 }] as const;

test.each([
  ['no season', (step: number) => noise(step) + step, 12, 5, 1],
  ['a season longer than what is forecast', (step: number) => 10 * Math.sin((2 * Math.PI * step) / 16) + step + noise(step), 12, 5, 16],
  ['a season shorter than what is forecast', (step: number) => 10 * Math.sin((2 * Math.PI * step) / 4) + step + noise(step), 6, 10, 4],
])('a forecaster takes and gives numbers in the unit of the series: %s', async (_, value, window, horizon, season) => {
  const table = await parseTable(`value\n${Array.from({ length: 300 }, (_step, step) => value(step)).join('\n')}`, true);
  const { frame, notes: prepared } = prepareForecast(table, roles, { window, horizon });
  const notes = { ...prepared, season };
  const model = buildModel(frame, layers);
  const pipeline = pipelineOf(model, notes) as Model;
  const expected = await forecastFrom(model, notes, notes.series.length);
  const { values } = await forecast(pipeline, [...notes.series], horizon);
  for (const [ahead, forecasted] of expected.entries()) expect(values.data[ahead]).toBeCloseTo(forecasted, 3);
});

test('a classifier of texts takes texts, also after it was saved and as a page', async () => {
  const rows = Array.from({ length: 40 }, (_, row) => `${row % 2 ? 'good' : 'bad'} film number ${row},${row % 2}`);
  const { frame, notes } = prepareText(await parseTable(`text,class\n${rows.join('\n')}`), roles, { words: 20, length: 6 });
  const model = buildModel(frame, layers);
  const pipeline = pipelineOf(model, notes) as Model;
  const texts = ['a good film', 'bad'];
  const expected = (await model.predict(textEncoder(notes)(texts))).data;
  const loaded = await loadModel(await modelToBytes(pipeline));
  for (const each of [pipeline, loaded]) {
    const { data } = (await (each as Model).predict(texts)) as { data: Float32Array };
    for (const [place, probability] of expected.entries()) expect(data[place]).toBeCloseTo(probability, 5);
  }
  expect(await modelToHTML(pipeline, { classNames: [...notes.classes] })).toContain('<!doctype html>');
});

test('a classifier of series takes numbers as they were measured', async () => {
  const rows = Array.from({ length: 40 }, (_, row) => `${row},${100 + (row % 2)},${row * 2},${row % 2 ? 'a' : 'b'}`);
  const table = await parseTable(`x,y,z,class\n${rows.join('\n')}`);
  const { frame, notes } = prepareSeries(table, { ...roles, label: 3 }, { length: 10 });
  const model = buildModel(frame, layers);
  const series = [[1], [2], [3]];
  const { data } = (await (pipelineOf(model, notes) as Model).predict([series])) as { data: Float32Array };
  const expected = (await model.predict(encodeSeries(notes, [series]))).data;
  for (const [place, probability] of expected.entries()) expect(data[place]).toBeCloseTo(probability, 5);
});

test('a writer has none', () => {
  const { frame, notes } = prepareWriting('abcd '.repeat(300), { characters: 10_000, window: 8 });
  expect(buildModel(frame, layers)).toBeInstanceOf(Sequential);
  expect(pipelineOf(buildModel(frame, layers), notes)).toBeNull();
});
