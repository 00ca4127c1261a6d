import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, DataError } from '../../ts/core/errors.ts';
import { trainValidationSplit } from '../../ts/data/trainValidationSplit.ts';

const rows = Array.from({ length: 50 }, (_, row) => `row ${row}`);

describe('trainValidationSplit', () => {
  it('divides all rows into two sets that share none', () => {
    const { train, validation } = trainValidationSplit(rows, { validationSplit: 0.3, seed: 1 });
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
    expect(trainValidationSplit([1, 2, 3, 4], { validationSplit: 0.25, shuffle: false })).toEqual({ train: [1, 2, 3], validation: [4] });
  });

  it('divides in the order of time into three sets, the test rows last', () => {
    const days = Array.from({ length: 10 }, (_, day) => day);
    const { train, validation, test } = trainValidationSplit(days, { validationSplit: 0.3, testSplit: 0.2, shuffle: false });
    expect([train, validation, test]).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7],
      [8, 9],
    ]);
  });

  it('divides all rows into three mixed sets that share none', () => {
    const { train, validation, test } = trainValidationSplit(rows, { validationSplit: 0.2, testSplit: 0.1, seed: 3 });
    expect([train.length, validation.length, test.length]).toEqual([35, 10, 5]);
    expect(new Set([...train, ...validation, ...test])).toEqual(new Set(rows));
    expect([...train, ...validation, ...test]).not.toEqual(rows);
    expect(Object.keys(trainValidationSplit(rows))).toEqual(['train', 'validation']);
  });

  it('gives every set its share of each class, mixed, by a function or by an array', () => {
    const labels = rows.map((_, row) => (row % 5 === 0 ? 'rare' : 'common'));
    const byFunction = trainValidationSplit(rows, { testSplit: 0.1, stratify: (_row, index) => labels[index], seed: 4 });
    const rareOf = (set: readonly string[]) => set.filter((row) => labels[rows.indexOf(row)] === 'rare').length;
    const { train, validation, test } = byFunction;
    expect([train, validation, test].map((set) => [set.length, rareOf(set)])).toEqual([
      [35, 7],
      [10, 2],
      [5, 1],
    ]);
    expect(new Set([...train, ...validation, ...test])).toEqual(new Set(rows));
    for (const set of [train, validation]) {
      const places = set.map((row) => rows.indexOf(row));
      expect(places).not.toEqual([...places].sort((a, b) => a - b));
      const classes = set.map((row) => labels[rows.indexOf(row)]);
      expect(classes).not.toEqual([...classes].sort());
      expect(classes).not.toEqual([...classes].sort().reverse());
    }
    expect(trainValidationSplit(rows, { testSplit: 0.1, stratify: labels, seed: 4 })).toEqual(byFunction);
    expect(trainValidationSplit(rows, { testSplit: 0.1, stratify: labels, seed: 5 })).not.toEqual(byFunction);
    const numbers = Float32Array.from(labels, (label) => Number(label === 'rare'));
    expect(trainValidationSplit(rows, { testSplit: 0.1, stratify: numbers, seed: 4 })).toEqual(byFunction);
  });

  it('keeps sizes, gives every set each class, and shares that are as near as whole rows can be', () => {
    const part = fc.double({ min: 0.05, max: 0.45, noNaN: true });
    const classes = fc.array(fc.integer({ min: 3, max: 40 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(classes, part, part, fc.nat(), (counts, validationSplit, testSplit, seed) => {
        const labels = counts.flatMap((count, label) => new Array<number>(count).fill(label));
        const all = labels.map((label, row) => ({ label, row }));
        const sizes = [Math.round(all.length * validationSplit), Math.round(all.length * testSplit)];
        fc.pre(Math.min(all.length - sizes[0] - sizes[1], ...sizes) >= counts.length);
        const { train, validation, test } = trainValidationSplit(all, { validationSplit, testSplit, stratify: ({ label }) => label, seed });
        expect([validation.length, test.length]).toEqual(sizes);
        expect(new Set([...train, ...validation, ...test]).size).toBe(all.length);
        for (const [label, count] of counts.entries()) {
          const inSet = (set: typeof all) => set.filter((row) => row.label === label).length;
          for (const set of [train, validation, test]) {
            expect(inSet(set)).toBeGreaterThanOrEqual(1);
            // Where every set's share of a class is a row at least, no set takes rows for one that
            // would have none.
            const share = (count * set.length) / all.length;
            if (set === test && Math.min(...counts) * Math.min(sizes[1], all.length - sizes[1]) >= 2 * all.length)
              expect(Math.abs(inSet(set) - share)).toBeLessThan(1);
          }
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('gives a rare class one row in each set, also where its share is less or all of it', () => {
    const labels = [...new Array<string>(98).fill('common'), 'rare', 'rare'];
    for (const validationSplit of [0.1, 0.9]) {
      const { train, validation } = trainValidationSplit(labels, { validationSplit, stratify: labels });
      expect([train, validation].map((set) => set.filter((label) => label === 'rare').length)).toEqual([1, 1]);
      expect(validation).toHaveLength(100 * validationSplit);
    }
  });

  it('refuses strata that cannot be in every set', () => {
    const split = (labels: readonly unknown[], options: object = {}) => trainValidationSplit(labels, { stratify: labels, ...options });
    expect(() => split(['a', 'a', 'b', 'a', 'a'])).toThrow(DataError);
    expect(() => split(['a', 'a', 'b', 'a', 'a'])).toThrow("a row of each class in each of 2 sets, but class 'b' has 1");
    expect(() => split(['a', 'a', 'b', 'b', 'a', 'b'], { testSplit: 0.3 })).toThrow(
      'stratify needs a row of each of 2 classes in each set, but a set has 1 rows',
    );
    expect(() => split(['a', 'b', 'a', 'b'], { shuffle: false })).toThrow(ArgumentError);
    expect(() => split(['a', 'b', 'a', 'b'], { shuffle: false })).toThrow('takes stratify or shuffle: false, got both');
    for (const stratify of [['a'], 5, 'label', null])
      expect(() => trainValidationSplit(rows, { stratify: stratify as never })).toThrow(
        'trainValidationSplit: stratify must be a function, or an array with a class for each of 50 rows, got',
      );
  });

  it('refuses a set without rows, parts out of range and unknown options', () => {
    expect(() => trainValidationSplit([1], { validationSplit: 0.1 })).toThrow(DataError);
    expect(() => trainValidationSplit([1, 2, 3], { validationSplit: 0.4, testSplit: 0.1 })).toThrow('3 rows would make sets of 2, 1, 0');
    expect(() => trainValidationSplit([1, 2], { validationSplit: 0.5, testSplit: 0.5 })).toThrow(DataError);
    for (const part of [0, 1, -0.1, Number.NaN, '0.2', null, [0.2]]) {
      expect(() => trainValidationSplit([1, 2], { validationSplit: part as number })).toThrow(ArgumentError);
      expect(() => trainValidationSplit([1, 2], { testSplit: part as number })).toThrow('testSplit must be a number between 0 and 1, got');
    }
    expect(() => trainValidationSplit([1, 2], { shuffle: 'no' as never })).toThrow(ArgumentError);
    expect(() => trainValidationSplit([1, 2], { fraction: 0.5 } as object)).toThrow("unknown option 'fraction'");
  });
});
