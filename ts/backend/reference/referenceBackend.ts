import { MEMORY_ADVICE } from '../../core/allocate.ts';
import { KernelPanicError, OutOfMemoryError } from '../../core/errors.ts';
import { isError } from '../../core/tags.ts';
import type { Backend, KernelCall, MemoryBlock, Placement } from '../backend.ts';
import { checkBufferLengths } from '../bufferLengths.ts';
import { KERNEL_LAYOUTS } from '../kernelLayouts.generated.ts';
import type { KernelArguments, KernelName } from '../kernels.generated.ts';
import { KERNELS, WORKSPACE_LENGTHS } from './kernels.ts';

/**
 * The bytes of all blocks of a backend together. A plan beyond it fails, where the machine would
 * otherwise swap.
 */
const MEMORY_LIMIT = 8 * 2 ** 30;

class ReferenceBlock implements MemoryBlock {
  readonly bytes: number;
  readonly buffer: ArrayBuffer;

  constructor(buffer: ArrayBuffer) {
    this.bytes = buffer.byteLength;
    this.buffer = buffer;
  }
}

/**
 * Makes the backend that defines correctness: every kernel is plain loops over float64 arrays that
 * read like the equations. It runs in every runtime, and is fast enough for small models.
 * @param memoryLimit largest size of all memory blocks together in bytes. Default 8 GiB
 */
export function createReferenceBackend(memoryLimit: number = MEMORY_LIMIT): Backend {
  const blocks = new Set<MemoryBlock>();
  let allocated = 0;

  const workspaceLength: Backend['workspaceLength'] = (kernel, args) => WORKSPACE_LENGTHS[kernel]?.(args) ?? 0;
  const floats = ({ block, byteOffset, length }: Placement) => new Float64Array((block as ReferenceBlock).buffer, byteOffset, length);
  const ints = ({ block, byteOffset, length }: Placement) => new Int32Array((block as ReferenceBlock).buffer, byteOffset, length);

  return {
    name: 'reference',
    build: 'float64',
    floatBytes: 8,
    maxBufferBytes: Number.POSITIVE_INFINITY,
    descriptorBytes: () => 0,
    workspaceLength,
    floats,
    ints,

    allocate(bytes, purpose) {
      const refused = `Cannot allocate ${bytes} bytes for ${purpose}: the reference backend has ${allocated} of at most ${memoryLimit} bytes in use`;
      if (!(allocated + bytes <= memoryLimit)) throw new OutOfMemoryError(`${refused}. ${MEMORY_ADVICE}`);
      try {
        const block = new ReferenceBlock(new ArrayBuffer(bytes));
        blocks.add(block);
        allocated += bytes;
        return block;
      } catch (cause) {
        throw new OutOfMemoryError(`${refused}, and the runtime has no more. ${MEMORY_ADVICE}`, { cause });
      }
    },

    free(block) {
      if (blocks.delete(block)) allocated -= block.bytes;
    },

    bind<K extends KernelName>(kernel: K, args: KernelArguments<Placement, Placement>[K]): KernelCall {
      checkBufferLengths(kernel, args, workspaceLength(kernel, args));
      const views = Object.fromEntries(
        KERNEL_LAYOUTS[kernel].fields.map(([field, kind]) => {
          const value = (args as unknown as Record<string, number | Placement | null | undefined>)[field];
          if (typeof value !== 'object' || value === null) return [field, value];
          return [field, kind === 'ints' ? ints(value) : floats(value)];
        }),
      ) as unknown as KernelArguments<Float64Array, Int32Array>[K];
      const compute = KERNELS[kernel];
      return { kernel, run: () => compute(views) };
    },

    run(calls: readonly KernelCall[]) {
      for (const call of calls) {
        try {
          call.run();
        } catch (cause) {
          // Errors of a user's function are not wrapped.
          if (call.kernel === 'native') throw cause;
          const reason = isError(cause) ? cause.message : String(cause);
          throw new KernelPanicError(`The kernel ${call.kernel} failed: ${reason}.`, { cause });
        }
      }
    },
  };
}
