import { describe, expect, it } from 'vitest';
import type { KernelCall, Placement } from '../../../ts/backend/backend.ts';
import { ACTIVATIONS } from '../../../ts/backend/kernels.generated.ts';
import type { WasmBackend } from '../../../ts/backend/wasm/wasmBackend.ts';
import { KernelPanicError } from '../../../ts/core/errors.ts';
import { BUILDS, freshBackend } from './freshBackend.ts';

/** Two calls of maskFromIds in one block: one that works, and one whose rows reach beyond the memory. */
function calls(backend: WasmBackend): { good: KernelCall; bad: KernelCall; ids: Placement; mask: Placement } {
  const block = backend.allocate(256, 'a test');
  const ids = { block, byteOffset: 0, length: 4 };
  const mask = { block, byteOffset: 16, length: 4 };
  return {
    ids,
    mask,
    good: backend.bind('maskFromIds', { rows: 4, ids, mask }, { block, byteOffset: 64, length: 16 }),
    bad: backend.bind('maskFromIds', { rows: 2 ** 30, ids, mask }, { block, byteOffset: 128, length: 16 }),
  };
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
      /^The kernel maskFromIds panicked: MaskFromIds: (ids|mask) at address \d+ with 1073741824 elements ends beyond the memory of \d+ bytes \(crate\/src\/exports\/ids\.rs:\d+\)\.$/,
    );
    expect(error.cause).toBeInstanceOf(WebAssembly.RuntimeError);
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

  it('leave the instance usable: a thousand in a row, neither stack nor memory lost', () => {
    const backend = freshBackend(build);
    const bound = calls(backend);
    const { buffer } = backend.memory;
    const first = capture(() => backend.run([bound.bad])).message;
    for (let panic = 0; panic < 1_000; panic++) {
      expect(capture(() => backend.run([bound.bad])).message).toBe(first);
      if (panic % 100 === 0) check(backend, bound, [panic, 0, 1, 0]);
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
