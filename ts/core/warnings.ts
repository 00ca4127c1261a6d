import { ArgumentError } from './errors.ts';
import { describe } from './shape.ts';

/**
 * Takes a warning.
 * @param message what is wrong and what to do about it, for people
 * @param code what kind of warning it is, for programs, such as 'DIVERGED'; docs/warnings.md lists them
 */
export type WarningHandler = (message: string, code: string) => void;

const toConsole: WarningHandler = (message) => console.warn(`backtime: ${message}`);

let handler: WarningHandler = toConsole;

/** The warnings given about each subject, by code and key. */
const given = new WeakMap<object, Set<string>>();

/** The subject of warnings that are about nothing in particular. */
const everything = {};

/**
 * Chooses where the warnings of this thread go; those of its workers come here too. Each is given once: about a model once for
 * each model. An error that the handler throws ends the call that warned, and the warning counts as not given.
 *
 * ```ts
 * import { setWarningHandler } from 'backtime';
 *
 * setWarningHandler((message, code) => console.error(code, message)); // DIVERGED fit: the loss became NaN in step 12. …
 * setWarningHandler(null); // to console.warn again
 * ```
 *
 * @param fn null is the default again: `console.warn`
 * @throws {ArgumentError} when it is neither a function nor null
 */
export function setWarningHandler(fn: WarningHandler | null): void {
  if (fn !== null && typeof fn !== 'function') throw new ArgumentError(`setWarningHandler takes a function or null, got ${describe(fn)}`);
  handler = fn ?? toConsole;
}

/**
 * Gives a warning, unless it was given already.
 * @param subject what the warning is about: it is given once for each
 * @param key tells apart warnings of one code about one subject
 */
export function warn(code: string, message: string, subject: object = everything, key = ''): void {
  const about = given.get(subject) ?? new Set();
  const name = `${code} ${key}`;
  if (about.has(name)) return;
  handler(message, code);
  given.set(subject, about.add(name));
}
