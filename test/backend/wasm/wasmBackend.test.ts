import { describe, expect, it } from 'vitest';
import { ACTIVATIONS } from '../../../ts/backend/kernels.generated.ts';
import { createReferenceBackend } from '../../../ts/backend/reference/referenceBackend.ts';
import { InternalError, OutOfMemoryError } from '../../../ts/core/errors.ts';
import { Embedding } from '../../../ts/layers/embedding.ts';
import { Parameters } from '../../../ts/program/parameters.ts';
import { ProgramBuilder } from '../../../ts/program/programBuilder.ts';
import { BUILDS, freshBackend } from './freshBackend.ts';

describe.each(BUILDS)('WasmBackend on %s', (build) => {
  it('says what it is', () => {
    const backend = freshBackend(build);
    expect(backend).toMatchObject({ name: 'wasm', build, floatBytes: 4 });
    expect(backend.descriptorBytes('clipByValue')).toBe(12);
  });

  it('runs a bound call again and again on what the buffers hold, without touching its neighbours', () => {
    const backend = freshBackend(build);
    const block = backend.allocate(512, 'a test');
    const ids = { block, byteOffset: 0, length: 5 };
    const mask = { block, byteOffset: 64, length: 5 };
    const call = backend.bind('maskFromIds', { rows: 5, ids, mask }, { block, byteOffset: 256, length: 16 });
    for (const values of [
      [0, 1, 2, 0, 9],
      [4, 0, 0, 0, 0],
    ]) {
      const around = { block, byteOffset: 48, length: 13 };
      backend.ints(around).fill(77);
      backend.ints(ids).set(values);
      backend.run([call]);
      const wanted = values.map((id) => Number(id !== 0));
      expect([...backend.ints(around)]).toEqual([77, 77, 77, 77, ...wanted, 77, 77, 77, 77]);
    }
  });

  it('refuses buffers and descriptors that end beyond their block, and foreign blocks', () => {
    const backend = freshBackend(build);
    const block = backend.allocate(64, 'a test');
    const ids = { block, byteOffset: 0, length: 4 };
    const descriptor = { block, byteOffset: 48, length: 16 };
    const bind = (mask: typeof ids, place = descriptor) => backend.bind('maskFromIds', { rows: 4, ids, mask }, place);
    expect(() => bind({ block, byteOffset: 52, length: 4 })).toThrow(
      'Binding maskFromIds: mask of 4 elements at byte 52 ends beyond its block of 64 bytes.',
    );
    expect(() => bind(ids, { block, byteOffset: 56, length: 16 })).toThrow(InternalError);
    const foreign = createReferenceBackend().allocate(64, 'a test');
    expect(() => bind({ block: foreign, byteOffset: 0, length: 4 })).toThrow(/another backend/);
  });

  it('refuses a written buffer that overlaps another one of the call', () => {
    const backend = freshBackend(build);
    const block = backend.allocate(256, 'a test');
    const descriptor = { block, byteOffset: 128, length: 16 };
    const ids = { block, byteOffset: 0, length: 5 };
    const bind = (byteOffset: number) => backend.bind('maskFromIds', { rows: 5, ids, mask: { block, byteOffset, length: 5 } }, descriptor);
    expect(() => bind(16)).toThrow('Binding maskFromIds: mask, which it writes, overlaps ids.');
    expect(bind(20).kernel).toBe('maskFromIds');
  });

  it('needs no workspace for kernels without one', () => {
    expect(freshBackend(build).workspaceLength('maskFromIds', { rows: 3, ids: true, mask: true })).toBe(0);
  });

  it('keeps memory within the limit it was given, and gives back what was freed', () => {
    const backend = freshBackend(build, 4 * 2 ** 20);
    const plan = backend.allocate(2 ** 21, 'a plan');
    expect(() => backend.allocate(2 ** 21, 'a second plan')).toThrow(OutOfMemoryError);
    backend.free(plan);
    expect(backend.allocate(2 ** 21, 'a second plan').bytes).toBe(2 ** 21);
  });

  it('refuses a buffer that is longer than Rust allows a slice to be, before the memory grows', () => {
    const backend = freshBackend(build);
    const before = backend.memory.buffer.byteLength;
    const length = backend.maxBufferBytes / 4 + 1;
    const builder = new ProgramBuilder(backend, { batch: 1, seed: [1, 2] });
    const [x, y] = [builder.floats('x', length), builder.floats('y', length)];
    builder.call('activationForward', { rows: 1, units: length, activation: ACTIVATIONS.relu, x, y });
    expect(() => builder.build('a program')).toThrow(OutOfMemoryError);
    expect(() => builder.build('a program')).toThrow(
      "Cannot allocate 2147483648 bytes for a program: a buffer, here 'x', has at most 2147483644 bytes on the wasm backend. A smaller batch, shorter sequences or a smaller model need less.",
    );
    for (const trainable of [true, false]) {
      const layer = new Embedding(2 ** 23, 64, { trainable, name: 'words' });
      layer.declare([{ shape: [null], kind: 'ids' }]);
      const moved = trainable ? layer.weights : [];
      expect(() => new Parameters(backend, layer.weights, moved, [1, 2])).toThrow(
        /^Cannot allocate 2147483648 bytes for (536870912 parameters|weight words)/,
      );
    }
    expect(backend.memory.buffer.byteLength).toBe(before);
  });

  it('keeps a large memory apart from the module: 64 MiB filled, the kernels still work', () => {
    const backend = freshBackend(build);
    const big = backend.allocate(2 ** 26, 'a test');
    backend.floats({ block: big, byteOffset: 0, length: 2 ** 24 }).fill(Number.NaN);
    const block = backend.allocate(256, 'a test');
    const ids = { block, byteOffset: 0, length: 2 };
    const mask = { block, byteOffset: 64, length: 2 };
    backend.ints(ids).set([0, 5]);
    backend.run([backend.bind('maskFromIds', { rows: 2, ids, mask }, { block, byteOffset: 128, length: 16 })]);
    expect([...backend.ints(mask)]).toEqual([0, 1]);
  });
});
