import type { ComponentChildren } from 'preact';
import { amount } from '../data/count.ts';
import type { ProblemList } from '../preparation/problemList.ts';

interface RowProblemsProps {
  readonly id: string;
  readonly problems: ProblemList;
  /** What of the rows: “3 rows ‹are left out›”. */
  readonly what: string;
  /** Said before the list. */
  readonly children?: ComponentChildren;
}

/** Rows of which something is to be said, each by its number. */
export function RowProblems({ id, problems: { count, first }, what, children }: RowProblemsProps) {
  if (count === 0) return null;
  return (
    <details id={id} open={count <= 5}>
      <summary>
        {amount(count, 'row')} {what}
      </summary>
      {children}
      <ul>
        {first.map(({ row, message }) => (
          <li key={`${row} ${message}`}>
            Row {row}: {message}
          </li>
        ))}
      </ul>
      {count > first.length && <p>… and {amount(count - first.length, 'row')} more.</p>}
    </details>
  );
}
