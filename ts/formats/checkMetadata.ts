import { describe, shortened } from '../core/describe.ts';
import type { ArgumentError, FormatError } from '../core/errors.ts';
import type { JsonValue, Metadata } from '../model/metadata.ts';

/**
 * The greatest length of metadata as JSON, in characters. A file's header has room for it, and is
 * parsed whenever the file is read.
 */
const LONGEST = 2 ** 20;

/** How many arrays and objects may be inside each other, the metadata itself included. */
const DEEPEST = 64;

/**
 * Copies a user's metadata.
 * @param where what the metadata was given as, for error messages: `save: metadata`
 * @param ErrorClass the class of the error
 * @returns a copy that nobody can change
 * @throws an error of `ErrorClass` for a value that JSON would lose or change, a key `__proto__`,
 *   and metadata that is too long or too deep
 */
export function checkMetadata(metadata: unknown, where: string, ErrorClass: typeof ArgumentError | typeof FormatError): Metadata {
  if (!isPlainObject(metadata)) throw new ErrorClass(`${where} must be a plain object, got ${describe(metadata)}`);
  // Counted while copying: objects that share parts can be much longer as JSON than in memory.
  let characters = 0;
  const count = (more: number) => {
    characters += more;
    if (characters > LONGEST)
      throw new ErrorClass(`${where} has more than ${LONGEST} characters as JSON: keep large data in a file of its own`);
  };
  const copyOf = (value: unknown, path: string, depth: number): JsonValue => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) {
      count(JSON.stringify(value).length);
      return value as JsonValue;
    }
    if (depth > DEEPEST)
      throw new ErrorClass(`${where} has more than ${DEEPEST} arrays and objects inside each other, or a circle of them`);
    // Brackets, and commas between the elements.
    if (Array.isArray(value)) {
      count(1 + Math.max(value.length, 1));
      return Object.freeze(Array.from(value, (element, index) => copyOf(element, `${path}[${index}]`, depth + 1)));
    }
    if (!isPlainObject(value)) {
      throw new ErrorClass(
        `${path} must be a string, a finite number, true, false, null, or an array or a plain object of these, got ${describe(value)}`,
      );
    }
    const own = Object.entries(value);
    count(1 + Math.max(own.length, 1));
    const entries = own.map(([key, element]) => {
      if (key === '__proto__')
        throw new ErrorClass(`${path} has a key '__proto__', which would replace the prototype of an object that it is copied to`);
      count(1 + JSON.stringify(key).length);
      return [key, copyOf(element, `${path}.${shortened(key)}`, depth + 1)] as const;
    });
    return Object.freeze(Object.fromEntries(entries));
  };
  return copyOf(metadata, where, 1) as Metadata;
}

/** Whether it is an object as `{}` makes it, in whichever realm, or one without a prototype. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
