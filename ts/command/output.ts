import { writeFileSync } from 'node:fs';
import { ArgumentError } from '../node.ts';
import type { CommandReport } from './report.ts';
import { csvOf } from './table.ts';
import { requireWritable } from './train.ts';

/**
 * Checks the flag `--out`, before the work.
 * @throws {ArgumentError} for a name whose ending says another format
 */
export function checkOut(out: string | undefined): void {
  const [ending] = /\.\w+$/.exec(out ?? '') ?? [];
  if (ending !== undefined && !/^\.(csv|txt)$/i.test(ending))
    throw new ArgumentError(
      `--out writes CSV, which spreadsheet programs open: give a name that ends in .csv, got '${out}'; for JSON lines, leave it out and give --json`,
    );
}

/** Writes a table to a file, or prints it: as CSV, or with `--json` as a line for each row. */
export async function writeAnswers(
  answers: ReadonlyMap<string, readonly unknown[]>,
  out: string | undefined,
  report: CommandReport,
): Promise<void> {
  const rows = [...answers.values()][0]?.length ?? 0;
  if (out !== undefined) {
    await requireWritable(out);
    // In one call, which no signal interrupts, so that no part of a table is left.
    writeFileSync(out, csvOf(answers));
    report.tell('written', { out, rows }, `${rows} rows written to ${out}`);
    return;
  }
  if (!report.json) {
    process.stdout.write(csvOf(answers));
    return;
  }
  for (let row = 0; row < rows; row++)
    report.answer('row', { row: Object.fromEntries([...answers].map(([name, cells]) => [name, cells[row]])) }, '');
}
