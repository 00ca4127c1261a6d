import { describe } from '../core/describe.ts';
import { DataError } from '../core/errors.ts';
import { type Shape, sizeOf } from '../core/shape.ts';

/** Texts in nested arrays: `[N]`, `[N, T]`. */
export type NestedTexts = readonly string[] | readonly NestedTexts[];

/** Texts in row-major order. */
export interface Texts {
  readonly shape: Shape;
  readonly data: readonly string[];
}

/**
 * Reads nested arrays of texts.
 * @param owner what takes them, for error messages: `StringLookup`
 * @throws {DataError} when they are ragged, or hold something else
 */
export function textsOf(value: unknown, argument: string, owner: string): Texts {
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); [level] = level) shape.push(level.length);
  if (shape.length === 0) throw new DataError(`${owner}: ${argument} must be an array of strings, got ${describe(value)}`);
  const data: string[] = [];
  const visit = (level: unknown, axis: number, path: string): void => {
    if (axis === shape.length) {
      if (typeof level !== 'string') throw new DataError(`${owner}: ${path} must be a string, got ${describe(level)}`);
      data.push(level);
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[axis])
      throw new DataError(`${owner}: ${path} must be an array of ${shape[axis]} strings like its neighbours, got ${describe(level)}`);
    for (const [index, inner] of level.entries()) visit(inner, axis + 1, `${path}[${index}]`);
  };
  visit(value, 0, argument);
  return { shape, data };
}

/** The texts in nested arrays of a shape. */
export function nestedTexts({ shape, data }: Texts): NestedTexts {
  const [count, ...rest] = shape as [number, ...number[]];
  if (rest.length === 0) return data;
  const size = sizeOf(rest);
  return Array.from({ length: count }, (_, index) => nestedTexts({ shape: rest, data: data.slice(index * size, (index + 1) * size) }));
}
