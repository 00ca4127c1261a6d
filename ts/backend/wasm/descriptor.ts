import { InternalError } from '../../core/errors.ts';
import { KERNEL_LAYOUTS } from '../kernelLayouts.generated.ts';
import type { KernelName } from '../kernels.generated.ts';

/** An argument of a kernel: a number, or a value that stands for a buffer. */
export type DescriptorValue = unknown;

/** Every field of a descriptor has four bytes. */
const FIELD_BYTES = 4;

/** Bytes of a kernel's descriptor. */
export function descriptorBytes(kernel: KernelName): number {
  return KERNEL_LAYOUTS[kernel].fields.length * FIELD_BYTES;
}

/**
 * Writes a kernel's arguments in the order of its descriptor.
 * @param address byte address, a multiple of 4
 * @param addressOf the address of a buffer argument; 0 when it is absent
 * @throws {InternalError} naming the kernel and the argument, when a number is missing or does not
 *   fit its field
 */
export function writeDescriptor(
  memory: WebAssembly.Memory,
  address: number,
  kernel: KernelName,
  args: object,
  addressOf: (buffer: DescriptorValue, field: string) => number,
): void {
  const { fields } = KERNEL_LAYOUTS[kernel];
  const descriptor = new DataView(memory.buffer, address, fields.length * FIELD_BYTES);
  for (const [index, [field, kind]] of fields.entries()) {
    const value = (args as Record<string, DescriptorValue>)[field];
    const place = index * FIELD_BYTES;
    if (kind === 'f32') descriptor.setFloat32(place, float(value, kernel, field), true);
    else if (kind === 'u32') descriptor.setUint32(place, unsigned(value, kernel, field), true);
    else descriptor.setUint32(place, addressOf(value, field), true);
  }
}

function float(value: DescriptorValue, kernel: KernelName, field: string): number {
  if (typeof value === 'number') return value;
  throw new InternalError(`Binding ${kernel}: ${field} must be a number, got ${String(value)}.`);
}

function unsigned(value: DescriptorValue, kernel: KernelName, field: string): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32) return value as number;
  throw new InternalError(`Binding ${kernel}: ${field} must be an integer from 0 to 2^32 - 1, got ${String(value)}.`);
}
