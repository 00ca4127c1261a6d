import type { TableOverview } from '../data/overview.ts';
import { bundledId, rereading, setHeader, source } from '../state/data.ts';

const LONGEST_CELL = 80;
const MOST_COLUMNS = 30;

/** The first rows, to see what the columns hold. */
export function TablePreview({ table }: { table: TableOverview }) {
  return (
    <details open>
      <summary>Look at the first rows</summary>
      {bundledId.value === null && (
        <div class="check">
          <input
            id="header"
            type="checkbox"
            checked={table.hasHeader}
            onChange={async ({ currentTarget }) => {
              await setHeader(currentTarget.checked);
              // A table that cannot be read the other way stays as it was.
              currentTarget.checked = source.value?.table?.hasHeader ?? true;
            }}
          />
          <label for="header">Row {table.firstRow} holds the names of the columns</label>
        </div>
      )}
      {bundledId.value === null && !rereading.value && (
        <p class="note" id="header-reason">
          {table.hasHeader ? 'Taken for names' : 'Not taken for names'}, because {table.headerReason}.
        </p>
      )}
      {rereading.value ? <p>Reading the data …</p> : <FirstRows table={table} />}
    </details>
  );
}

function FirstRows({ table }: { table: TableOverview }) {
  const columns = table.columns.slice(0, MOST_COLUMNS);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-label="First rows of the table">
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th scope="col" key={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.firstRows.map(({ row, cells }) => (
              <tr key={row}>
                {columns.map((column, index) => (
                  <td key={column}>{shorten(cells[index])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {table.columns.length > MOST_COLUMNS && <p>… and {table.columns.length - MOST_COLUMNS} columns more.</p>}
    </>
  );
}

function shorten(cell: string): string {
  return cell.length > LONGEST_CELL ? `${cell.slice(0, LONGEST_CELL)}…` : cell;
}
