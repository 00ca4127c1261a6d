import type { ProblemList } from '../preparation/problemList.ts';

/** The rows that cannot be used, and why. */
export function RowProblems({ problems: { count, first } }: { problems: ProblemList }) {
  if (count === 0) return null;
  return (
    <details id="row-problems" open={count <= 5}>
      <summary>
        {count.toLocaleString('en')} {count === 1 ? 'row is' : 'rows are'} left out
      </summary>
      <ul>
        {first.map(({ row, message }) => (
          <li key={row}>
            Row {row}: {message}
          </li>
        ))}
      </ul>
      {count > first.length && <p>… and {(count - first.length).toLocaleString('en')} more.</p>}
    </details>
  );
}
