import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTs } from '../../ts/index.ts';
import { describeWithData } from './sharedData.ts';

describeWithData('files of the UEA and UCR archives', 'seqclass', (folder) => {
  // What aeon 1.6.0 reads: samples, channels, fewest and most steps, sum of the values, samples of
  // each class.
  test.each([
    ['BasicMotions_TRAIN', [40, 6, 100, 100], 646.184441, [10, 10, 10, 10]],
    ['BasicMotions_TEST', [40, 6, 100, 100], -278.362599, [10, 10, 10, 10]],
    ['GunPoint_TRAIN', [50, 1, 150, 150], -1.4859e-6, [24, 26]],
    ['GunPoint_TEST', [150, 1, 150, 150], 1.31665e-6, [76, 74]],
    ['ItalyPowerDemand_TEST', [1029, 1, 24, 24], 2.784926e-6, [513, 516]],
    ['JapaneseVowels_TRAIN', [270, 12, 7, 26], -1057.452303, [30, 30, 30, 30, 30, 30, 30, 30, 30]],
    ['JapaneseVowels_TEST', [370, 12, 7, 29], -2146.51343, [31, 35, 88, 44, 29, 24, 40, 50, 29]],
  ])('readTs reads %s as aeon does', async (name, sizes, sum, counts) => {
    const { sequences, targets, classNames } = await readTs(join(folder, name.replace(/_.*/, ''), `${name}.ts`));
    const lengths = sequences.map(({ length }) => length);
    expect([sequences.length, sequences[0][0].length, Math.min(...lengths), Math.max(...lengths)]).toEqual(sizes);
    expect(sequences.flat(2).reduce((all, value) => all + value, 0)).toBeCloseTo(sum, 6);
    expect(classNames.map((_, label) => targets.filter((target) => target === label).length)).toEqual(counts);
  });
});

describeWithData('files of the archive of series and numbers', 'seqregress', (folder) => {
  test.each([
    ['TRAIN', 140, 589366, 5.1656682915],
    ['TEST', 61, 164844, 2.4293298414],
  ])('readTs reads Covid3Month_%s as aeon does', async (part, samples, sum, sumOfTargets) => {
    const { sequences, targets } = await readTs(join(folder, 'Covid3Month', `Covid3Month_${part}.ts`));
    expect([sequences.length, targets.length]).toEqual([samples, samples]);
    expect(sequences.every((steps) => steps.length === 84 && steps.every(({ length }) => length === 1))).toBe(true);
    expect(sequences.flat(2).reduce((all, value) => all + value, 0)).toBe(sum);
    expect(targets.reduce((all, target) => all + target, 0)).toBeCloseTo(sumOfTargets, 9);
  });
});
