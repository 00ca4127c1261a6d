import { trainValidationSplit } from 'backtime';
import { amount, count } from '../data/count.ts';
import type { RowProblem } from '../data/table.ts';
import { TEST, VALIDATION } from './parts.ts';
import { UnusableDataError } from './task.ts';

/** An example and the number of its class. */
export interface Labelled<Example> {
  readonly example: Example;
  readonly label: number;
}

/** Examples with their classes numbered, divided into those to learn from and two sets to judge by. */
export interface LabelledSet<Example> {
  /** Names of the classes by number, in alphabetical order. */
  readonly classes: readonly string[];
  readonly train: readonly Labelled<Example>[];
  readonly validation: readonly Labelled<Example>[];
  readonly test: readonly Labelled<Example>[];
}

const FEWEST_EXAMPLES = 10;

/** @throws {UnusableDataError} when there is nothing to learn from */
export function divideClasses<Example>(
  examples: readonly (readonly [Example, string])[],
  mostClasses: number,
  problems: readonly RowProblem[],
): LabelledSet<Example> {
  if (examples.length < FEWEST_EXAMPLES) {
    throw new UnusableDataError(
      `There ${examples.length === 1 ? 'is' : 'are'} ${amount(examples.length, 'usable example')}; at least ${FEWEST_EXAMPLES} are needed.`,
      problems,
    );
  }
  const classes = [...new Set(examples.map(([, label]) => label))].sort();
  if (classes.length < 2)
    throw new UnusableDataError(`All examples have the class “${classes[0]}”; there must be two kinds at least.`, problems);
  if (classes.length > mostClasses) {
    throw new UnusableDataError(
      `The column of classes has ${classes.length} different values; at most ${mostClasses} can be told apart. Is it the right column?`,
      problems,
    );
  }
  const numbers = new Map(classes.map((name, index) => [name, index]));
  const labelled = examples.map(([example, label]) => ({ example, label: numbers.get(label) as number }));
  const { train: others, validation } = trainValidationSplit(labelled, { validationSplit: VALIDATION });
  const { train, validation: test } = trainValidationSplit(others, { validationSplit: TEST / (1 - VALIDATION), shuffle: false });
  return { classes, train, validation, test };
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
