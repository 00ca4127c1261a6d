import { describe, expect, it } from 'vitest';
import { ArgumentError, DataError } from '../../ts/core/errors.ts';
import { trainValidationSplit } from '../../ts/data/trainValidationSplit.ts';

const rows = Array.from({ length: 50 }, (_, row) => `row ${row}`);

describe('trainValidationSplit', () => {
  it('divides all rows into two sets that share none', () => {
    const { train, validation } = trainValidationSplit(rows, { validationFraction: 0.3, seed: 1 });
    expect(train).toHaveLength(35);
    expect(validation).toHaveLength(15);
    expect(new Set([...train, ...validation])).toEqual(new Set(rows));
    expect(train).not.toEqual(rows.slice(0, 35));
  });

  it('depends on nothing but the rows, the fraction and the seed', () => {
    expect(trainValidationSplit(rows, { seed: 7 })).toEqual(trainValidationSplit(rows, { seed: 7 }));
    expect(trainValidationSplit(rows, { seed: 7 })).not.toEqual(trainValidationSplit(rows, { seed: 8 }));
  });

  it('takes the validation rows from the end without mixing', () => {
    expect(trainValidationSplit([1, 2, 3, 4], { validationFraction: 0.25, shuffle: false })).toEqual({ train: [1, 2, 3], validation: [4] });
  });

  it('refuses a set without rows and unknown options', () => {
    expect(() => trainValidationSplit([1], { validationFraction: 0.1 })).toThrow(DataError);
    expect(() => trainValidationSplit([1, 2], { validationFraction: 1 })).toThrow(ArgumentError);
    expect(() => trainValidationSplit([1, 2], { fraction: 0.5 } as object)).toThrow("unknown option 'fraction'");
  });
});
