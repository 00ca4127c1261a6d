import { expect, test } from 'vitest';
import { LatestOnly } from '../src/ui/latestOnly.ts';

test('one thing is done at a time, and of those that wait only the last', async () => {
  const line = new LatestOnly();
  const begun: number[] = [];
  let finish = () => {};
  for (const number of [1, 2, 3, 4]) {
    line.run(async () => {
      begun.push(number);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
  }
  expect(begun).toEqual([1]);
  finish();
  await new Promise((resolve) => setTimeout(resolve));
  expect(begun).toEqual([1, 4]);
  finish();
  await new Promise((resolve) => setTimeout(resolve));
  line.run(async () => void begun.push(5));
  expect(begun).toEqual([1, 4, 5]);
});
