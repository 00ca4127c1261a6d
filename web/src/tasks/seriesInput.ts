import type { Table, Tensor } from 'backtime';
import type { ColumnRoles, RowLayout } from '../data/columns.ts';
import { amount } from '../data/count.ts';
import { tableProblems } from '../data/recordsInOrder.ts';
import type { ModelFrame } from '../model/layerList.ts';
import { channelsOf, valueColumns } from './channels.ts';
import type { Labelled } from './classes.ts';
import { type Lengths, lengthsOf } from './dataCheck.ts';
import type { Labels } from './labels.ts';
import type { MissingRule } from './missingRule.ts';
import { NumberColumns } from './numberColumns.ts';
import { type ReadExamples, readRecordings, readRows } from './readRecordings.ts';
import { divideByStretch, divideInTime, readWindows } from './readWindows.ts';
import { type Scaling, scalingOf, writeScaled } from './scaling.ts';
import type { Series } from './series.ts';
import { UnusableDataError } from './task.ts';

/** How a model reads series. */
export interface SeriesInput {
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
export type SeriesColumns = Pick<ColumnRoles, 'series' | 'values'> & Partial<Pick<ColumnRoles, 'layout' | 'time'>>;

/** Series of a table with their labels, and what a model needs to read them. */
export interface ReadSeries extends ReadExamples {
  /** What an example is, in plural. */
  readonly what: 'series' | 'pieces' | 'rows';
  /** How a model is to read them, scaled as those to learn from. */
  readonly inputFor: (train: readonly Labelled<Series>[]) => {
    readonly input: SeriesInput;
    readonly warnings: readonly string[];
    /** Null where all are of one length. */
    readonly lengths: Lengths | null;
  };
}

/** What of a label the model would only have to look at, and how a row's columns are its steps. */
export interface LabelColumn {
  /** A column that must not be among the numbers. */
  readonly label: number;
  /** Whether the label changes within a log, so that a piece may have several. */
  readonly changes?: boolean;
  /** Whether the columns of a row that are no steps are different things. */
  readonly areThings?: boolean;
}

/** @throws {UnusableDataError} */
export function readSeriesExamples(
  table: Table,
  { time = null, series, label, values: chosen, changes = false, areThings = false, ...roles }: SeriesColumns & LabelColumn,
  labels: Labels,
  settings: SeriesSettings,
  rule: MissingRule,
): ReadSeries {
  const { layout = series === null ? 'rows' : 'recordings' } = roles;
  const values = valueColumns({ values: chosen, series, time }, label);
  const tableSaid = tableProblems(table);
  if (values.length === 0) throw new UnusableDataError('No column of numbers is chosen.', tableSaid);
  if (layout === 'recordings' && series === null)
    throw new UnusableDataError('Say which column names the recording that a row is a step of, or what the rows are.', tableSaid);
  const names = values.map((column) => table.names[column] as string);
  const grouped = channelsOf(names, areThings);
  const isRow = layout === 'rows';
  const numbers = new NumberColumns(table, values, isRow && grouped.steps.length > 1, rule, tableSaid);
  const read = readExamples();
  const channels = isRow ? grouped.channels : names;
  return {
    ...read,
    what: layout === 'windows' ? 'pieces' : isRow && grouped.steps.length === 1 ? 'rows' : 'series',
    inputFor: (train) => {
      const lengths = read.examples.map(({ example }) => example.length);
      const longest = lengths.reduce((most, own) => Math.max(most, own), 0);
      const length = layout === 'windows' ? longest : Math.min(settings.length, longest);
      const found = lengthsOf('steps', lengths, length);
      return {
        input: {
          columns: { values: names, series: series === null ? null : (table.names[series] as string), layout },
          channels,
          scaling: scalingOf(
            train.flatMap(({ example }) => example),
            channels.length,
          ),
          length,
        },
        lengths: layout === 'windows' || longest === 1 ? null : found,
        warnings: [
          ...read.warnings,
          ...(found.cut > 0
            ? [
                `${amount(found.cut, 'series')} of ${amount(lengths.length, 'series')} ${found.cut === 1 ? 'is' : 'are'} longer than ${amount(length, 'step')}: only the last ${length} of each are read. Read more if what matters comes early.`,
              ]
            : []),
        ],
      };
    },
  };

  function readExamples(): ReadExamples {
    switch (layout) {
      case 'rows':
        return readRows(table, numbers, labels, grouped.steps, rule);
      case 'recordings':
        return readRecordings(table, numbers, labels, table.names[series as number] as string, rule);
      case 'windows': {
        const { window = 50, overlap = 50 } = settings;
        const stride = Math.max(1, Math.round(window * (1 - overlap / 100)));
        const pieces = readWindows(table, numbers, labels, { series, time }, { length: window, stride, changes }, rule);
        return { ...pieces, divide: changes ? divideByStretch(pieces.spans) : divideInTime(pieces.spans) };
      }
    }
  }
}

/** What reading series fixes of a model. */
export function seriesFrame({ length, channels }: SeriesInput): Pick<ModelFrame, 'inputShape' | 'first'> {
  return { inputShape: [null, length, channels.length], first: null };
}

/** `24 steps of 3 numbers each`, `3 numbers each` */
export function describeShape({ length, channels }: SeriesInput): string {
  return `${length === 1 ? '' : `${amount(length, 'step')} of `}${amount(channels.length, 'number')} each`;
}

/** Series as scaled numbers, `[N, length, channels]`. */
export function encodeSeries({ scaling, length, channels }: SeriesInput, all: readonly Series[]): Tensor<Float32Array> {
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
