import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, DataError, OutOfMemoryError, ShapeError } from '../../ts/core/errors.ts';
import { padSequences, type SequenceSide } from '../../ts/data/padSequences.ts';

describe('padSequences', () => {
  it('fills and cuts at the start by default', () => {
    const rows = padSequences([[1], [2, 3], [4, 5, 6]], { maxLength: 2 });
    expect(rows.shape).toEqual([3, 2]);
    expect(rows.data).toEqual(Int32Array.of(0, 1, 2, 3, 5, 6));
  });

  it('takes the longest length when none is given, and typed arrays and empty sequences', () => {
    const rows = padSequences([Int32Array.of(7), [], [1, 2, 3]], { padding: 'post', value: -1 });
    expect(rows.shape).toEqual([3, 3]);
    expect(rows.data).toEqual(Int32Array.of(7, -1, -1, -1, -1, -1, 1, 2, 3));
    expect(padSequences([]).shape).toEqual([0, 0]);
  });

  it('keeps the chosen part of every sequence in its order, on the chosen side', () => {
    const side = fc.constantFrom<SequenceSide>('pre', 'post');
    const sequences = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 9 }), { maxLength: 6 });
    fc.assert(
      fc.property(sequences, fc.integer({ min: 1, max: 7 }), side, side, (given, maxLength, padding, truncating) => {
        const { shape, data } = padSequences(given, { maxLength, padding, truncating });
        expect(shape).toEqual([given.length, maxLength]);
        for (const [row, sequence] of given.entries()) {
          const kept = truncating === 'pre' ? sequence.slice(-maxLength) : sequence.slice(0, maxLength);
          const zeros = new Array(maxLength - kept.length).fill(0);
          const expected = padding === 'pre' ? [...zeros, ...kept] : [...kept, ...zeros];
          expect([...data.slice(row * maxLength, (row + 1) * maxLength)]).toEqual(expected);
        }
      }),
    );
  });

  it('keeps fractions and vectors with float32, as nested arrays, typed arrays and tensors', () => {
    const tensor = { shape: [2, 2], data: Float32Array.of(5, 6, 7, 8.5) };
    const rows = padSequences([[[1, 2.25]], tensor, [Float64Array.of(3, 4)], []], { dtype: 'float32', value: -1 });
    expect(rows.shape).toEqual([4, 2, 2]);
    expect(rows.data).toEqual(Float32Array.of(-1, -1, 1, 2.25, 5, 6, 7, 8.5, -1, -1, 3, 4, -1, -1, -1, -1));
    const cut = padSequences([tensor], { dtype: 'float32', maxLength: 1, truncating: 'post' });
    expect(cut).toEqual({ shape: [1, 1, 2], data: Float32Array.of(5, 6) });
    const flat = padSequences([{ shape: [3], data: Float64Array.of(1, 2, 3) }], { dtype: 'float32', maxLength: 2 });
    expect(flat).toEqual({ shape: [1, 2], data: Float32Array.of(2, 3) });
  });

  it('keeps the chosen part of series of vectors on the chosen side', () => {
    const side = fc.constantFrom<SequenceSide>('pre', 'post');
    const vector = fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.float({ noNaN: true, noDefaultInfinity: true }));
    const sequences = fc.array(fc.array(vector, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sequences, fc.integer({ min: 1, max: 5 }), side, side, (given, maxLength, padding, truncating) => {
        const { shape, data } = padSequences(given, { maxLength, padding, truncating, dtype: 'float32' });
        expect(shape).toEqual([given.length, maxLength, 2]);
        const expected = given.flatMap((sequence) => {
          const kept = truncating === 'pre' ? sequence.slice(-maxLength) : sequence.slice(0, maxLength);
          const zeros = new Array(maxLength - kept.length).fill([0, 0]);
          return padding === 'pre' ? [...zeros, ...kept] : [...kept, ...zeros];
        });
        expect([...data]).toEqual(expected.flat());
      }),
      { seed: 1 },
    );
  });

  it('refuses fractions without float32, where Keras cuts them, and says what keeps them', () => {
    const cut = "is 0.5, but dtype 'int32' (the default, as in Keras) would store 0: pass dtype: 'float32'";
    for (const options of [{}, { dtype: 'int32' }] as const) {
      expect(() => padSequences([[1], [2, 0.5]], options)).toThrow(DataError);
      expect(() => padSequences([[1], [2, 0.5]], options)).toThrow(`padSequences: sequences[1][1] ${cut}`);
      expect(() =>
        padSequences(
          [
            [
              [1, 2],
              [3, 0.5],
            ],
          ],
          options,
        ),
      ).toThrow(`padSequences: sequences[0][1][1] ${cut}`);
      expect(() => padSequences([[1]], { value: 0.5, ...options })).toThrow(`padSequences: value ${cut}`);
    }
  });

  it('refuses series of vectors that differ in size, and what a float32 cannot hold', () => {
    const pad = (sequences: unknown) => () => padSequences(sequences as number[][], { dtype: 'float32' });
    expect(pad([[], [[1, 2]], [[1], [2, 3]]])).toThrow(ShapeError);
    expect(pad([[], [[1, 2]], [[1], [2, 3]]])).toThrow(
      'padSequences: sequences[2][0] must be a vector of 2 like the first one, got an array of 1',
    );
    expect(pad([[[1, 2], 3]])).toThrow('sequences[0][1] must be a vector of 2 like the first one, got 3');
    expect(pad([[1, [2]]])).toThrow('sequences[0][1] must be a finite float32, got an array of 1');
    expect(pad([[[1, 2]], { shape: [1, 3], data: new Float32Array(3) }])).toThrow('sequences[1][0] must be a vector of 2');
    expect(pad([{ shape: [1, 2, 3], data: new Float32Array(6) }])).toThrow(
      'sequences[0] has shape [1, 2, 3], but a sequence is [steps] or [steps, features]',
    );
    expect(pad([{ shape: [2, 2], data: new Float32Array(3) }])).toThrow(ShapeError);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e39, '1', true, null, 1n])
      expect(pad([[0.5, value]])).toThrow('padSequences: sequences[0][1] must be a finite float32, got ');
    expect(() => padSequences([[1]], { dtype: 'float32', value: Number.NaN })).toThrow(ArgumentError);
    expect(() => padSequences([[1]], { dtype: 'float64' as 'float32' })).toThrow(
      "padSequences: dtype is 'float64' (did you mean 'float32'?); it must be one of 'int32', 'float32'",
    );
  });

  it('names the place of an element that is no 32-bit integer', () => {
    for (const value of [1n, '1', true, null, undefined]) {
      expect(() => padSequences([[1], [2, value as never]])).toThrow(DataError);
      expect(() => padSequences([[1], [2, value as never]])).toThrow('padSequences: sequences[1][1] must be a 32-bit integer, got ');
    }
    expect(() => padSequences([[Number.NaN]])).toThrow('NaN');
    expect(() => padSequences([[2 ** 31]])).toThrow(DataError);
    expect(() => padSequences([[1], 'text' as unknown as number[]])).toThrow("sequences[1] must be an array, got 'text'");
  });

  it('refuses options that are unknown or out of range', () => {
    expect(() => padSequences([[1]], { maxlen: 3 } as object)).toThrow("unknown option 'maxlen'");
    expect(() => padSequences([[1]], { padding: 'left' as SequenceSide })).toThrow(ArgumentError);
    expect(() => padSequences([[1]], { maxLength: 0 })).toThrow(ArgumentError);
    expect(() => padSequences([[1]], { value: 0.5 })).toThrow(ArgumentError);
    expect(() => padSequences(5 as unknown as number[][])).toThrow(ArgumentError);
  });

  it('makes no rows of no sequences, and says what rows that are too long would need', () => {
    expect(padSequences([])).toEqual({ shape: [0, 0], data: new Int32Array(0) });
    expect(padSequences([], { maxLength: 3 }).shape).toEqual([0, 3]);
    const make = () => padSequences(new Array(1024).fill([1]), { maxLength: 2 ** 31 - 1 });
    expect(make).toThrow(OutOfMemoryError);
    expect(make).toThrow(/^padSequences: the rows, shape \[1024, 2147483647\], need 8796093018112 bytes/);
  });
});
