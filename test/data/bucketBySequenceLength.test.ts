import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  type BucketOptions,
  bucketBySequenceLength,
  DataError,
  Dense,
  Embedding,
  LSTM,
  Sequential,
  setRandomSeed,
} from '../../ts/index.ts';
import { type GoldenTensor, readGolden } from '../golden/goldenFiles.ts';

const { batches: cases } = readGolden<{
  batches: {
    readonly sequences: number[][];
    readonly targets: number[];
    readonly options: BucketOptions;
    readonly batches: [GoldenTensor, GoldenTensor][];
  }[];
}>('bucketing');

const plain = (batches: Iterable<readonly ({ shape: readonly number[]; data: ArrayLike<number> } | undefined)[]>) =>
  [...batches].map((batch) => batch.map((part) => ({ shape: part?.shape, data: Array.from(part?.data ?? []) })));

const sequences = Array.from({ length: 20 }, (_, row) => Array.from({ length: 1 + (row % 7) }, (_, step) => 1 + step));

describe('bucketBySequenceLength', () => {
  test.each(cases)('gives the batches of tf.data with $options, in each pass', ({ sequences, targets, options, batches }) => {
    const made = bucketBySequenceLength(sequences, targets, options);
    expect(plain(made)).toEqual(batches);
    expect(plain(made)).toEqual(batches);
  });

  test('shuffles anew in each pass, by the seed', () => {
    const options = { bucketBoundaries: [4], bucketBatchSizes: 3, shuffle: true };
    const made = bucketBySequenceLength(sequences, null, { ...options, seed: 1 });
    const [first, second] = [plain(made), plain(made)];
    expect(first).not.toEqual(second);
    const again = bucketBySequenceLength(sequences, null, { ...options, seed: 1 });
    expect([plain(again), plain(again)]).toEqual([first, second]);
    expect(plain(bucketBySequenceLength(sequences, null, { ...options, seed: 2 }))).not.toEqual(first);
    // Every sequence comes once.
    const values = first.flatMap(([x]) => x?.data ?? []);
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(sequences.flat().reduce((sum, value) => sum + value, 0));
  });

  test('vectors of floats, padding before, targets with axes', () => {
    const vectors = [
      [[0.5, 1]],
      [
        [2, 3],
        [4, 5],
      ],
    ];
    const options = { bucketBoundaries: [9], dtype: 'float32', padding: 'pre', value: -1 } as const;
    const [[x, y]] = [
      ...bucketBySequenceLength(
        vectors,
        [
          [1, 2],
          [3, 4],
        ],
        options,
      ),
    ];
    expect(x).toEqual({ shape: [2, 2, 2], data: Float32Array.of(-1, -1, 0.5, 1, 2, 3, 4, 5) });
    expect(y).toMatchObject({ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) });
  });

  test('a model trains on them', async () => {
    setRandomSeed(1);
    const labels = sequences.map(({ length }) => (length > 3 ? 1 : 0));
    const model = new Sequential([new Embedding(9, 3, { maskZero: true }), new LSTM(4), new Dense(1, { activation: 'sigmoid' })]);
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
    const batches = bucketBySequenceLength(sequences, labels, { bucketBoundaries: [4], bucketBatchSizes: 4, shuffle: true });
    const { history } = await model.fit(batches, { epochs: 30, verbose: 0 });
    expect(history.loss.at(-1)).toBeLessThan(0.9 * (history.loss[0] as number));
  });

  test.each<[string, () => unknown, new (...args: never[]) => Error, RegExp]>([
    [
      'no boundaries',
      () => bucketBySequenceLength(sequences, null, {} as never),
      ArgumentError,
      /bucketBoundaries must be an array of lengths/,
    ],
    [
      'boundaries that fall',
      () => bucketBySequenceLength(sequences, null, { bucketBoundaries: [5, 5] }),
      ArgumentError,
      /must be increasing, got/,
    ],
    [
      'too few sizes',
      () => bucketBySequenceLength(sequences, null, { bucketBoundaries: [5], bucketBatchSizes: [4] }),
      ArgumentError,
      /must have 2 numbers.* got 1/,
    ],
    [
      'other targets',
      () => bucketBySequenceLength(sequences, [1, 2], { bucketBoundaries: [5] }),
      DataError,
      /20 sequences, but targets has 2 rows/,
    ],
    [
      'no sequence',
      () => bucketBySequenceLength([[1], 5 as never], null, { bucketBoundaries: [5] }),
      DataError,
      /sequences\[1\] must be an array, got 5/,
    ],
    ['no sequences', () => bucketBySequenceLength([], null, { bucketBoundaries: [5] }), DataError, /at least one sequence/],
    [
      'a sequence beyond the last boundary',
      () => bucketBySequenceLength(sequences, null, { bucketBoundaries: [7], padToBucketBoundary: true }),
      DataError,
      /sequences\[6\] has 7 steps.* add a higher one/,
    ],
    [
      'an unknown option',
      () => bucketBySequenceLength(sequences, null, { boundaries: [5] } as never),
      ArgumentError,
      /unknown option 'boundaries'/,
    ],
  ])('%s: refused', (_label, make, type, message) => {
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });
});
