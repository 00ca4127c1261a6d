import { expect, test } from 'vitest';
import type { Baseline } from '../src/tasks/baseline.ts';
import type { Score } from '../src/tasks/score.ts';
import { type Course, verdictOf } from '../src/tasks/verdict.ts';

const course = (validationLosses: readonly number[], end: Course['end'] = 'noBetter'): Course => ({
  bestEpoch: validationLosses.indexOf(Math.min(...validationLosses)) + 1,
  epochs: validationLosses.length,
  end,
  validationLosses,
});

function accuracy(model: number, guess: number, count = 1000): Score {
  const set = { count, model, baselines: [{ rule: 'frequent', value: guess, answer: 'good' }] } as const;
  return { kind: 'accuracy', validation: set, test: set };
}

function error(model: number, baselines: readonly Baseline[], count = 300): Score {
  const set = { count, model, baselines };
  return { kind: 'error', validation: set, test: set };
}

test.each([
  [
    accuracy(0.7, 0.5),
    course([0.6, 0.5, 0.55, 0.6]),
    '7 of 10 texts right, always saying “good” gets 5; it begins to learn by heart after epoch 2.',
  ],
  [accuracy(0.763, 0.518), course([0.6, 0.5, 0.505]), '76 of 100 texts right, always saying “good” gets 52.'],
  [
    accuracy(0.994, 0.97),
    course([0.2, 0.1], 'done'),
    '99 of 100 texts right, always saying “good” gets 97; it was still getting better when training ended.',
  ],
  [
    accuracy(0.52, 0.5),
    course([0.7, 0.69, 0.7]),
    'It is not clearly better than guessing: 52 of 100 texts right, always saying “good” gets 50.',
  ],
  [accuracy(1, 0.5), course([0.1, 0.05, 0.05], 'stopped'), '10 of 10 texts right, always saying “good” gets 5.'],
  [
    accuracy(1, 1, 49),
    course([0.1, 0.05], 'done'),
    'All 49 test texts right, but always saying “good” gets all of them right too: nothing had to be learnt.',
  ],
  [accuracy(1, 0.5), course([0.1, 0.05], 'done'), '10 of 10 texts right, always saying “good” gets 5.'],
  [accuracy(11 / 12, 3 / 12, 12), course([0.4, 0.4]), '11 of 12 test texts right, always saying “good” gets 3.'],
] as const)('what is right is told in a sentence: %#', (score, how, sentence) => {
  expect(verdictOf(score, how, 'texts').sentence).toBe(sentence);
});

const naive: readonly Baseline[] = [
  { rule: 'lastValue', value: 79.5 },
  { rule: 'seasonalDrift', value: 19.1 },
];

test('a forecast that does not beat the best naive one says so first', () => {
  const { sentence, more } = verdictOf(error(19.5, naive), course([1, 0.9, 0.91]), 'forecasts');
  expect(sentence).toBe(
    'It does not beat the best naive forecast, repeating the last season, moved by its change since the season before: it is typically off by 19.5, that one by 19.1.',
  );
  expect(more.join(' ')).toMatch(/Use the naive forecast instead/);
});

test('a forecast that beats it says by how much, in its unit', () => {
  expect(verdictOf(error(9.55, naive), null, 'forecasts', 'ppm').sentence).toBe(
    'It is typically off by 9.55 ppm; the best naive forecast, repeating the last season, moved by its change since the season before, by 19.1 ppm: 50 % less error.',
  );
});

test('few answers, a kept epoch and numbers without bound are told', () => {
  expect(verdictOf(accuracy(1, 0.5, 2), null, 'texts').more.join(' ')).toMatch(/judged by only 2 answers/);
  expect(verdictOf(accuracy(1, 0.5, 2), null, 'texts').sentence).toMatch(/^It is not clearly better than guessing/);
  expect(verdictOf(accuracy(0.8, 0.5), course([0.5, 0.6]), 'texts').more.join(' ')).toMatch(/the model is that of epoch 1 of 2/i);
  expect(verdictOf(accuracy(0.5, 0.5), course([0.5, Number.NaN]), 'texts').sentence).toMatch(/grew without bound/);
  expect(verdictOf(error(Number.NaN, naive), null, 'forecasts').sentence).toMatch(/grew without bound/);
});
