import type { Table, Tensor } from 'backtime';
import { type ColumnRoles, columnFacts, guessRoles } from '../data/columns.ts';
import { amount, count } from '../data/count.ts';
import type { DataSource } from '../data/dataSource.ts';
import { tableProblems } from '../data/recordsInOrder.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import { withCalendar } from './calendar.ts';
import { channelsOf } from './channels.ts';
import {
  calendarOf,
  columnsOf,
  describeUnknown,
  type ForecastNotes,
  firstStart,
  range,
  rescaled,
  scalesOf,
  seriesAt,
  seriesNames,
  stepsKnown,
} from './forecast.ts';
import { type KeyedSeries, readAllSeries, readOneSeries } from './keyedSeries.ts';
import { DEFAULT_RULE, fillFromColumns, fillMissing } from './missingRule.ts';
import { NumberColumns } from './numberColumns.ts';
import { readTagged } from './readTagged.ts';
import type { Series } from './series.ts';
import { encodeSeries, type SeriesInput } from './seriesInput.ts';
import type { TagNotes } from './tagWords.ts';
import { UnusableDataError } from './task.ts';
import type { TaskNotes } from './taskNotes.ts';
import { type TextInput, textEncoder } from './textInput.ts';
import { encodeWords, knownWords, piecesOf, wordsOfText } from './wordInput.ts';

/** What a trained model is to answer, made of data that it was not trained on. */
export type NewData =
  | {
      readonly kind: 'examples';
      /** What names them: “text”, or the name of a column. */
      readonly header: string;
      /** A name for each: its text, its recording or its row. */
      readonly names: readonly string[];
      readonly x: Tensor;
      /** The words of each, where every word has an answer of its own. */
      readonly words?: readonly (readonly string[])[];
      readonly left: readonly RowProblem[];
    }
  /** The notes of the model with another series in the place of its own, for each series. */
  | { readonly kind: 'series'; readonly all: readonly ForecastNotes[]; readonly left: readonly RowProblem[] }
  | { readonly kind: 'beginnings'; readonly lines: readonly string[] };

/**
 * Reads data for a trained model, by the names of the columns that it was trained on.
 * @throws {UnusableDataError} saying what is missing
 */
export function newDataFor(source: DataSource, notes: TaskNotes): NewData {
  switch (notes.task) {
    case 'classifyText':
      return newTexts(source, notes);
    case 'tagWords':
      return newSentences(source, notes);
    case 'predictNumber':
      return notes.from === 'text' ? newTexts(source, notes) : newSeries(tableOf(source), notes);
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

function newTexts({ table, text }: DataSource, notes: TextInput): NewData {
  const encode = textEncoder(notes);
  if (!table) {
    const names = linesOf(text);
    return { kind: 'examples', header: 'text', names, x: encode(names), left: [] };
  }
  const header = table.names.includes(notes.column ?? '') ? (notes.column as string) : (table.names[guessRoles(table).text] as string);
  const texts = table.texts(header);
  const isEmpty = (name: string) => name.trim() === '';
  const left = texts.flatMap((name, row) => (isEmpty(name) ? [{ row: table.fileRow(row), message: 'has no text' }] : []));
  const names = texts.filter((name) => !isEmpty(name));
  if (names.length === 0) throw new UnusableDataError(`Column “${header}” has no text.`, left);
  return { kind: 'examples', header, names, x: encode(names), left: [...tableProblems(table), ...left] };
}

/** Sentences of a table with a row for each word, or of a text with one a line. */
function newSentences({ table, text }: DataSource, notes: TagNotes): NewData {
  const left: RowProblem[] = table ? tableProblems(table) : [];
  const isKnown = knownWords(notes);
  const sentences = table
    ? readTagged(table, wordColumnsIn(table, notes), left)
    : sentencesOfText(text).map((sentence, index) => ({ name: String(index + 1), words: wordsOfText(sentence, isKnown) }));
  const pieces = sentences.flatMap(({ name, words }) => piecesOf(words, notes.length).map((piece) => ({ name, words: piece })));
  if (pieces.length === 0) throw new UnusableDataError('There is no sentence that can be read.', left);
  const words = pieces.map((piece) => piece.words);
  return { kind: 'examples', header: 'sentence', names: pieces.map(({ name }) => name), words, x: encodeWords(notes, words), left };
}

/** The sentences of a text: a line each, or a word a line with lines without words between them. */
function sentencesOfText(text: string): string[] {
  const lines = linesOf(text);
  const blocks = text
    .replace(/\r\n?/g, '\n')
    .trim()
    .split(/\n\s*\n/);
  const isWordALine = blocks.length > 1 && lines.length > blocks.length && lines.every((line) => !/\s/.test(line.trim()));
  return isWordALine ? blocks : lines;
}

/**
 * The columns of the names that were learnt from, or those that hold words and tell sentences
 * apart.
 */
function wordColumnsIn(table: Table, { column, sentences }: TagNotes) {
  const guessed = guessRoles(table);
  const [word, sentence] = [column, sentences].map((name) => (name === null ? -1 : table.names.indexOf(name)));
  return { word: word === -1 ? guessed.word : word, sentence: sentence === -1 ? guessed.sentence : sentence, tag: null };
}

/**
 * The columns of the names, or where none of them is there, as many that hold numbers.
 * @throws {UnusableDataError}
 */
function columnsNamed(table: Table, names: readonly string[], others: readonly (string | null)[]): number[] {
  const found = names.map((name) => table.names.indexOf(name));
  if (!found.includes(-1)) return found;
  const numeric = columnFacts(table)
    .filter(({ name, kind, order }) => kind === 'number' && !order && !others.includes(name))
    .map(({ index }) => index);
  if (numeric.length === names.length) return numeric;
  const missing = names.filter((_, place) => found[place] === -1);
  throw new UnusableDataError(
    `The table lacks ${missing.length === 1 ? 'the column' : 'columns'} ${missing
      .slice(0, 5)
      .map((name) => `“${name}”`)
      .join(', ')}${missing.length > 5 ? ', …' : ''}. It must have the columns that were learnt from.`,
    tableProblems(table),
  );
}

function newSeries(table: Table, notes: SeriesInput): NewData {
  const { values, series: seriesName, layout: known } = notes.columns ?? { values: notes.channels, series: null };
  const layout = known ?? (notes.channels.length === 1 && seriesName === null ? 'rows' : 'recordings');
  const columns = columnsNamed(table, values, [seriesName]);
  const numbers = new NumberColumns(table, columns, layout === 'rows', DEFAULT_RULE, tableProblems(table));
  const groups = seriesName !== null && table.names.includes(seriesName) ? table.texts(seriesName) : null;
  const places = channelsOf(values, notes.channels.length === values.length).steps;
  const isOneStep = layout === 'rows' && places.length === 1;
  const all = new Map<string, { row: number; steps: number[][] }>();
  for (let row = 0; row < table.rowCount; row++) {
    const read = numbers.read(row);
    // Without names of recordings, a table of steps is one recording.
    const name = layout === 'rows' ? `row ${count(table.fileRow(row))}` : (groups?.[row] ?? 'the whole table');
    const recording = all.get(name) ?? { row: table.fileRow(row), steps: [] };
    recording.steps.push(...(layout === 'rows' ? places.map((step) => step.map((place) => read[place])) : [read]));
    all.set(name, recording);
  }
  const left: RowProblem[] = tableProblems(table);
  const names: string[] = [];
  const kept: Series[] = [];
  for (const [name, { row, steps }] of all) {
    const filled = isOneStep ? fillFromColumns(steps[0] as number[], notes.scaling.means, 'line') : fillMissing(steps);
    if (!filled) left.push({ row, message: `“${name}” has no numbers` });
    else if (layout !== 'windows') {
      names.push(name);
      kept.push(steps.slice(filled.from, filled.to));
    } else {
      // A log is answered piece by piece, as it was learnt.
      const own = steps.slice(filled.from, filled.to);
      for (let from = 0; from + notes.length <= own.length; from += notes.length) {
        names.push(`${name}, steps ${count(filled.from + from + 1)} to ${count(filled.from + from + notes.length)}`);
        kept.push(own.slice(from, from + notes.length));
      }
    }
  }
  if (kept.length === 0) throw new UnusableDataError('There is no series in the table that is as long as one that was learnt from.', left);
  return { kind: 'examples', header: seriesName ?? (layout === 'rows' ? 'example' : 'series'), names, x: encodeSeries(notes, kept), left };
}

/**
 * Where the table has several series, the one that the model was trained on.
 * @throws {UnusableDataError} when it is not there
 */
function keyOf(table: Table, { key }: ForecastNotes): { readonly key: number; readonly keyValue: string } | null {
  const column = key ? table.names.indexOf(key.column) : -1;
  if (!key || column === -1) return null;
  if (table.texts(key.column).includes(key.value)) return { key: column, keyValue: key.value };
  throw new UnusableDataError(`No row has “${key.value}” in column “${key.column}”: the model has learnt that series alone.`);
}

/** @throws {UnusableDataError} */
function continued(table: Table, notes: ForecastNotes): NewData {
  const known = columnsOf(notes);
  const columns = known.map(({ name }) => table.names.indexOf(name));
  const lacking = known.filter((_, place) => columns[place] === -1).map(({ name }) => `“${name}”`);
  if (lacking.length > 0)
    throw new UnusableDataError(
      `The table lacks ${lacking.length === 1 ? 'the column' : 'the columns'} ${lacking.join(', ')}, which the model reads beside the series.`,
    );
  const named = table.names.indexOf(notes.name);
  const roles = {
    ...guessRoles(table),
    ...(named !== -1 && { value: named }),
    inputs: columns,
    ahead: columns.filter((_, place) => known[place]?.isAhead),
  };
  const key = notes.others && notes.key ? table.names.indexOf(notes.key.column) : -1;
  if (key !== -1) return everyContinued(table, notes, roles, key);
  const read = readOneSeries(table, { ...roles, ...keyOf(table, notes) }, DEFAULT_RULE);
  try {
    return { kind: 'series', all: [withSeries(notes, read.all[0] as KeyedSeries)], left: read.problems };
  } catch (error) {
    throw error instanceof UnusableDataError ? new UnusableDataError(error.message, read.problems) : error;
  }
}

/** All series of a table, as many as are long enough. @throws {UnusableDataError} when none is */
function everyContinued(table: Table, notes: ForecastNotes, roles: ColumnRoles, key: number): NewData {
  const { all, problems } = readAllSeries(table, roles, key, DEFAULT_RULE);
  const left = [...problems];
  const long: ForecastNotes[] = [];
  for (const own of all) {
    try {
      long.push(withSeries(notes, own));
    } catch (error) {
      if (!(error instanceof UnusableDataError)) throw error;
      left.push({ row: own.row, message: `series “${own.keyValue}” is left out: ${error.message}` });
    }
  }
  if (long.length === 0) throw new UnusableDataError('None of the series has enough values to go on from.', left);
  return { kind: 'series', all: long, left };
}

/**
 * The notes of a model with another series. One that a model of all series does not know is scaled
 * by its own values. @throws {UnusableDataError} when it is too short
 */
function withSeries(notes: ForecastNotes, read: KeyedSeries): ForecastNotes {
  const { keyValue, series, inputs, times } = withCalendar(read, calendarOf(notes), notes.horizon);
  if (inputs.length !== (notes.inputs ?? []).length)
    throw new UnusableDataError('The model reads dates in other numbers than this version of the page: train it again, on the same data.');
  const place = notes.others ? seriesNames(notes).indexOf(keyValue) : 0;
  const own = seriesAt(notes, Math.max(0, place));
  const first = firstStart(notes);
  const needed = place === -1 ? first + notes.horizon : first;
  if (series.length < needed)
    throw new UnusableDataError(
      `The series has ${amount(series.length, 'value')}; to go on from it, at least ${count(needed)} are needed.`,
    );
  const scaled =
    place === -1
      ? {
          ...rescaled(own, scalesOf(notes, series, range(first, series.length - notes.horizon + 1))),
          key: { column: notes.key?.column ?? '', value: keyValue },
        }
      : own;
  const next = {
    ...scaled,
    series,
    times,
    inputs: (notes.inputs ?? []).map((input, column) => ({ ...input, values: inputs[column] ?? [] })),
  };
  if (stepsKnown(next, series.length) === 0) throw new UnusableDataError(describeUnknown(next, series.length) as string);
  return next;
}
