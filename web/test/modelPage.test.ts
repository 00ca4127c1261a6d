import { type Model, setRandomSeed, type Tensor } from 'backtime';
import { expect, test } from 'vitest';
import { samplesOf } from '../../ts/formats/html/sampleRows.ts';
import { guessRoles } from '../src/data/columns.ts';
import { buildModel } from '../src/model/layerList.ts';
import { modelPage } from '../src/model/modelPage.ts';
import { allSeriesPipeline } from '../src/model/pipeline.ts';
import { type ForecastNotes, firstStart, forecastFrom, seriesAt, seriesNames } from '../src/tasks/forecast.ts';
import { prepareForecast } from '../src/tasks/prepareForecast.ts';
import { noise, parseTable, rolesOf } from './data.ts';

const DAYS = 160;
const HORIZON = 3;
const STORES = { north: 1, south: 1000, west: 30 };
const iso = (day: number) => new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10);
const price = (place: number, day: number) => 10 + noise(1000 * place + day);
const sales = (place: number, day: number) => (Object.values(STORES)[place] ?? 0) * (10 + noise(day + 7000 * place) + price(place, day));

/** What the page is told besides its model. */
function settingsOf(html: string): { inputs: Record<string, { label?: string; choices?: string[]; examples?: string[] }> } {
  return JSON.parse(/id="settings">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '');
}

async function storesModel(inputs: readonly number[], ahead: readonly number[]) {
  const lines = Object.keys(STORES).flatMap((store, place) =>
    Array.from({ length: DAYS + HORIZON }, (_, day) => `${iso(day)},${store},${price(place, day)},${day < DAYS ? sales(place, day) : ''}`),
  );
  const table = await parseTable(`day,store,price,sales\n${lines.join('\n')}`);
  const roles = { ...guessRoles(table), value: 3, key: 1, keyValue: null, inputs, ahead };
  const data = prepareForecast(table, roles, { window: 6, horizon: HORIZON });
  setRandomSeed(1);
  const model = buildModel(data.frame, [{ kind: 'GRU', units: 4 }]);
  return { model, notes: data.notes, score: null, report: null, trainedOn: 'stores.csv', run: null };
}

test.each([
  ['the series alone', [], []],
  ['another column', [2], []],
  ['a column that is known ahead', [2], [2]],
])('a page of several series answers each in its scale, with %s', async (_, inputs, ahead) => {
  const trained = await storesModel(inputs, ahead);
  const { notes, model } = trained;
  const pipeline: Model = allSeriesPipeline(model, notes);
  const settings = settingsOf(await modelPage(trained, false));
  expect(settings.inputs.series).toEqual({ label: 'store', choices: ['north', 'south', 'west'] });
  // As the page reads its fields.
  const rowsIn = (field: string | undefined, steps: number, width: number) =>
    (samplesOf(field ?? '', { name: '', isText: false, isIds: false, shape: [steps, width] }).values[0] ?? []) as number[][];
  for (const [place, name] of seriesNames(notes).entries()) {
    const own = seriesAt(notes, place);
    // What stands in the fields at first is what the model is to go on from.
    const rows = rowsIn(settings.inputs.rows?.examples?.[place], firstStart(notes), 1 + inputs.length);
    expect([rows.length, rows.at(-1)?.[0]]).toEqual([firstStart(notes), expect.closeTo(sales(place, DAYS - 1), 3)]);
    const next = ahead.length === 0 ? [] : rowsIn(settings.inputs.next?.examples?.[place], HORIZON, 1);
    expect(next.flat()).toEqual(ahead.flatMap(() => [0, 1, 2]).map((day) => expect.closeTo(price(place, DAYS + day), 6)));
    const given = [[[place]], [rows], ...(ahead.length === 0 ? [] : [[next]])];
    const { data } = (await pipeline.predict(given as never)) as unknown as Tensor;
    for (const [step, value] of (await forecastFrom(model, own, DAYS)).entries())
      expect((data[step] as number) / value, name).toBeCloseTo(1, 4);
  }
});

test('a page says which rows each field takes, and holds none of the data where that is left out', async () => {
  const trained = await storesModel([2], [2]);
  const { inputs } = settingsOf(await modelPage(trained, true));
  expect(inputs).toEqual({
    series: { label: 'store', choices: ['north', 'south', 'west'] },
    rows: { label: 'The last 6 rows of sales, price' },
    next: { label: 'What is known ahead: the next 3 values of price' },
  });
});

test('a seasonal forecaster asks for as many values as it reads, season and all', async () => {
  const values = Array.from({ length: 300 }, (_, step) => [9, 2, 7, 1, 8, 3, 6][step % 7] + 0.1 * noise(step));
  const { notes, frame } = prepareForecast(await parseTable(`value\n${values.join('\n')}`, true), rolesOf({}), { window: 6, horizon: 3 });
  expect(notes.season).toBe(7);
  const model = buildModel(frame, [{ kind: 'GRU', units: 4 }]);
  const whole = { model, notes: notes as ForecastNotes, score: null, report: null, trainedOn: 'values.csv', run: null };
  const { inputs } = settingsOf(await modelPage(whole, false));
  expect(inputs.rows?.label).toBe(`The last ${firstStart(notes)} values of value`);
  expect(inputs.rows?.examples?.map((text) => text.split(' ').length)).toEqual([firstStart(notes)]);
});
