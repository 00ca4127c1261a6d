import type { Table } from 'backtime';
import { MOST_CLASSES } from '../data/columns.ts';
import { amount, count, plural } from '../data/count.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import { type Baselines, frequentAnswer } from './baseline.ts';
import type { ClassCount } from './classCount.ts';
import { divideAtRandom, type Parts } from './parts.ts';
import { type ExamplePlace, UnusableDataError } from './task.ts';

/** An example as the table has it. */
export interface Example<Content> {
  readonly example: Content;
  /** The name of its class; where a number is predicted, its digits. */
  readonly label: string;
  /** Its row, or the first of its rows. */
  readonly row: number;
}

/** An example with a number. */
export interface Labelled<Content> {
  readonly example: Content;
  /** The number of its class; where a number is predicted, that. */
  readonly label: number;
  /** Its row, or the first of its rows. */
  readonly row: number;
}

/**
 * Examples with their classes numbered, divided into those to learn from and two sets to judge by.
 */
export interface LabelledSet<Content> extends Parts<Labelled<Content>> {
  /** Names of the classes by number, in alphabetical order. */
  readonly classes: readonly string[];
  /** How many examples each class has, the most first. */
  readonly counts: readonly ClassCount[];
  /** What looks like a mistake in the classes, the worst first. */
  readonly warnings: readonly string[];
  /** Whether names of classes differ by case and spaces alone. */
  readonly canMerge: boolean;
}

export interface ClassSettings {
  /** Whether classes that differ by case and spaces alone are one. */
  readonly mergeSpellings: boolean;
}

export const DEFAULT_CLASSES: ClassSettings = { mergeSpellings: false };

/** How a task calls its examples and their classes, one of each. */
export interface ClassTerms {
  readonly example: string;
  readonly label: string;
  /**
   * Whether examples are words of sentences: none can be left out alone, and signs have classes
   * such as “.”.
   */
  readonly areWords: boolean;
}

const CLASS_TERMS: ClassTerms = { example: 'example', label: 'class', areWords: false };

const FEWEST_EXAMPLES = 10;

/** Examples with their classes numbered. */
export interface NumberedClasses<Content> extends Pick<LabelledSet<unknown>, 'classes' | 'counts' | 'warnings' | 'canMerge'> {
  /** In the order in which they were given. */
  readonly labelled: readonly Labelled<Content>[];
}

/**
 * @param options `terms`: how messages call examples and classes; `most`: the classes that are kept,
 *   by default {@link MOST_CLASSES}
 * @throws {UnusableDataError} when there is nothing to learn from
 */
export function numberClasses<Content>(
  examples: readonly Example<Content>[],
  table: Table,
  problems: readonly RowProblem[],
  { mergeSpellings }: ClassSettings,
  { terms = CLASS_TERMS, most = MOST_CLASSES }: { readonly terms?: ClassTerms; readonly most?: number } = {},
): NumberedClasses<Content> {
  const { example: thing, label: kind } = terms;
  if (examples.length < FEWEST_EXAMPLES) {
    throw new UnusableDataError(
      `There ${examples.length === 1 ? 'is' : 'are'} ${amount(examples.length, `usable ${thing}`)}; at least ${FEWEST_EXAMPLES} are needed.`,
      problems,
    );
  }
  const spellings = spellingsOf(examples);
  const canMerge = [...spellings.values()].some(({ length }) => length > 1);
  const merged = mergeSpellings && canMerge ? mergeExamples(examples, spellings) : examples;
  const counts = countClasses(merged);
  if (counts.length < 2)
    throw new UnusableDataError(
      `All ${thing}s have the ${kind} “${counts[0]?.name}”; there must be two kinds at least. Choose another column with the ${kind}.`,
      problems,
    );
  if (counts.length > examples.length / 2)
    throw new UnusableDataError(
      `The column with the ${kind} has ${count(counts.length)} different values in ${count(examples.length)} ${thing}s: hardly any occurs twice, so nothing can be learnt from them. Choose another column with the ${kind}.`,
      problems,
    );
  const kept = counts.slice(0, most);
  const names = new Set(kept.map(({ name }) => name));
  const used = merged.filter(({ label }) => names.has(label));
  const classes = [...names].sort();
  const numbers = new Map(classes.map((name, index) => [name, index]));
  return {
    classes,
    counts: kept,
    labelled: used.map(({ example, label, row }) => ({ example, label: numbers.get(label) as number, row })),
    canMerge,
    warnings: [
      ...(counts.length > kept.length
        ? [
            `There are ${count(counts.length)} classes. The ${most} with the most examples are kept; ${amount(merged.length - used.length, 'example')} of the others ${merged.length - used.length === 1 ? 'is' : 'are'} left out.`,
          ]
        : []),
      ...warningsOf(used, kept, table, terms),
      ...(canMerge && !mergeSpellings ? [describeSpellings(spellings, terms)] : []),
    ],
  };
}

/**
 * @param divide divides the labelled examples; by default at random, each class alike
 * @throws {UnusableDataError} when there is nothing to learn from
 */
export function divideClasses<Content>(
  examples: readonly Example<Content>[],
  table: Table,
  problems: readonly RowProblem[],
  settings: ClassSettings,
  divide: (labelled: readonly Labelled<Content>[]) => Parts<Labelled<Content>> = divideAtRandom,
): LabelledSet<Content> {
  const { labelled, ...numbered } = numberClasses(examples, table, problems, settings);
  return { ...numbered, ...divide(labelled) };
}

function countClasses(examples: readonly Example<unknown>[]): ClassCount[] {
  const counts = new Map<string, number>();
  for (const { label } of examples) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
}

/** The spellings of each class, the most frequent first, by the name without case and spaces. */
function spellingsOf(examples: readonly Example<unknown>[]): Map<string, string[]> {
  const spellings = new Map<string, string[]>();
  for (const { name } of countClasses(examples)) {
    const plain = name.trim().replace(/\s+/g, ' ').toLowerCase();
    spellings.set(plain, [...(spellings.get(plain) ?? []), name]);
  }
  return spellings;
}

function mergeExamples<Content>(
  examples: readonly Example<Content>[],
  spellings: ReadonlyMap<string, readonly string[]>,
): Example<Content>[] {
  const names = new Map([...spellings.values()].flatMap((all) => all.map((spelling) => [spelling, all[0]?.trim() as string])));
  return examples.map((example) => ({ ...example, label: names.get(example.label) as string }));
}

function describeSpellings(spellings: ReadonlyMap<string, readonly string[]>, { label: kind }: ClassTerms): string {
  const several = [...spellings.values()].filter(({ length }) => length > 1);
  const named = several.slice(0, WARNED_CLASSES).map((all) => all.map((spelling) => `“${spelling}”`).join(', '));
  return `Some ${plural(kind)} differ only by case or spaces: ${named.join('; ')}${several.length > WARNED_CLASSES ? '; …' : ''}. If they are one, merge them below.`;
}

/** Most classes that a warning names. */
const WARNED_CLASSES = 3;

function warningsOf(examples: readonly Example<unknown>[], counts: readonly ClassCount[], { format }: Table, terms: ClassTerms): string[] {
  const { example: thing, label: kind } = terms;
  const warnings: string[] = [];
  const lonely = new Set(counts.filter((other) => other.count === 1).map(({ name }) => name));
  const single = examples.filter(({ label }) => lonely.has(label));
  if (single.length > 0) {
    const named = single.slice(0, WARNED_CLASSES).map(({ label, row }) => `“${label}” in row ${count(row)}`);
    const who =
      single.length === 1
        ? `A ${kind} has only one ${thing}: ${named[0]}.`
        : `${amount(single.length, kind)} have only one ${thing} each: ${named.join(', ')}${single.length > WARNED_CLASSES ? ', …' : '.'}`;
    const unnamed = format && !format.hasHeader ? format.firstLine : null;
    const why = single.some(({ row }) => row === unnamed)
      ? `Row ${unnamed} may hold the names of the columns: if so, say it above, at the first rows.`
      : `Is a name mistyped? Nothing can be learnt from one ${thing}.`;
    warnings.push(`${who} ${why}`);
  }
  const others = counts.length - lonely.size;
  const mean = Math.round((examples.length - single.length) / Math.max(1, others));
  if (others > 0 && mean < FEW_OF_A_CLASS && !terms.areWords)
    warnings.push(
      `${count(others)} ${plural(kind)} have about ${amount(mean, thing)} each, which are few to learn from. Take more ${plural(thing)}, or fewer ${plural(kind)}.`,
    );
  const [most] = counts;
  if (most && most.count > MOST_ALIKE * examples.length)
    warnings.push(
      `${Math.round((100 * most.count) / examples.length)} % of the ${thing}s are “${most.name}”. A model that always says so is right as often: look at each ${kind} when you judge it${terms.areWords ? '' : ', or take fewer of these examples'}.`,
    );
  for (const { name, count: number } of counts)
    if (MARKS.test(name) && !(terms.areWords && /^[\p{P}]+$/u.test(name)))
      warnings.push(`“${name}” is taken for a ${kind}, of ${amount(number, thing)}. Does it mean that the ${kind} is not known?`);
  return warnings;
}

/** Of fewer examples of a class hardly anything is learnt. */
const FEW_OF_A_CLASS = 10;
/** Part of the examples that one class may have without a warning. */
const MOST_ALIKE = 0.9;
const MARKS = /^(n\/?a|#n\/a|nan|null|nil|none|undefined|unknown|missing|\?|\.|--?|–|—)$/i;

/** Most class names that are listed. */
const NAMED_CLASSES = 6;

/** How many examples, called `what`, there are, and of which classes. */
export function describeDivision(
  what: string,
  { classes, train, validation, test }: Parts<unknown> & Pick<LabelledSet<unknown>, 'classes'>,
  { label: kind }: ClassTerms = CLASS_TERMS,
): string {
  const names = `${classes.slice(0, NAMED_CLASSES).join(', ')}${classes.length > NAMED_CLASSES ? ', …' : ''}`;
  return `${count(train.length)} ${what} to learn from, ${count(validation.length)} for validation and ${count(test.length)} for the test, in ${classes.length} ${plural(kind)} (${names})`;
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
export const MOST_PLACES = 5000;
const LONGEST_TEXT = 200;

/** Where the test examples are from. @param textOf the text of an example, if it has one */
export function placesOf<Content>({ test }: LabelledSet<Content>, textOf: (example: Content) => string = () => ''): ExamplePlace[] {
  return test.slice(0, MOST_PLACES).map(({ example, row }) => ({ row, text: textOf(example).slice(0, LONGEST_TEXT) }));
}
