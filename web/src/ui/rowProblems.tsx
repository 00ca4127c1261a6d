import { amount } from '../data/count.ts';
import type { ProblemList } from '../preparation/problemList.ts';

/** The rows that cannot be used, and why. */
export function RowProblems({ problems: { count, first } }: { problems: ProblemList }) {
  if (count === 0) return null;
  return (
    <details id="row-problems" open={count <= 5}>
      <summary>
        {amount(count, 'row')} {count === 1 ? 'is' : 'are'} left out
      </summary>
      <ul>
        {first.map(({ row, message }) => (
          <li key={row}>
            Row {row}: {message}
          </li>
        ))}
      </ul>
      {count > first.length && <p>… and {amount(count - first.length, 'row')} more.</p>}
    </details>
  );
}
