import { readFileSync } from 'node:fs';
import { parseTable, type Table } from '../src/data/table.ts';

const folders = {
  'movie-snippets.tsv': '../../examples/data/movie-snippets/',
  'basic-motions.csv': '../data/',
  'co2-weekly.csv': '../../examples/data/co2-weekly/',
};

/** The text of a data set of the page. */
export function bundledText(file: keyof typeof folders): string {
  return readFileSync(new URL(folders[file] + file, import.meta.url), 'utf8');
}

/** A data set of the page as a table. */
export function bundledTable(file: keyof typeof folders): Table {
  return parseTable(bundledText(file));
}
