import { InvalidArgumentError } from 'commander';

function numberFlag(isRight: (value: number) => boolean, expected: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!isRight(value)) throw new InvalidArgumentError(`Expected ${expected}.`);
    return value;
  };
}

/** Readers of flags. Each throws an error of the command line for another text. */
export const positiveWhole = numberFlag((value) => Number.isSafeInteger(value) && value > 0, 'a whole number above 0');
export const whole = numberFlag((value) => Number.isSafeInteger(value) && value >= 0, 'a whole number, 0 or above');
export const positive = numberFlag((value) => Number.isFinite(value) && value > 0, 'a number above 0');
export const nonNegative = numberFlag((value) => Number.isFinite(value) && value >= 0, 'a number, 0 or above');
export const fraction = numberFlag((value) => value > 0 && value < 1, 'a number between 0 and 1');
export const share = numberFlag((value) => value > 0 && value <= 1, 'a number above 0, at most 1');
export const portion = numberFlag((value) => value >= 0 && value < 1, 'a number from 0 to below 1');

/** A number of workers, or `auto`. */
export function workerCount(text: string): number | 'auto' {
  return text === 'auto' ? text : whole(text);
}
