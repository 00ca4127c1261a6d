import type { Model, Tensor } from 'backtime';
import { type ColumnRoles, MOST_CLASSES } from '../data/columns.ts';
import { amount, count } from '../data/count.ts';
import { type RowProblem, rowsInOrder, type Table, type TableRow } from '../data/table.ts';
import { answerWorkers } from '../model/answerWorkers.ts';
import { describeDivision, divideClasses, type Example, frequentClass, type Labelled, labelsOf, placesOf } from './classes.ts';
import { fillMissing, type KeptSteps, NumberColumns } from './numberColumns.ts';
import { type Scaling, scalingOf, writeScaled } from './scaling.ts';
import { type Prepared, UnusableDataError } from './task.ts';

/** A series: one row of numbers, one for each channel, a step. */
export type Series = readonly (readonly number[])[];

/** What a classifier of series needs besides its weights. */
export interface SeriesNotes {
  readonly task: 'classifySeries';
  /** Where the numbers were in a table; not in notes of older versions. */
  readonly columns?: {
    readonly values: readonly string[];
    /** The column that says which series a row is a step of; null where every row is a series. */
    readonly series: string | null;
  };
  readonly channels: readonly string[];
  readonly scaling: Scaling;
  /**
   * Steps of every series; longer ones keep their last steps, shorter ones get means before their
   * first.
   */
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
  const { label, series: seriesColumn } = roles;
  // What the class is, or which series it is of, must not be among the numbers: the model would
  // only have to look there.
  const values = roles.values.filter((column) => column !== label && column !== seriesColumn);
  if (values.length === 0) throw new UnusableDataError('No column of numbers is chosen.', table.problems);
  const numbers = new NumberColumns(table, values, seriesColumn === null, table.problems);
  const { examples, problems, missing } =
    seriesColumn === null ? wholeRows(table, numbers, label) : rowsOfSteps(table, numbers, label, seriesColumn);
  const divided = divideClasses(examples, MOST_CLASSES, table, problems);
  const { classes, train, validation, test } = divided;
  const channels = seriesColumn === null ? ['value'] : values.map((column) => table.columns[column]);
  const longest = examples.reduce((most, { example }) => Math.max(most, example.length), 0);
  const notes: SeriesNotes = {
    task: 'classifySeries',
    columns: { values: values.map((column) => table.columns[column]), series: seriesColumn === null ? null : table.columns[seriesColumn] },
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
    testExamples: placesOf(divided),
    baselines: frequentClass(divided),
    frame: {
      inputShape: [null, notes.length, channels.length],
      first: null,
      everyStep: false,
      output: { units: classes.length, activation: 'softmax' },
      loss: 'sparseCategoricalCrossentropy',
    },
    problems,
    missing,
    warnings: divided.warnings,
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

/** Series without gaps, and what is to be said of the gaps. */
interface FilledExamples {
  readonly examples: readonly Example<Series>[];
  readonly problems: readonly RowProblem[];
  readonly missing: readonly RowProblem[];
}

/** Every row is a series of one channel. */
function wholeRows(table: Table, numbers: NumberColumns, label: number): FilledExamples {
  const examples: Example<Series>[] = [];
  const problems: RowProblem[] = [...table.problems];
  const missing: RowProblem[] = [];
  for (const { row, cells } of table.rows) {
    const read = numbers.read(cells);
    const steps = read.map((number) => [number]);
    const kept = fillMissing(steps);
    if (cells[label] === '') problems.push({ row, message: noClass(table, label) });
    else if (!kept) problems.push({ row, message: 'has no number' });
    else {
      const { from, to } = kept;
      // What is missing at the ends is told by how many they are.
      const filled = numbers.describeMissing(
        cells,
        read.map((number, place) => (place < from || place >= to ? 0 : number)),
      );
      const said = [
        ...(filled === null ? [] : [`${filled}: filled in from the numbers around it`]),
        ...(from === 0 ? [] : [shorter(from, 'first')]),
        ...(to === steps.length ? [] : [shorter(steps.length - to, 'last')]),
      ];
      if (said.length > 0) missing.push({ row, message: said.join('; ') });
      examples.push({ example: steps.slice(from, to), label: cells[label], row });
    }
  }
  return { examples, problems, missing };
}

function noClass({ columns }: Table, label: number): string {
  return `column “${columns[label]}” has no class`;
}

function shorter(steps: number, which: 'first' | 'last'): string {
  return `its ${steps === 1 ? `${which} number is` : `${count(steps)} ${which} numbers are`} missing: the series is that much shorter`;
}

/** A series that is being put together from the rows of its steps. */
class Recording {
  /** The class; empty until a row says it. */
  label = '';
  /** Its first row. */
  readonly row: number;
  readonly steps: number[][] = [];
  readonly #gaps: { readonly step: number; readonly row: number; readonly why: string }[] = [];

  constructor(row: number) {
    this.row = row;
  }

  addStep(row: number, numbers: readonly number[], why: string | null): void {
    if (why !== null) this.#gaps.push({ step: this.steps.length, row, why });
    this.steps.push([...numbers]);
  }

  /** Steps whose row cannot be used; they take their time all the same. */
  addUnused({ row, message, lines = 1 }: RowProblem, width: number): void {
    this.#gaps.push({ step: this.steps.length, row, why: message });
    for (let line = 0; line < lines; line++) this.steps.push(Array<number>(width).fill(Number.NaN));
  }

  /** What is to be said of its gaps when the steps from `from` to `to` stay. */
  describeGaps({ from, to }: KeptSteps): RowProblem[] {
    return this.#gaps.map(({ step, row, why }) => ({
      row,
      message: `${why}: ${step >= from && step < to ? 'filled in from the steps around it' : 'left out, at an end of its series'}`,
    }));
  }
}

/** Every row is a step of the series that a column names. */
function rowsOfSteps(table: Table, numbers: NumberColumns, label: number, seriesColumn: number): FilledExamples {
  const recordings = new Map<string, Recording>();
  const problems: RowProblem[] = table.problems.filter(({ row }) => row < table.firstRow);
  /**
   * Rows that cannot be used since the last that could: steps of its series if the next is of that
   * too.
   */
  let unused: RowProblem[] = [];
  let last: Recording | undefined;
  for (const record of rowsInOrder(table)) {
    const problem = 'message' in record ? record : stepProblem(table, record, label, seriesColumn, recordings);
    if (problem) unused.push(problem);
    if (problem || 'message' in record) continue;
    const { row, cells } = record;
    const recording = recordings.get(cells[seriesColumn]) ?? new Recording(row);
    if (recording === last) for (const other of unused) recording.addUnused(other, numbers.width);
    else problems.push(...unused);
    unused = [];
    last = recording;
    recordings.set(cells[seriesColumn], recording);
    recording.label ||= cells[label];
    const step = numbers.read(cells);
    recording.addStep(row, step, numbers.describeMissing(cells, step));
  }
  return finish(table, recordings, numbers, label, [...problems, ...unused]);
}

/** Why a row is no step of a series; null when it is one. */
function stepProblem(
  { columns }: Table,
  { row, cells }: TableRow,
  label: number,
  seriesColumn: number,
  recordings: ReadonlyMap<string, Recording>,
): RowProblem | null {
  const name = cells[seriesColumn];
  if (name === '') return { row, message: `column “${columns[seriesColumn]}” is empty` };
  const begun = recordings.get(name)?.label || cells[label];
  return cells[label] === '' || cells[label] === begun
    ? null
    : { row, message: `says “${cells[label]}”, but “${name}” began as “${begun}”` };
}

function finish(
  table: Table,
  recordings: ReadonlyMap<string, Recording>,
  numbers: NumberColumns,
  label: number,
  problems: RowProblem[],
): FilledExamples {
  const examples: Example<Series>[] = [];
  const missing: RowProblem[] = [];
  for (const [name, recording] of recordings) {
    const { row, steps } = recording;
    const kept = fillMissing(steps);
    if (recording.label === '') problems.push({ row, message: `${noClass(table, label)} for “${name}”, which begins here` });
    else if (!kept) {
      const empty = steps[0].findIndex((_, place) => steps.every((step) => Number.isNaN(step[place])));
      problems.push({ row, message: `column “${numbers.nameOf(empty)}” has no number for “${name}”, which begins here` });
    } else {
      missing.push(...recording.describeGaps(kept));
      examples.push({ example: steps.slice(kept.from, kept.to), label: recording.label, row });
    }
  }
  return { examples, problems, missing };
}
