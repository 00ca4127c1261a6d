import { ArgumentError } from './errors.ts';

/**
 * Checks that `getConfig` of a custom object returns all options that its constructor reads. The
 * object is made again from the configuration, and options that the constructor reads in vain are
 * noted. An option that has the same value in both objects is not lost.
 * @throws {ArgumentError} naming the option that a loaded object would not have
 */
export function requireOptions(object: object, config: object, what: string): void {
  const made = object.constructor as { new (options: object): object; fromConfig?: unknown };
  // A class with `fromConfig` may have another configuration.
  if (made.fromConfig) return;
  const missing: string[] = [];
  const options: object = new Proxy(config, {
    get(target, name) {
      if (name === Symbol.toPrimitive) throw new TypeError('an option was used as a number or a text');
      if (typeof name === 'string' && !(name in target)) missing.push(name);
      return Reflect.get(target, name);
    },
  });
  const remedy = 'which files and workers need';
  let again: object;
  try {
    again = new made(options);
  } catch (cause) {
    throw new ArgumentError(
      `${what}: its constructor does not take what getConfig returns, ${remedy}: let it take one object of options, and return them in getConfig`,
      { cause },
    );
  }
  const [own, loaded] = [object, again] as readonly Readonly<Record<string, unknown>>[];
  const lost =
    missing.find((name) => !(name in object) || !isSame(own?.[name], loaded?.[name])) ??
    Object.keys(again).find((name) => loaded?.[name] === options && Object.keys(config).length === 0 && isGiven(own?.[name]));
  if (lost !== undefined)
    throw new ArgumentError(
      `${what}: getConfig must return the option ${lost}, ${remedy}: getConfig() { return { ...super.getConfig(), ${lost} } }`,
    );
}

/** Whether another value was given instead of options. */
function isGiven(value: unknown): boolean {
  return value !== undefined && JSON.stringify(value) !== '{}';
}

function isSame(a: unknown, b: unknown): boolean {
  return typeof a === typeof b && JSON.stringify(a) === JSON.stringify(b);
}
