import { expect, test } from 'vitest';
import { ArgumentError, readCSV, readCSVRows, tableFromRows } from '../../ts/index.ts';

const bytesOf = (rows: readonly string[]) => new TextEncoder().encode(rows.join('\n'));
const day = (row: number) => `2024-01-${String(row + 1).padStart(2, '0')}`;
const rowsOf = (row: (index: number) => readonly (string | number)[]) => Array.from({ length: 25 }, (_, index) => row(index).join(','));
const ranges = rowsOf((row) => [day(row), row, row + 3, 50 + row, 60 + row]);
const joined = ['Temperature min', 'Temperature max', 'Humidity min', 'Humidity max'];

test.each<[string, string[], string[], string[], { names: number[]; units: number | null }]>([
  ['groups above names', [',Temperature,,Humidity,', 'day,min,max,min,max'], ranges, ['day', ...joined], { names: [1, 2], units: null }],
  ['a name beside groups', ['day,Temperature,,Humidity,', ',min,max,min,max'], ranges, ['day', ...joined], { names: [1, 2], units: null }],
  [
    'groups that repeat, and the name of an index, as pandas writes them',
    [',Temperature,Temperature,Humidity,Humidity', ',min,max,min,max', 'date,,,,'],
    ranges,
    ['date', ...joined],
    { names: [1, 2, 3], units: null },
  ],
  [
    'groups, names and units',
    [',Temperature,,Humidity,', 'day,min,max,min,max', 'd,°C,°C,%,%'],
    ranges,
    ['day', ...joined],
    { names: [1, 2], units: 3 },
  ],
  [
    'a group beside a column without a name',
    [',Temperature,,Humidity,', 'day,min,max,min,'],
    ranges,
    ['day', ...joined.slice(0, 3), 'column5'],
    { names: [1, 2], units: null },
  ],
  [
    'no more than three rows of names',
    ['a,a', 'b,b', 'c,c', 'd,e'],
    rowsOf((row) => [row, row * row]),
    ['a b c', 'a b c_2'],
    { names: [1, 2, 3], units: null },
  ],
  [
    'names that only units tell apart',
    ['day,load,load', 'd,kW,%'],
    rowsOf((row) => [day(row), row, row / 2]),
    ['day d', 'load kW', 'load %'],
    { names: [1, 2], units: null },
  ],
  [
    'names above units, of which some columns have none',
    ['day,load,count,state', ',kW,,'],
    rowsOf((row) => [day(row), row * 1.5, row * row, row % 2 ? 'on' : 'off']),
    ['day', 'load', 'count', 'state'],
    { names: [1], units: 2 },
  ],
  [
    'groups above names of texts',
    ['Film,,Viewer,', 'title,genre,age,verdict'],
    rowsOf((row) => [`film ${row}`, row % 3 ? 'drama' : 'comedy', row % 2 ? 'old' : 'young', row % 2 ? 'good' : 'bad']),
    ['Film title', 'Film genre', 'Viewer age', 'Viewer verdict'],
    { names: [1, 2], units: null },
  ],
  [
    'groups above names of texts, and a first row that is like none below it',
    [',Viewer,,Film', ',age,verdict,length', 'all,any,mixed,both'],
    rowsOf((row) => [row % 3 ? 'drama' : 'comedy', row % 2 ? 'old' : 'young', row % 2 ? 'good' : 'bad', row % 4 ? 'long' : 'short']),
    ['index', 'Viewer age', 'Viewer verdict', 'Film length'],
    { names: [1, 2], units: null },
  ],
  [
    'names and units beside a column that is empty',
    ['day,load,', 'd,kW,'],
    rowsOf((row) => [day(row), row * row, '']),
    ['day', 'load', 'column3'],
    { names: [1], units: 2 },
  ],
  [
    'a first row of texts that is like none below it',
    ['age,verdict', 'any,mixed'],
    rowsOf((row) => [row % 2 ? 'old' : 'young', row % 3 ? 'good' : 'bad']),
    ['age', 'verdict'],
    { names: [1], units: null },
  ],
  [
    'a first row of which a number is missing, and a state like none below it',
    ['state,load', 'off,'],
    rowsOf((row) => ['on', row * row]),
    ['state', 'load'],
    { names: [1], units: null },
  ],
  [
    'a first day without a number',
    ['day,load', '2023-12-31,broken'],
    rowsOf((row) => [day(row), row * row]),
    ['day', 'load'],
    { names: [1], units: null },
  ],
  [
    'a first row of which a state is missing',
    ['state,load', 'on,broken'],
    rowsOf((row) => [row % 2 ? 'on' : 'off', row * row]),
    ['state', 'load'],
    { names: [1], units: null },
  ],
])('names of columns: %s', async (_, head, rows, names, lines) => {
  const table = await readCSV(bytesOf([...head, ...rows]));
  const { nameLines, unitsLine, firstLine } = table.format ?? expect.fail('no format');
  expect(firstLine).toBe(lines.names[0]);
  expect([table.names, { names: nameLines, units: unitsLine }]).toEqual([names, lines]);
  expect(table.rowCount).toBe(head.length + rows.length - lines.names.length - Number(lines.units !== null));
  // A spreadsheet has the same rows as cells.
  const cells = [...head, ...rows].map((row) =>
    row.split(',').map((cell) => (cell !== '' && !Number.isNaN(Number(cell)) ? Number(cell) : cell)),
  );
  const same = await tableFromRows(cells);
  expect([same.names, same.format?.nameLines, same.format?.unitsLine, same.rowCount]).toEqual([
    names,
    nameLines,
    unitsLine,
    table.rowCount,
  ]);
});

test('the number of rows with names can be said', async () => {
  const source = bytesOf([',Temperature,,Humidity,', 'day,min,max,min,max', ...ranges]);
  const one = await readCSV(source, { header: 1 });
  expect([one.names, one.format?.unitsLine, one.rowCount]).toEqual([['index', 'Temperature', 'column3', 'Humidity', 'column5'], 2, 25]);
  const found = await readCSV(source, { header: true });
  expect(found.names).toEqual(['day', ...joined]);
  const units = bytesOf(['day,load', 'd,kW', ...rowsOf((row) => [day(row), row])]);
  expect((await readCSV(units, { header: 2 })).names).toEqual(['day d', 'load kW']);
  const rows: unknown[] = [];
  for await (const row of readCSVRows(source)) rows.push(row);
  expect(rows[0]).toEqual({ day: day(0), 'Temperature min': '0', 'Temperature max': '3', 'Humidity min': '50', 'Humidity max': '60' });
  await expect(readCSV(units, { header: 1.5 })).rejects.toThrow(ArgumentError);
  await expect(tableFromRows([[1]], { header: -1 })).rejects.toThrow('tableFromRows: header');
});

test('a first row whose cells are all said to be missing is one of the data', async () => {
  const { names, format, rowCount } = await readCSV(bytesOf(['day,load', '?,?', ...rowsOf((row) => [day(row), row])]), { naValues: ['?'] });
  expect([names, format?.nameLines, format?.unitsLine, rowCount]).toEqual([['day', 'load'], [1], null, 26]);
});

test('why several rows hold names is said', async () => {
  const { format } = await readCSV(bytesOf([',Temperature,,Humidity,', 'day,min,max,min,max', ...ranges]));
  expect(format?.headerReason).toBe('“Temperature” stands above numbers, and row two tells columns of one group apart');
});
