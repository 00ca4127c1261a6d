import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, DataError, OutOfMemoryError } from '../../ts/core/errors.ts';
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

  it('names the place of an element that is no 32-bit integer', () => {
    expect(() => padSequences([[1], [2, 0.5]])).toThrow(DataError);
    expect(() => padSequences([[1], [2, 0.5]])).toThrow('sequences[1][1]');
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
    const make = () => padSequences([[1]], { maxLength: 2 ** 45 });
    expect(make).toThrow(OutOfMemoryError);
    expect(make).toThrow(/^padSequences: the rows, shape \[1, 35184372088832\], need 140737488355328 bytes/);
  });
});
