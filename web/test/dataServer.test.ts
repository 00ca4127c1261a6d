import { expect, test } from 'vitest';
import { DataServer } from '../src/preparation/dataServer.ts';
import { DEFAULT_CLASSES } from '../src/tasks/classes.ts';
import { DEFAULT_TASK_SETTINGS } from '../src/tasks/defaults.ts';
import { DEFAULT_RULE } from '../src/tasks/missingRule.ts';

const rows = Array.from({ length: 300 }, (_, row) => `words of ${row},${row % 2 ? 'odd' : 'even'}`);
const file = new File([`text,kind\n${rows.join('\n')}\n${',odd\n'.repeat(150)}short`], 'mine.csv');
const origin = { files: [{ file, path: 'mine.csv' }] };
const request = {
  task: 'classifyText',
  settings: DEFAULT_TASK_SETTINGS,
  missingRule: DEFAULT_RULE,
  classSettings: DEFAULT_CLASSES,
} as const;

test('an opened file is described by little, whatever its size', async () => {
  const { name, table, task } = await new DataServer().open(origin);
  expect({ name, task }).toEqual({ name: 'mine.csv', task: 'classifyText' });
  expect(table).toMatchObject({ columns: ['text', 'kind'], hasHeader: true, firstRow: 1, rowCount: 450, roles: { text: 0, label: 1 } });
  expect(table?.headerReason).toBe('“kind” is none of the words that repeat below it: “even”, “odd”, …');
  expect(table?.firstRows).toHaveLength(6);
});

test('texts of any length are described by their beginning', async () => {
  const long = Array.from({ length: 30 }, (_, row) => `"${`word ${row % 3} `.repeat(20_000)}",${row % 2 ? 'odd' : 'even'}`);
  const overview = await new DataServer().open({
    files: [{ file: new File([`text,kind\n${long.join('\n')}`], 'long.csv'), path: 'long.csv' }],
  });
  expect(overview.table?.described.map(({ values }) => values)).toEqual([null, ['even', 'odd']]);
  expect(JSON.stringify(overview).length).toBeLessThan(10_000);
});

test('problems are counted, and the first of them listed in the order of rows', async () => {
  const server = new DataServer();
  const { table } = await server.open(origin);
  const { prepared, problems } = server.prepare({ ...request, roles: table?.roles ?? null });
  expect(prepared?.train[0].shape[0]).toBe(195);
  expect(problems.count).toBe(151);
  expect(problems.first).toHaveLength(100);
  expect(problems.first[0]).toEqual({ row: 302, message: 'column “text” has no text' });
});

test('numbers that are missing are counted and listed beside the rows that are left out', async () => {
  const lines = Array.from({ length: 300 }, (_, day) => `d${day},${day % 2 ? 'NA' : day}`);
  const series = new File([`day,load\n${lines.join('\n')}`], 'load.csv');
  const server = new DataServer();
  const { table } = await server.open({ files: [{ file: series, path: 'load.csv' }] });
  const { prepared, problems, missing } = server.prepare({ ...request, task: 'forecast', roles: table?.roles ?? null });
  expect(prepared?.warnings).toHaveLength(1);
  expect(missing.count).toBe(149);
  expect(missing.first).toHaveLength(100);
  expect(problems.first).toEqual([{ row: 301, message: 'column “load” has “NA”, and no number comes after it' }]);
});

test('data that a task cannot use is answered with the reason', async () => {
  const server = new DataServer();
  const { table } = await server.open(origin);
  const { prepared, error, problems } = server.prepare({ ...request, roles: table && { ...table.roles, text: 1, label: 1 } });
  expect(prepared).toBeNull();
  expect(error).toMatch(/cannot be both the text and its class/);
  expect(problems.count).toBe(1);
});

test('the file is read again as the user says, and what cannot be read so leaves what was', async () => {
  const server = new DataServer();
  await server.open(origin);
  expect((await server.reread({ header: false })).table).toMatchObject({
    columns: ['column1', 'column2'],
    hasHeader: false,
    rowCount: 451,
  });
  expect((await server.reread({ header: true })).table).toMatchObject({ columns: ['text', 'kind'], rowCount: 450 });
  expect(await server.reread({ as: 'text' })).toMatchObject({ table: null, task: 'write', characterCount: file.size });
  await expect(server.reread({ encoding: 'utf-16le' })).rejects.toThrow('mine.csv');
  expect(server.prepare({ ...request, task: 'write', roles: null }).prepared?.notes.task).toBe('write');
});

test('rows of names are told, and can be said otherwise', async () => {
  const server = new DataServer();
  const rows = Array.from({ length: 30 }, (_, row) => `2024-01-${String(row + 1).padStart(2, '0')},${row},${row * row}`);
  const grouped = new File([['day,load,', ',min,max', ...rows].join('\n')], 'grouped.csv');
  const { table } = await server.open({ files: [{ file: grouped, path: 'grouped.csv' }] });
  expect(table).toMatchObject({ columns: ['day', 'load min', 'load max'], nameRows: [1, 2], unitsRow: null, rowCount: 30 });
  expect((await server.reread({ header: 1 })).table).toMatchObject({ columns: ['day', 'load', 'column3'], nameRows: [1], unitsRow: 2 });
  expect((await server.reread({ header: 2 })).table).toMatchObject({ columns: ['day', 'load min', 'load max'], nameRows: [1, 2] });
  expect((await server.reread({ header: false })).table).toMatchObject({ nameRows: [], rowCount: 32 });
});

test('rows that cannot be read are named for a text to imitate too', async () => {
  const server = new DataServer();
  const { table } = await server.open(origin);
  const { prepared, problems } = server.prepare({ ...request, task: 'write', roles: table?.roles ?? null });
  expect(prepared?.notes.task).toBe('write');
  expect(problems).toEqual({ count: 1, first: [{ row: 452, message: 'has 1 field, but there are 2 columns' }] });
});

test('reading a file tells which part of it has been read', async () => {
  const parts: number[] = [];
  await new DataServer().open({ files: [...origin.files, { file, path: 'other.csv' }] }, (part) => parts.push(part));
  expect(parts.length).toBeGreaterThan(1);
  expect(parts).toEqual([...parts].sort((a, b) => a - b));
  expect(parts.at(-1)).toBe(1);
});
