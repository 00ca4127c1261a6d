import type { ColumnRoles } from '../data/columns.ts';
import { channelsOf, valueColumns } from './channels.ts';
import { type SettingField, TASK_FIELDS } from './defaults.ts';
import type { TaskName } from './task.ts';

/**
 * The settings that change how data is read. Those of pieces are for logs, which are cut into them,
 * and the most steps for other series, unless every row is an example of one step, of which all is
 * read.
 * @param roles null for plain text
 * @param columns the names of the columns; null for plain text
 */
export function usedFields(task: TaskName, roles: ColumnRoles | null, columns: readonly string[] | null): readonly SettingField[] {
  const isLog = roles?.layout === 'windows';
  const isText = task === 'predictNumber' && roles?.from === 'text';
  return TASK_FIELDS[task].filter(({ key }) => {
    if (task === 'classifySeries') return isLog ? key !== 'length' : key === 'length' && !isOneStep(task, roles, columns);
    if (task !== 'predictNumber') return true;
    const isOfText = key === 'words' || key === 'length';
    if (isText) return isOfText;
    return isLog ? !isOfText && key !== 'steps' : key === 'steps' && !isOneStep(task, roles, columns);
  });
}

function isOneStep(task: TaskName, roles: ColumnRoles | null, columns: readonly string[] | null): boolean {
  if (!roles || !columns || roles.layout !== 'rows') return false;
  const isNumber = task === 'predictNumber';
  const names = valueColumns(roles, isNumber ? roles.target : roles.label).map((column) => columns[column] as string);
  return channelsOf(names, isNumber).steps.length === 1;
}
