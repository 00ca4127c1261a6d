import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { padSequences } from 'backtime';
import { UsageError } from './options.ts';
import { ReviewEncoder } from './reviewEncoder.ts';
import type { Experiment, Reviews } from './reviews.ts';

/**
 * Of `keras.datasets.imdb`: ids 0, 1, 2 are padding, the start of a review, an unknown word; the
 * word of rank r has id r + 3.
 */
const START = 1;
const UNKNOWN = 2;
const UNUSED_TOKENS = ['<2>', '<3>'];

const MAX_LENGTH = 100;

/** Words whose ids are below it ("the", "and", "of", …) are left out of one-hot input. */
const SKIP_TOP = 20;

/** Reviews as `label TAB word ids`, one a line. */
interface RawReviews {
  readonly labels: number[];
  readonly ids: number[][];
}

/**
 * The article's experiment: 20,000 reviews to learn from and 5,000 to validate with, the last 100
 * words of each, of the 100 most frequent for one-hot input and of the 1,000 most frequent for an
 * embedding. One-hot input leaves out unknown words and ids below 20 before it takes the last 100.
 * The article does not say so: it was chosen here after plain gradient descent with those words had
 * reached a validation accuracy of only 0.538 in 20 epochs. For an embedding other words than the
 * 1,000 become unknown, as `keras.datasets.imdb.load_data(num_words=1000)` does.
 * @param folder holds train20000_part1.tsv.gz, train20000_part2.tsv.gz, val5000.tsv.gz,
 *   word_index.txt.gz
 * @param quick keep only 1,000 and 250 reviews
 */
export async function loadImdb(folder: string, quick: boolean): Promise<Experiment> {
  const [part1, part2, validationFile, wordIndex] = await Promise.all(
    ['train20000_part1.tsv.gz', 'train20000_part2.tsv.gz', 'val5000.tsv.gz', 'word_index.txt.gz'].map((name) => readGzip(folder, name)),
  );
  const train = parseReviews(`${part1.trimEnd()}\n${part2}`, quick ? 1000 : Infinity);
  const validation = parseReviews(validationFile, quick ? 250 : Infinity);
  return {
    title: `IMDB reviews: ${train.labels.length} to learn from, ${validation.labels.length} to validate with`,
    oneHot: chooseWords(train, validation, 100, (ids) => ids.filter((id) => id >= SKIP_TOP && id < 100)),
    embedded: chooseWords(train, validation, 1000, (ids) => ids.map((id) => (id < 1000 ? id : UNKNOWN))),
    encoder: encoderOf(wordIndex, 1000),
  };
}

async function readGzip(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  try {
    return (await promisify(gunzip)(await readFile(path))).toString('utf8');
  } catch (error) {
    throw new UsageError(`--imdb: cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function parseReviews(file: string, limit: number): RawReviews {
  const lines = file.trimEnd().split('\n').slice(0, limit);
  const columns = lines.map((line) => line.split('\t'));
  return { labels: columns.map(([label]) => Number(label)), ids: columns.map(([, ids]) => ids.split(' ').map(Number)) };
}

function chooseWords(train: RawReviews, validation: RawReviews, vocabularySize: number, choose: (ids: number[]) => number[]): Reviews {
  const rows = ({ ids }: RawReviews) => padSequences(ids.map(choose), { maxLength: MAX_LENGTH });
  return {
    x: rows(train),
    y: Int32Array.from(train.labels),
    xVal: rows(validation),
    yVal: Int32Array.from(validation.labels),
    vocabularySize,
  };
}

/**
 * The frequent words at the places of their ids; `''` and `'[UNK]'` come before them and stand for
 * 0 and unknown.
 */
function encoderOf(wordIndex: string, vocabularySize: number): ReviewEncoder {
  const words = wordIndex.split('\n').slice(0, vocabularySize - 2 - UNUSED_TOKENS.length);
  return new ReviewEncoder({
    vectorization: {
      maxTokens: vocabularySize,
      standardize: 'lower',
      split: 'whitespace',
      outputSequenceLength: null,
      vocabulary: [...UNUSED_TOKENS, ...words],
    },
    maxLength: MAX_LENGTH,
    skipTop: 0,
    imdb: { start: START, unknown: UNKNOWN },
  });
}
