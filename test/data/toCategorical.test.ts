import { describe, expect, it } from 'vitest';
import { ArgumentError, DataError, OutOfMemoryError, ShapeError } from '../../ts/core/errors.ts';
import { toCategorical } from '../../ts/data/toCategorical.ts';

describe('toCategorical', () => {
  it('makes a row for every class', () => {
    const rows = toCategorical([2, 0]);
    expect(rows.shape).toEqual([2, 3]);
    expect(rows.data).toEqual(Float32Array.of(0, 0, 1, 1, 0, 0));
  });

  it('keeps the shape of the classes and drops a last dimension of 1', () => {
    expect(
      toCategorical(
        [
          [1, 0],
          [0, 1],
        ],
        4,
      ).shape,
    ).toEqual([2, 2, 4]);
    expect(toCategorical([[1], [0]]).shape).toEqual([2, 2]);
    expect(toCategorical({ shape: [1], data: Int32Array.of(1) }).shape).toEqual([1, 2]);
    expect(toCategorical([], 3).shape).toEqual([0, 3]);
  });

  it('names a class that is outside', () => {
    expect(() => toCategorical([0, 3], 3)).toThrow('integers in 0 .. 2, got 3 at position 1');
    expect(() => toCategorical([-1])).toThrow(DataError);
    expect(() => toCategorical([0.5])).toThrow(DataError);
    expect(() => toCategorical([Number.NaN])).toThrow(DataError);
    expect(() => toCategorical([])).toThrow(ShapeError);
    expect(() => toCategorical([[1, 2], [1]])).toThrow(ShapeError);
    expect(() => toCategorical([1], 0)).toThrow(ArgumentError);
  });

  it('says what rows that are too long would need', () => {
    const make = () => toCategorical([0, 2 ** 45]);
    expect(make).toThrow(OutOfMemoryError);
    expect(make).toThrow(/^toCategorical: the rows, shape \[2, 35184372088833\], need 281474976710664 bytes of the JavaScript heap$/);
  });
});
