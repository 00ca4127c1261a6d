import type { ColumnRoles } from '../data/columns.ts';
import type { DataSource } from '../data/dataSource.ts';
import { tableProblems } from '../data/recordsInOrder.ts';
import type { ClassSettings } from './classes.ts';
import { prepareSeries } from './classifySeries.ts';
import { prepareText } from './classifyText.ts';
import { TASK_FIELDS, type TaskSettings } from './defaults.ts';
import type { MissingRule } from './missingRule.ts';
import { prepareNumber } from './predictNumber.ts';
import { prepareForecast } from './prepareForecast.ts';
import { prepareTags } from './tagWords.ts';
import { type Prepared, type TaskName, UnusableDataError } from './task.ts';
import type { TaskNotes } from './taskNotes.ts';
import { prepareWriting } from './write.ts';

/** What is to be made of the data. */
export interface PreparationRequest {
  /** Null for plain text. */
  readonly roles: ColumnRoles | null;
  readonly task: TaskName;
  readonly settings: TaskSettings;
  readonly missingRule: MissingRule;
  readonly classSettings: ClassSettings;
}

/** Makes data ready for a task. @throws {UnusableDataError} */
export function prepare(
  source: DataSource,
  { roles, task, settings, missingRule, classSettings }: PreparationRequest,
): Prepared<TaskNotes> {
  checkSettings(task, settings);
  const { table } = source;
  if (task === 'write') {
    if (!table || !roles) return prepareWriting(source.text, settings.write);
    return prepareWriting(table.texts(table.names[roles.text] as string).join('\n'), settings.write, tableProblems(table));
  }
  if (!table || !roles)
    throw new UnusableDataError(
      'This task needs a table; a plain text can only be imitated. If the text is a table, say so at “Read it as”.',
    );
  switch (task) {
    case 'classifyText':
      return prepareText(table, roles, settings.classifyText, classSettings);
    case 'tagWords':
      return prepareTags(table, roles, settings.tagWords, classSettings);
    case 'classifySeries':
      return prepareSeries(table, roles, settings.classifySeries, missingRule, classSettings);
    case 'predictNumber':
      return prepareNumber(table, roles, settings.predictNumber, missingRule);
    case 'forecast':
      return prepareForecast(table, roles, settings.forecast, missingRule);
  }
}

function checkSettings(task: TaskName, settings: TaskSettings): void {
  const values = settings[task] as unknown as Record<string, number>;
  for (const { key, label, minimum, maximum } of TASK_FIELDS[task]) {
    const value = values[key] as number;
    if (!Number.isInteger(value) || value < minimum || value > maximum) {
      throw new UnusableDataError(`“${label}” must be a whole number from ${minimum} to ${maximum}.`);
    }
  }
}
