import type { Table } from 'backtime';
import { count } from '../data/count.ts';
import { recordsInOrder, tableProblems } from '../data/recordsInOrder.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import type { Channels } from './channels.ts';
import type { Example, Labelled } from './classes.ts';
import type { Labels } from './labels.ts';
import { FILLED, FILLED_ALONE, fillFromColumns, fillMissing, type KeptSteps, type MissingRule } from './missingRule.ts';
import type { NumberColumns } from './numberColumns.ts';
import type { Parts } from './parts.ts';
import type { Series } from './series.ts';

/** Series without gaps, and what is to be said of the gaps. */
export interface ReadExamples {
  readonly examples: readonly Example<Series>[];
  readonly problems: readonly RowProblem[];
  readonly missing: readonly RowProblem[];
  readonly warnings: readonly string[];
  /** Divides the examples; by default they are drawn at random. */
  readonly divide?: (labelled: readonly Labelled<Series>[]) => Parts<Labelled<Series>>;
}

/**
 * Every row is a series.
 * @param places for each step the places of its channels among the columns
 */
export function readRows(table: Table, numbers: NumberColumns, labels: Labels, places: Channels['steps'], rule: MissingRule): ReadExamples {
  const examples: Example<Series>[] = [];
  const problems: RowProblem[] = tableProblems(table);
  const missing: RowProblem[] = [];
  // A row of different things has no neighbours to fill in from.
  const means = places.length === 1 ? numbers.means() : null;
  for (let index = 0; index < table.rowCount; index++) {
    const row = table.fileRow(index);
    const read = numbers.read(index);
    const steps = places.map((step) => step.map((place) => read[place] as number));
    const kept = means ? fillFromColumns(steps[0] as number[], means, rule.fill) : fillMissing(steps, rule.fill);
    const name = labels.texts[index] as string;
    if (name.trim() === '') problems.push({ row, message: labels.missing(index) });
    else if (!kept) problems.push({ row, message: 'has no number' });
    else {
      const { from, to } = kept;
      // What is missing at the ends is told by how many they are.
      const inside = new Set(places.slice(from, to).flat());
      const filled = numbers.describeMissing(
        index,
        read.map((number, place) => (inside.has(place) ? number : 0)),
      );
      const said = [
        ...(filled === null ? [] : [`${filled}: ${(means ? FILLED_ALONE : FILLED)[rule.fill]}`]),
        ...(from === 0 ? [] : [shorter(from, 'first')]),
        ...(to === steps.length ? [] : [shorter(steps.length - to, 'last')]),
      ];
      if (said.length > 0) missing.push({ row, message: said.join('; ') });
      examples.push({ example: steps.slice(from, to), label: name, row });
    }
  }
  return { examples, problems, missing, warnings: [] };
}

function shorter(steps: number, which: 'first' | 'last'): string {
  return `its ${steps === 1 ? `${which} number is` : `${count(steps)} ${which} numbers are`} missing: the series is that much shorter`;
}

/** A series that is being put together from the rows of its steps. */
class Recording {
  /** The class; empty until a row says it. */
  label = '';
  /** Its first row, in the table and in the file. */
  readonly first: number;
  readonly row: number;
  readonly steps: number[][] = [];
  readonly #gaps: { readonly step: number; readonly row: number; readonly why: string }[] = [];

  constructor(first: number, row: number) {
    this.first = first;
    this.row = row;
  }

  addStep(row: number, numbers: readonly number[], why: string | null): void {
    if (why !== null) this.#gaps.push({ step: this.steps.length, row, why });
    this.steps.push([...numbers]);
  }

  /** A step whose row cannot be used; it takes its time all the same. */
  addUnused({ row, message }: RowProblem, width: number): void {
    this.addStep(row, Array<number>(width).fill(Number.NaN), message);
  }

  /** What is to be said of its gaps when the steps from `from` to `to` stay. */
  describeGaps({ from, to }: KeptSteps, rule: MissingRule): RowProblem[] {
    return this.#gaps.map(({ step, row, why }) => ({
      row,
      message: `${why}: ${step >= from && step < to ? FILLED[rule.fill] : 'left out, at an end of its series'}`,
    }));
  }
}

/** Every row is a step of the recording that a column names. */
export function readRecordings(table: Table, numbers: NumberColumns, labels: Labels, series: string, rule: MissingRule): ReadExamples {
  const recordings = new Map<string, Recording>();
  const names = table.texts(series);
  const skipped = new Set(table.skippedRows);
  const problems: RowProblem[] = tableProblems(table).filter(({ row }) => !skipped.has(row));
  /**
   * Rows that cannot be used since the last that could: steps of its series if the next is of that
   * too.
   */
  let unused: RowProblem[] = [];
  let last: Recording | undefined;
  for (const record of recordsInOrder(table)) {
    if ('skipped' in record) {
      unused.push({ row: record.skipped.line, message: record.skipped.reason });
      continue;
    }
    const row = table.fileRow(record.row);
    const [name, own] = [names[record.row] as string, labels.texts[record.row] as string];
    const message = stepProblem(name, own, series, recordings);
    if (message !== null) {
      unused.push({ row, message });
      continue;
    }
    const recording = recordings.get(name) ?? new Recording(record.row, row);
    if (recording === last) for (const other of unused) recording.addUnused(other, numbers.width);
    else for (const other of unused) problems.push(other);
    unused = [];
    last = recording;
    recordings.set(name, recording);
    recording.label ||= own;
    const step = numbers.read(record.row);
    recording.addStep(row, step, numbers.describeMissing(record.row, step));
  }
  return finish(recordings, numbers, labels, [...problems, ...unused], rule);
}

/** Why a row is no step of a series; null when it is one. */
function stepProblem(name: string, own: string, series: string, recordings: ReadonlyMap<string, Recording>): string | null {
  if (name.trim() === '') return `column “${series}” is empty`;
  const begun = recordings.get(name)?.label || own;
  return own.trim() === '' || own === begun ? null : `says “${own}”, but “${name}” began as “${begun}”`;
}

function finish(
  recordings: ReadonlyMap<string, Recording>,
  numbers: NumberColumns,
  labels: Labels,
  problems: RowProblem[],
  rule: MissingRule,
): ReadExamples {
  const examples: Example<Series>[] = [];
  const missing: RowProblem[] = [];
  for (const [name, recording] of recordings) {
    const { first, row, steps } = recording;
    const kept = fillMissing(steps, rule.fill);
    if (recording.label === '') problems.push({ row, message: `${labels.missing(first)} for “${name}”, which begins here` });
    else if (!kept) {
      const empty = (steps[0] as number[]).findIndex((_, place) => steps.every((step) => Number.isNaN(step[place])));
      problems.push({ row, message: `column “${numbers.nameOf(empty)}” has no number for “${name}”, which begins here` });
    } else {
      for (const gap of recording.describeGaps(kept, rule)) missing.push(gap);
      examples.push({ example: steps.slice(kept.from, kept.to), label: recording.label, row });
    }
  }
  return { examples, problems, missing, warnings: [] };
}
