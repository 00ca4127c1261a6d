import { trainValidationSplit } from 'backtime';
import { isMissing } from '../data/cells.ts';
import { amount, count } from '../data/count.ts';
import type { RowProblem, Table } from '../data/table.ts';
import { type Baselines, frequentAnswer } from './baseline.ts';
import { TEST, VALIDATION } from './parts.ts';
import { type ExamplePlace, UnusableDataError } from './task.ts';

/** An example as the table has it. */
export interface Example<Content> {
  readonly example: Content;
  /** The name of its class. */
  readonly label: string;
  /** Its row, or the first of its rows. */
  readonly row: number;
}

/** An example and the number of its class. */
export interface Labelled<Content> {
  readonly example: Content;
  readonly label: number;
  /** Its row, or the first of its rows. */
  readonly row: number;
}

/**
 * Examples with their classes numbered, divided into those to learn from and two sets to judge by.
 */
export interface LabelledSet<Content> {
  /** Names of the classes by number, in alphabetical order. */
  readonly classes: readonly string[];
  readonly train: readonly Labelled<Content>[];
  readonly validation: readonly Labelled<Content>[];
  readonly test: readonly Labelled<Content>[];
  /** What looks like a mistake in the classes. */
  readonly warnings: readonly string[];
}

const FEWEST_EXAMPLES = 10;

/** @throws {UnusableDataError} when there is nothing to learn from */
export function divideClasses<Content>(
  examples: readonly Example<Content>[],
  mostClasses: number,
  { hasHeader, firstRow }: Table,
  problems: readonly RowProblem[],
): LabelledSet<Content> {
  if (examples.length < FEWEST_EXAMPLES) {
    throw new UnusableDataError(
      `There ${examples.length === 1 ? 'is' : 'are'} ${amount(examples.length, 'usable example')}; at least ${FEWEST_EXAMPLES} are needed.`,
      problems,
    );
  }
  const classes = [...new Set(examples.map(({ label }) => label))].sort();
  if (classes.length < 2)
    throw new UnusableDataError(`All examples have the class “${classes[0]}”; there must be two kinds at least.`, problems);
  if (classes.length > mostClasses) {
    throw new UnusableDataError(
      `The column of classes has ${classes.length} different values; at most ${mostClasses} can be told apart. Is it the right column?`,
      problems,
    );
  }
  const numbers = new Map(classes.map((name, index) => [name, index]));
  const labelled = examples.map(({ example, label, row }) => ({ example, label: numbers.get(label) as number, row }));
  const { train: others, validation } = trainValidationSplit(labelled, { validationSplit: VALIDATION });
  const { train, validation: test } = trainValidationSplit(others, { validationSplit: TEST / (1 - VALIDATION), shuffle: false });
  return { classes, train, validation, test, warnings: warningsOf(examples, hasHeader ? null : firstRow) };
}

/** Most classes that a warning names. */
const WARNED_CLASSES = 3;

/** @param unnamedRow the first row, if it is not taken for the names of the columns */
function warningsOf(examples: readonly Example<unknown>[], unnamedRow: number | null): string[] {
  const counts = new Map<string, number>();
  for (const { label } of examples) counts.set(label, (counts.get(label) ?? 0) + 1);
  const warnings: string[] = [];
  const single = examples.filter(({ label }) => counts.get(label) === 1);
  if (single.length > 0) {
    const named = single.slice(0, WARNED_CLASSES).map(({ label, row }) => `“${label}” in row ${count(row)}`);
    const who =
      single.length === 1
        ? `A class has only one example: ${named[0]}.`
        : `${single.length} classes have only one example each: ${named.join(', ')}${single.length > WARNED_CLASSES ? ', …' : '.'}`;
    const why = single.some(({ row }) => row === unnamedRow)
      ? `Row ${unnamedRow} may hold the names of the columns: if so, say it above, at the first rows.`
      : 'Is a name mistyped? Nothing can be learnt of one example.';
    warnings.push(`${who} ${why}`);
  }
  for (const [label, examplesOf] of counts) {
    if (isMissing(label))
      warnings.push(`“${label}” is taken for a class, of ${amount(examplesOf, 'example')}. Does it mean that the class is not known?`);
  }
  return warnings;
}

/** Most class names that are listed. */
const NAMED_CLASSES = 6;

/** How many examples, called `what`, there are, and of which classes. */
export function describeDivision(what: string, { classes, train, validation, test }: LabelledSet<unknown>): string {
  const names = `${classes.slice(0, NAMED_CLASSES).join(', ')}${classes.length > NAMED_CLASSES ? ', …' : ''}`;
  return `${count(train.length)} ${what} to learn from, ${count(validation.length)} for validation and ${count(test.length)} for the test, in ${classes.length} classes (${names})`;
}

/** Class numbers as targets, shape `[N]`. */
export function labelsOf(rows: readonly Labelled<unknown>[]): { shape: number[]; data: Int32Array } {
  return { shape: [rows.length], data: Int32Array.from(rows, ({ label }) => label) };
}

/** How good it is to answer always with the most frequent class. */
export function frequentClass({ classes, train, validation, test }: LabelledSet<unknown>): Baselines {
  const judge = frequentAnswer(labelsOf(train), classes.length, classes);
  return { validation: judge(labelsOf(validation)), test: judge(labelsOf(test)) };
}

/** Test examples of which more is said than how many are right. */
const MOST_PLACES = 5000;
const LONGEST_TEXT = 200;

/** Where the test examples are from. @param textOf the text of an example, if it has one */
export function placesOf<Content>({ test }: LabelledSet<Content>, textOf: (example: Content) => string = () => ''): ExamplePlace[] {
  return test.slice(0, MOST_PLACES).map(({ example, row }) => ({ row, text: textOf(example).slice(0, LONGEST_TEXT) }));
}
