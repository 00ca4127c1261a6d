import type { NumericArray } from '../core/numericArray.ts';
import { checkOptions } from '../core/options.ts';
import type { Tensor } from '../core/tensor.ts';
import type { BatchLike } from '../feed/batches.ts';
import type { BatchRowsOptions, RowSource } from './batchRows.ts';
import { checkSource, type DataSource, type ReadOptions } from './dataSource.ts';
import { lazyIterable } from './lazyIterable.ts';
import type { TableCell } from './missing.ts';
import type { CoNLLOptions } from './readCoNLL.ts';
import type { CSVOptions } from './readCSV.ts';
import { READERS } from './readersPart.ts';
import type { ReadFilesOptions } from './readFiles.ts';
import type { JSONLinesOptions } from './readJSONLines.ts';
import type { ParquetOptions } from './readParquet.ts';
import type { ReadTextOptions } from './readText.ts';
import type { TimeSeriesSamples } from './readTs.ts';
import type { Table } from './table.ts';
import type { TableFromRowsOptions, TableRow } from './tableFromRows.ts';

/**
 * Reads a table of CSV, TSV or another separator, also packed by gzip. The encoding, the separator,
 * the decimal sign, rows of titles and units before the data, and the header are detected; options
 * override them. The cells stay texts; the methods of the table make numbers, dates and classes.
 *
 *     const table = await readCSV('prices.csv');
 *     const prices = table.sortByDate('day').numbers('price', { missing: 'linear' });
 *
 * @param source a path, an address, a `File` or another blob, bytes, or a stream
 * @throws {ArgumentError} for something that is no source, and for an unknown or wrong option
 * @throws {FileError} when it cannot be read or unpacked
 * @throws {FormatError} when it is not text, has no rows or more than `maxBytes`, or a row has
 *   another number of fields; with the name of the file and the line
 */
export async function readCSV(source: DataSource, options?: CSVOptions): Promise<Table> {
  return (await READERS.load()).readCSV(source, options);
}

/**
 * Makes a table of rows that another program gives: arrays of values, as those of a spreadsheet, or
 * records, as those of JSON. Among arrays it finds rows of titles and units, and whether the first
 * one holds names, as {@link readCSV} does. Dates become texts of ISO 8601; a record in a record,
 * columns named `outer.inner`.
 *
 *     const table = await tableFromRows(JSON.parse(text));
 *
 * @throws {ArgumentError} for something else than rows, and for an unknown option
 * @throws {FormatError} when there are no rows
 */
export async function tableFromRows(rows: readonly TableRow[], options?: TableFromRowsOptions): Promise<Table> {
  return (await READERS.load()).tableFromRows(rows, options);
}

/**
 * Reads a whole text, also packed by gzip. The encoding is detected, as by {@link readCSV}.
 *
 * @param source a path, an address, a `File` or another blob, bytes, or a stream
 * @param options `encoding`: such as 'windows-1252', default 'auto'; `maxBytes`: the largest number
 *   of bytes, unpacked, default 2^30; `onRead` is called with the number of bytes read
 * @throws {ArgumentError} for something that is no source, and for an unknown or wrong option
 * @throws {FileError} when it cannot be read or unpacked
 * @throws {FormatError} when it is not text of the encoding, or has more than `maxBytes`
 */
export async function readText(source: DataSource, options?: ReadTextOptions): Promise<string> {
  return (await READERS.load()).readText(source, options);
}

/**
 * Reads the rows of a table one after the other, while they are used, as records of texts: a file
 * of any length needs the memory of some rows. The iterable starts again for each pass, unless the
 * source is a stream.
 *
 *     for await (const { text, label } of readCSVRows('reviews.csv.gz')) count(text, label);
 *
 * @throws {ArgumentError} at once, for something that is no source
 * @throws the errors of {@link readCSV}, while it is read
 */
export function readCSVRows(source: DataSource, options?: CSVOptions): AsyncIterable<Readonly<Record<string, string>>> {
  checkSource(source, 'readCSVRows', options);
  return lazyIterable(async () => (await READERS.load()).readCSVRows(source, options));
}

/**
 * Reads JSON lines, one value a line, while they are used: a file of any length needs the memory of
 * some lines. The iterable starts again for each pass, unless the source is a stream. Empty lines
 * are left out, and gzip is unpacked.
 *
 *     for await (const { text, label } of readJSONLines<Review>('reviews.jsonl.gz')) count(text, label);
 *
 * @param source a path, an address, a `File` or another blob, bytes, or a stream
 * @returns the values; their type is what the caller says, and is not checked
 * @throws {ArgumentError} for something that is no source, and for an unknown option
 * @throws {FileError} while it is read: when the source cannot be read or unpacked
 * @throws {FormatError} while it is read: for a line that is not JSON, with file and line
 */
export function readJSONLines<Value = unknown>(source: DataSource, options?: JSONLinesOptions): AsyncIterable<Value> {
  checkOptions(options, ['maxLineLength', 'maxBytes'], 'readJSONLines');
  checkSource(source, 'readJSONLines', options);
  return lazyIterable(async () => (await READERS.load()).readJSONLines<Value>(source, options));
}

/**
 * Reads a table of Apache Parquet while its rows are used, one group of rows after the other: of a
 * path or a `File`, only one group is in memory.
 *
 *     for await (const { text, label } of readParquetRows('reviews.parquet')) count(text, label);
 *
 * @returns the rows as records; the iterable starts again for each pass, unless the source is a
 *   stream
 * @throws the errors of {@link readParquet}, while it is read
 */
export function readParquetRows(source: DataSource, options?: ParquetOptions): AsyncIterable<Readonly<Record<string, TableCell>>> {
  checkSource(source, 'readParquetRows', options);
  return lazyIterable(async () => (await READERS.load()).readParquetRows(source, options));
}

/**
 * Reads files one after the other as one stream of rows; with `shuffle` each epoch has another
 * order of the files.
 *
 *     const rows = readFiles('logs/*.csv.gz', readCSVRows, { shuffle: true, seed: 1 });
 *     await model.fit(batchRows(rows, toBatch), { epochs: 10 });
 *
 * @param files paths and other sources; a text may be a pattern of paths, where `*` and `?` stand
 *   for any characters but `/`, and a part `**` for any folders. The paths of a pattern are sorted
 * @param read makes the rows of a file, or its batches: an iterable, or a promise of one. Rows that
 *   are in memory are fastest as an array or a generator that is not async
 * @returns a function that gives the rows of an epoch, for `batchRows`; of batches, for `fit`
 * @throws {ArgumentError} while it is read, for an unknown option or something that is no source
 * @throws {FileError} when a pattern has no files
 * @throws the errors of `read`
 */
export function readFiles<Row>(
  files: string | readonly DataSource[],
  read: (file: DataSource) => Iterable<Row> | AsyncIterable<Row> | Promise<Iterable<Row> | AsyncIterable<Row>>,
  options?: ReadFilesOptions,
): (epoch?: number) => AsyncIterable<Row> {
  return (epoch = 0) => lazyIterable(async () => (await READERS.load()).readFiles(files, read, epoch, options));
}

/**
 * Makes batches of rows for `fit`, `evaluate` and `predict`, while they are used: only the rows of
 * some batches are in memory.
 *
 *     const batches = batchRows(readCSVRows('houses.csv'), (rows) => [
 *       rows.map(({ rooms, area }) => [Number(rooms), Number(area)]),
 *       rows.map(({ price }) => [Number(price)]),
 *     ]);
 *     await model.fit(batches, { epochs: 10 });
 *
 * @param rows of `readCSVRows`, `readJSONLines`, `readParquetRows`, `readNpyRows`, `readFiles`, or
 *   any iterable or function that makes one for an epoch
 * @param toBatch makes a batch `[x, y, sampleWeight?]` of its rows
 * @throws {ArgumentError} while it is read, for an unknown or wrong option, and for something that
 *   gives no rows
 * @throws the errors of the rows and of `toBatch`
 */
export function batchRows<Row>(
  rows: RowSource<Row>,
  toBatch: (rows: Row[]) => BatchLike | Promise<BatchLike>,
  options?: BatchRowsOptions,
): (epoch?: number) => AsyncIterable<BatchLike> {
  return (epoch = 0) => lazyIterable(async () => (await READERS.load()).batchRows(rows, toBatch, epoch, options));
}

/**
 * Reads an array that `numpy.save` wrote, also packed by gzip. Booleans become 0 and 1, in a
 * `Uint8Array`; 64-bit integers, a `Float64Array`.
 *
 *     const x = await readNpy('features.npy');
 *     await model.fit(x, await readNpy('targets.npy'));
 *
 * @param source a path, an address, a `File` or another blob, bytes, or a stream
 * @param options `maxBytes`: the most bytes, unpacked; default 2^32
 * @throws {ArgumentError} for something that is no source, and for a wrong option
 * @throws {FileError} when it cannot be read or unpacked
 * @throws {FormatError} when it is no such file, has more than `maxBytes`, is truncated, or has
 *   other types, another order or integers that no float64 holds; all with the file's name
 */
export async function readNpy(source: DataSource, options?: ReadOptions): Promise<Tensor> {
  return (await READERS.load()).readNpy(source, options);
}

/**
 * Reads the rows of an array that `numpy.save` wrote, along its first axis, while they are used: of
 * a path or a `File`, only some megabytes are in memory.
 *
 *     const rows = readFiles('days/*.npy', readNpyRows, { shuffle: true });
 *     const batches = batchRows(rows, toBatch, { shuffleBuffer: 4000, reuseRows: true });
 *
 * For `batchRows` each row is read into an array of its own. Elsewhere rows are views of a part of
 * the file.
 *
 * @returns the rows as typed arrays, each flat; the iterable starts again for each pass, unless the
 *   source is a stream
 * @param options `maxBytes`: the most bytes of a source that is read whole, as addresses, streams
 *   and bytes are; default 2^32
 * @throws {ArgumentError} at once, for something that is no source
 * @throws {FileError} while it is read: when the source cannot be read
 * @throws {FormatError} while it is read: for a file that {@link readNpy} refuses, and for an array
 *   of no axes
 */
export function readNpyRows(source: DataSource, options?: ReadOptions): AsyncIterable<NumericArray> {
  checkSource(source, 'readNpyRows', options);
  return lazyIterable(async () => (await READERS.load()).readNpyRows(source, options));
}

/**
 * Reads the arrays that `numpy.savez` or `numpy.savez_compressed` wrote, by their names.
 *
 *     const { x, y } = await readNpz('data.npz');
 *
 * @param options `maxBytes`: the most bytes that it may unpack to; default 2^32
 * @throws {ArgumentError} for something that is no source, and for a wrong option
 * @throws {FileError} when it cannot be read
 * @throws {FormatError} when it is no such archive, is damaged, as its CRC-32 shows, or unpacks to
 *   more than `maxBytes`, and for an array that {@link readNpy} refuses
 */
export async function readNpz(source: DataSource, options?: ReadOptions): Promise<Record<string, Tensor>> {
  return (await READERS.load()).readNpz(source, options);
}

/**
 * Reads a table of Apache Parquet, by the package hyparquet, which you install beside Backtime.
 *
 *     import * as hyparquet from 'hyparquet';
 *     const table = await readParquet(file, { hyparquet });
 *
 * @throws {ArgumentError} for something that is no source
 * @throws {FileError} when it cannot be read, or hyparquet is not installed
 * @throws {FormatError} when it is no such file, has more than `maxBytes`, or has nested columns
 */
export async function readParquet(source: DataSource, options?: ParquetOptions): Promise<Table> {
  return (await READERS.load()).readParquet(source, options);
}

/**
 * Reads samples of the UEA and UCR archives of time series, files that end in `.ts`: of one or
 * several channels, of equal or different lengths, with classes or numbers to predict.
 *
 *     const { sequences, targets } = await readTs('JapaneseVowels_TRAIN.ts');
 *     await model.fit(padSequences(sequences, { value: -9 }), targets);
 *
 * @param options `maxBytes`: the most bytes, unpacked; default 2^30
 * @throws {ArgumentError} for something that is no source, and for a wrong option
 * @throws {FileError} when it cannot be read
 * @throws {FormatError} naming the line, when it is no such file; when it has more than `maxBytes`
 */
export async function readTs(source: DataSource, options?: ReadOptions): Promise<TimeSeriesSamples> {
  return (await READERS.load()).readTs(source, options);
}

/**
 * Reads tagged sentences with one word per line: CoNLL-U, CoNLL-2003 and similar formats, also
 * compressed by gzip. Each line holds a word and its tags, in columns that tabs or spaces separate.
 * Blank lines separate sentences. Comments, lines `-DOCSTART-`, and the ranges of words (3-4) and
 * empty words (3.1) of CoNLL-U are left out.
 *
 *     const table = await readCoNLL('train.conllu');
 *     for (const sentence of table.groupBy('sentence').values()) console.log(sentence.texts('form'), sentence.texts('upos'));
 *
 * @param source a path, an address, a `File` or another blob, bytes, or a stream
 * @returns a table with a row for each word: the column `sentence`, the number of its sentence from
 *   1, then the columns of the file. If the file does not name them, ten columns whose first one
 *   numbers the words are named as in CoNLL-U (`id`, `form`, `lemma`, `upos`, …), others `word`,
 *   `column2`, …, `tag`
 * @throws {ArgumentError} for something that is no source, and for an unknown or wrong option
 * @throws {FileError} when it cannot be read or unpacked
 * @throws {FormatError} when it is not text, has no words or more than `maxBytes`, or has a line
 *   with another number of columns; the message names the line
 */
export async function readCoNLL(source: DataSource, options?: CoNLLOptions): Promise<Table> {
  return (await READERS.load()).readCoNLL(source, options);
}
