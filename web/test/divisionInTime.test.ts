import { expect, test } from 'vitest';
import { prepareSeries } from '../src/tasks/classifySeries.ts';
import { prepareForecast } from '../src/tasks/prepareForecast.ts';
import { parseTable, rolesOf } from './data.ts';

/** A log in which a class stays for `run` rows; the number of a row is its place. */
async function logOf(rows: number, run: number, length: number, overlap: number) {
  const lines = Array.from({ length: rows }, (_, row) => `${row},${Math.floor(row / run) % 2 ? 'walk' : 'run'}`);
  const table = await parseTable(`x,kind\n${lines.join('\n')}`);
  const roles = { ...rolesOf({ label: 1, values: [0] }), layout: 'windows' as const };
  const data = prepareSeries(table, roles, { length: 100, window: length, overlap });
  const { means, deviations } = data.notes.scaling;
  /** The rows that each part knows. */
  const rowsOf = ([{ data: x }]: typeof data.train) =>
    new Set(Array.from(x, (value) => Math.round(value * (deviations[0] ?? 0) + (means[0] ?? 0))));
  const parts = (['train', 'test', 'validation'] as const).map((part) => ({
    count: data[part][0].shape[0] as number,
    rows: rowsOf(data[part]),
  }));
  return { data, parts };
}

test.each([
  [600, 150, 50, 50],
  [600, 150, 50, 0],
  [900, 300, 40, 75],
  [4000, 2000, 50, 90],
  [1200, 60, 50, 50],
])(
  'of %i rows in stretches of %i, cut into pieces of %i with an overlap of %i percent, each part has some and shares no row',
  async (rows, run, length, overlap) => {
    const { parts } = await logOf(rows, run, length, overlap);
    for (const [place, { count, rows: own }] of parts.entries()) {
      expect(count).toBeGreaterThan(0);
      for (const other of parts.slice(place + 1)) expect([...own].filter((row) => other.rows.has(row))).toEqual([]);
    }
    const [train, ...kept] = parts as [(typeof parts)[number], ...typeof parts];
    expect(train.count).toBeGreaterThanOrEqual(Math.max(...kept.map(({ count }) => count)));
  },
);

test('a log that leaves nothing to judge by is refused with what to do', async () => {
  await expect(logOf(240, 120, 60, 90)).rejects.toThrow(
    /too few to keep some from training that have no row in common with the others\. Choose shorter pieces or less overlap, or give a longer log\.$/,
  );
});

test('a table whose columns are times is no series, and it is said how to turn it', async () => {
  const rows = Array.from({ length: 60 }, (_, row) => `s${row},${row},${row + 1},${row * 2},${row + 5}`).join('\n');
  const settings = { window: 6, horizon: 3 };
  for (const names of ['2023-01,2023-02,2023-03,2023-04', '2019,2020,2021,2022', '1/1/20,1/2/20,1/3/20,1/4/20']) {
    const table = await parseTable(`store,${names}\n${rows}`, true);
    const [first, last] = [names.split(',')[0], names.split(',')[3]];
    expect(() => prepareForecast(table, rolesOf({ value: 4 }), settings)).toThrow(
      `The names of 4 columns are times, “${first}” to “${last}”, so that each row is a series of its own. A forecast needs a row for each time: turn the table`,
    );
  }
  const other = await parseTable(`store,north,south,west,2022\n${rows}`, true);
  expect(prepareForecast(other, rolesOf({ value: 4 }), settings).notes.name).toBe('2022');
});

test('a series in which nothing changes is told', async () => {
  const table = await parseTable(`load,other\n${Array.from({ length: 60 }, (_, row) => `5,${row}`).join('\n')}`, true);
  const settings = { window: 6, horizon: 3 };
  expect(prepareForecast(table, rolesOf({ value: 0 }), settings).warnings).toEqual([
    'All values of “load” are 5: there is nothing to learn. Choose another column.',
  ]);
  expect(prepareForecast(table, rolesOf({ value: 1 }), settings).warnings).toEqual([]);
});
