import type { Table } from 'backtime';
import type { TaskName } from '../tasks/task.ts';

/** What a text is read as: a table, lines of a word with its tag each, or a plain text. */
export type ReadAs = 'table' | 'words' | 'text';

/** What the user chose to learn from: a table, or a plain text. */
export interface DataSource {
  readonly name: string;
  /** Of a plain text; empty for a table. */
  readonly text: string;
  /** Null for plain text. */
  readonly table: Table | null;
  /** What the data set is meant for, when that is known. */
  readonly task: TaskName | null;
  /** The sheets of a spreadsheet, of which one is read. */
  readonly sheets: readonly string[];
  /** How it was read, where it can be read in another way too; null for what has one form. */
  readonly readAs: ReadAs | null;
}
