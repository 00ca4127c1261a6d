import { expect, test } from 'vitest';
import { findSeason, levelBefore, referenceAt } from '../src/tasks/season.ts';
import { bundledTable, noise } from './data.ts';

const wave = (length: number, season: number, trend = 0) =>
  Array.from({ length }, (_, step) => 10 * Math.sin((2 * Math.PI * step) / season) + trend * step + noise(step));

test.each([
  ['a wave', wave(400, 12), 12],
  ['a wave that climbs', wave(400, 12, 0.5), 12],
  ['a long wave', wave(900, 52), 52],
  ['two waves, the shorter within the longer', wave(2000, 24).map((value, step) => value + 8 * Math.sin((2 * Math.PI * step) / 168)), 168],
])('the season of %s is found', (_, series, season) => {
  const found = findSeason(series, 6);
  expect(found.season).toBe(season);
  expect(found.part).toBeLessThan(0.7);
});

test('of few values, a season or some seasons are found', () => {
  const { season, part } = findSeason(wave(40, 4), 6);
  expect([season % 4, part < 0.7]).toEqual([0, true]);
});

test('carbon dioxide has a season of 52 weeks', async () => {
  const table = await bundledTable('co2-weekly.csv');
  const series = [...table.numbers(table.names[1], { missing: 'nan' })].filter((value) => value > 0);
  expect(findSeason(series, 26).season).toBe(52);
});

test.each([
  ['no change', Array<number>(100).fill(5)],
  ['a straight line', Array.from({ length: 100 }, (_, step) => step)],
  ['noise', Array.from({ length: 300 }, (_, step) => noise(step))],
  ['a few values', [1, 2, 1, 2, 1]],
])('%s has no season', (_, series) => {
  expect(findSeason(series, 5)).toEqual({ season: 1, part: 1 });
});

test('a series that repeats and climbs goes on by its last season and its level', () => {
  const series = Array.from({ length: 30 }, (_, step) => 10 * (step % 4) + 3 * Math.floor(step / 4));
  const start = 24;
  const level = levelBefore(series, 4, start);
  expect(level).toBe(3);
  // Also beyond the first season that is forecast.
  expect([0, 1, 5].map((ahead) => referenceAt(series, 4, start, ahead, level))).toEqual([24, 25, 29].map((step) => series[step]));
});
