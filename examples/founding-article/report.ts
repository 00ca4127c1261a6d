import type { Result } from './result.ts';

const HEADINGS = ['network', 'parameters', 's/epoch', 'train accuracy', 'validation accuracy'];

/** The results as a table of text. */
export function formatTable(results: Result[]): string {
  const rows = results.map((result) => [
    result.name,
    result.parameters.toLocaleString('en-US'),
    result.secondsPerEpoch.toFixed(2),
    result.trainAccuracy.toFixed(3),
    result.validationAccuracy.toFixed(3),
  ]);
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column].length)));
  const line = (cells: string[]) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ');
  return [line(HEADINGS), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
