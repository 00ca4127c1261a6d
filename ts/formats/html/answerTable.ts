import type { NumericArray } from '../../core/numericArray.ts';
import type { Shape } from '../../core/shape.ts';

/** Columns of classes that are shown; with more classes, only the most probable one. */
const MOST_COLUMNS = 12;
const SHOWN_CLASSES = 5;

/** A cell: a text, or a number with all its digits. */
export type Cell = string | number;

/** The names of the samples in answers. */
export interface SampleNames {
  /** The kind of the names: `line`, `text`. */
  readonly head: string;
  readonly names: readonly Cell[];
  /**
   * Names for the steps of a single sequence, such as its words. Default: their numbers.
   */
  readonly stepNames?: readonly string[] | null;
}

/** The answer of an output, as a table. */
export interface AnswerTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/**
 * Makes the table of an output: a row for each sample, or of sequences for each step.
 * @param sample the shape of a sample's output
 * @param data the numbers of the samples, one after the other
 * @param samples what the samples are called, and what that is: their lines, their texts
 * @param classNames the names of the classes; null when they are not known
 */
export function answerTable(sample: Shape, data: NumericArray, samples: SampleNames, classNames: readonly string[] | null): AnswerTable {
  const C = sample[sample.length - 1] ?? 1;
  const steps = sample.slice(0, -1).reduce((product, size) => product * size, 1);
  const isSequence = sample.length > 1;
  // The model may not split the text at spaces.
  const words = samples.stepNames?.length === steps ? samples.stepNames : null;
  const names = classNames?.length === C || (C === 1 && classNames?.length === 2) ? classNames : null;
  const values = (row: number) => Array.from(data.slice(row * C, (row + 1) * C) as ArrayLike<number>);
  const rows = Array.from({ length: data.length / C }, (_, row) => [
    samples.names[Math.floor(row / steps)] as Cell,
    ...(isSequence ? [words?.[row % steps] ?? (row % steps) + 1] : []),
    ...cellsOf(values(row), names),
  ]);
  return { head: [samples.head, ...(isSequence ? [words ? 'word' : 'step'] : []), ...headOf(C, names)], rows };
}

function headOf(C: number, names: readonly string[] | null): string[] {
  if (names && C === 1) return ['class', 'value'];
  const columns = C > MOST_COLUMNS ? ['the largest values'] : (names ?? (C === 1 ? ['value'] : numbered(C)));
  return [...(names ? ['class'] : []), ...columns];
}

const numbered = (C: number) => Array.from({ length: C }, (_, index) => `value ${index}`);

function cellsOf(values: readonly number[], names: readonly string[] | null): Cell[] {
  const best = values.reduce((place, value, index) => (value > (values[place] as number) ? index : place), 0);
  const [only] = values;
  if (names && values.length === 1) return [names[(only as number) > 0.5 ? 1 : 0] as string, only as number];
  const answer = names ? [names[best] as string] : [];
  if (values.length <= MOST_COLUMNS) return [...answer, ...values];
  const order = values.map((_, index) => index).sort((a, b) => (values[b] as number) - (values[a] as number));
  const mostProbable = order.slice(0, SHOWN_CLASSES).map((index) => `${names?.[index] ?? index}: ${shown(values[index] as number)}`);
  return [...answer, mostProbable.join(', ')];
}

/** A number for reading: six digits. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}
