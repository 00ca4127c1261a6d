import type { Model, Tensor } from 'backtime';
import { type ColumnRoles, MOST_CLASSES } from '../data/columns.ts';
import { amount } from '../data/count.ts';
import { isNumber, type RowProblem, type Table } from '../data/table.ts';
import { answerWorkers } from '../model/answerWorkers.ts';
import { describeDivision, divideClasses, type Labelled, labelsOf } from './classes.ts';
import { type Scaling, scalingOf, writeScaled } from './scaling.ts';
import { type Prepared, UnusableDataError } from './task.ts';

/** A series: one row of numbers, one for each channel, a step. */
export type Series = readonly (readonly number[])[];

/** What a classifier of series needs besides its weights. */
export interface SeriesNotes {
  readonly task: 'classifySeries';
  readonly channels: readonly string[];
  readonly scaling: Scaling;
  /** Steps of every series; longer ones keep their last steps, shorter ones get means before their first. */
  readonly length: number;
  readonly classes: readonly string[];
  /** Series that were kept from training, to try the model on. */
  readonly examples: readonly Labelled<Series>[];
}

export interface SeriesSettings {
  /** Most steps to read of a series. */
  readonly length: number;
}

const EXAMPLES_TO_TRY = 12;

/** Series and their classes, ready to train on. @throws {UnusableDataError} */
export function prepareSeries(table: Table, roles: ColumnRoles, settings: SeriesSettings): Prepared<SeriesNotes> {
  const problems: RowProblem[] = [...table.problems];
  const { label, series: seriesColumn } = roles;
  // What the class is, or which series it is of, must not be among the numbers: the model would only have to look there.
  const values = roles.values.filter((column) => column !== label && column !== seriesColumn);
  if (values.length === 0) throw new UnusableDataError('No column of numbers is chosen.', problems);
  const examples =
    seriesColumn === null ? wholeRows(table, values, label, problems) : rowsOfSteps(table, values, label, seriesColumn, problems);
  const divided = divideClasses(examples, MOST_CLASSES, problems);
  const { classes, train, validation, test } = divided;
  const channels = seriesColumn === null ? ['value'] : values.map((column) => table.columns[column]);
  const longest = examples.reduce((most, [series]) => Math.max(most, series.length), 0);
  const notes: SeriesNotes = {
    task: 'classifySeries',
    channels,
    scaling: scalingOf(
      train.flatMap(({ example }) => example),
      channels.length,
    ),
    length: Math.min(settings.length, longest),
    classes,
    examples: validation.slice(0, EXAMPLES_TO_TRY),
  };
  const samples = (rows: readonly Labelled<Series>[]) =>
    [
      encodeSeries(
        notes,
        rows.map(({ example }) => example),
      ),
      labelsOf(rows),
    ] as const;
  return {
    notes,
    train: samples(train),
    validation: samples(validation),
    test: samples(test),
    frame: {
      inputShape: [null, notes.length, channels.length],
      first: null,
      everyStep: false,
      output: { units: classes.length, activation: 'softmax' },
      loss: 'sparseCategoricalCrossentropy',
    },
    problems,
    summary: `${describeDivision('series', divided)}; ${amount(notes.length, 'step')} of ${amount(channels.length, 'number')} each.`,
  };
}

/** Series as scaled numbers, `[N, length, channels]`. */
export function encodeSeries({ scaling, length, channels }: SeriesNotes, all: readonly Series[]): Tensor<Float32Array> {
  const width = channels.length;
  // Zeros are means after scaling.
  const data = new Float32Array(all.length * length * width);
  for (const [index, series] of all.entries()) {
    const kept = series.slice(-length);
    const start = (index * length + length - kept.length) * width;
    for (const [step, row] of kept.entries()) writeScaled(scaling, row, data, start + step * width);
  }
  return { shape: [all.length, length, width], data };
}

/** Probability of each class for one series. */
export async function judgeSeries(model: Model, notes: SeriesNotes, series: Series): Promise<number[]> {
  const { data } = await model.predict(encodeSeries(notes, [series]), answerWorkers(model, 1, notes.length));
  return Array.from(data);
}

/** Every row is a series of one channel. */
function wholeRows(table: Table, values: readonly number[], label: number, problems: RowProblem[]): [Series, string][] {
  const examples: [Series, string][] = [];
  for (const { row, cells } of table.rows) {
    const problem = cellProblem(table, cells, values, label);
    if (problem) problems.push({ row, message: problem });
    else examples.push([values.map((column) => [Number(cells[column])]), cells[label]]);
  }
  return examples;
}

/** Every row is a step of the series that a column names. */
function rowsOfSteps(
  table: Table,
  values: readonly number[],
  label: number,
  seriesColumn: number,
  problems: RowProblem[],
): [Series, string][] {
  const found = new Map<string, { steps: number[][]; label: string }>();
  for (const { row, cells } of table.rows) {
    const name = cells[seriesColumn];
    const problem = name === '' ? `column “${table.columns[seriesColumn]}” is empty` : cellProblem(table, cells, values, label);
    const series = found.get(name) ?? { steps: [], label: cells[label] };
    if (problem) problems.push({ row, message: problem });
    else if (series.label !== cells[label])
      problems.push({ row, message: `says “${cells[label]}”, but “${name}” began as “${series.label}”` });
    else {
      series.steps.push(values.map((column) => Number(cells[column])));
      found.set(name, series);
    }
  }
  return [...found.values()].map(({ steps, label: name }) => [steps, name]);
}

function cellProblem({ columns }: Table, cells: readonly string[], values: readonly number[], label: number): string | null {
  if (cells[label] === '') return `column “${columns[label]}” has no class`;
  const bad = values.find((column) => !isNumber(cells[column]));
  if (bad === undefined) return null;
  return cells[bad] === '' ? `column “${columns[bad]}” is empty` : `column “${columns[bad]}” has “${cells[bad]}”, which is no number`;
}
