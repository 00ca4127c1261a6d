import type { RowProblem } from '../data/table.ts';

const SHOWN = 100;

/** The rows that cannot be used, and why. */
export function RowProblems({ problems }: { problems: readonly RowProblem[] }) {
  if (problems.length === 0) return null;
  const sorted = [...problems].sort((a, b) => a.row - b.row);
  return (
    <details id="row-problems" open={problems.length <= 5}>
      <summary>
        {problems.length} {problems.length === 1 ? 'row is' : 'rows are'} left out
      </summary>
      <ul>
        {sorted.slice(0, SHOWN).map(({ row, message }) => (
          <li key={row}>
            Row {row}: {message}
          </li>
        ))}
      </ul>
      {problems.length > SHOWN && <p>… and {problems.length - SHOWN} more.</p>}
    </details>
  );
}
