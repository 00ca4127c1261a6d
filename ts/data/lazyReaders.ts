import type { Tensor } from '../core/tensor.ts';
import { type DataSource, openSource, type ReadOptions } from './readBytes.ts';
import type { CSVOptions } from './readCSV.ts';
import { READERS } from './readersPart.ts';
import type { ParquetOptions } from './readParquet.ts';
import type { TimeSeriesSamples } from './readTs.ts';
import type { Table } from './table.ts';

/**
 * Reads a table of CSV, TSV or another separator, also packed by gzip. Encoding, separator, decimal
 * sign, rows of titles and units before the data, and whether there are names are found out, and
 * can be given. The cells stay texts; the methods of the table make numbers, dates and classes.
 *
 *     const table = await readCSV('prices.csv');
 *     const prices = table.sortByDate('day').numbers('price', { missing: 'linear' });
 *
 * @param source a path, an address, a `File` or another blob, bytes, or a stream
 * @throws {ArgumentError} for something that is no source, and for an unknown or wrong option
 * @throws {FileError} when it cannot be read or unpacked
 * @throws {FormatError} when it is no text, has no rows or more than `maxBytes`, or a row has another
 *   number of fields; with the name of the file and the line
 */
export async function readCSV(source: DataSource, options?: CSVOptions): Promise<Table> {
  return (await READERS.load()).readCSV(source, options);
}

/**
 * Reads the rows of a table one after the other, while they are used, as records of texts: a file
 * of any length needs the memory of some rows. The iterable begins anew for each pass, unless the
 * source is a stream.
 *
 *     for await (const { text, label } of readCSVRows('reviews.csv.gz')) count(text, label);
 *
 * @throws the errors of {@link readCSV}; a wrong source at once, the others while it is read
 */
export function readCSVRows(source: DataSource, options?: CSVOptions): AsyncIterable<Readonly<Record<string, string>>> {
  openSource(source, 'readCSVRows', options);
  return {
    async *[Symbol.asyncIterator]() {
      yield* (await READERS.load()).readCSVRows(source, options);
    },
  };
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
