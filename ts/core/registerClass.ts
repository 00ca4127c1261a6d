import { describe } from './describe.ts';
import { ArgumentError, FormatError, StateError } from './errors.ts';
import { checkOptions } from './options.ts';
import { requireOptions } from './requireOptions.ts';
import { knownName } from './suggestion.ts';
import { warn } from './warnings.ts';

/**
 * A value that can be registered: a custom class (layer, optimizer, loss, metric), or a function
 * that is an activation, a loss or a metric.
 */
// biome-ignore lint/suspicious/noExplicitAny: any class and any function
export type Registrable = (abstract new (...args: any[]) => unknown) | ((...args: any[]) => unknown);

/**
 * A name under which files and workers find a class or a custom function: `Custom>Peephole`.
 */
export type RegisteredName = `${string}>${string}`;

/** Options of `registerClass`. */
export interface RegisterOptions {
  /** The first part of the name. Default 'Custom', as in Keras. */
  package?: string;
  /** The second part of the name. Default: the class's static `className`. */
  name?: string;
}

/** Classes and functions by name, for `loadModel`. */
export type CustomObjects = Readonly<Record<string, Registrable>>;

const registry = new Map<string, Registrable>();
const names = new WeakMap<Registrable, RegisteredName>();
let customObjects: CustomObjects = {};
/** Set with the first class, so that programs without one do not have its code. */
let checkConfig: typeof requireOptions | null = null;

/**
 * Registers a class or a custom function, so that files can name it and workers can find it.
 * A second class under one name replaces the first, with a warning.
 * https://keras.io/api/models/model_saving_apis/serialization_utils/
 *
 *     class Peephole extends Layer { static className = 'Peephole'; … }
 *     registerClass(Peephole, { package: 'weather' });   // files call it weather>Peephole
 *
 * @returns the class or function
 * @throws {ArgumentError} for an unknown option, when it is neither a class nor a function, and
 *   when it has no name: minifiers change the names of functions, so a class has a static
 *   `className`, and a function gets its name here
 */
export function registerClass<T extends Registrable>(value: T, options?: RegisterOptions): T {
  checkOptions(options, ['package', 'name'], 'registerClass');
  if (typeof value !== 'function') throw new ArgumentError(`registerClass takes a class or a function, got ${describe(value)}`);
  const given = options?.name ?? (Object.hasOwn(value, 'className') ? (value as { className?: unknown }).className : undefined);
  if (given === undefined)
    throw new ArgumentError(
      `registerClass: ${describe(value)} has no name: give the class a static className, or registerClass(…, { name }) its name`,
    );
  const name: RegisteredName = `${namePart(options?.package ?? 'Custom', 'package')}>${namePart(given, 'name')}`;
  const before = registry.get(name);
  // The same source again means that the module was reloaded, as hot reload does.
  if (before && before !== value && String(before) !== String(value))
    warn(
      'CLASS_REPLACED',
      `registerClass: '${name}' was the name of another class or function, which files and workers no longer find: give one of them another name`,
      registry,
      name,
    );
  registry.set(name, value);
  checkConfig = requireOptions;
  names.set(value, name);
  return value;
}

/** The name under which a class or a function is registered; null when it is not. */
export function registeredName(value: unknown): RegisteredName | null {
  return (typeof value === 'function' && names.get(value as Registrable)) || null;
}

/** Whether a text has the form of a registered name. */
export function isRegisteredName(value: unknown): value is RegisteredName {
  return typeof value === 'string' && value.includes('>');
}

/**
 * The class or function with a registered name. Those of `customObjects` come first, under the
 * whole name or its second part.
 * @param what the kind of object, for the error message: `loss`
 * @throws {FormatError} when there is none, with the remedy
 */
export function registered(name: RegisteredName, what: string): Registrable {
  const [first, second = ''] = name.split('>');
  const key = customKey(name);
  const object = key === undefined ? undefined : customObjects[key];
  if (object) {
    // A model that was loaded with it is saved under the same name.
    if (!names.has(object)) names.set(object, name);
    return object;
  }
  const found = registry.get(name);
  if (found) return found;
  throw new FormatError(
    `there is no ${what} ${describe(name)}: ` +
      (unregisteredRemedy ??
        `call registerClass(…, { package: ${describe(first)}, name: ${describe(second)} }) before, ` +
          `or give loadModel { customObjects: { ${describe(second)}: … } }; a worker registers it in the file of setWorker`),
  );
}

/** The key of `customObjects` that a registered name means; undefined where there is none. */
function customKey(name: RegisteredName): string | undefined {
  return [name, name.split('>')[1] ?? ''].find((key) => Object.hasOwn(customObjects, key));
}

/** The error about a registered name whose class does not extend what it must. */
export function notExtended(name: RegisteredName, base: string): FormatError {
  const key = customKey(name);
  const given = key === undefined ? `${describe(name)} is registered, but` : `customObjects.${key}`;
  return new FormatError(`${given} does not extend ${base} of this copy of Backtime`);
}

/** A custom class whose objects a file describes. */
interface OwnClass {
  new (config: object): unknown;
  fromConfig?(config: object): unknown;
}

/**
 * Makes the object that a file describes by a registered name and a configuration: by the class's
 * static `fromConfig`, or by its constructor.
 * @param base the class that it must extend
 * @param title that class, for the error message. Default: the class of what it is
 * @throws {FormatError} when no class has that name, or it does not extend the base
 */
export function registeredInstance<T>(
  name: RegisteredName,
  config: object,
  what: string,
  base: { readonly prototype: T },
  title = `the ${what} class`,
): T {
  const found = registered(name, what) as unknown as OwnClass;
  if (!(found.prototype instanceof (base as unknown as new () => object))) throw notExtended(name, title);
  return (found.fromConfig ? found.fromConfig(config) : new found(config)) as T;
}

const UNNAMED = ', which has no registered name, so it cannot be saved or sent to a worker: ';

/**
 * The registered name of an object's class. @throws {ArgumentError} when it has none, with the
 * remedy
 */
export function registeredNameOf(object: object, what: string): RegisteredName {
  const name = registeredName(object.constructor);
  if (name === null)
    throw new ArgumentError(
      `${what} is of ${describe(object.constructor)}${UNNAMED}give the class a static className and call registerClass`,
    );
  return name;
}

/**
 * The registered name of a function of a user's own.
 * @param where the option that it is, for error messages
 * @param kind the kind of function: 'activation'
 * @throws {ArgumentError} when it has none, with the remedy
 */
export function registeredFunctionName(given: unknown, where: string, kind: string): RegisteredName {
  const name = registeredName(given);
  if (name !== null) return name;
  throw new ArgumentError(`${where} is a function${UNNAMED}call registerClass(${kind}, { name: 'mine' }) first`);
}

/**
 * Runs a function that finds these classes and functions too.
 * @throws {ArgumentError} when one of them is neither a class nor a function
 */
export function withCustomObjects<T>(objects: CustomObjects, run: () => T): T {
  for (const [name, object] of Object.entries(objects))
    if (typeof object !== 'function')
      throw new ArgumentError(`customObjects.${name} must be a class or a function, got ${describe(object)}`);
  const before = customObjects;
  customObjects = { ...before, ...objects };
  try {
    return run();
  } finally {
    customObjects = before;
  }
}

/**
 * The name by which files and workers find an object's class: the static `builtInName` of the class
 * itself if it is Backtime's, otherwise the registered name.
 * @param config what makes the object again, to be checked for a custom class
 * @throws {ArgumentError} when it has neither, with the remedy
 * @throws {ArgumentError} when an option is missing in the configuration
 */
export function savedNameOf(object: object, what: string, config?: object): string {
  const made = object.constructor as Registrable & { builtInName?: unknown };
  const { builtInName } = made;
  if (typeof builtInName === 'string' && Object.hasOwn(made, 'builtInName') && registeredName(made) === null) return builtInName;
  const name = registeredNameOf(object, what);
  if (config) checkConfig?.(object, config, what);
  return name;
}

/** Classes of Backtime that files and workers name, by their `builtInName`. */
// biome-ignore lint/suspicious/noExplicitAny: each class has options of its own
export type ClassTable = Readonly<Record<string, new (options: any) => object>>;

let builtIn: ClassTable | null = null;

/** `compile` names a class whose code has not loaded. The next call of the model loads it. */
export class ClassNotLoadedError extends StateError {}

/** The remedy for a name that is not registered, in an entry of the package that registers none. */
let unregisteredRemedy: string | undefined;

/**
 * Lets files and workers find these classes.
 * @param remedy for a class of a user, in an entry of the package that takes none
 */
export function provideClasses(table: ClassTable, remedy?: string): void {
  builtIn = table;
  unregisteredRemedy = remedy;
}

/** The remedy for a class that was not found because its code has not loaded; else empty. */
export function loadHint(): string {
  return builtIn ? '' : ": import 'backtime/formats' before, which has the classes that load with loadModel";
}

/**
 * Makes an object of a class of Backtime that a file names; null when there is none of that name.
 * @param base the class that it must extend
 */
export function builtInInstance<T>(name: string, config: object, base: { readonly prototype: T }): T | null {
  const found = builtIn && Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
  if (!found || !(found.prototype instanceof (base as unknown as new () => object))) return null;
  return new found(config) as T;
}

/**
 * Makes an object of the class that a name in `compile` means, in any case, as in Keras; null for
 * another value.
 * @param classes names of classes that load when used, with spaces between
 * @param base the class that they extend
 * @throws {ClassNotLoadedError} before they have loaded
 */
export function namedInstance<T>(name: unknown, classes: string, base: { readonly prototype: T }): T | null {
  const found = knownName(name, classes.split(' '));
  if (!found) return null;
  if (!builtIn) throw new ClassNotLoadedError(`the class ${found} loads with fit: until then import ${found} and give new ${found}()`);
  return builtInInstance(found, {}, base);
}

function namePart(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '' || /[>/]/.test(value))
    throw new ArgumentError(`registerClass: ${what} must be a string without '>' and '/', got ${describe(value)}`);
  return value;
}
