import { InvalidArgumentError, Option } from 'commander';
import { suggest } from '../core/suggestion.ts';

function numberFlag(isRight: (value: number) => boolean, expected: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!isRight(value)) throw new InvalidArgumentError(`Expected ${expected}.`);
    return value;
  };
}

/** Readers of flags. Each throws an error of the command line for another text. */
export const positiveInteger = numberFlag((value) => Number.isSafeInteger(value) && value > 0, 'an integer above 0');
export const nonNegativeInteger = numberFlag((value) => Number.isSafeInteger(value) && value >= 0, 'an integer, 0 or above');
export const positive = numberFlag((value) => Number.isFinite(value) && value > 0, 'a number above 0');
export const nonNegative = numberFlag((value) => Number.isFinite(value) && value >= 0, 'a number, 0 or above');
export const fraction = numberFlag((value) => value > 0 && value < 1, 'a number between 0 and 1');
export const share = numberFlag((value) => value > 0 && value <= 1, 'a number above 0, at most 1');
export const portion = numberFlag((value) => value >= 0 && value < 1, 'a number from 0 to below 1');

const camel = (name: string) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** The choice that a name is like; undefined without one. */
function meantBy(given: string, choices: readonly string[]): string | undefined {
  const found = suggest(camel(given), choices.map(camel));
  return choices.find((choice) => found.includes(`'${camel(choice)}'`));
}

/** ` (did you mean 'forecast'?)` for a name that is like one of the choices, else nothing. */
export function suggestion(given: string, choices: readonly string[]): string {
  const meant = meantBy(given, choices);
  return meant === undefined ? '' : ` (did you mean '${meant}'?)`;
}

/** The values of a flag, with what each means. */
export type Choices = Readonly<Record<string, string>>;

/** A flag with one of some values. An error suggests the one that was meant, and lists them all. */
export function choice(flags: string, description: string, choices: Choices): Option {
  const names = Object.keys(choices);
  const option = new ChoiceOption(flags, description, choices).choices(names);
  return option.argParser((text) => {
    if (names.includes(text)) return text;
    const meant = meantBy(text, names);
    throw new InvalidArgumentError(
      `${meant === undefined ? '' : `Did you mean '${meant}'? `}Expected one of these:\n${choiceLines(choices)}`,
    );
  });
}

/** A flag with one of some values, and what each means. */
export class ChoiceOption extends Option {
  readonly words: Choices;

  constructor(flags: string, description: string, words: Choices) {
    super(flags, description);
    this.words = words;
  }
}

/** A line for each value of a flag. */
export function choiceLines(choices: Choices): string {
  const width = Math.max(...Object.keys(choices).map(({ length }) => length));
  return Object.entries(choices)
    .map(([name, words]) => `  ${name.padEnd(width)}  ${words}`)
    .join('\n');
}

/** A number of workers, or `auto`. */
export function workerCount(text: string): number | 'auto' {
  return text === 'auto' ? text : nonNegativeInteger(text);
}
