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

/**
 * Checks the callbacks that `fit` was given.
 * @throws {ArgumentError} for what is no object, a known name that is no function, and a function called `on…` that `fit` would
 *   never call
 */
export function checkCallbacks(callbacks: unknown): readonly Callback[] {
  if (!Array.isArray(callbacks)) throw new ArgumentError(`fit: callbacks must be an array, got ${describe(callbacks)}`);
  for (const [index, callback] of callbacks.entries()) {
    if (typeof callback !== 'object' || callback === null)
      throw new ArgumentError(`fit: callbacks[${index}] must be an object with functions such as onEpochEnd, got ${describe(callback)}`);
    for (const name of memberNames(callback)) {
      const isKnown = Object.hasOwn(EVENTS, name);
      if (!isKnown && !/^on[A-Z_]/.test(name)) continue;
      const called: unknown = (callback as Record<string, unknown>)[name];
      if (isKnown && called !== undefined && typeof called !== 'function')
        throw new ArgumentError(`fit: ${name} of callbacks[${index}] must be a function, got ${describe(called)}`);
      if (!isKnown && typeof called === 'function') {
        const known = Object.keys(EVENTS);
        throw new ArgumentError(
          `fit: callbacks[${index}] has a function ${name}, which would never be called${suggest(name, known)}; called are ${known.join(', ')}`,
        );
      }
    }
  }
  return callbacks;
}

/** Names of an object's own members and of those that its classes give it. */
function memberNames(callback: object): Set<string> {
  const names = new Set<string>();
  for (let at: object | null = callback; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  return names;
}
