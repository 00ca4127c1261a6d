import { expect, test } from 'vitest';
import { dateText } from '../src/tasks/forecastRows.ts';
import { axisWidth, markWidth } from '../src/ui/markWidth.ts';

test('a mark has the room of the longest text, which need not be that of the last', () => {
  const hour = 3_600_000;
  const times = Array.from({ length: 49 }, (_, step) => Date.UTC(2024, 0, 1) + step * hour);
  expect(dateText(times.at(-1) as number)).toBe('2024-01-03');
  expect(markWidth(times, dateText)).toBe(markWidth([0], () => '2024-01-01 13:00'));
  expect(markWidth(times, dateText)).toBeGreaterThan(markWidth([0], () => '2024-01-03'));
  expect(markWidth([], dateText)).toBeGreaterThan(0);
});

test('the axis of values has the room of its longest number', () => {
  expect(axisWidth(null)).toBe(axisWidth(['1', '2']));
  expect(axisWidth(['0', '1,200,000,000'])).toBeGreaterThan(axisWidth(['0', '1,200,000']));
});
