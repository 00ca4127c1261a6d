import { expect, test } from 'vitest';
import type { ColumnRoles } from '../src/data/columns.ts';
import type { TaskName } from '../src/tasks/task.ts';
import { usedFields } from '../src/tasks/usedFields.ts';
import { rolesOf } from './data.ts';

const STEPS = ['x1', 'x2', 'x3', 'class'];
const THINGS = ['height', 'weight', 'class'];

test.each<[what: string, task: TaskName, roles: Partial<ColumnRoles>, columns: readonly string[] | null, used: readonly string[]]>([
  ['recordings', 'classifySeries', { layout: 'recordings', series: 3, values: [0, 1, 2] }, STEPS, ['length']],
  ['rows whose columns are steps', 'classifySeries', { layout: 'rows', values: [0, 1, 2], label: 3 }, STEPS, ['length']],
  ['rows of one step', 'classifySeries', { layout: 'rows', values: [0], label: 3 }, STEPS, []],
  ['a log', 'classifySeries', { layout: 'windows', values: [0, 1, 2], label: 3 }, STEPS, ['window', 'overlap']],
  ['a number of a text', 'predictNumber', { from: 'text', layout: 'windows' }, STEPS, ['words', 'length']],
  ['a number of different things', 'predictNumber', { layout: 'rows', values: [0, 1], target: 2 }, THINGS, []],
  ['a number of steps', 'predictNumber', { layout: 'rows', values: [0, 1, 2], target: 3 }, STEPS, ['steps']],
  // One column that is left is one step, whatever its name.
  ['a number of one column of steps', 'predictNumber', { layout: 'rows', values: [0], target: 3 }, STEPS, []],
  ['a number of recordings', 'predictNumber', { layout: 'recordings', series: 3, values: [0], target: 1 }, STEPS, ['steps']],
  ['a number of a log', 'predictNumber', { layout: 'windows', values: [0], target: 1 }, STEPS, ['pieces', 'overlap']],
  ['texts', 'classifyText', {}, THINGS, ['words', 'length']],
  ['a forecast', 'forecast', {}, THINGS, ['window', 'horizon']],
])('the settings of %s', (_, task, roles, columns, used) => {
  expect(usedFields(task, rolesOf(roles), columns).map(({ key }) => key)).toEqual(used);
});

test('a plain text has all settings of its task', () => {
  expect(usedFields('write', null, null).map(({ key }) => key)).toEqual(['characters', 'window']);
});
