import type { Command } from 'commander';
import { ChoiceOption, choiceLines, suggestion } from './flags.ts';

/** Flags of other programs that mean one of this command's. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  lr: ['learning-rate'],
  out: ['model'],
  output: ['out', 'model'],
  save: ['model'],
  delimiter: ['separator'],
  sep: ['separator'],
  label: ['target'],
  'val-split': ['validation-split'],
};
/** Flags of other programs for what is an argument of this command. */
const ARGUMENTS: readonly string[] = ['data', 'input', 'file', 'csv', 'train', 'dataset'];

/**
 * Adds to commander's message what helps: of an unknown flag the one that was meant, of a flag
 * without its value the values that it has, of an argument that is missing what it is.
 */
export function withRemedy(message: string, program: Command, name: string | undefined): string {
  const text = message.trimEnd();
  const command = program.commands.find((each) => each.name() === name);
  if (!command)
    return /unknown command/.test(text) && !/\(Did you/.test(text)
      ? `${text}: there are ${program.commands.map((each) => each.name()).join(', ')}\n`
      : message;
  const [, wanted] = /^error: (?:required )?option '([^']+)' (?:not specified|argument missing)/.exec(text) ?? [];
  const lacking = command.options.find(({ flags }) => flags === wanted);
  if (lacking instanceof ChoiceOption) return `${text}\n${lacking.long} may be:\n${choiceLines(lacking.words)}\n`;
  if (lacking) return `${text}: ${lacking.description}\n`;
  if (/missing required argument|too many arguments/.test(text)) {
    const [argument] = command.registeredArguments;
    return `${text}\nUsage: backtime ${name} ${command.usage()}${argument ? `\n  ${argument.name()}  ${argument.description}` : ''}\n`;
  }
  const [, given] = /^error: unknown option '--([\w-]+)/.exec(text) ?? [];
  if (given === undefined || /\(Did you/.test(text)) return message;
  return `${text}${meantBy(given, command, program)}\n`;
}

/** What an unknown flag may mean, as words that follow its name. */
function meantBy(given: string, command: Command, program: Command): string {
  const names = namesOf(command);
  const alike = suggestion(given, names);
  if (alike !== '') return alike.replace("'", "'--");
  const synonym = SYNONYMS[given]?.find((each) => names.includes(each));
  if (synonym !== undefined) return ` (did you mean '--${synonym}'?)`;
  const [argument] = command.registeredArguments;
  if (ARGUMENTS.includes(given) && argument)
    return `: give the file without a flag, as in "backtime ${command.name()} ${given === 'train' ? 'train' : 'data'}.csv"`;
  const others = program.commands.filter((each) => namesOf(each).includes(given)).map((each) => each.name());
  if (others.length > 0) return `: it is a flag of ${others.join(', ')}`;
  return `: "backtime ${command.name()} --help" lists the flags`;
}

const namesOf = ({ options }: Command) => options.flatMap(({ long }) => long?.slice(2) ?? []);

/** Refuses a flag that is given twice: commander takes the last one, and says nothing. */
export function refuseTwice(command: Command): void {
  for (const option of command.options) {
    let first: string | undefined;
    command.on(`option:${option.name()}`, (value: string | null) => {
      const given = value ?? '';
      if (first !== undefined)
        command.error(`error: option '${option.flags}' is given twice${given === '' ? '' : `, as ${first} and ${given}`}: give it once`);
      first = given;
    });
  }
}
