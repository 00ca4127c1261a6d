import { expect, test } from 'vitest';
import { DataServer } from '../src/preparation/dataServer.ts';
import { DEFAULT_TASK_SETTINGS } from '../src/tasks/defaults.ts';

const rows = Array.from({ length: 300 }, (_, row) => `words of ${row},${row % 2 ? 'odd' : 'even'}`);
const file = new File([`text,kind\n${rows.join('\n')}\n${',odd\n'.repeat(150)}short`], 'mine.csv');
const request = { task: 'classifyText', settings: DEFAULT_TASK_SETTINGS } as const;

test('an opened file is described by little, whatever its size', async () => {
  const { name, table, characterCount, task } = await new DataServer().open({ file });
  expect({ name, characterCount, task }).toEqual({ name: 'mine.csv', characterCount: file.size, task: null });
  expect(table).toMatchObject({ columns: ['text', 'kind'], hasHeader: true, firstRow: 1, rowCount: 450, roles: { text: 0, label: 1 } });
  expect(table?.headerReason).toBe('“kind” is none of the words that repeat below it: “odd”, “even”, …');
  expect(table?.firstRows).toHaveLength(6);
});

test('problems are counted, and the first of them listed in the order of rows', async () => {
  const server = new DataServer();
  const { table } = await server.open({ file });
  const { prepared, problems } = server.prepare({ ...request, roles: table?.roles ?? null });
  expect(prepared?.train[0].shape[0]).toBe(195);
  expect(problems.count).toBe(151);
  expect(problems.first).toHaveLength(100);
  expect(problems.first[0]).toEqual({ row: 302, message: 'column “text” has no text' });
});

test('numbers that are missing are counted and listed beside the rows that are left out', async () => {
  const series = new File(
    [`day,load\n${Array.from({ length: 300 }, (_, day) => `d${day},${day % 2 ? 'NA' : day}`).join('\n')}`],
    'load.csv',
  );
  const server = new DataServer();
  const { table } = await server.open({ file: series });
  const { prepared, problems, missing } = server.prepare({ ...request, task: 'forecast', roles: table?.roles ?? null });
  expect(prepared?.warnings).toHaveLength(1);
  expect(missing.count).toBe(149);
  expect(missing.first).toHaveLength(100);
  expect(problems.first).toEqual([{ row: 301, message: 'column “load” has “NA”, and no number comes after it' }]);
});

test('data that a task cannot use is answered with the reason', async () => {
  const server = new DataServer();
  const { table } = await server.open({ file });
  const { prepared, error, problems } = server.prepare({ ...request, roles: table && { ...table.roles, text: 1, label: 0 } });
  expect(prepared).toBeNull();
  expect(error).toMatch(/^The column of classes has 300 different values/);
  expect(problems.count).toBe(151);
});

test('the first row is read as names of columns, or not, as the user says', async () => {
  const server = new DataServer();
  await server.open({ file });
  expect(server.setHeader(false).table).toMatchObject({ columns: ['column 1', 'column 2'], hasHeader: false, rowCount: 451 });
  expect(server.setHeader(true).table).toMatchObject({ columns: ['text', 'kind'], rowCount: 450 });
});

test('rows that cannot be read are named for a text to imitate too', async () => {
  const server = new DataServer();
  const { table } = await server.open({ file });
  const { prepared, problems } = server.prepare({ ...request, task: 'write', roles: table?.roles ?? null });
  expect(prepared?.notes.task).toBe('write');
  expect(problems).toEqual({ count: 1, first: [{ row: 452, message: 'has 1 cell, but there are 2 columns' }] });
});

test('reading a file tells which part of it has been read', async () => {
  const parts: number[] = [];
  await new DataServer().open({ file }, (part) => parts.push(part));
  expect(parts.length).toBeGreaterThan(50);
  expect(parts.length).toBeLessThanOrEqual(100);
  expect(parts).toEqual([...parts].sort((a, b) => a - b));
  expect(parts[parts.length - 1]).toBeGreaterThan(0.95);
  expect(parts[parts.length - 1]).toBeLessThanOrEqual(1);
});
