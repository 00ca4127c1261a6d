import type { TaskName } from '../tasks/task.ts';
import { type ColumnRoles, guessRoles } from './columns.ts';
import type { DataSource } from './source.ts';
import type { Table, TableRow } from './table.ts';

/** What the page knows of a table: enough to show it and to choose columns, however large it is. */
export interface TableOverview {
  readonly columns: readonly string[];
  readonly hasHeader: boolean;
  /** What that was told from: “because …”. */
  readonly headerReason: string;
  /** The row that holds the names, or the first of the data. */
  readonly firstRow: number;
  /** How many rows can be used. */
  readonly rowCount: number;
  readonly firstRows: readonly TableRow[];
  /** A first guess at what the columns are. */
  readonly roles: ColumnRoles;
}

/** What the page knows of the chosen data, which itself stays where it was read. */
export interface DataOverview {
  readonly name: string;
  readonly characterCount: number;
  /** Null for plain text. */
  readonly table: TableOverview | null;
  /** What the data set is meant for, when that is known. */
  readonly task: TaskName | null;
}

const FIRST_ROWS = 6;

export function overviewOf({ name, text, table, task }: DataSource): DataOverview {
  return { name, characterCount: text.length, table: table && tableOverviewOf(table), task };
}

function tableOverviewOf(table: Table): TableOverview {
  const { columns, hasHeader, headerReason, firstRow, rows } = table;
  const firstRows = rows.slice(0, FIRST_ROWS);
  return { columns, hasHeader, headerReason, firstRow, rowCount: rows.length, firstRows, roles: guessRoles(table) };
}
