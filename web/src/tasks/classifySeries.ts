import type { Table } from 'backtime';
import type { ColumnRoles } from '../data/columns.ts';
import {
  type ClassSettings,
  DEFAULT_CLASSES,
  describeDivision,
  divideClasses,
  frequentClass,
  type Labelled,
  labelsOf,
  placesOf,
} from './classes.ts';
import { type ShownSeries, shownExample } from './dataCheck.ts';
import { classLabels } from './labels.ts';
import { DEFAULT_RULE, type MissingRule } from './missingRule.ts';
import type { Series } from './series.ts';
import {
  describeShape,
  encodeSeries,
  readSeriesExamples,
  type SeriesColumns,
  type SeriesInput,
  type SeriesSettings,
  seriesFrame,
} from './seriesInput.ts';
import type { Prepared } from './task.ts';

/** What a classifier of series needs besides its weights. */
export interface SeriesNotes extends SeriesInput {
  readonly task: 'classifySeries';
  readonly classes: readonly string[];
  /** Series that were kept from training, to try the model on. */
  readonly examples: readonly Labelled<Series>[];
}

const EXAMPLES_TO_TRY = 12;

/** Series and their classes, ready to train on. @throws {UnusableDataError} */
export function prepareSeries(
  table: Table,
  roles: SeriesColumns & Pick<ColumnRoles, 'label'>,
  settings: SeriesSettings,
  rule: MissingRule = DEFAULT_RULE,
  classSettings: ClassSettings = DEFAULT_CLASSES,
): Prepared<SeriesNotes> {
  const read = readSeriesExamples(table, roles, classLabels(table, table.names[roles.label] as string), settings, rule);
  const divided = divideClasses(read.examples, table, read.problems, classSettings, read.divide);
  const { classes, counts, canMerge, train, validation, test } = divided;
  const { input, warnings, lengths } = read.inputFor(train);
  const notes: SeriesNotes = { task: 'classifySeries', ...input, classes, examples: validation.slice(0, EXAMPLES_TO_TRY) };
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
      ...seriesFrame(input),
      everyStep: false,
      output: { units: classes.length, activation: 'softmax' },
      loss: 'sparseCategoricalCrossentropy',
    },
    problems: read.problems,
    missing: read.missing,
    warnings: [...warnings, ...divided.warnings],
    check: { classes: counts, canMerge, lengths, series: shownOf(classes, input.channels, train) },
    summary: `${describeDivision(read.what, divided)}; ${describeShape(input)}.`,
  };
}

const MOST_SHOWN = 6;

/** An example of each class. */
function shownOf(classes: readonly string[], channels: readonly string[], train: readonly Labelled<Series>[]): ShownSeries[] {
  return classes.slice(0, MOST_SHOWN).flatMap((name, label) => {
    const found = train.find((other) => other.label === label);
    return found ? [shownExample(name, channels, found.example)] : [];
  });
}
