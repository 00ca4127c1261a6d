import { expect, test } from 'vitest';
import { parseTable } from '../src/data/table.ts';
import { encodeSeries, prepareSeries } from '../src/tasks/classifySeries.ts';

const wide = parseTable(
  `a,b,kind\n${Array.from({ length: 20 }, (_, row) => `${row},${row + 2},${row % 2 ? 'odd' : 'even'}`).join('\n')}\n1,x,odd`,
);
const roles = { text: 0, label: 2, series: null, values: [0, 1], value: 0 };

test('rows that are series become steps of one scaled number', () => {
  const { notes, train, problems } = prepareSeries(wide, roles, { length: 100 });
  expect(notes.channels).toEqual(['value']);
  expect(train[0].shape).toEqual([13, 2, 1]);
  const data = Array.from(train[0].data);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  expect(mean).toBeCloseTo(0, 5);
  expect(data.reduce((sum, value) => sum + value ** 2, 0) / data.length).toBeCloseTo(1, 5);
  expect(problems).toEqual([{ row: 22, message: 'column “b” has “x”, which is no number' }]);
});

const steps = Array.from({ length: 12 }, (_, series) =>
  Array.from({ length: 2 + (series % 3) }, (_, step) => `s${series},${series % 2 ? 'x' : 'y'},${step},${series}`),
).flat();
const long = parseTable(`series,kind,up,size\n${steps.join('\n')}\ns0,x,1,1\n,x,1,1`);

test('rows that are steps are joined to series, and rows that contradict are named', () => {
  const { notes, train, problems } = prepareSeries(long, { text: 0, label: 1, series: 0, values: [2, 3], value: 0 }, { length: 100 });
  expect(notes.channels).toEqual(['up', 'size']);
  expect(notes.length).toBe(4);
  expect(train[0].shape).toEqual([8, 4, 2]);
  expect(problems.map(({ message }) => message)).toEqual(['says “x”, but “s0” began as “y”', 'column “series” is empty']);
});

test('short series are filled up before their first step with means, long ones keep their last steps', () => {
  const { notes } = prepareSeries(long, { text: 0, label: 1, series: 0, values: [2], value: 0 }, { length: 3 });
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

test('the class and the name of a series are never among its numbers', () => {
  const numbered = parseTable(`name,kind,x\n${Array.from({ length: 40 }, (_, row) => `${row >> 1},${(row >> 1) % 2},${row}`).join('\n')}`);
  const { notes } = prepareSeries(numbered, { text: 0, label: 1, series: 0, values: [0, 1, 2], value: 0 }, { length: 100 });
  expect(notes.channels).toEqual(['x']);
});

test('an empty cell is called empty', () => {
  const gap = parseTable(`a,b,kind\n${Array.from({ length: 20 }, (_, row) => `${row},${row || ''},${row % 2}`).join('\n')}`, true);
  const { problems } = prepareSeries(gap, roles, { length: 100 });
  expect(problems).toEqual([{ row: 2, message: 'column “b” is empty' }]);
});
