import { ArgumentError } from '../node.ts';

/**
 * Refuses flags that a form of files does not read, so that none is ignored.
 * @param form what the file is: `Parquet`
 * @param remedies what to do instead, by the name of the flag's option; others are to be left out
 * @throws {ArgumentError} naming the flag
 */
export function refuseUnread(
  file: string,
  form: string,
  flags: object,
  names: readonly string[],
  remedies: Readonly<Record<string, string>> = {},
): void {
  for (const [name, value] of Object.entries(flags)) {
    // `--bad-rows error` is what is done without the flag.
    if (!names.includes(name) || value === undefined || (name === 'badRows' && value === 'error')) continue;
    const given = typeof value === 'boolean' ? `--${value ? '' : 'no-'}${name}` : `${flagOf(name)} ${value}`;
    throw new ArgumentError(`${given} is not for ${form}, which ${file} is: ${remedies[name] ?? 'leave it out'}`);
  }
}

/** `--bad-rows` for `badRows`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
