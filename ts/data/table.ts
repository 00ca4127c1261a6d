import { describe } from '../core/describe.ts';
import { ArgumentError, DataError } from '../core/errors.ts';
import { checkOptions, oneOf } from '../core/options.ts';
import { type Tensor, tensorOf } from '../core/tensor.ts';
import { warn } from '../core/warnings.ts';
import { type ColumnDescription, describeColumn } from './columnKinds.ts';
import { fillLinear, fillPrevious } from './fillMissing.ts';
import { isMissing, type MissingNumbers, type TableCell } from './missing.ts';
import { noColumn } from './noColumn.ts';
import { type DateOrder, parseDates } from './parseDates.ts';
import { type NumberFormat, numberFormatOf, parseNumber } from './parseNumber.ts';
import { type Resampled, type ResampleOptions, resample } from './resample.ts';
import { rowsByValue } from './rowsByValue.ts';
import type { SkippedRow, TableFormat } from './tableFormat.ts';
import { type TableWindows, type TableWindowsOptions, tableWindows } from './tableWindows.ts';
import { textsIn } from './textsIn.ts';
import { overMidnight, type TimeSteps, timeSteps } from './timeSteps.ts';

/** Options of {@link Table.numbers}. */
export interface NumbersOptions {
  /** How a cell without a value is filled. Default 'error'. */
  missing?: MissingNumbers;
  /** Whether a cell that is no number is an error or has no value. Default 'error'. */
  invalid?: 'error' | 'missing';
  /** The decimal sign. Default: the one with which more cells of the column are numbers. */
  decimal?: '.' | ',';
  /**
   * The sign between groups of thousands, one character, or '' where there is none. Default: the
   * one of point and comma that is not the decimal sign, spaces and apostrophes.
   */
  thousands?: string;
  /** Numbers that mark missing values, such as -999 or [-999, 9999]. Default none. */
  sentinels?: number | readonly number[];
}

/** Options of {@link Table.dates}. */
export interface DatesOptions {
  /** Whether the day or the month comes first. Default: all dates of the column decide. */
  order?: DateOrder;
  /** Whether a cell that is no date is an error or has no date, NaN. Default 'error'. */
  invalid?: 'error' | 'missing';
}

const DATE_ORDERS: readonly DateOrder[] = ['dayFirst', 'monthFirst'];

/** Options of {@link Table.timeSteps}. */
export interface TimeStepsOptions {
  /** The column of times. */
  time: string;
  /** A column of times of day beside one of days. Default: there is none. */
  clock?: string;
  /** Whether the day or the month comes first. Default: all dates of the column decide. */
  order?: DateOrder;
  /** The step, as of {@link ResampleOptions}. Default: it is found. */
  every?: number | string;
}

/** The classes of a column. */
export interface ColumnClasses {
  /** The different values, in code-point order. */
  readonly names: readonly string[];
  /** For each row the index of its class. */
  readonly labels: Int32Array;
}

/**
 * A table that a reader has read: columns of cells, which the methods below turn into numbers,
 * dates and classes. It never changes.
 */
export class Table {
  readonly names: readonly string[];
  readonly rowCount: number;
  /** The source of the table, for error messages. */
  readonly source: string;
  /** The rows of the file that were skipped with `badRows: 'skip'`, and the reasons. */
  readonly skipped: readonly SkippedRow[];
  /** How the text was read; null for what is not text. */
  readonly format: TableFormat | null;
  readonly #columns: ReadonlyMap<string, readonly TableCell[]>;
  /** For each row the line of the file on which it begins, from 1; null without lines. */
  readonly #lines: ArrayLike<number> | null;
  /** For each row its number in a file without lines, from 1; null where they are all there. */
  readonly #rows: ArrayLike<number> | null;
  readonly #decimal: '.' | ',';
  /**
   * The whole table, if these are some of its rows: the format of dates is decided by all dates of
   * the column.
   */
  #whole: Table = this;
  /** By column, what {@link #orderOf} has found. */
  readonly #orders = new Map<string, DateOrder | null>();

  /**
   * @param columns cells by the names of columns, all of one length
   * @param options `source`: the name in error messages; `lines`: the line of the file on which
   *   each row begins; `rows`: of a file without lines, the number of each row, from 1; `decimal`:
   *   the likely decimal sign of a column that could have either; `skipped`: rows of the file that
   *   were left out; `format`: how the text was read
   * @throws {ArgumentError} when a column has another number of cells
   */
  constructor(
    columns: Readonly<Record<string, readonly TableCell[]>> | ReadonlyMap<string, readonly TableCell[]>,
    options: {
      source?: string;
      lines?: ArrayLike<number> | null;
      rows?: ArrayLike<number> | null;
      decimal?: '.' | ',';
      skipped?: readonly SkippedRow[];
      format?: TableFormat | null;
    } = {},
  ) {
    this.#columns = columns instanceof Map ? columns : new Map(Object.entries(columns));
    this.names = [...this.#columns.keys()];
    this.rowCount = [...this.#columns.values()][0]?.length ?? 0;
    for (const [name, { length }] of this.#columns)
      if (length !== this.rowCount)
        throw new ArgumentError(`Table: column ${describe(name)} has ${length} cells, but the first column has ${this.rowCount}`);
    this.source = options.source ?? 'the table';
    this.skipped = options.skipped ?? [];
    this.format = options.format ?? null;
    this.#lines = options.lines ?? null;
    this.#rows = options.rows ?? null;
    this.#decimal = options.decimal ?? '.';
  }

  /** The lines of the rows that were left out. */
  get skippedRows(): readonly number[] {
    return this.skipped.map(({ line }) => line);
  }

  /** The cells of a column as the file has them. @throws {ArgumentError} for an unknown name */
  column(name: string): readonly TableCell[] {
    const cells = this.#columns.get(name);
    if (!cells) throw noColumn(name, this.source, this.names);
    return cells;
  }

  /** The cells of a column as texts. @throws {ArgumentError} for an unknown name */
  texts(name: string): string[] {
    return this.column(name).map((cell) => (cell === null ? '' : String(cell)));
  }

  /**
   * The numbers of a column: also with groups of thousands, a currency, a percent sign or a unit.
   * @throws {ArgumentError} for an unknown name or option
   * @throws {DataError} naming the row, for a cell that is no number, and for one without a value if
   *   `missing` is 'error'
   */
  numbers(name: string, options: NumbersOptions = {}): Float64Array {
    checkOptions(options, ['missing', 'invalid', 'decimal', 'thousands', 'sentinels'], 'Table.numbers');
    const { missing = 'error', thousands } = options;
    const invalid = oneOf(options.invalid ?? 'error', ['error', 'missing'], 'Table.numbers: invalid');
    const sentinels = sentinelsOf(options.sentinels);
    if (typeof missing !== 'number') oneOf(missing, ['error', 'nan', 'previous', 'linear'], 'Table.numbers: missing');
    const cells = this.column(name);
    const found = numberFormatOf(cells, this.#decimal, thousands);
    const decimal = options.decimal ?? decimalBeside(thousands) ?? found.decimal;
    if (thousands !== undefined && (!/^[^\d+-]?$/.test(thousands) || thousands === decimal))
      throw new ArgumentError(
        `Table.numbers: thousands must be a sign other than the decimal sign ${decimal}, or '' for none, got ${describe(thousands)}`,
      );
    const format = { decimal, thousands, hasMultiples: found.hasMultiples };
    const numbers = Float64Array.from(cells, (cell, row) => {
      if (isMissing(cell)) {
        if (missing === 'error')
          throw new DataError(`${this.#place(name, row)} has no value: choose how to fill it, numbers(name, { missing: 'linear' })`);
        return typeof missing === 'number' ? missing : Number.NaN;
      }
      const value = parseNumber(cell, format);
      if (Number.isNaN(value) && invalid === 'missing' && missing !== 'error') return typeof missing === 'number' ? missing : value;
      if (Number.isNaN(value)) {
        const isOfTexts = areMostlyTexts(cells, format);
        // Tables of other sources have no lines.
        const marked = this.#lines ? `readCSV takes { naValues: [${describe(cell)}] }` : 'write null in its place';
        const isOfDates = describeColumn(name, cells, this.#decimal).kind === 'date';
        const remedy = isOfDates
          ? `the column has dates, which dates(${describe(name)}) reads`
          : isOfTexts
            ? `most values of the column are texts, which classes(${describe(name)}) and texts(${describe(name)}) read`
            : `if it means a missing value, ${marked}`;
        throw new DataError(`${this.#place(name, row)} is ${describe(cell)}, expected a number: ${remedy}`);
      }
      if (!sentinels.includes(value)) return value;
      if (missing === 'error')
        throw new DataError(`${this.#place(name, row)} is ${value}, which means a missing value: choose how to fill it`);
      return typeof missing === 'number' ? missing : Number.NaN;
    });
    if (missing === 'previous') fillPrevious(numbers);
    if (missing === 'linear') fillLinear(numbers);
    return numbers;
  }

  /**
   * Columns of numbers side by side.
   * @returns shape `[rows, names.length]`
   * @throws the errors of {@link numbers}
   */
  matrix(names: readonly string[], options?: NumbersOptions): Tensor<Float64Array> {
    textsIn(names, 'Table.matrix: names', "['height', 'width']");
    const data = new Float64Array(this.rowCount * names.length);
    for (const [place, name] of names.entries())
      for (const [row, value] of this.numbers(name, options).entries()) data[row * names.length + place] = value;
    return tensorOf([this.rowCount, names.length], data);
  }

  /**
   * The dates of a column, in milliseconds since 1970 in UTC. Times without a zone are in UTC. If
   * nothing decides whether the day or the month comes first, a warning says which order is
   * assumed.
   * @throws {ArgumentError} for an unknown name or option
   * @throws {DataError} naming the row, for a cell that is no date, unless `invalid` is 'missing'
   */
  dates(name: string, options: DatesOptions = {}): Float64Array {
    checkOptions(options, ['order', 'invalid'], 'Table.dates');
    const invalid = oneOf(options.invalid ?? 'error', ['error', 'missing'], 'Table.dates: invalid');
    const cells = this.column(name);
    const order = options.order === undefined ? this.#whole.#orderOf(name) : oneOf(options.order, DATE_ORDERS, 'Table.dates: order');
    const { times } = parseDates(cells, order);
    const wrong = times.findIndex(Number.isNaN);
    if (wrong >= 0 && invalid === 'error')
      throw new DataError(
        `${this.#place(name, wrong)} is ${describe(cells[wrong])}, expected a date${order ? ` with the ${order === 'dayFirst' ? 'day' : 'month'} first` : ''}`,
      );
    return times;
  }

  /**
   * The classes of a column.
   * @param names the classes in the order of their labels, as of a trained model. Default: those of
   *   the column
   * @throws {DataError} naming the row, for a cell without a value, or one that is none of the names
   */
  classes(name: string, names?: readonly string[]): ColumnClasses {
    const texts = this.texts(name).map((text) => text.trim());
    const known = names === undefined ? [...new Set(texts)].sort() : textsIn(names, 'Table.classes: names', "['no', 'yes']");
    const places = new Map(known.map((text, place) => [text, place]));
    const labels = Int32Array.from(texts, (text, row) => {
      if (text === '') throw new DataError(`${this.#place(name, row)} has no value, expected a class`);
      const label = places.get(text);
      if (label === undefined)
        throw new DataError(`${this.#place(name, row)} is ${describe(text)}, expected one of the classes ${known.join(', ')}`);
      return label;
    });
    return { names: known, labels };
  }

  /** The detected kind of each column, and the reason. */
  describeColumns(): ColumnDescription[] {
    return this.names.map((name) => describeColumn(name, this.column(name), this.#decimal));
  }

  /** The table with some of its columns. @throws {ArgumentError} for an unknown name */
  select(names: readonly string[]): Table {
    const known = textsIn(names, 'Table.select: names', "['height', 'width']");
    return this.#with(new Map(known.map((name) => [name, this.column(name)])), this.#lines ?? this.#rows);
  }

  /** The table with some of its rows, in the order in which they are given. */
  rowsAt(rows: ArrayLike<number>): Table {
    const chosen = Array.from(rows);
    const columns = new Map([...this.#columns].map(([name, cells]) => [name, chosen.map((row) => cells[row] as TableCell)]));
    return this.#with(
      columns,
      chosen.map((row) => this.fileRow(row)),
    );
  }

  /**
   * The table with another decimal sign of columns that could have either, such as those of
   * `1.500`. A column whose numbers tell their sign keeps it.
   * @throws {ArgumentError} for another sign
   */
  withDecimal(decimal: '.' | ','): Table {
    const sign = oneOf(decimal, ['.', ','] as const, 'Table.withDecimal: decimal');
    return this.#with(this.#columns, this.#lines ?? this.#rows, sign);
  }

  /**
   * The line of the file on which a row begins, from 1: what a text editor shows. A file without
   * lines has the number of the row, from 1.
   */
  fileRow(row: number): number {
    return (this.#lines ?? this.#rows)?.[row] ?? row + 1;
  }

  /** Where a row is, for error messages: `line 7 of prices.csv`, without lines `row 7 of …`. */
  place(row: number): string {
    return `${this.#lines ? 'line' : 'row'} ${this.fileRow(row)} of ${this.source}`;
  }

  /** The rows for which a function is true. */
  filter(keeps: (row: Readonly<Record<string, TableCell>>, index: number) => boolean): Table {
    return this.rowsAt([...this.rows()].flatMap((row, index) => (keeps(row, index) ? [index] : [])));
  }

  /**
   * The rows sorted by the time in a column, earliest first; rows with the same time keep their
   * order.
   */
  sortByDate(name: string, options?: DatesOptions): Table {
    const times = this.dates(name, options);
    return this.rowsAt(Array.from(times.keys()).sort((a, b) => (times[a] as number) - (times[b] as number)));
  }

  /** A table for each value of a column, in the order of their first rows. */
  groupBy(name: string): Map<string, Table> {
    return new Map([...rowsByValue(this.texts(name))].map(([text, chosen]) => [text, this.rowsAt(chosen)]));
  }

  /** The rows as records. */
  *rows(): Generator<Readonly<Record<string, TableCell>>> {
    const columns = [...this.#columns];
    for (let row = 0; row < this.rowCount; row++) yield Object.fromEntries(columns.map(([name, cells]) => [name, cells[row] as TableCell]));
  }

  /** Whether a cell has a value: it is not empty, and not `NA`, `-` or the like. */
  hasValue(name: string, row: number): boolean {
    return !isMissing(this.column(name)[row] ?? null);
  }

  /**
   * Finds the even steps of a column of times, and the step of each row, to detect missing steps,
   * duplicates and rows out of order. A cell that is not a date has the step -1.
   * @throws {ArgumentError} for an unknown name or option, and for a step that is none
   * @throws {DataError} for fewer than two different times, and for too many steps
   */
  timeSteps(options: TimeStepsOptions): TimeSteps {
    checkOptions(options, ['time', 'clock', 'order', 'every'], 'Table.timeSteps');
    const days = this.dates(options.time, { invalid: 'missing', ...(options.order && { order: options.order }) });
    const clock = options.clock === undefined ? null : this.dates(options.clock, { invalid: 'missing' });
    const times = clock ? days.map((day, row) => day + (clock[row] as number)) : overMidnight(days);
    return timeSteps(times, options.every, `timeSteps: ${this.source}`);
  }

  /**
   * Resamples rows to even steps of time, as a recurrent network needs them. The rows may be in any
   * order.
   * @throws {ArgumentError} for an unknown option, and for an `every` that is not a step
   * @throws {DataError} for fewer than two rows, and for more steps than fit in memory
   * @throws the errors of {@link dates} and {@link numbers}
   */
  resample(options: ResampleOptions): Resampled {
    return resample(this, options);
  }

  /**
   * Cuts the rows, such as the log of a sensor, into windows: samples of a recurrent network. Rows
   * at the end of a group that do not fill a window are dropped.
   * @throws {ArgumentError} for an unknown option or a value outside its range
   * @throws {DataError} when no group has as many rows as a window
   * @throws the errors of {@link numbers}
   */
  windows(options: TableWindowsOptions): TableWindows {
    return tableWindows(this, options);
  }

  #with(columns: ReadonlyMap<string, readonly TableCell[]>, numbers: ArrayLike<number> | null, decimal = this.#decimal): Table {
    const places = this.#lines ? { lines: numbers } : { rows: numbers };
    const { source, skipped } = this;
    const format = decimal === this.#decimal ? this.format : this.format && { ...this.format, decimal };
    const part = new Table(columns, { source, ...places, decimal, skipped, format });
    part.#whole = this.#whole;
    return part;
  }

  /** Whether the dates of a column have the day or the month first; null where none needs it. */
  #orderOf(name: string): DateOrder | null {
    const known = this.#orders.get(name);
    if (known !== undefined) return known;
    const cells = this.column(name);
    const { times, order, isAmbiguous } = parseDates(cells);
    const others = isAmbiguous ? parseDates(cells, order === 'dayFirst' ? 'monthFirst' : 'dayFirst').times : times;
    const open = times.findIndex((time, row) => !Number.isNaN(time) && time !== others[row]);
    if (open >= 0)
      warn(
        'DATE_ORDER',
        `${this.#place(name, open)} is ${describe(cells[open])}, and nothing in the column decides whether the day or the month comes first: the ${order === 'dayFirst' ? 'day' : 'month'} is taken; say which with the option order, 'dayFirst' or 'monthFirst', or write dates as 2024-12-31`,
        this,
        name,
      );
    this.#orders.set(name, order);
    return order;
  }

  #place(name: string, row: number): string {
    return `${this.place(row)}, column ${describe(name)},`;
  }
}

/** Whether most values are different texts: what marks missing values is often the same one. */
function areMostlyTexts(cells: readonly TableCell[], format: NumberFormat): boolean {
  const values = cells.filter((cell) => !isMissing(cell));
  const texts = values.filter((cell) => Number.isNaN(parseNumber(cell, format)));
  return 2 * texts.length > values.length && new Set(texts).size > 1;
}

/** @throws {ArgumentError} when it is neither a number nor an array of them */
function sentinelsOf(given: unknown = []): readonly number[] {
  const sentinels = Array.isArray(given) ? given : [given];
  if (sentinels.every((value) => typeof value === 'number')) return sentinels;
  throw new ArgumentError(
    `Table.numbers: sentinels must be a number or an array of numbers, such as [-999], got ${describe(given)}: of texts, readCSV takes naValues`,
  );
}

/** The decimal sign that a sign between groups leaves; null where it leaves both. */
function decimalBeside(thousands: string | undefined): '.' | ',' | null {
  return thousands === ',' ? '.' : thousands === '.' ? ',' : null;
}
