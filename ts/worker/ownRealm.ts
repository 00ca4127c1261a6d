import { typedArrayName } from '../core/tags.ts';

type ViewType = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => ArrayBufferView;

/**
 * A worker's answer with objects and arrays of this realm. Node makes what a message holds in its
 * main realm, also for code in a context of its own, where test runners run theirs: there no array
 * of it is an instance of the user's `Float32Array`, nor equal to one. Memory is not copied. Of
 * this realm's own values nothing is made anew.
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
