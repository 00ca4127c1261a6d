import type { ColumnDescription, Table } from 'backtime';
import type { TaskName } from '../tasks/task.ts';
import { type ColumnRoles, columnFacts, guessRoles } from './columns.ts';
import type { DataSource, ReadAs } from './dataSource.ts';
import { guessTask } from './guessTask.ts';

/** What a column was taken for, and why. */
export interface ColumnOverview extends ColumnDescription {
  /** The different cells, where they are few enough to choose from. */
  readonly values: readonly string[] | null;
}

/** What the page knows of a table: enough to show it and to choose columns, however large it is. */
export interface TableOverview {
  readonly columns: readonly string[];
  readonly described: readonly ColumnOverview[];
  readonly hasHeader: boolean;
  /** The lines that hold the names; empty where none does. */
  readonly nameRows: readonly number[];
  /** The line of the units below the names; null without one. */
  readonly unitsRow: number | null;
  /** What that was told from: “because …”. */
  readonly headerReason: string;
  /** The line that holds the names, or the first of the data; null where names are not in lines. */
  readonly firstRow: number | null;
  /** A label of the Encoding Standard and what is between fields; empty for what is not text. */
  readonly encoding: string;
  readonly separator: string;
  /** How many rows can be used. */
  readonly rowCount: number;
  readonly firstRows: readonly { readonly row: number; readonly cells: readonly string[] }[];
  /** A first guess at what the columns are. */
  readonly roles: ColumnRoles;
}

/** What the page knows of the chosen data, which itself stays where it was read. */
export interface DataOverview {
  readonly name: string;
  readonly characterCount: number;
  /** Null for plain text. */
  readonly table: TableOverview | null;
  /** What the data set is meant for, or most probably is. */
  readonly task: TaskName;
  /** The sheets of a spreadsheet; empty for other files. */
  readonly sheets: readonly string[];
  /** How it was read, where it can be read in another way too; null for what has one form. */
  readonly readAs: ReadAs | null;
}

const FIRST_ROWS = 6;
/** Characters of a cell that are told: enough to show it, however long it is. */
const LONGEST_CELL = 400;
/** Longer cells are texts, and no names to choose from. */
const LONGEST_CHOICE = 200;
/** More are not chosen from in a list. */
const MOST_CHOICES = 1000;
const { compare: byNumber } = new Intl.Collator('en', { numeric: true });

export function overviewOf({ name, text, table, task, sheets, readAs }: DataSource): DataOverview {
  const overview = table && tableOverviewOf(table);
  return {
    name,
    characterCount: text.length,
    table: overview,
    task: task ?? (table && overview ? guessTask(table, overview.roles) : 'write'),
    sheets,
    readAs,
  };
}

function tableOverviewOf(table: Table): TableOverview {
  const { names, format, rowCount } = table;
  const rows = Array.from({ length: Math.min(FIRST_ROWS, rowCount) }, (_, row) => ({
    row: table.fileRow(row),
    cells: names.map((name) => String(table.column(name)[row] ?? '').slice(0, LONGEST_CELL)),
  }));
  return {
    columns: names,
    described: columnFacts(table).map(({ name, kind, reason, missing, distinct, sentinels, length }) => ({
      name,
      kind,
      reason,
      missing,
      distinct,
      sentinels,
      values:
        distinct <= MOST_CHOICES && length <= LONGEST_CHOICE
          ? [...new Set(table.texts(name))].filter((text) => text !== '').sort(byNumber)
          : null,
    })),
    hasHeader: format?.hasHeader ?? true,
    nameRows: format?.nameLines ?? [],
    unitsRow: format?.unitsLine ?? null,
    headerReason: format?.headerReason ?? '',
    firstRow: format?.firstLine ?? null,
    encoding: format?.encoding ?? '',
    separator: format?.separator ?? '',
    rowCount,
    firstRows: rows,
    roles: guessRoles(table),
  };
}
