import type { Table } from '../data/table.ts';
import { bundledId, setHeader } from '../state/data.ts';

const ROWS = 6;
const LONGEST_CELL = 80;
const MOST_COLUMNS = 30;

/** The first rows, to see what the columns hold. */
export function TablePreview({ table }: { table: Table }) {
  const columns = table.columns.slice(0, MOST_COLUMNS);
  return (
    <details open>
      <summary>Look at the first rows</summary>
      {bundledId.value === null && (
        <div class="check">
          <input
            id="header"
            type="checkbox"
            checked={table.columns[0] !== 'column 1'}
            onChange={({ currentTarget }) => setHeader(currentTarget.checked)}
          />
          <label for="header">The first row holds the names of the columns</label>
        </div>
      )}
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
            {table.rows.slice(0, ROWS).map(({ row, cells }) => (
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
    </details>
  );
}

function shorten(cell: string): string {
  return cell.length > LONGEST_CELL ? `${cell.slice(0, LONGEST_CELL)}…` : cell;
}
