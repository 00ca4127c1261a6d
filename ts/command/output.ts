import { writeFileSync } from 'node:fs';
import { ArgumentError, type TableFormat } from '../node.ts';
import type { CommandReport } from './report.ts';
import { requireWritable } from './writable.ts';

/** The answers to the rows of a file. */
export interface Answers {
  /** By the names of columns. */
  readonly columns: ReadonlyMap<string, readonly unknown[]>;
  /** How the text of the file was read, as which the answers are written; null for other files. */
  readonly format: TableFormat | null;
}

/**
 * Checks the flag `--out`, before the work.
 * @throws {ArgumentError} for a name whose ending says another format
 */
export function checkOut(out: string | undefined): void {
  const [ending] = /\.\w+$/.exec(out ?? '') ?? [];
  if (ending !== undefined && !/^\.(csv|tsv|txt)$/i.test(ending))
    throw new ArgumentError(
      `--out writes CSV, which spreadsheet programs open: give a name that ends in .csv or .tsv, got '${out}'; for JSON lines, leave it out and give --json`,
    );
}

/**
 * Writes a table to a file, or prints it: as CSV, or with `--json` as a line for each row.
 * @param file the file that is answered
 */
export async function writeAnswers(answers: Answers, file: string, out: string | undefined, report: CommandReport): Promise<void> {
  const { columns } = answers;
  const rows = [...columns.values()][0]?.length ?? 0;
  if (out !== undefined) {
    await requireWritable(out);
    // In one call, which no signal interrupts, so that no part of a table is left.
    writeFileSync(out, csvOf(answers, file, out));
    report.tell('written', { out, rows }, `${rows} rows written to ${out}`);
    return;
  }
  if (!report.json) {
    process.stdout.write(csvOf(answers, file, ''));
    return;
  }
  for (let row = 0; row < rows; row++)
    report.answer('row', { row: Object.fromEntries([...columns].map(([name, cells]) => [name, cells[row]])) }, '');
}

/** Columns side by side, with the separator and the decimal sign of the file that is answered. */
function csvOf({ columns, format }: Answers, file: string, out: string): string {
  const { decimal = '.' } = format ?? {};
  const separator = separatorOf(format, file, out);
  const fieldOf = (value: unknown) => {
    const text =
      value === null || value === undefined ? '' : typeof value === 'number' ? String(value).replace('.', decimal) : String(value);
    return text.includes(separator) || /["\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = [...columns.values()][0]?.length ?? 0;
  const lines = [[...columns.keys()].map(fieldOf).join(separator)];
  for (let row = 0; row < rows; row++) lines.push([...columns.values()].map((cells) => fieldOf(cells[row])).join(separator));
  return `${lines.join('\n')}\n`;
}

/** The separator of answers: the ending of a name may say another one than the file has. */
function separatorOf(format: TableFormat | null, file: string, out: string): string {
  if (/\.tsv$/i.test(out)) return '\t';
  const { separator = ',', decimal = '.' } = format ?? {};
  const isKept = separator === '\t' ? !(/\.csv$/i.test(out) && /\.tsv(\.gz)?$/i.test(file)) : /^[!-~]+$/.test(separator);
  return isKept ? separator : decimal === ',' ? ';' : ',';
}
