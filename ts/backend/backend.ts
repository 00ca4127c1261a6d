import type { FloatArray } from '../core/numericArray.ts';
import type { KernelArguments, KernelName } from './kernels.generated.ts';

export type { FloatArray };

/** A region of a backend's memory. TypeScript plans the buffers in it. */
export interface MemoryBlock {
  readonly bytes: number;
}

/**
 * A buffer's place: `length` elements from `byteOffset` of `block`. Offsets are multiples of an
 * element's size.
 */
export interface Placement {
  readonly block: MemoryBlock;
  readonly byteOffset: number;
  readonly length: number;
}

/**
 * A kernel with bound arguments, or a function in TypeScript. It runs without arguments and returns
 * nothing.
 */
export interface KernelCall {
  readonly kernel: KernelName | 'native';
  readonly run: () => void;
}

/**
 * Memory plus kernels. Both backends run every kernel with the same arguments (see
 * `kernels.generated.ts`), so a model need not know its backend.
 */
export interface Backend {
  readonly name: 'wasm' | 'reference';
  /** `simd128`, `relaxed-simd`, `wide` or `float64`. */
  readonly build: 'simd128' | 'relaxed-simd' | 'wide' | 'float64';
  /** Bytes of one float; an integer always has four. */
  readonly floatBytes: 4 | 8;
  /** The largest size of one buffer in bytes, however much memory is free. */
  readonly maxBufferBytes: number;
  /** Bytes a bound call of `kernel` needs for its descriptor. */
  descriptorBytes(kernel: KernelName): number;
  /**
   * Floats of workspace that `kernel` needs. Only the presence of a buffer matters, so any truthy
   * value can stand for one.
   */
  workspaceLength<K extends KernelName>(kernel: K, args: KernelArguments<unknown, unknown>[K]): number;
  /**
   * Allocates zeroed memory. Memory grows nowhere else.
   * @param purpose the memory's use, for the error message
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  allocate(bytes: number, purpose: string): MemoryBlock;
  free(block: MemoryBlock): void;
  /** A view. Use it and drop it in the same function: memory growth detaches views. */
  floats(placement: Placement): FloatArray;
  /** A view. Use it and drop it in the same function. */
  ints(placement: Placement): Int32Array;
  /**
   * Binds a kernel's arguments.
   * @throws {InternalError} when a buffer has another length than the kernel uses
   */
  bind<K extends KernelName>(kernel: K, args: KernelArguments<Placement, Placement>[K], descriptor: Placement): KernelCall;
  /**
   * Runs calls in order.
   * @throws {KernelPanicError} naming the kernel that panicked; later calls have not run.
   */
  run(calls: readonly KernelCall[]): void;
}
