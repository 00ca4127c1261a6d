import { describe, expect, test } from 'vitest';
import { type NumberRule, readNumber, stepNumber } from '../src/ui/numberText.ts';

const rate: NumberRule = { minimum: 0, maximum: 1, above: true, step: 'decades' };
const part: NumberRule = { minimum: 0, maximum: 0.9, step: 0.05 };
const epochs: NumberRule = { minimum: 1, maximum: 10_000 };

describe('a typed text', () => {
  test.each([
    ['0.01', rate, 0.01],
    ['0,01', rate, 0.01],
    ['.02', rate, 0.02],
    ['1e-3', rate, 0.001],
    ['2.5E-4', rate, 0.00025],
    [' 0.5 ', rate, 0.5],
    ['0.10', rate, 0.1],
    ['1', rate, 1],
    ['0', part, 0],
    ['0,', part, 0],
    ['0.45', part, 0.45],
    ['3', epochs, 3],
    ['10000', epochs, 10_000],
    // As the page writes it.
    ['10,000', epochs, 10_000],
    ['1e3', epochs, 1000],
    ['2.0', epochs, 2],
  ])('%s is a number', (text, rule, value) => {
    expect(readNumber(text, rule)).toEqual({ value, problem: null, unfinished: false });
  });

  test.each([
    ['1.5', epochs, 'Type a whole number from 1 to 10,000, not “1.5”.'],
    ['2,5', epochs, 'Type a whole number from 1 to 10,000, not “2,5”.'],
    // Ten thousand, as some write it; ten would be what no one meant.
    ['10.000', epochs, 'Type a whole number from 1 to 10,000, not “10.000”.'],
    ['10001', epochs, 'Type a whole number from 1 to 10,000, not “10001”.'],
    ['abc', epochs, 'Type a whole number from 1 to 10,000, not “abc”.'],
    ['1.2.3', rate, 'Type a number above 0 and at most 1, not “1.2.3”.'],
    ['0x1', rate, 'Type a number above 0 and at most 1, not “0x1”.'],
    ['1e', { ...rate, maximum: 0.001 }, 'Type a number above 0 and at most 0.001, not “1e”.', true],
    ['', part, 'Type a number from 0 to 0.9.', true],
    ['0', rate, 'Type a number above 0 and at most 1, not “0”.', true],
    ['0.', rate, 'Type a number above 0 and at most 1, not “0.”.', true],
    ['-', part, 'Type a number from 0 to 0.9, not “-”.', true],
    ['-0.1', part, 'Type a number from 0 to 0.9, not “-0.1”.', true],
    ['0', epochs, 'Type a whole number from 1 to 10,000, not “0”.', true],
    ['5', rate, 'Type a number above 0 and at most 1, not “5”.', true],
  ] as [string, NumberRule, string, boolean?][])('%j is none, and what to type is said', (text, rule, problem, unfinished = false) => {
    expect(readNumber(text, rule)).toEqual({ value: Number.NaN, problem, unfinished });
  });
});

describe('a step', () => {
  test.each([
    [rate, 1, [0.003, 0.005, 0.01, 0.02, 0.05, 0.1]],
    [rate, -1, [0.003, 0.002, 0.001, 0.0005, 0.0002]],
    [rate, 1, [0.7, 1, 1]],
    [part, 1, [0.3, 0.35, 0.4, 0.45, 0.5]],
    [part, 1, [0.32, 0.35]],
    [part, -1, [0.32, 0.3, 0.25]],
    [part, -1, [0.05, 0, 0]],
    [part, 1, [0.9, 0.9]],
    [epochs, 1, [1, 2, 3]],
    [epochs, -1, [2, 1, 1]],
    [epochs, 10, [5, 15]],
    [epochs, -10, [15, 5, 1]],
  ] as [NumberRule, number, number[]][])('goes to the next sensible number: %o by %d', (rule, steps, path) => {
    for (const [index, value] of path.slice(0, -1).entries()) expect(stepNumber(value, rule, steps)).toBe(path[index + 1]);
  });

  test('down never reaches a limit that is not allowed', () => {
    let value = 1e-3;
    for (let steps = 0; steps < 50; steps++) value = stepNumber(value, rate, -1);
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(1e-15);
  });
});
