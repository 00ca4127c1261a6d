// The type of a value from any realm. Test runners run code in realms of their own (`node:vm`
// contexts, jsdom's windows), workers send arrays of another one, and each realm has its own
// Float32Array, Error and Map: `instanceof` is false across realms.

const nameOfTypedArray = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined;

/**
 * `Float32Array`; that of the base for a subclass, so a `Buffer` is a `Uint8Array`; undefined for
 * anything but a typed array.
 */
export function typedArrayName(value: unknown): string | undefined {
  return nameOfTypedArray.call(value);
}

/**
 * `Map`, `Date`, `Promise`, `URL`: the name in a value's `[object Map]`; `Object` when it has none.
 * Never throws.
 */
export function tagOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value).slice('[object '.length, -1);
  } catch {
    // A getter threw, or a proxy was revoked.
    return 'Object';
  }
}

/** Whether it is an error, a `DOMException` included. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || ['Error', 'DOMException'].includes(tagOf(value));
}

/** Whether it is an `AbortSignal`, of Node, of the page or of jsdom. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  return tagOf(value) === 'AbortSignal';
}

export function isURL(value: unknown): value is URL {
  return tagOf(value) === 'URL';
}

/** Whether the memory of a buffer was transferred to another thread: nothing is left in it. */
export function isDetached(buffer: ArrayBufferLike): boolean {
  // Not `buffer.detached`, which Node 20 does not have.
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}
