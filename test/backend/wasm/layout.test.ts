import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lengthOf } from '../../../ts/backend/bufferLengths.ts';
import { type FieldKind, KERNEL_LAYOUTS } from '../../../ts/backend/kernelLayouts.generated.ts';
import { CELLS, type KernelName, PACKINGS } from '../../../ts/backend/kernels.generated.ts';
import { descriptorBytes, writeDescriptor } from '../../../ts/backend/wasm/descriptor.ts';
import { InternalError } from '../../../ts/core/errors.ts';
import { BUILDS, freshKernels } from './freshBackend.ts';

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const KERNELS = Object.keys(KERNEL_LAYOUTS) as KernelName[];

describe('kernels.generated.ts', () => {
  it('is what the generator makes of descriptors.rs', () => {
    const script = fileURLToPath(new URL('../../../scripts/generate-descriptors.mjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it.each(BUILDS)('has the sizes that the %s module was compiled with', (build) => {
    const instance = freshKernels(build);
    // The last four bytes of the memory are no place for a descriptor, and the panic says how many
    // fields Rust wanted.
    const address = instance.memory.buffer.byteLength - 4;
    const complaints = KERNELS.map((kernel) => {
      const execute = instance.kernel(KERNEL_LAYOUTS[kernel].exportName);
      if (!execute) return `${kernel} is not exported`;
      try {
        return `${kernel} returned ${execute(address)}`;
      } catch {
        return instance.recover().replace(/ ends beyond.*/s, '');
      }
    });
    const expected = KERNELS.map((kernel) => {
      const struct = kernel[0].toUpperCase() + kernel.slice(1);
      return `${struct}: descriptor at address ${address} with ${KERNEL_LAYOUTS[kernel].fields.length} elements`;
    });
    expect(complaints).toEqual(expected);
  });

  it.each(BUILDS)('finds a workspace query in the %s module for every descriptor with a workspace', (build) => {
    const instance = freshKernels(build);
    const needed = KERNELS.filter((kernel) => KERNEL_LAYOUTS[kernel].fields.some(([field]) => field === 'workspace'));
    expect(needed.length).toBeGreaterThan(0);
    expect(needed.filter((kernel) => !instance.kernel(`${KERNEL_LAYOUTS[kernel].exportName}_workspace`))).toEqual([]);
  });
});

describe('the lengths of buffers', () => {
  const numbers = {
    steps: 3,
    hSteps: 3,
    cSteps: 3,
    batch: 2,
    features: 5,
    units: 4,
    vocabulary: 7,
    rows: 6,
    classes: 3,
    count: 11,
    columns: 2,
    outer: 4,
    inner: 5,
    depth: 3,
    leftLength: 12,
    rightLength: 13,
    xLength: 9,
    yLength: 8,
    codeLength: 10,
    length0: 11,
    length1: 11,
    length2: 1,
    length3: 4,
    length4: 3,
    length5: 2,
    input0: 5,
    output0: 4,
    window0: 2,
    stride0: 1,
    dilation0: 1,
    input1: 7,
    output1: 5,
    window1: 3,
    stride1: 1,
    dilation1: 1,
    groups: 2,
    filters: 3,
    width: 4,
    packing: PACKINGS.int16,
    kernelWords: 24,
    recurrentWords: 16,
    packedLength: 288,
  };
  const isNumber = (kind: FieldKind) => kind === 'u32' || kind === 'f32';
  /**
   * Kernels with a cell once for each cell, and those with alternative inputs once for each of
   * them.
   */
  const cases = KERNELS.flatMap((kernel) => {
    const { fields } = KERNEL_LAYOUTS[kernel];
    const has = (name: string) => fields.some(([field]) => field === name);
    const cells = has('cell') ? Object.values(CELLS) : [null];
    const absences = has('x') && has('ids') ? [['ids', 'table'], ['x', 'table'], ...(has('table') ? [['x']] : [])] : [[]];
    // Forward alone.
    if (has('hSteps')) absences.push(['ids', 'table', 'saved']);
    return cells.flatMap((cell) => absences.map((absent) => ({ kernel, cell, absent })));
  });

  it.each(BUILDS)('are what the %s module uses, for every buffer of every kernel and cell', (build) => {
    const instance = freshKernels(build);
    const descriptor = instance.memory.grow(1) * 65_536;
    const elsewhere = descriptor + 1024;
    const memoryEnd = instance.memory.buffer.byteLength;
    const found: string[] = [];
    const expected: string[] = [];
    for (const { kernel, cell, absent } of cases) {
      const { exportName, fields } = KERNEL_LAYOUTS[kernel];
      const args: Record<string, unknown> = Object.fromEntries(
        fields.map(([field, kind]) => [field, isNumber(kind) ? (numbers[field as keyof typeof numbers] ?? 0) : !absent.includes(field)]),
      );
      if (cell) args.cell = cell.code;
      // The words of one gate, for each gate.
      for (const field of ['kernelWords', 'recurrentWords'] as const) if (cell && field in args) args[field] = numbers[field] * cell.gates;
      if (absent.includes('saved')) args.hSteps = args.cSteps = 1;
      const write = (faulty: string | null) =>
        writeDescriptor(instance.memory, descriptor, kernel, args, (present, field) =>
          field === faulty ? memoryEnd : present ? elsewhere : 0,
        );
      write(null);
      const workspaceLength = instance.kernel(`${exportName}_workspace`)?.(descriptor);
      for (const [field, kind, , factors] of fields) {
        if (isNumber(kind) || !args[field]) continue;
        const what = `${kernel} ${cell?.code ?? ''} without ${absent}: ${field} has `;
        expected.push(`${what}${factors ? lengthOf(factors, args) : workspaceLength} elements`);
        write(field);
        // Nothing can begin at the end of the memory, and the panic says how many elements Rust
        // wanted there.
        try {
          instance.kernel(exportName)?.(descriptor);
          found.push(`${what}not been looked at`);
        } catch {
          const length = new RegExp(`: ${snake(field)} at address ${memoryEnd} with (\\d+) elements`).exec(instance.recover())?.[1];
          found.push(`${what}${length} elements`);
        }
      }
    }
    expect(found.length).toBeGreaterThan(KERNELS.length);
    expect(found).toEqual(expected);
  });
});

describe('writeDescriptor', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const args = {
    steps: 3,
    batch: 2,
    features: 5,
    rate: 0.25,
    seedLow: 2 ** 32 - 1,
    seedHigh: 7,
    subsequence: 1,
    sharedOverSteps: 0,
    counter: 'c',
    x: 'x',
    y: 'y',
  };
  const addresses: Record<string, number> = { c: 4096, x: 3 * 2 ** 30, y: 8192 };
  const write = (changes: object) =>
    writeDescriptor(memory, 64, 'dropout', { ...args, ...changes }, (buffer) => addresses[buffer as string] ?? 0);

  it('puts every argument into its four bytes', () => {
    write({ y: undefined });
    const words = new Uint32Array(memory.buffer, 64, descriptorBytes('dropout') / 4);
    expect([...words]).toEqual([3, 2, 5, 0x3e800000, 2 ** 32 - 1, 7, 1, 0, 4096, 3 * 2 ** 30, 0]);
  });

  it('refuses numbers that are missing or do not fit', () => {
    expect(() => write({ rate: undefined })).toThrow(InternalError);
    expect(() => write({ rate: undefined })).toThrow('Binding dropout: rate must be a number, got undefined.');
    for (const steps of [undefined, -1, 1.5, Number.NaN, 2 ** 32]) {
      expect(() => write({ steps })).toThrow(`Binding dropout: steps must be an integer from 0 to 2^32 - 1, got ${steps}.`);
    }
  });
});
