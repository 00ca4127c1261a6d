import type { Table } from 'backtime';
import type { TaskName } from '../tasks/task.ts';
import { type ColumnRoles, columnFacts, isRead, MOST_CLASSES } from './columns.ts';
import { guessTarget } from './guessTarget.ts';
import { areTaggedWords } from './guessWords.ts';

/** Columns of numbers that are rather the steps of a series than different things. */
const MANY_COLUMNS = 8;
/** More different numbers are rather to be predicted than classes. */
const MOST_NUMBERS_AS_CLASSES = 10;
/** Mean characters of a text that is rather read than a remark beside a series. */
const LONG_TEXT = 20;

/** What a table is most probably for. */
export function guessTask(table: Table, roles: ColumnRoles): TaskName {
  const facts = columnFacts(table);
  const [text, label] = [facts[roles.text], facts[roles.label]];
  if (areTaggedWords(table, facts, roles)) return 'tagWords';
  const hasClasses = label !== undefined && label.distinct >= 2 && label.distinct <= Math.max(MOST_CLASSES, table.rowCount / 10);
  const hasTexts = isRead(text, table);
  const guessed = guessTarget(facts);
  const numbers = facts.filter(({ kind, order }) => kind === 'number' && !order);
  // Products and people are many, and each has several texts; of running text no cell comes again.
  const hasManyClasses =
    label !== undefined && label.kind === 'text' && label.distinct <= table.rowCount / 2 && label.length < (text?.length ?? 0);
  const areClasses = (hasClasses || hasManyClasses) && (label.kind !== 'number' || label.distinct <= MOST_NUMBERS_AS_CLASSES || !guessed);
  if (hasTexts && areClasses && label.index !== text?.index && !label.order) return 'classifyText';
  if (hasTexts && guessed && (roles.time === null || text.length >= LONG_TEXT)) return 'predictNumber';
  if (guessed?.isNamed && roles.time === null && numbers.length > 2 && !(hasClasses && label.kind === 'category')) return 'predictNumber';
  // What tells series of the same times apart is not a class of theirs.
  if (roles.key !== null && roles.key === roles.label && numbers.length > 0) return 'forecast';
  const isLog = roles.layout !== 'rows' && label?.kind !== 'number' && hasClasses && !label.order;
  if (isLog && numbers.length > 0) return 'classifySeries';
  if (roles.layout === 'recordings' && hasClasses) return 'classifySeries';
  if (roles.time === null && numbers.length >= MANY_COLUMNS && hasClasses) return 'classifySeries';
  if (numbers.length > 0) return label?.kind === 'category' && roles.time === null && numbers.length > 2 ? 'classifySeries' : 'forecast';
  if (hasTexts) return 'write';
  return hasClasses && text !== undefined && label.index !== text.index ? 'classifyText' : 'forecast';
}
