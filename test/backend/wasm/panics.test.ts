import { describe, expect, it } from 'vitest';
import type { KernelCall, Placement } from '../../../ts/backend/backend.ts';
import { KERNEL_LAYOUTS } from '../../../ts/backend/kernelLayouts.generated.ts';
import { ACTIVATIONS, PACKINGS } from '../../../ts/backend/kernels.generated.ts';
import { compileModuleSync, instantiate, moduleURL } from '../../../ts/backend/wasm/instance.ts';
import { loadQuantisedKernels } from '../../../ts/backend/wasm/quantisedKernels.ts';
import { WasmBackend } from '../../../ts/backend/wasm/wasmBackend.ts';
import { KernelPanicError } from '../../../ts/core/errors.ts';
import { BUILDS, freshBackend } from './freshBackend.ts';

/**
 * Two calls of maskFromIds in one block: one that works, and one whose rows were changed after it
 * was bound to reach beyond the memory.
 */
function calls(backend: WasmBackend): { good: KernelCall; bad: KernelCall; ids: Placement; mask: Placement } {
  const block = backend.allocate(256, 'a test');
  const ids = { block, byteOffset: 0, length: 4 };
  const mask = { block, byteOffset: 16, length: 4 };
  const descriptor = { block, byteOffset: 128, length: 16 };
  const good = backend.bind('maskFromIds', { rows: 4, ids, mask }, { block, byteOffset: 64, length: 16 });
  const bad = backend.bind('maskFromIds', { rows: 4, ids, mask }, descriptor);
  backend.ints(descriptor)[0] = 2 ** 28;
  return { ids, mask, good, bad };
}

function check(backend: WasmBackend, { good, ids, mask }: ReturnType<typeof calls>, values: readonly number[]): void {
  backend.ints(ids).set(values);
  backend.ints(mask).fill(-1);
  backend.run([good]);
  expect([...backend.ints(mask)]).toEqual(values.map((id) => Number(id !== 0)));
}

describe.each(BUILDS)('panics in the %s build', (build) => {
  it('name the kernel and carry the message with its place in the source', () => {
    const backend = freshBackend(build);
    const { bad } = calls(backend);
    const error = capture(() => backend.run([bad]));
    expect(error).toBeInstanceOf(KernelPanicError);
    expect(error.message).toMatch(
      /^The kernel maskFromIds panicked: MaskFromIds: (ids|mask) at address \d+ with 268435456 elements ends beyond the memory of \d+ bytes \(crate\/src\/exports\/floats\/mask\.rs:\d+\)\.$/,
    );
    expect(error.cause).toBeInstanceOf(WebAssembly.RuntimeError);
  });

  it('name kernels of quantised models, too, and leave both modules usable', async () => {
    const backend = freshBackend(build);
    await loadQuantisedKernels(backend);
    const block = backend.allocate(512, 'a test');
    const at = (byteOffset: number, length: number) => ({ block, byteOffset, length });
    const descriptor = at(384, 16);
    const sizes = { rows: 1, features: 1, units: 1, activation: ACTIVATIONS.linear, packing: PACKINGS.int16, kernelWords: 8 };
    const buffers = { x: at(0, 1), ids: null, kernel: at(64, 8), kernelScales: at(128, 1), bias: null, y: at(192, 1) };
    const args = { ...sizes, ...buffers, workspace: at(256, 8) };
    args.workspace.length = backend.workspaceLength('quantisedDenseForward', args);
    backend.floats(buffers.x)[0] = 3;
    backend.ints(buffers.kernel)[0] = 2;
    backend.floats(buffers.kernelScales)[0] = 0.5;
    const call = backend.bind('quantisedDenseForward', args, descriptor);
    const place = KERNEL_LAYOUTS.quantisedDenseForward.fields.findIndex(([field]) => field === 'packing');
    for (let turn = 0; turn < 2; turn++) {
      backend.ints(descriptor)[place] = 99;
      const { message } = capture(() => backend.run([call]));
      expect(message).toMatch(/^The kernel quantisedDenseForward panicked: there is no packing of integers with code 99 \(/);
      backend.ints(descriptor)[place] = PACKINGS.int16;
      backend.run([call]);
      expect(backend.floats(buffers.y)[0]).toBeCloseTo(3, 5);
      check(backend, calls(backend), [0, 1, 0, 1]);
    }
  });

  it('refuse addresses that are no multiple of an element', () => {
    const backend = freshBackend(build);
    const block = backend.allocate(256, 'a test');
    const [ids, mask] = [0, 16].map((byteOffset) => ({ block, byteOffset, length: 3 }));
    const descriptor = { block, byteOffset: 64, length: 16 };
    const call = backend.bind('maskFromIds', { rows: 3, ids, mask }, descriptor);
    const address = backend.ints(descriptor)[1];
    for (const offset of [1, 2, 3]) {
      backend.ints(descriptor)[1] = address + offset;
      expect(capture(() => backend.run([call])).message).toContain(
        `MaskFromIds: ids at address ${address + offset} is not a multiple of 4`,
      );
    }
    backend.ints(descriptor)[1] = address;
    backend.run([call]);
    expect([...backend.ints(mask)]).toEqual([0, 0, 0]);
  });

  it('refuse slices that are longer than Rust allows, whatever the memory has', () => {
    const backend = freshBackend(build);
    const block = backend.allocate(256, 'a test');
    const [ids, mask] = [0, 16].map((byteOffset) => ({ block, byteOffset, length: 3 }));
    const descriptor = { block, byteOffset: 64, length: 16 };
    const call = backend.bind('maskFromIds', { rows: 3, ids, mask }, descriptor);
    backend.ints(descriptor)[0] = 2 ** 29;
    expect(capture(() => backend.run([call])).message).toContain(
      'MaskFromIds: ids with 536870912 elements is longer than 2147483647 bytes',
    );
  });

  it('give the stack back', () => {
    const instance = instantiate(build, compileModuleSync(moduleURL(build)));
    const top = instance.stackPointer.value;
    const { bad } = calls(new WasmBackend({ ...instance, recover: () => '' }));
    capture(() => bad.run());
    expect(instance.stackPointer.value, 'a panic leaves the stack pointer where it was').toBeLessThan(top);
    instance.recover();
    expect(instance.stackPointer.value).toBe(top);
  });

  it('inside a kernel are caught like those of its checks', () => {
    const backend = freshBackend(build);
    const block = backend.allocate(256, 'a test');
    const [x, y] = [0, 16].map((byteOffset) => ({ block, byteOffset, length: 4 }));
    const descriptor = { block, byteOffset: 64, length: 32 };
    const unknown = backend.bind('activationForward', { rows: 1, units: 4, activation: 99, x, y }, descriptor);
    for (let panic = 0; panic < 1_000; panic++) {
      expect(capture(() => backend.run([unknown])).message).toMatch(
        /^The kernel activationForward panicked: .*99.*\(crate\/src\/.*\.rs:\d+\)\.$/,
      );
    }
    backend.floats(x).set([1, -2, 3, -4]);
    backend.run([backend.bind('activationForward', { rows: 1, units: 4, activation: ACTIVATIONS.relu, x, y }, descriptor)]);
    expect([...backend.floats(y)]).toEqual([1, 0, 3, 0]);
  });

  // Were the stack not given back, it would be used up long before: see STACK_BYTES.
  it('leave the instance usable: more in a row than the stack could hold, neither stack nor memory lost', () => {
    const backend = freshBackend(build);
    const bound = calls(backend);
    const { buffer } = backend.memory;
    const first = capture(() => backend.run([bound.bad])).message;
    for (let panic = 0; panic < 5_000; panic++) {
      if (capture(() => backend.run([bound.bad])).message !== first) expect.fail(`panic ${panic} has another message`);
      if (panic % 500 === 0) check(backend, bound, [panic, 0, 1, 0]);
    }
    check(backend, bound, [0, 7, 0, -2]);
    expect(backend.memory.buffer).toBe(buffer);
  });

  it('stop the calls after them, and leave the calls before them done', () => {
    const backend = freshBackend(build);
    const { good, bad, ids, mask } = calls(backend);
    backend.ints(ids).set([1, 0, 1, 0]);
    let later = 0;
    const spy: KernelCall = { kernel: 'maskFromIds', run: () => later++ };
    expect(capture(() => backend.run([good, bad, spy]))).toBeInstanceOf(KernelPanicError);
    expect([...backend.ints(mask)]).toEqual([1, 0, 1, 0]);
    expect(later).toBe(0);
  });

  it('do not show in a later trap that is no panic', () => {
    const backend = freshBackend(build);
    const { bad } = calls(backend);
    capture(() => backend.run([bad]));
    const trap: KernelCall = {
      kernel: 'clipByValue',
      run: () => {
        throw new WebAssembly.RuntimeError('memory access out of bounds');
      },
    };
    expect(capture(() => backend.run([trap])).message).toBe('The kernel clipByValue panicked: memory access out of bounds.');
  });

  it('are not made of errors from elsewhere', () => {
    const backend = freshBackend(build);
    const failing: KernelCall = {
      kernel: 'clipByValue',
      run: () => {
        throw new TypeError('not a trap');
      },
    };
    expect(capture(() => backend.run([failing]))).toBeInstanceOf(TypeError);
  });
});

function capture(action: () => void): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
