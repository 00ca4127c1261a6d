import type { Table } from 'backtime';
import type { TaskName } from '../tasks/task.ts';
import { type ColumnRoles, columnFacts, MOST_CLASSES } from './columns.ts';

/** Columns of numbers that are rather the steps of a series than different things. */
const MANY_COLUMNS = 8;
/** Mean characters of a text; names are shorter than sentences, and classes are few. */
const SHORTEST_TEXT = 3;

/** What a table is most probably for. */
export function guessTask(table: Table, roles: ColumnRoles): TaskName {
  const facts = columnFacts(table);
  const [text, label] = [facts[roles.text], facts[roles.label]];
  const hasClasses = label !== undefined && label.distinct >= 2 && label.distinct <= Math.max(MOST_CLASSES, table.rowCount / 10);
  const hasTexts =
    (text?.kind === 'text' || text?.kind === 'key') && !text.order && text.length >= SHORTEST_TEXT && text.distinct > table.rowCount / 4;
  const numbers = facts.filter(({ kind, order }) => kind === 'number' && !order);
  if (hasTexts && hasClasses && label.index !== text.index && !label.order) return 'classifyText';
  const isLog = roles.layout !== 'rows' && label?.kind !== 'number' && hasClasses && !label.order;
  if (isLog && numbers.length > 0) return 'classifySeries';
  if (roles.layout === 'recordings' && hasClasses) return 'classifySeries';
  if (roles.time === null && numbers.length >= MANY_COLUMNS && hasClasses) return 'classifySeries';
  if (numbers.length > 0) return label?.kind === 'category' && roles.time === null && numbers.length > 2 ? 'classifySeries' : 'forecast';
  if (hasTexts) return 'write';
  return hasClasses && text !== undefined && label.index !== text.index ? 'classifyText' : 'forecast';
}
