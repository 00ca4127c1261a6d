import { forecastErrors, type Table, type Tensor } from 'backtime';
import type { ColumnRoles } from '../data/columns.ts';
import { amount, count, shortNumber } from '../data/count.ts';
import { tableProblems } from '../data/recordsInOrder.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import type { ModelFrame } from '../model/layerList.ts';
import type { Baseline } from './baseline.ts';
import type { Example, Labelled } from './classes.ts';
import { type Lengths, NO_CHECK, type ShownSeries, shownExample, valuesOf } from './dataCheck.ts';
import { numberLabels } from './labels.ts';
import { DEFAULT_RULE, type MissingRule } from './missingRule.ts';
import { NumberColumns } from './numberColumns.ts';
import { divideAtRandom, type Parts } from './parts.ts';
import { scalingOf } from './scaling.ts';
import type { Series } from './series.ts';
import { describeShape, encodeSeries, readSeriesExamples, type SeriesInput, seriesFrame } from './seriesInput.ts';
import { type Prepared, UnusableDataError } from './task.ts';
import { readTextInput, readTexts, type TextInput, type TextSettings, textEncoder, textFrame } from './textInput.ts';

interface PredictedNumber {
  readonly task: 'predictNumber';
  /** The name of the number. */
  readonly target: string;
  /** Mean and standard deviation of the numbers: the model predicts how far from the mean. */
  readonly mean: number;
  readonly scale: number;
  /**
   * Errors of predictions that were not learnt from, actual less predicted, one in each row; null
   * before there are any.
   */
  readonly residuals: readonly (readonly number[])[] | null;
}

/** What a model that predicts a number from a text needs besides its weights. */
export interface NumberOfTextNotes extends PredictedNumber, TextInput {
  readonly from: 'text';
}

/** What a model that predicts a number from other numbers needs besides its weights. */
export interface NumberOfSeriesNotes extends PredictedNumber, SeriesInput {
  readonly from: 'numbers';
  /** Examples that were kept from training, to try the model on. */
  readonly examples: readonly Labelled<Series>[];
}

export type NumberNotes = NumberOfTextNotes | NumberOfSeriesNotes;

export interface NumberSettings extends TextSettings {
  /** Most steps to read of a series. */
  readonly steps: number;
  /** Steps of a piece, where a log is cut into pieces. */
  readonly pieces: number;
  /** How much of a piece the next one has too, in percent. */
  readonly overlap: number;
}

const FEWEST_EXAMPLES = 20;
const EXAMPLES_TO_TRY = 12;

/** How a model reads what the number is predicted from. */
interface NumberInput<Content> {
  readonly notes: Omit<NumberOfTextNotes, keyof PredictedNumber> | Omit<NumberOfSeriesNotes, keyof PredictedNumber>;
  readonly encode: (contents: readonly Content[]) => Tensor;
  readonly frame: Pick<ModelFrame, 'inputShape' | 'first'>;
  readonly lengths: Lengths | null;
  readonly series: readonly ShownSeries[];
  readonly warnings: readonly string[];
  /** What is read, the end of a sentence. */
  readonly about: string;
}

/** Texts, series or rows and their numbers, ready to train on. @throws {UnusableDataError} */
export function prepareNumber(
  table: Table,
  roles: ColumnRoles,
  settings: NumberSettings,
  rule: MissingRule = DEFAULT_RULE,
): Prepared<NumberNotes> {
  const { text, target } = roles;
  const name = table.names[target] as string;
  const problems = tableProblems(table);
  if (roles.from === 'text' && text === target)
    throw new UnusableDataError(`Column “${name}” cannot be both the text and the number. Choose another for one of them.`, problems);
  const labels = numberLabels(table, new NumberColumns(table, [target], false, rule, problems));
  if (roles.from === 'text') {
    const column = table.names[text] as string;
    const examples = readTexts(table, column, labels, problems);
    return learnt<string>(name, 'texts', { examples, problems, missing: [] }, (parts) => {
      const { input, lengths, warnings, known } = readTextInput(column, examples, parts, settings);
      const encode = textEncoder(input);
      return { notes: { from: 'text', ...input }, encode, frame: textFrame(input), lengths, series: [], warnings, about: known };
    });
  }
  const options = { length: settings.steps, window: settings.pieces, overlap: settings.overlap };
  const read = readSeriesExamples(table, { ...roles, label: target, changes: true, areThings: true }, labels, options, rule);
  if (roles.layout === 'recordings') checkRecordings(name, read.examples, read.problems);
  return learnt<Series>(name, read.what, read, ({ train, validation }) => {
    const { input, warnings, lengths } = read.inputFor(train);
    return {
      notes: { from: 'numbers', ...input, examples: validation.slice(0, EXAMPLES_TO_TRY) },
      encode: (all) => encodeSeries(input, all),
      frame: seriesFrame(input),
      lengths,
      series: input.length > 1 && train[0] ? [shownExample('one of them', input.channels, train[0].example)] : [],
      warnings,
      about: `${describeShape(input)}.`,
    };
  });
}

/** Part of the recordings that may have several numbers before that is taken for the rule. */
const MOST_CHANGING = 0.5;

/** @throws {UnusableDataError} when the number is of a row, not of a recording */
function checkRecordings(name: string, examples: readonly Example<Series>[], problems: readonly RowProblem[]): void {
  const changes = problems.filter(({ message }) => message.startsWith('says “')).length;
  if (changes > MOST_CHANGING * examples.length)
    throw new UnusableDataError(
      `“${name}” changes within the recordings: it is a number of each row. Say that a row is a step of a long log.`,
      problems,
    );
}

interface ReadNumbers<Content> {
  readonly examples: readonly Example<Content>[];
  readonly problems: readonly RowProblem[];
  readonly missing: readonly RowProblem[];
  readonly divide?: (labelled: readonly Labelled<Content>[]) => Parts<Labelled<Content>>;
}

function learnt<Content>(
  target: string,
  what: string,
  { examples, problems, missing, divide = divideAtRandom }: ReadNumbers<Content>,
  inputOf: (parts: Parts<Labelled<Content>>) => NumberInput<Content>,
): Prepared<NumberNotes> {
  if (examples.length < FEWEST_EXAMPLES)
    throw new UnusableDataError(
      `There ${examples.length === 1 ? 'is' : 'are'} ${amount(examples.length, 'usable example')} with a number; at least ${FEWEST_EXAMPLES} are needed.`,
      problems,
    );
  const numbered = examples.map(({ example, label, row }) => ({ example, label: Number(label), row }));
  const all = numbered.map(({ label }) => label);
  const parts = divide(numbered);
  const { train, validation, test } = parts;
  const numbers = train.map(({ label }) => label);
  if (numbers.every((number) => number === numbers[0]))
    throw new UnusableDataError(
      `“${target}” is ${shortNumber(numbers[0] ?? 0)} in all examples: there is nothing to predict. Choose another column.`,
      problems,
    );
  const { means, deviations } = scalingOf(
    numbers.map((number) => [number]),
    1,
  );
  const [mean, scale] = [means[0] as number, deviations[0] as number];
  const { notes, encode, frame, lengths, series, warnings, about } = inputOf(parts);
  const samples = (rows: readonly Labelled<Content>[]) =>
    [
      encode(rows.map(({ example }) => example)),
      { shape: [rows.length, 1], data: Float32Array.from(rows, ({ label }) => (label - mean) / scale) },
    ] as const;
  return {
    notes: { task: 'predictNumber', target, mean, scale, residuals: null, ...notes },
    train: samples(train),
    validation: samples(validation),
    test: samples(test),
    testExamples: null,
    baselines: { validation: usualNumbers(numbers, validation), test: usualNumbers(numbers, test) },
    frame: { ...frame, everyStep: false, output: { units: 1, activation: 'linear' }, loss: 'meanSquaredError' },
    problems,
    missing,
    warnings: [...rareNumbers(target, all), ...warnings],
    check: {
      ...NO_CHECK,
      lengths,
      series,
      values: valuesOf(target, all),
    },
    summary: `${count(train.length)} ${what} to learn from, ${count(validation.length)} for validation and ${count(test.length)} for the test; “${target}” is from ${shortNumber(smallest(numbers))} to ${shortNumber(-smallest(numbers.map((number) => -number)))}, ${shortNumber(mean)} on average; ${about}`,
  };
}

function smallest(numbers: readonly number[]): number {
  return numbers.reduce((least, number) => Math.min(least, number), Infinity);
}

/** How good it is to answer always with the mean or the median of the numbers that were learnt. */
function usualNumbers(learnt: readonly number[], judged: readonly Labelled<unknown>[]): Baseline[] {
  const sorted = Float64Array.from(learnt).sort();
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
  const mean = sorted.reduce((sum, number) => sum + number, 0) / sorted.length;
  const actual = Float64Array.from(judged, ({ label }) => label);
  const errorOf = (guess: number) =>
    forecastErrors(
      actual,
      actual.map(() => guess),
    ).rmse;
  return [
    { rule: 'mean', value: errorOf(mean) },
    { rule: 'median', value: errorOf(median) },
  ];
}

/** Distances between the quartiles beyond which a number is far from the median. */
const FAR = 8;

/** Numbers that are so far from all others that they are rather mistakes. */
function rareNumbers(target: string, numbers: readonly number[]): string[] {
  const sorted = Float64Array.from(numbers).sort();
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => sorted[Math.floor(part * (sorted.length - 1))] as number) as [
    number,
    number,
    number,
  ];
  const spread = high - low;
  const far = spread === 0 ? [] : numbers.filter((number) => Math.abs(number - middle) > FAR * spread);
  if (far.length === 0 || far.length > 0.01 * numbers.length) return [];
  return [
    `${amount(far.length, 'example')} ${far.length === 1 ? 'has' : 'have'} a “${target}” far from all others, ${shortNumber(far[0] as number)} for example: errors on such numbers outweigh all others. Are they right?`,
  ];
}
