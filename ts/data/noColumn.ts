import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { suggest } from '../core/suggestion.ts';

/** The error about a name that no column of a source has. @param source such as `the bytes` */
export function noColumn(name: unknown, source: string, names: readonly string[]): ArgumentError {
  // Any letter is like any other.
  const meant = String(name).length > 2 ? suggest(name, names) : '';
  return new ArgumentError(`there is no column ${describe(name)} in ${source}${meant}; its columns are ${names.join(', ')}`);
}
