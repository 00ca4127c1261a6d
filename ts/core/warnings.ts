import { describe, withoutMiddle } from './describe.ts';
import { ArgumentError } from './errors.ts';

/**
 * Receives a warning.
 * @param message the problem and the remedy
 * @param code the kind of warning, such as 'DIVERGED'; docs/warnings.md lists the codes
 */
export type WarningHandler = (message: string, code: string) => void;

const toConsole: WarningHandler = (message) => console.warn(`backtime: ${message}`);

let handler: WarningHandler = toConsole;

/** The warnings that were given about each subject, as code and key. */
const given = new WeakMap<object, Set<string>>();

/** The subject of warnings that have no subject of their own. */
const everything = {};

/**
 * Sets the function that receives the warnings of this thread and of its workers. Each warning is
 * given once; a warning about a model, once for each model. An error that the handler throws ends
 * the call that warned, and the warning counts as not given.
 *
 * ```ts
 * import { setWarningHandler } from 'backtime';
 *
 * // DIVERGED fit: the loss became NaN in step 12. …
 * setWarningHandler((message, code) => console.error(code, message));
 * setWarningHandler(null); // to console.warn again
 * ```
 *
 * @param fn the handler; null sets the default again, `console.warn`
 * @throws {ArgumentError} when `fn` is neither a function nor null
 */
export function setWarningHandler(fn: WarningHandler | null): void {
  if (fn !== null && typeof fn !== 'function') throw new ArgumentError(`setWarningHandler takes a function or null, got ${describe(fn)}`);
  handler = fn ?? toConsole;
}

/**
 * Gives a warning, unless it was given before.
 * @param subject what the warning is about; the warning is given once for each subject
 * @param key distinguishes warnings of one code about one subject
 */
export function warn(code: string, message: string, subject: object = everything, key = ''): void {
  const about = given.get(subject) ?? new Set();
  const name = `${code} ${key}`;
  if (about.has(name)) return;
  handler(withoutMiddle(message), code);
  given.set(subject, about.add(name));
}
