import { ArgumentError } from '../core/errors.ts';
import { describe } from '../core/shape.ts';
import { suggest } from '../core/suggestion.ts';
import type { Callback } from './callback.ts';

/** Every function that `fit` calls: a new one adds its line here. */
const EVENTS: Readonly<Record<keyof Callback, true>> = {
  onTrainBegin: true,
  onTrainEnd: true,
  onEpochBegin: true,
  onEpochEnd: true,
  onTrainBatchEnd: true,
  onProgress: true,
  onTestBegin: true,
  onTestEnd: true,
};

const NAMES = Object.keys(EVENTS);

/** What other names of Keras and TF.js, in small letters and without underscores, are called here. */
const SYNONYMS: ReadonlyMap<string, keyof Callback> = new Map([
  ['batchend', 'onTrainBatchEnd'],
  ['onbatchend', 'onTrainBatchEnd'],
  ['yield', 'onProgress'],
  ['onyield', 'onProgress'],
]);

/**
 * Checks the callbacks that `fit` was given.
 * @returns a copy of the array
 * @throws {ArgumentError} for what is no object, an object without any of the functions that `fit` calls, a known name that is no
 *   function, and a function called `on…` that `fit` would never call
 */
export function checkCallbacks(callbacks: unknown): readonly Callback[] {
  if (!Array.isArray(callbacks)) throw new ArgumentError(`fit: callbacks must be an array, got ${describe(callbacks)}`);
  for (const [index, callback] of callbacks.entries()) checkCallback(callback, `callbacks[${index}]`);
  return [...callbacks];
}

function checkCallback(callback: unknown, where: string): void {
  if (typeof callback !== 'object' || callback === null)
    throw new ArgumentError(`fit: ${where} must be an object with functions such as onEpochEnd, got ${describe(callback)}`);
  const memberOf = (name: string): unknown => (callback as Record<string, unknown>)[name];
  for (const name of NAMES) {
    const called = memberOf(name);
    if (called !== undefined && typeof called !== 'function')
      throw new ArgumentError(`fit: ${name} of ${where} must be a function, got ${describe(called)}`);
  }
  const members = [...memberNames(callback)];
  // Any other name may be that of a method that the callback calls by itself.
  const isMeant = (name: string) => /^on[A-Z_]/.test(name) || (/^on/i.test(name) && hintFor(name) !== '');
  const never = members.find((name) => !Object.hasOwn(EVENTS, name) && isMeant(name) && typeof memberOf(name) === 'function');
  if (never !== undefined) {
    const names = NAMES.join(', ');
    throw new ArgumentError(`fit: ${where} has a function ${never}, which would never be called${hintFor(never)}; called are ${names}`);
  }
  // One that is undefined was left out on purpose. A proxy may have functions without having their names.
  if (NAMES.some((name) => name in callback || memberOf(name) !== undefined)) return;
  const own = members.filter((name) => name !== 'constructor');
  const has = own.length === 0 ? '' : `, only ${own.slice(0, MOST_NAMES).join(', ')}${own.length > MOST_NAMES ? ', …' : ''}`;
  const hint = own.map(hintFor).find((found) => found !== '') ?? '';
  throw new ArgumentError(
    `fit: ${where}, ${describe(callback)}, has no function that fit calls${has}, and would do nothing${hint}; called are ${NAMES.join(', ')}`,
  );
}

/** Names of members that a message lists. */
const MOST_NAMES = 8;

/** ` (did you mean 'onEpochEnd'?)` for the name of a function that is nearly one of those that are called. */
function hintFor(name: string): string {
  const synonym = SYNONYMS.get(name.toLowerCase().replaceAll('_', ''));
  return synonym === undefined ? suggest(name, NAMES) : ` (did you mean '${synonym}'?)`;
}

/** Names of an object's own members and of those that its classes give it. */
function memberNames(callback: object): Set<string> {
  const names = new Set<string>();
  for (let at: object | null = callback; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  return names;
}
