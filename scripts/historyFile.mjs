// The history of sizes and speeds, bench/history.csv: a line for each commit that was measured, the
// newest last.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './process.mjs';

const path = join(root, 'bench', 'history.csv');

/**
 * @typedef {Record<string, string>} Line Its values by the names of their columns, `commit` and
 *   `date` among them.
 */

const text = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');

// Imported when it is needed: the checks read this file before any package is installed.
const csv = async () => (await import('papaparse')).default;

/** @param {string} given @returns {Promise<Line[]>} */
const linesOf = async (given) => (await csv()).parse(given, { header: true, skipEmptyLines: true }).data;

/** @returns {Promise<Line | undefined>} The newest line. */
export const lastLine = async () => (await linesOf(text())).at(-1);

/**
 * The history with one line more, in place of an earlier one of the same commit. A new column is
 * empty in the lines before.
 * @param {string} given
 * @param {Line} line
 */
export async function withLine(given, line) {
  const lines = [...(await linesOf(given)).filter(({ commit }) => commit !== line.commit), line];
  const columns = [...new Set(lines.flatMap((each) => Object.keys(each)))];
  return `${(await csv()).unparse(lines, { columns, newline: '\n' })}\n`;
}

/** @param {Line} line */
export const addLine = async (line) => writeFileSync(path, await withLine(text(), line));
