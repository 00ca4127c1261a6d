import { readFileSync } from 'node:fs';
import { readCSV, type Table } from 'backtime';
import type { ColumnRoles } from '../src/data/columns.ts';

const folders = {
  'movie-snippets.tsv': '../../examples/data/movie-snippets/',
  'basic-motions.csv': '../data/',
  'co2-weekly.csv': '../../examples/data/co2-weekly/',
};

/** The text of a data set of the page. */
export function bundledText(file: keyof typeof folders): string {
  return readFileSync(new URL(folders[file] + file, import.meta.url), 'utf8');
}

/** A text as the page reads a table. */
export function parseTable(text: string, header: boolean | 'auto' = 'auto'): Promise<Table> {
  return readCSV(new TextEncoder().encode(text), { badRows: 'skip', header });
}

/** A data set of the page as a table. */
export function bundledTable(file: keyof typeof folders): Promise<Table> {
  return parseTable(bundledText(file));
}

/** A number from -1 to 1 for each step, without any order between them. */
export function noise(step: number): number {
  let state = Math.imul(step + 1, 0x9e3779b1);
  state = Math.imul(state ^ (state >>> 15), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) / 2 ** 31;
}

/** Roles of columns, of which a test says those that matter. */
export function rolesOf(given: Partial<ColumnRoles>): ColumnRoles {
  const series = given.series ?? null;
  const layout = series === null ? 'rows' : 'recordings';
  return {
    text: 0,
    label: 0,
    target: 0,
    from: 'numbers',
    layout,
    series,
    values: [],
    value: 0,
    inputs: [],
    ahead: [],
    calendar: [],
    time: null,
    dateOrder: null,
    key: null,
    keyValue: '',
    word: 0,
    tag: 1,
    sentence: null,
    ...given,
  };
}
