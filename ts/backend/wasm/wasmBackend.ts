import { ArgumentError, BackendError, InternalError, KernelPanicError } from '../../core/errors.ts';
import { isError } from '../../core/tags.ts';
import type { Backend, KernelCall, MemoryBlock, Placement } from '../backend.ts';
import { checkBufferLengths } from '../bufferLengths.ts';
import { KERNEL_LAYOUTS } from '../kernelLayouts.generated.ts';
import type { KernelArguments, KernelName } from '../kernels.generated.ts';
import { type DescriptorValue, descriptorBytes, writeDescriptor } from './descriptor.ts';
import type { WasmBuild } from './features.ts';
import { instantiate, type KernelExport, type KernelInstance } from './instance.ts';
import { MemoryAllocator, WasmBlock } from './memory.ts';

/** Stands for the address of any buffer where only its presence matters. */
const ANY_ADDRESS = 64;

/** A slice in 32-bit Rust has at most 2^31 - 1 bytes; this many bytes are whole elements. */
const MAX_BUFFER_BYTES = 2 ** 31 - 4;

/** The kernels in WebAssembly SIMD: float32, in the linear memory of one instance. */
export class WasmBackend implements Backend {
  readonly name = 'wasm';
  readonly floatBytes = 4;
  readonly maxBufferBytes = MAX_BUFFER_BYTES;
  readonly build: WasmBuild;
  /** The compiled code, for workers. */
  readonly module: WebAssembly.Module;
  /** The linear memory. Its `buffer` is detached when the memory grows: do not keep it. */
  readonly memory: WebAssembly.Memory;
  readonly #instance: KernelInstance;
  /** The kernels of quantised models, once a model needs them. */
  #quantised: KernelInstance | null = null;
  readonly #allocator: MemoryAllocator;
  readonly #scratchDescriptor: WasmBlock;

  /**
   * @param memoryLimit largest size of the memory in bytes. Default 4 GiB, which is all that 32-bit
   *   addresses can reach
   */
  constructor(instance: KernelInstance, memoryLimit?: number) {
    this.build = instance.build;
    this.module = instance.module;
    this.memory = instance.memory;
    this.#instance = instance;
    this.#allocator = new MemoryAllocator(instance.memory, memoryLimit);
    const longest = Math.max(...(Object.keys(KERNEL_LAYOUTS) as KernelName[]).map(descriptorBytes));
    this.#scratchDescriptor = this.#allocator.allocate(longest, 'the descriptor of workspace queries');
  }

  /** The compiled kernels of quantised models, for workers; null where no model needs them. */
  get quantisedModule(): WebAssembly.Module | null {
    return this.#quantised?.module ?? null;
  }

  /** Takes the kernels of quantised models, which work in the memory of the others. */
  addQuantised(module: WebAssembly.Module): void {
    this.#quantised = instantiate(this.build, module, this.memory);
  }

  descriptorBytes(kernel: KernelName): number {
    return descriptorBytes(kernel);
  }

  workspaceLength<K extends KernelName>(kernel: K, args: KernelArguments<unknown, unknown>[K]): number {
    const { exportName, fields } = KERNEL_LAYOUTS[kernel];
    if (!fields.some(([field]) => field === 'workspace')) return 0;
    const query = this.#export(kernel, `${exportName}_workspace`);
    const { address } = this.#scratchDescriptor;
    writeDescriptor(this.memory, address, kernel, args, (buffer) => (buffer ? ANY_ADDRESS : 0));
    return this.#guard(kernel, () => query(address) >>> 0);
  }

  allocate(bytes: number, purpose: string): MemoryBlock {
    return this.#allocator.allocate(bytes, purpose);
  }

  free(block: MemoryBlock): void {
    this.#allocator.free(block);
  }

  floats(placement: Placement): Float32Array {
    return new Float32Array(this.memory.buffer, addressOf(placement), placement.length);
  }

  ints(placement: Placement): Int32Array {
    return new Int32Array(this.memory.buffer, addressOf(placement), placement.length);
  }

  bind<K extends KernelName>(kernel: K, args: KernelArguments<Placement, Placement>[K], descriptor: Placement): KernelCall {
    const { exportName } = KERNEL_LAYOUTS[kernel];
    const execute = this.#export(kernel, exportName);
    const address = addressOf(descriptor);
    if (descriptor.byteOffset + descriptorBytes(kernel) > descriptor.block.bytes) {
      throw new InternalError(`Binding ${kernel}: its descriptor of ${descriptorBytes(kernel)} bytes ends beyond its block.`);
    }
    writeDescriptor(this.memory, address, kernel, args, (buffer, field) => bufferAddress(buffer, kernel, field));
    checkBufferLengths(kernel, args, this.workspaceLength(kernel, args));
    checkOverlaps(kernel, args);
    return {
      kernel,
      run: () => {
        execute(address);
      },
    };
  }

  run(calls: readonly KernelCall[]): void {
    let position = 0;
    try {
      for (; position < calls.length; position++) calls[position].run();
    } catch (error) {
      const { kernel } = calls[position];
      // Errors of a user's function are not wrapped.
      throw kernel === 'native' ? error : this.#panic(kernel, error);
    }
  }

  #export(kernel: KernelName, exportName: string): KernelExport {
    const found = this.#instance.kernel(exportName) ?? this.#quantised?.kernel(exportName);
    if (!found)
      throw new BackendError(
        `The ${this.build} module exports no ${exportName} for the kernel ${kernel}. Was it built from older sources?`,
      );
    return found;
  }

  #guard<T>(kernel: KernelName, call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw this.#panic(kernel, error);
    }
  }

  /**
   * Makes the instance usable again, and turns the trap into an error with the kernel and the
   * cause.
   */
  #panic(kernel: KernelName, error: unknown): unknown {
    const message = this.#instance.recover() || this.#quantised?.recover();
    if (!(isError(error) && error.name === 'RuntimeError')) return error;
    return new KernelPanicError(`The kernel ${kernel} panicked: ${message || error.message}.`, { cause: error });
  }
}

/** Byte address of a placement. */
function addressOf({ block, byteOffset }: Placement): number {
  if (!(block instanceof WasmBlock)) throw new ArgumentError('A memory block of another backend was given to the wasm backend.');
  return block.address + byteOffset;
}

function bufferAddress(buffer: DescriptorValue, kernel: KernelName, field: string): number {
  if (buffer === null || buffer === undefined) return 0;
  const placement = buffer as Placement;
  if (placement.byteOffset + placement.length * 4 > placement.block.bytes) {
    throw new InternalError(
      `Binding ${kernel}: ${field} of ${placement.length} elements at byte ${placement.byteOffset} ends beyond its block of ${placement.block.bytes} bytes.`,
    );
  }
  return addressOf(placement);
}

/**
 * Rust requires that a written buffer overlaps no other one; otherwise its behaviour is undefined.
 */
function checkOverlaps(kernel: KernelName, args: object): void {
  const buffers = KERNEL_LAYOUTS[kernel].fields.flatMap(([field, kind, access]) => {
    const placement = (args as Record<string, Placement | null | undefined>)[field];
    if (kind === 'u32' || kind === 'f32' || !placement?.length) return [];
    const start = addressOf(placement);
    return [{ field, access, start, end: start + placement.length * 4 }];
  });
  for (const written of buffers.filter(({ access }) => access === 'write')) {
    const other = buffers.find((buffer) => buffer !== written && buffer.start < written.end && written.start < buffer.end);
    if (other) throw new InternalError(`Binding ${kernel}: ${written.field}, which it writes, overlaps ${other.field}.`);
  }
}
