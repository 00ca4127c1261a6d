import type { Table } from 'backtime';
import { describe, expect, test } from 'vitest';
import type { ColumnRoles } from '../src/data/columns.ts';
import { prepareSeries } from '../src/tasks/classifySeries.ts';
import { encodeSeries } from '../src/tasks/seriesInput.ts';
import { parseTable, rolesOf } from './data.ts';

const wide = await parseTable(
  `a,b,kind\n${Array.from({ length: 20 }, (_, row) => `${row},${row + 2},${row % 2 ? 'odd' : 'even'}`).join('\n')}`,
);
const roles = rolesOf({ label: 2, series: null, values: [0, 1] });

test('rows that are series become steps of one scaled number', async () => {
  const { notes, train } = prepareSeries(wide, roles, { length: 100 });
  expect(notes.channels).toEqual(['value']);
  expect(train[0].shape).toEqual([13, 2, 1]);
  const data = Array.from(train[0].data);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  expect(mean).toBeCloseTo(0, 5);
  expect(data.reduce((sum, value) => sum + value ** 2, 0) / data.length).toBeCloseTo(1, 5);
});

const steps = Array.from({ length: 12 }, (_, series) =>
  Array.from({ length: 2 + (series % 3) }, (_, step) => `s${series},${series % 2 ? 'x' : 'y'},${step},${series}`),
).flat();
const long = await parseTable(`series,kind,up,size\n${steps.join('\n')}\ns0,x,1,1\n,x,1,1`);

test('rows that are steps are joined to series, and rows that contradict are named', async () => {
  const { notes, train, problems } = prepareSeries(long, rolesOf({ label: 1, series: 0, values: [2, 3] }), { length: 100 });
  expect(notes.channels).toEqual(['up', 'size']);
  expect(notes.length).toBe(4);
  expect(train[0].shape).toEqual([8, 4, 2]);
  expect(problems.map(({ message }) => message)).toEqual(['says “x”, but “s0” began as “y”', 'column “series” is empty']);
});

test('short series are filled up before their first step with means, long ones keep their last steps', async () => {
  const { notes } = prepareSeries(long, rolesOf({ label: 1, series: 0, values: [2] }), { length: 3 });
  const exact = { ...notes, scaling: { means: [0], deviations: [1] } };
  expect(
    Array.from(
      encodeSeries(exact, [
        [[7], [8]],
        [[1], [2], [3], [4]],
      ]).data,
    ),
  ).toEqual([0, 7, 8, 2, 3, 4]);
});

test('the class and the name of a series are never among its numbers', async () => {
  const numbered = await parseTable(
    `name,kind,x\n${Array.from({ length: 40 }, (_, row) => `${row >> 1},${(row >> 1) % 2},${row}`).join('\n')}`,
  );
  const { notes } = prepareSeries(numbered, rolesOf({ label: 1, series: 0, values: [0, 1, 2] }), { length: 100 });
  expect(notes.channels).toEqual(['x']);
});

/** Rows of six numbers and a class, with other cells in some. */
async function wideWith(changed: Readonly<Record<number, string>>) {
  const rows = Array.from(
    { length: 20 },
    (_, row) => changed[row] ?? `${[1, 2, 3, 4, 5, 6].map((step) => row + step ** 2)},${row % 2 ? 'odd' : 'even'}`,
  );
  return await parseTable(`a,b,c,d,e,f,kind\n${rows.join('\n')}`);
}

/** All series of a table by their first number. */
function seriesOf(table: Table, chosen: ColumnRoles = { ...roles, label: 6, values: [0, 1, 2, 3, 4, 5] }) {
  const prepared = prepareSeries(table, chosen, { length: 100 });
  const { train, validation, test: kept, notes } = prepared;
  const width = notes.length * notes.channels.length;
  const all = [train, validation, kept].flatMap(([{ data }]) =>
    Array.from({ length: data.length / width }, (_, index) =>
      Array.from(data.slice(index * width, (index + 1) * width), (value, place) => {
        const channel = place % notes.channels.length;
        return Math.round(1000 * (value * notes.scaling.deviations[channel] + notes.scaling.means[channel])) / 1000;
      }),
    ),
  );
  return { ...prepared, all };
}

test('a row with a number missing stays a series: filled in between, shorter at its ends', async () => {
  const { all, problems, missing, notes } = seriesOf(
    await wideWith({
      2: '1000,NaN,1004,?,,1010,odd',
      3: '2000,2001,2002,2003,,NaN,odd',
      4: ',null,3000,3001,3002,3003,odd',
      5: 'NA,1,x,3,4,n/a,even',
      6: '-,NaN,,NA,?,null,odd',
    }),
  );
  const mean = Math.round(1000 * notes.scaling.means[0]) / 1000;
  expect(all).toHaveLength(19);
  for (const series of [
    [1000, 1002, 1004, 1006, 1008, 1010],
    [mean, mean, 2000, 2001, 2002, 2003],
    [mean, mean, 3000, 3001, 3002, 3003],
    [mean, mean, 1, 2, 3, 4],
  ])
    expect(all).toContainEqual(series);
  expect(problems).toEqual([{ row: 8, message: 'has no number' }]);
  expect(missing).toEqual([
    { row: 4, message: 'column “b” has “NaN”, and 2 more lack a number: filled in from its neighbours' },
    { row: 5, message: 'its 2 last numbers are missing: the series is that much shorter' },
    { row: 6, message: 'its 2 first numbers are missing: the series is that much shorter' },
    {
      row: 7,
      message:
        'column “c” has “x”, which is no number: filled in from its neighbours; its first number is missing: the series is that much shorter; its last number is missing: the series is that much shorter',
    },
  ]);
});

test('a mark for a missing number counts in all columns of a row that is a series', async () => {
  const { all, missing } = seriesOf(await wideWith({ 3: '4,7,-999,19,28,39,odd' }));
  expect(all).toContainEqual([4, 7, 13, 19, 28, 39]);
  expect(missing).toEqual([{ row: 5, message: 'column “c” has “-999”, a mark for a missing number: filled in from its neighbours' }]);
});

test('columns that hold no numbers are refused by name, and those that short series leave empty are not', async () => {
  const words = await parseTable(`a,city,kind\n${Array.from({ length: 20 }, (_, row) => `${row},Paris,${row % 2}`).join('\n')}`, true);
  expect(() => prepareSeries(words, roles, { length: 100 })).toThrow('Column “city” holds no numbers: row 2 has “Paris”.');
  const empty = await parseTable(`a,b,kind\n${Array.from({ length: 20 }, (_, row) => `${row * 7},NaN,${row % 2}`).join('\n')}`, true);
  expect(prepareSeries(empty, roles, { length: 100 }).notes.length).toBe(1);
});

describe('a step that lacks something', () => {
  const long = (changed: Readonly<Record<number, string>>) =>
    parseTable(
      `series,kind,x,y\n${Array.from({ length: 60 }, (_, row) => changed[row] ?? `s${Math.floor(row / 5)},${Math.floor(row / 5) % 2},${row},${row ** 2}`).join('\n')}`,
    );
  const longRoles = rolesOf({ label: 1, series: 0, values: [2, 3] });

  test('keeps its time within its series', async () => {
    const { all, problems, missing, notes } = seriesOf(
      await long({
        6: 's1,1,NA,36',
        11: 's2,0,11,121,oops',
        12: ',0,12,144',
        16: 's3,0,16,256',
        19: 's3,,19,361',
        20: 's4,0,,',
        26: 's5,1,26,',
      }),
      longRoles,
    );
    expect(all.map(({ length }) => length)).toEqual(Array(12).fill(10));
    const [meanX, meanY] = notes.scaling.means.map((mean) => Math.round(1000 * mean) / 1000);
    for (const series of [
      [5, 25, 6, 36, 7, 49, 8, 64, 9, 81],
      [10, 100, 11, 123, 12, 146, 13, 169, 14, 196],
      [15, 225, 16, 257, 17, 289, 18, 324, 19, 361],
      [meanX, meanY, 21, 441, 22, 484, 23, 529, 24, 576],
      [25, 625, 26, 677, 27, 729, 28, 784, 29, 841],
    ])
      expect(all).toContainEqual(series);
    expect(problems).toEqual([]);
    expect(missing).toEqual([
      { row: 8, message: 'column “x” has “NA”: filled in from its neighbours' },
      { row: 13, message: 'has 5 fields, but there are 4 columns: filled in from its neighbours' },
      { row: 14, message: 'column “series” is empty: filled in from its neighbours' },
      { row: 18, message: 'says “0”, but “s3” began as “1”: filled in from its neighbours' },
      { row: 22, message: 'column “x” is empty, and 1 more lacks a number: left out, at an end of its series' },
      { row: 28, message: 'column “y” is empty: filled in from its neighbours' },
    ]);
  });

  test('between two series is of neither', async () => {
    const { all, problems } = seriesOf(await long({ 4: 'what,1', 5: 'ever,1' }), longRoles);
    expect(all).toHaveLength(12);
    expect(problems.map(({ row }) => row)).toEqual([6, 7]);
  });

  test('leaves out only series without a class, or without a number of a channel', async () => {
    const changed = Object.fromEntries(
      [0, 1, 2, 3, 4].flatMap((row) => [
        [row, `s0,,${row},1`],
        [row + 5, `s1,1,${row},-`],
      ]),
    );
    const { all, problems } = seriesOf(await long(changed), longRoles);
    expect(all).toHaveLength(10);
    expect(problems).toEqual([
      { row: 2, message: 'column “kind” has no class for “s0”, which begins here' },
      { row: 7, message: 'column “y” has no number for “s1”, which begins here' },
    ]);
  });

  test('has the nearest number of its channel where only that is missing at an end', async () => {
    const { all } = seriesOf(await long({ 5: 's1,1,5,', 9: 's1,1,,81' }), longRoles);
    expect(all).toContainEqual([5, 36, 6, 36, 7, 49, 8, 64, 8, 81]);
  });
});
