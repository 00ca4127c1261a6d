// The history of sizes and speeds, bench/history.csv: a line for each commit that was measured, the
// newest last.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import papaparse from 'papaparse';
import { root } from './process.mjs';

const path = join(root, 'bench', 'history.csv');

/**
 * @typedef {Record<string, string>} Line Its values by the names of their columns, `commit` and
 *   `date` among them.
 */

const text = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** @returns {Line[]} */
const linesOf = (csv) => papaparse.parse(csv, { header: true, skipEmptyLines: true }).data;

/** @returns {Line | undefined} The newest line. */
export const lastLine = () => linesOf(text()).at(-1);

/**
 * The history with one line more, in place of an earlier one of the same commit. A new column is
 * empty in the lines before.
 * @param {string} csv
 * @param {Line} line
 */
export function withLine(csv, line) {
  const lines = [...linesOf(csv).filter(({ commit }) => commit !== line.commit), line];
  const columns = [...new Set(lines.flatMap((each) => Object.keys(each)))];
  return `${papaparse.unparse(lines, { columns, newline: '\n' })}\n`;
}

/** @param {Line} line */
export const addLine = (line) => writeFileSync(path, withLine(text(), line));
