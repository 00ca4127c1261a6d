import type { Score } from './tasks/task.ts';

/** A sentence that compares a score with its baseline. */
export function verdictOf({ value, baseline, isHigherBetter }: Score): string {
  const [error, usual] = isHigherBetter ? [1 - value, 1 - baseline] : [value, baseline];
  if (usual === 0)
    return error === 0
      ? 'The model makes no error, and the baseline makes none either: these data need no network.'
      : 'The model is worse than the baseline, which makes no error: these data need no network.';
  const saved = 1 - error / usual;
  const percent = Math.round(100 * saved);
  if (saved < 0) return 'The model is worse than the baseline: more data, other columns or another --learning-rate may help.';
  if (saved < 0.05) return 'The model is no better than the baseline: it has learned next to nothing from these data.';
  if (saved < 0.3) return `The model is somewhat better than the baseline: it makes ${percent} % less error.`;
  return `The model is clearly better than the baseline: it makes ${percent} % less error.`;
}
