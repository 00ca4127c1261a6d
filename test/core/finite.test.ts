import { describe, expect, test } from 'vitest';
import { DataError } from '../../ts/core/errors.ts';
import { allFinite, checkFinite } from '../../ts/core/finite.ts';
import { LARGEST_FLOAT32 } from '../../ts/core/float32.ts';

/** Lengths with and without a rest after groups of values. */
const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 9];
const check = (data: Float32Array | Float64Array, start?: number, end?: number) => () =>
  checkFinite({ shape: [data.length], data }, 'x', start, end);

describe.each([Float32Array, Float64Array])('%o', (FloatArray) => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d is found at every place', (wrong) => {
    for (const length of LENGTHS) {
      for (let place = 0; place < length; place++) {
        const data = new FloatArray(length).fill(-1.5);
        expect(allFinite(data)).toBe(true);
        expect(check(data)).not.toThrow();
        data[place] = wrong;
        expect(allFinite(data), `${place} of ${length}`).toBe(false);
        expect(check(data)).toThrow(new DataError(`x[${place}] is ${wrong}: every value must be a finite float32`));
      }
    }
  });

  test.each([2 ** 16, 2 ** 16 + 3])('of %i values, the last one counts', (length) => {
    const data = new FloatArray(length).fill(-1.5);
    expect(allFinite(data)).toBe(true);
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      data[length - 1] = wrong;
      expect(allFinite(data)).toBe(false);
    }
  });

  test('only the values of the range count, and the first wrong one is named', () => {
    const data = FloatArray.of(Number.NaN, 1, 2, 3, 4, 5, Number.NaN, Number.NaN);
    expect(check(data, 1, 6)).not.toThrow();
    expect(check(data, 1, 7)).toThrow('x[6] is NaN');
    expect(check(data, 0, 6)).toThrow('x[0] is NaN');
    expect(check(data, 1)).toThrow('x[6] is NaN');
  });

  test('the largest numbers of both signs are finite, and no sum of them matters', () => {
    for (const largest of [LARGEST_FLOAT32, -LARGEST_FLOAT32]) {
      const data = new FloatArray(9).fill(largest);
      expect(check(data)).not.toThrow();
      expect(allFinite(data)).toBe(true);
    }
  });
});

test('a float64 that no float32 can hold is finite, but not as a float32', () => {
  const larger = LARGEST_FLOAT32 * (1 + Number.EPSILON);
  for (const wrong of [larger, -larger, Number.MAX_VALUE]) {
    const data = new Float64Array(9).fill(Number.MAX_VALUE, 8);
    data[8] = wrong;
    expect(allFinite(data)).toBe(true);
    expect(check(data)).toThrow(`x[8] is ${wrong}`);
  }
  expect(allFinite(new Float64Array(9).fill(Number.MAX_VALUE))).toBe(true);
});
