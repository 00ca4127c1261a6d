import { typedArrayName } from '../core/tags.ts';

type ViewType = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => ArrayBufferView;

/**
 * A worker's answer with objects and arrays of this realm. Node creates the contents of a message
 * in its main realm, even for code that runs in a context of its own, as in test runners: there its
 * arrays are neither instances of the user's `Float32Array` nor equal to one. Memory is not copied,
 * and values that are of this realm already stay as they are.
 */
export function ofOwnRealm<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  return Object.getPrototypeOf(value) === Object.prototype ? value : (remade(value) as T);
}

function remade(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const name = typedArrayName(value);
  if (name !== undefined) {
    const { buffer, byteOffset, length } = value as Uint8Array;
    const OwnType = (globalThis as unknown as Record<string, ViewType>)[name] as ViewType;
    return new OwnType(buffer, byteOffset, length);
  }
  if (Array.isArray(value)) return Array.from(value, remade);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, remade(member)]));
}
