import { isDetached, isError, tagOf, typedArrayName } from './tags.ts';

/** Characters of a text that a message repeats. */
const LONGEST = 60;

/** Keys of an object that a message names. */
const MOST_KEYS = 4;

/**
 * Characters that would break a line or disturb a terminal: control characters, line separators,
 * half surrogates, changes of direction.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A short description of any value for an error message: one line of at most some hundred
 * characters. It distinguishes similar values, such as 1 and 1n, 0 and -0, a class and its
 * instance. Never throws.
 */
export function describe(value: unknown): string {
  try {
    switch (typeof value) {
      case 'string':
        return quoted(value);
      case 'number':
        return Object.is(value, -0) ? '-0' : String(value);
      case 'bigint':
        return `the bigint ${shortened(String(value))}n`;
      case 'symbol':
        return printable(shortened(String(value)));
      case 'function':
        return describeFunction(value);
      case 'object':
        return value === null ? 'null' : describeObject(value);
      default:
        return String(value);
    }
  } catch {
    // A proxy that was revoked, or a getter that throws.
    return 'an object that cannot be read';
  }
}

/** A text in quotes, shortened, without characters that break a line. */
export function quoted(text: string): string {
  return `'${printable(shortened(text))}'`;
}

/** The beginning of a text that is too long for a message. */
export function shortened(text: string, most: number = LONGEST): string {
  return text.length > most ? `${text.slice(0, most - 3)}...` : text;
}

/** The greatest length of a message, and the length of the end that a longer one keeps. */
const LONGEST_MESSAGE = 2000;
const END = 500;

/**
 * A message without its middle when it is too long. A name from a file, or a list of names, may
 * have megabytes.
 */
export function withoutMiddle(message: string): string {
  const gap = ' … ';
  return message.length <= LONGEST_MESSAGE ? message : message.slice(0, LONGEST_MESSAGE - END - gap.length) + gap + message.slice(-END);
}

function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
  });
}

function describeFunction(value: { readonly name: unknown }): string {
  // The text of a class whose code loads later is not that of a class.
  const kind = Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false ? 'class' : 'function';
  const name = nameIn(value);
  return `${kind} ${name === '' ? '(anonymous)' : name}`;
}

/** `name` may be anything: a static member of a class hides the built-in one. */
function nameIn({ name }: { readonly name?: unknown }): string {
  return typeof name === 'string' ? printable(shortened(name)) : '';
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const arrayName = typedArrayName(value);
  if (arrayName !== undefined) {
    const { buffer, length } = value as Uint8Array;
    return isDetached(buffer) ? `a detached ${arrayName}` : `${withArticle(arrayName)} of ${length}`;
  }
  const tag = tagOf(value);
  if (isError(value)) return `${withArticle(nameIn(value) || 'Error')} (${quoted(String(value.message))})`;
  switch (tag) {
    case 'ArrayBuffer':
    case 'SharedArrayBuffer': {
      const buffer = value as ArrayBuffer;
      return isDetached(buffer) ? `a detached ${tag}` : `${withArticle(tag)} of ${buffer.byteLength} bytes`;
    }
    case 'Map':
    case 'Set':
      return `a ${tag} of ${(value as Set<unknown>).size}`;
    case 'Date': {
      const date = value as Date;
      return Number.isNaN(date.getTime()) ? 'an invalid Date' : `a Date (${date.toISOString()})`;
    }
    case 'Promise':
      return 'a Promise, which was not awaited';
    case 'RegExp':
      return `a RegExp (${printable(shortened(String(value)))})`;
    case 'Number':
    case 'String':
    case 'Boolean':
    case 'BigInt':
    case 'Symbol':
      return `a ${tag} object (${printable(shortened(String(value)))})`;
    case 'Object':
    case 'Array':
      return describeByClass(value);
    default:
      return withArticle(printable(shortened(tag)));
  }
}

function describeByClass(value: object): string {
  const prototype: object | null = Object.getPrototypeOf(value);
  // Also that of another realm: no class has a prototype without one but Object.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return describeKeys(value);
  const made: unknown = prototype.constructor;
  const name = typeof made === 'function' ? nameIn(made) : '';
  return name === '' ? 'an object of a class without a name' : `an object (${name})`;
}

function describeKeys(value: object): string {
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an empty object';
  const named = keys.slice(0, MOST_KEYS).map((key) => printable(shortened(key)));
  const rest = keys.length > MOST_KEYS ? ` and ${keys.length - MOST_KEYS} more` : '';
  return `an object with the ${keys.length === 1 ? 'key' : 'keys'} ${named.join(', ')}${rest}`;
}

/** `a Float32Array`, `an Int8Array`, `a Uint8Array`. */
function withArticle(name: string): string {
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}
