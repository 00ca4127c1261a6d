import type { Tensor } from 'backtime';
import { describeColumns, guessRoles } from '../data/columns.ts';
import { amount, count } from '../data/count.ts';
import type { DataSource } from '../data/source.ts';
import type { RowProblem, Table } from '../data/table.ts';
import { encodeSeries, type Series, type SeriesNotes } from './classifySeries.ts';
import { type TextNotes, textEncoder } from './classifyText.ts';
import { type ForecastNotes, firstStart } from './forecast.ts';
import { fillMissing, NumberColumns } from './numberColumns.ts';
import { readSeries } from './seriesColumn.ts';
import { UnusableDataError } from './task.ts';
import type { TaskNotes } from './taskNotes.ts';

/** What a trained model is to answer, made of data that it was not trained on. */
export type NewData =
  | {
      readonly kind: 'examples';
      /** What names them: “text”, or the name of a column. */
      readonly header: string;
      /** A name for each: its text, its recording or its row. */
      readonly names: readonly string[];
      readonly x: Tensor;
      readonly left: readonly RowProblem[];
    }
  | { readonly kind: 'series'; readonly series: readonly number[]; readonly times: readonly number[] | null }
  | { readonly kind: 'beginnings'; readonly lines: readonly string[] };

/**
 * Reads data for a trained model, by the names of the columns that it was trained on.
 * @throws {UnusableDataError} saying what is missing
 */
export function newDataFor(source: DataSource, notes: TaskNotes): NewData {
  switch (notes.task) {
    case 'classifyText':
      return newTexts(source, notes);
    case 'classifySeries':
      return newSeries(tableOf(source), notes);
    case 'forecast':
      return continued(tableOf(source), notes);
    default:
      return { kind: 'beginnings', lines: linesOf(source.text) };
  }
}

function tableOf({ table, name }: DataSource): Table {
  if (!table) throw new UnusableDataError(`${name} is no table. Give a table whose columns have the names of those that were learnt from.`);
  return table;
}

/** @throws {UnusableDataError} */
function linesOf(text: string): string[] {
  const lines = text.split(/\r\n?|\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new UnusableDataError('There is no text.');
  return lines;
}

function newTexts({ table, text }: DataSource, notes: TextNotes): NewData {
  const encode = textEncoder(notes);
  if (!table) {
    const names = linesOf(text);
    return { kind: 'examples', header: 'text', names, x: encode(names), left: [] };
  }
  const named = table.columns.indexOf(notes.column ?? '');
  const column = named === -1 ? guessRoles(table).text : named;
  const rows = table.rows.filter(({ cells }) => cells[column] !== '');
  const left = table.rows.filter(({ cells }) => cells[column] === '').map(({ row }) => ({ row, message: 'has no text' }));
  if (rows.length === 0) throw new UnusableDataError(`Column “${table.columns[column]}” has no text.`, left);
  const names = rows.map(({ cells }) => cells[column]);
  return { kind: 'examples', header: table.columns[column], names, x: encode(names), left: [...table.problems, ...left] };
}

/**
 * The columns of the names, or where none of them is there, as many that hold numbers.
 * @throws {UnusableDataError}
 */
function columnsNamed(table: Table, names: readonly string[], others: readonly (string | null)[]): number[] {
  const found = names.map((name) => table.columns.indexOf(name));
  if (!found.includes(-1)) return found;
  const numeric = describeColumns(table)
    .filter(({ name, numbers, order }) => numbers > 0.5 && !order && !others.includes(name))
    .map(({ index }) => index);
  if (numeric.length === names.length) return numeric;
  const missing = names.filter((_, place) => found[place] === -1);
  throw new UnusableDataError(
    `The table lacks ${missing.length === 1 ? 'the column' : 'columns'} ${missing
      .slice(0, 5)
      .map((name) => `“${name}”`)
      .join(', ')}${missing.length > 5 ? ', …' : ''}. It must have the columns that were learnt from.`,
    table.problems,
  );
}

function newSeries(table: Table, notes: SeriesNotes): NewData {
  const { values, series: seriesName } = notes.columns ?? { values: notes.channels, series: null };
  const columns = columnsNamed(table, values, [seriesName]);
  const group = seriesName === null ? -1 : table.columns.indexOf(seriesName);
  const isWhole = notes.channels.length === 1 && seriesName === null;
  const numbers = new NumberColumns(table, columns, isWhole, table.problems);
  const all = new Map<string, { row: number; steps: number[][] }>();
  for (const { row, cells } of table.rows) {
    const read = numbers.read(cells);
    // Without names of recordings, a table of steps is one recording.
    const name = isWhole ? `row ${count(row)}` : group === -1 ? 'the whole table' : cells[group];
    const recording = all.get(name) ?? { row, steps: [] };
    recording.steps.push(...(isWhole ? read.map((number) => [number]) : [read]));
    all.set(name, recording);
  }
  const left: RowProblem[] = [...table.problems];
  const names: string[] = [];
  const kept: Series[] = [];
  for (const [name, { row, steps }] of all) {
    const filled = fillMissing(steps);
    if (filled) {
      names.push(name);
      kept.push(steps.slice(filled.from, filled.to));
    } else left.push({ row, message: `“${name}” has no numbers` });
  }
  if (kept.length === 0) throw new UnusableDataError('There is no series in the table.', left);
  return { kind: 'examples', header: seriesName ?? 'series', names, x: encodeSeries(notes, kept), left };
}

function continued(table: Table, notes: ForecastNotes): NewData {
  const named = table.columns.indexOf(notes.name);
  const { series, times } = readSeries(table, named === -1 ? guessRoles(table).value : named);
  const needed = firstStart(notes);
  if (series.length < needed) {
    throw new UnusableDataError(
      `The series has ${amount(series.length, 'value')}; to go on from it, at least ${count(needed)} are needed.`,
    );
  }
  return { kind: 'series', series, times };
}
