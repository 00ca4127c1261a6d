import type { BatchProgram } from './engine.ts';

/**
 * The number of rows of an output that its loss counts: all rows, or the rows that are not masked.
 */
export function countRows({ program, masks, objectives }: BatchProgram, output: number): number {
  const mask = masks[output];
  // Without a mask an output has as many rows a sample in each part.
  if (!mask) return objectives[output]?.rows ?? 0;
  let count = 0;
  for (const valid of program.ints(mask)) if (valid !== 0) count++;
  return count;
}
