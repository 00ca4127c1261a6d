import { InternalError } from '../core/errors.ts';
import { KERNEL_LAYOUTS, type LengthFactor } from './kernelLayouts.generated.ts';
import { CELLS, type KernelName } from './kernels.generated.ts';

/** The field whose length only the backend knows. */
const WORKSPACE = 'workspace';

/**
 * Compares the length of every buffer of a call with the number of elements that the kernel uses. A
 * kernel on wasm would read and write beyond the end of a shorter buffer.
 * @param args numbers, and buffers with a `length`
 * @param workspaceLength elements of workspace that the kernel needs for these arguments
 * @throws {InternalError} naming the kernel, the buffer, the expected and the actual length
 */
export function checkBufferLengths(kernel: KernelName, args: object, workspaceLength: number): void {
  const values = args as Record<string, number | { readonly length: number } | null | undefined>;
  for (const [field, , , factors] of KERNEL_LAYOUTS[kernel].fields) {
    const buffer = values[field];
    if (typeof buffer !== 'object' || buffer === null) continue;
    const { length } = buffer;
    const expected = factors ? lengthOf(factors, values) : workspaceLength;
    if (field === WORKSPACE ? length >= expected : length === expected) continue;
    const shape = factors ? ` [${factors.join(', ')}]` : ' or more';
    throw new InternalError(`Binding ${kernel}: ${field} must have ${expected} elements${shape}, got ${length}.`);
  }
}

/**
 * The number of elements of a buffer that a kernel uses; NaN if an argument is not a number or the
 * cell is unknown.
 */
export function lengthOf(factors: readonly LengthFactor[], args: Readonly<Record<string, unknown>>): number {
  return factors.reduce<number>((length, factor) => length * sizeOf(factor, args), 1);
}

function sizeOf(factor: LengthFactor, args: Readonly<Record<string, unknown>>): number {
  if (typeof factor === 'number') return factor;
  const [name, ofCell] = factor.split('.');
  if (ofCell === undefined) return Number(args[name]);
  const cell = Object.values(CELLS).find(({ code }) => code === args.cell);
  return Number(cell?.[ofCell as keyof typeof cell]);
}
