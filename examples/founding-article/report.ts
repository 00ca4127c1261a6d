import type { Result } from './result.ts';

const HEADINGS = ['network', 'parameters', 's/epoch', 'train accuracy', 'validation accuracy'];

/**
 * A table with a line for each network: of one run its accuracies, of several the median and the
 * range over the seeds.
 */
export function formatTable(runs: Result[][]): string {
  const rows = runs[0].map((first, network) => {
    const results = runs.map((run) => run[network]);
    return [
      first.name,
      first.parameters.toLocaleString('en-US'),
      median(results.map(({ secondsPerEpoch }) => secondsPerEpoch)).toFixed(2),
      formatSpread(results.map(({ trainAccuracy }) => trainAccuracy)),
      formatSpread(results.map(({ validationAccuracy }) => validationAccuracy)),
    ];
  });
  return align([HEADINGS, ...rows]);
}

/** A table of the validation accuracy of each network from each seed. */
export function formatSeeds(seeds: number[], runs: Result[][]): string {
  const rows = runs[0].map(({ name }, network) => [name, ...runs.map((run) => run[network].validationAccuracy.toFixed(3))]);
  return align([['validation accuracy', ...seeds.map((seed) => `seed ${seed}`)], ...rows]);
}

/** The median, and behind it the smallest and the largest value when there are several. */
function formatSpread(values: number[]): string {
  const middle = median(values).toFixed(3);
  return values.length === 1 ? middle : `${middle} (${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)})`;
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The first row is the head; all columns but the first are flush right. */
function align(rows: string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells: string[]) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ');
  const [head, ...body] = rows;
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}
