import type { Model, Table, Tensor } from 'backtime';
import type { ColumnRoles, RowLayout } from '../data/columns.ts';
import { amount } from '../data/count.ts';
import { tableProblems } from '../data/recordsInOrder.ts';
import { answerWorkers } from '../model/answerWorkers.ts';
import { channelsOf } from './channels.ts';
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
import { lengthsOf, type ShownSeries, thinned } from './dataCheck.ts';
import { DEFAULT_RULE, type MissingRule } from './missingRule.ts';
import { NumberColumns } from './numberColumns.ts';
import { type ReadExamples, readRecordings, readRows } from './readRecordings.ts';
import { divideInTime, readWindows } from './readWindows.ts';
import { type Scaling, scalingOf, writeScaled } from './scaling.ts';
import type { Series } from './series.ts';
import { type Prepared, UnusableDataError } from './task.ts';

/** What a classifier of series needs besides its weights. */
export interface SeriesNotes {
  readonly task: 'classifySeries';
  /** Where the numbers were in a table; not in notes of older versions. */
  readonly columns?: {
    readonly values: readonly string[];
    /** The column that says which series a row is a step of; null where every row is a series. */
    readonly series: string | null;
    /** What a row was. */
    readonly layout?: RowLayout;
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
  /** Steps of a piece, where a log is cut into pieces. Default 50. */
  readonly window?: number;
  /** How much of a piece the next one has too, in percent. Default 50. */
  readonly overlap?: number;
}

/** Which columns make series. Without a `layout` rows are steps of `series`, or whole series. */
export type SeriesColumns = Pick<ColumnRoles, 'label' | 'series' | 'values'> & Partial<Pick<ColumnRoles, 'layout' | 'time'>>;

const EXAMPLES_TO_TRY = 12;

/** Series and their classes, ready to train on. @throws {UnusableDataError} */
export function prepareSeries(
  table: Table,
  { time = null, ...roles }: SeriesColumns,
  settings: SeriesSettings,
  rule: MissingRule = DEFAULT_RULE,
  classSettings: ClassSettings = DEFAULT_CLASSES,
): Prepared<SeriesNotes> {
  const { label, series, layout = series === null ? 'rows' : 'recordings' } = roles;
  // What the class is, or which series it is of, must not be among the numbers: the model would
  // only have to look there.
  const values = roles.values.filter((column) => column !== label && column !== series && column !== time);
  const tableSaid = tableProblems(table);
  if (values.length === 0) throw new UnusableDataError('No column of numbers is chosen.', tableSaid);
  if (layout === 'recordings' && series === null)
    throw new UnusableDataError('Say which column names the recording that a row is a step of, or what the rows are.', tableSaid);
  const numbers = new NumberColumns(table, values, layout === 'rows', rule, tableSaid);
  const names = values.map((column) => table.names[column] as string);
  const grouped = channelsOf(names);
  const read = readExamples(table, numbers, { ...roles, layout, time }, settings, rule);
  const { examples, problems, missing, warnings } = read;
  const divided = divideClasses(examples, table, problems, classSettings, read.divide);
  const { classes, counts, canMerge, train, validation, test } = divided;
  const channels = layout === 'rows' ? grouped.channels : names;
  const lengths = examples.map(({ example }) => example.length);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const length = layout === 'windows' ? longest : Math.min(settings.length, longest);
  const notes: SeriesNotes = {
    task: 'classifySeries',
    columns: { values: names, series: series === null ? null : (table.names[series] as string), layout },
    channels,
    scaling: scalingOf(
      train.flatMap(({ example }) => example),
      channels.length,
    ),
    length,
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
  const found = lengthsOf('steps', lengths, length);
  return {
    notes,
    train: samples(train),
    validation: samples(validation),
    test: samples(test),
    testExamples: placesOf(divided),
    baselines: frequentClass(divided),
    frame: {
      inputShape: [null, length, channels.length],
      first: null,
      everyStep: false,
      output: { units: classes.length, activation: 'softmax' },
      loss: 'sparseCategoricalCrossentropy',
    },
    problems,
    missing,
    warnings: [
      ...warnings,
      ...(found.cut > 0
        ? [
            `${amount(found.cut, 'series')} of ${amount(examples.length, 'series')} ${found.cut === 1 ? 'is' : 'are'} longer than ${amount(length, 'step')}: only the last ${length} of each are read. Read more if what matters comes early.`,
          ]
        : []),
      ...divided.warnings,
    ],
    check: { classes: counts, canMerge, lengths: layout === 'windows' ? null : found, series: shownOf(classes, channels, train) },
    summary: `${describeDivision(layout === 'windows' ? 'pieces' : 'series', divided)}; ${amount(length, 'step')} of ${amount(channels.length, 'number')} each.`,
  };
}

function readExamples(
  table: Table,
  numbers: NumberColumns,
  roles: Required<SeriesColumns>,
  settings: SeriesSettings,
  rule: MissingRule,
): ReadExamples {
  const label = table.names[roles.label] as string;
  switch (roles.layout) {
    case 'rows':
      return readRows(table, numbers, label, rule);
    case 'recordings':
      return readRecordings(table, numbers, label, table.names[roles.series as number] as string, rule);
    case 'windows': {
      const { window = 50, overlap = 50 } = settings;
      const stride = Math.max(1, Math.round(window * (1 - overlap / 100)));
      const read = readWindows(table, numbers, roles, { length: window, stride }, rule);
      return { ...read, divide: divideInTime(read.spans) };
    }
  }
}

/** Lines that can still be told apart. */
const MOST_LINES = 6;
const MOST_SHOWN = 6;

/** An example of each class. */
function shownOf(classes: readonly string[], channels: readonly string[], train: readonly Labelled<Series>[]): ShownSeries[] {
  return classes.slice(0, MOST_SHOWN).flatMap((name, label) => {
    const found = train.find((other) => other.label === label);
    if (!found) return [];
    const { places } = thinned(found.example.map(([first]) => first as number));
    return [
      {
        title: name,
        x: places.map((place) => place + 1),
        isTime: false,
        lines: channels.slice(0, MOST_LINES).map((channel, index) => ({
          label: channel,
          values: places.map((place) => found.example[place]?.[index] as number),
        })),
      },
    ];
  });
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
