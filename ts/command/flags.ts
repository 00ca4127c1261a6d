import { type Command, InvalidArgumentError, Option } from 'commander';
import { suggest } from '../core/suggestion.ts';

function numberFlag(isRight: (value: number) => boolean, expected: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!isRight(value)) throw new InvalidArgumentError(`Expected ${expected}.`);
    return value;
  };
}

/** Readers of flags. Each throws an error of the command line for another text. */
export const positiveWhole = numberFlag((value) => Number.isSafeInteger(value) && value > 0, 'an integer above 0');
export const whole = numberFlag((value) => Number.isSafeInteger(value) && value >= 0, 'an integer, 0 or above');
export const positive = numberFlag((value) => Number.isFinite(value) && value > 0, 'a number above 0');
export const nonNegative = numberFlag((value) => Number.isFinite(value) && value >= 0, 'a number, 0 or above');
export const fraction = numberFlag((value) => value > 0 && value < 1, 'a number between 0 and 1');
export const share = numberFlag((value) => value > 0 && value <= 1, 'a number above 0, at most 1');
export const portion = numberFlag((value) => value >= 0 && value < 1, 'a number from 0 to below 1');

const camel = (name: string) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** ` (did you mean 'forecast'?)` for a name that is like one of the choices, else nothing. */
function suggestion(given: string, choices: readonly string[]): string {
  const found = suggest(camel(given), choices.map(camel));
  const meant = choices.find((choice) => found.includes(`'${camel(choice)}'`));
  return meant === undefined ? '' : ` (did you mean '${meant}'?)`;
}

/** A flag with one of some values. An error suggests the one that was meant. */
export function choice(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, description).choices(choices);
  return option.argParser((text) => {
    if (choices.includes(text)) return text;
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.${suggestion(text, choices)}`);
  });
}

/** Adds what was meant to commander's message about an unknown flag, if it has no suggestion. */
export function withFlagMeant(message: string, program: Command, name: string | undefined): string {
  const [, given] = /^error: unknown option '--([\w-]+)'\s*$/.exec(message) ?? [];
  const options = program.commands.find((each) => each.name() === name)?.options ?? [];
  const meant =
    given === undefined
      ? ''
      : suggestion(
          given,
          options.flatMap(({ long }) => long?.slice(2) ?? []),
        );
  return meant === '' ? message : `${message.trimEnd()}${meant.replace("'", "'--")}\n`;
}

/** A number of workers, or `auto`. */
export function workerCount(text: string): number | 'auto' {
  return text === 'auto' ? text : whole(text);
}
