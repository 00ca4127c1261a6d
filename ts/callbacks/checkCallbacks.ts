import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { suggest } from '../core/suggestion.ts';
import type { CallbackEvents, CallbackOf } from './callback.ts';

/** The functions that `fit` calls. A new one adds its line here. */
const EVENTS: Readonly<Record<keyof CallbackEvents, true>> = {
  onTrainBegin: true,
  onTrainEnd: true,
  onEpochBegin: true,
  onEpochEnd: true,
  onTrainBatchBegin: true,
  onTrainBatchEnd: true,
  onProgress: true,
  onTestBegin: true,
  onTestEnd: true,
  onTestBatchBegin: true,
  onTestBatchEnd: true,
};

const NAMES = Object.keys(EVENTS);

/**
 * The names here of functions of Keras and TF.js, by their lower-case names without underscores.
 */
const SYNONYMS: ReadonlyMap<string, keyof CallbackEvents> = new Map([
  ['batchbegin', 'onTrainBatchBegin'],
  ['onbatchbegin', 'onTrainBatchBegin'],
  ['batchend', 'onTrainBatchEnd'],
  ['onbatchend', 'onTrainBatchEnd'],
  ['yield', 'onProgress'],
  ['onyield', 'onProgress'],
]);

/**
 * Checks the callbacks of `fit`.
 * @returns a copy of the array
 * @throws {ArgumentError} for a callback that is not an object, an object without a function that
 *   `fit` calls, a known name whose value is not a function, and a function `on…` that `fit` never
 *   calls
 */
export function checkCallbacks(callbacks: unknown): readonly CallbackOf[] {
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
  // A function with any other name may be a method that the callback itself calls.
  const isMeant = (name: string) => /^on[A-Z_]/.test(name) || (/^on/i.test(name) && hintFor(name) !== '');
  const never = members.find((name) => !Object.hasOwn(EVENTS, name) && isMeant(name) && typeof memberOf(name) === 'function');
  if (never !== undefined) {
    const names = NAMES.join(', ');
    throw new ArgumentError(`fit: ${where} has a function ${never}, which fit never calls${hintFor(never)}; fit calls ${names}`);
  }
  // A function that is undefined was left out on purpose. A proxy may have functions but no names.
  if (NAMES.some((name) => name in callback || memberOf(name) !== undefined)) return;
  const own = members.filter((name) => name !== 'constructor');
  const what = describe(callback);
  const isNamed = own.every((name) => what.includes(name));
  const has = isNamed ? '' : `, only ${own.slice(0, MOST_NAMES).join(', ')}${own.length > MOST_NAMES ? ', …' : ''}`;
  const hint = own.map(hintFor).find((found) => found !== '') ?? (own.some(isStopping) ? ' (did you mean new EarlyStopping({ … })?)' : '');
  throw new ArgumentError(`fit: ${where}, ${what}, has no function that fit calls${has}${hint}; fit calls ${NAMES.join(', ')}`);
}

/** Whether a name is that of an option of `EarlyStopping`. */
function isStopping(name: string): boolean {
  return ['monitor', 'patience', 'minDelta', 'restoreBestWeights'].includes(name);
}

/** The largest number of member names in a message. */
const MOST_NAMES = 8;

/**
 * ` (did you mean 'onEpochEnd'?)` for a name that is like the name of a function that `fit` calls.
 */
function hintFor(name: string): string {
  const synonym = SYNONYMS.get(name.toLowerCase().replaceAll('_', ''));
  return synonym === undefined ? suggest(name, NAMES) : ` (did you mean '${synonym}'?)`;
}

/** The names of an object's members, including those of its classes. */
function memberNames(callback: object): Set<string> {
  const names = new Set<string>();
  for (let at: object | null = callback; at !== null; at = Object.getPrototypeOf(at)) {
    // That of `Object`, of whatever realm.
    if (at !== callback && Object.getPrototypeOf(at) === null) break;
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return names;
}
