import { MEMORY_ADVICE } from '../../core/allocate.ts';
import { KernelPanicError, OutOfMemoryError } from '../../core/errors.ts';
import type { Backend, KernelCall, MemoryBlock, Placement } from '../backend.ts';
import { checkBufferLengths } from '../bufferLengths.ts';
import { KERNEL_LAYOUTS, type KernelArguments, type KernelName } from '../kernels.generated.ts';
import { KERNELS, WORKSPACE_LENGTHS } from './kernels.ts';

/** Bytes that all blocks of one backend may take together, so that an absurd plan fails instead of swapping. */
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
 * The backend that defines what is correct: every kernel as plain loops over float64 arrays, written to be read like the
 * equations. It runs anywhere, and small models at a fair speed.
 * @param memoryLimit bytes that all memory blocks may take together; by default 8 GiB
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
          const reason = cause instanceof Error ? cause.message : String(cause);
          throw new KernelPanicError(`The kernel ${call.kernel} failed: ${reason}.`, { cause });
        }
      }
    },
  };
}
