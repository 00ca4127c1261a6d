import { describe, expect, test } from 'vitest';
import type { Placement } from '../../../ts/backend/backend.ts';
import { ACTIVATIONS } from '../../../ts/backend/kernels.generated.ts';
import { createReferenceBackend } from '../../../ts/backend/reference/referenceBackend.ts';
import { KernelPanicError, OutOfMemoryError } from '../../../ts/core/errors.ts';

describe('the reference backend', () => {
  const backend = createReferenceBackend();
  const descriptor: Placement = { block: backend.allocate(0, 'descriptor'), byteOffset: 0, length: 0 };
  const place = (length: number, byteOffset = 0): Placement => ({ block: backend.allocate(256, 'test'), byteOffset, length });

  test('runs bound calls in order on zeroed memory', () => {
    const [x, y] = [place(4, 16), place(4)];
    expect([...backend.floats(x)]).toEqual([0, 0, 0, 0]);
    backend.floats(x).set([-1, 2, -3, 4]);
    const relu = backend.bind('activationForward', { rows: 1, units: 4, activation: ACTIVATIONS.relu, x, y }, descriptor);
    const softmax = backend.bind('activationForward', { rows: 2, units: 2, activation: ACTIVATIONS.softmax, x: y, y: x }, descriptor);
    backend.run([relu, softmax]);
    expect([...backend.floats(y)]).toEqual([0, 2, 0, 4]);
    expect(backend.floats(x)[0]).toBeCloseTo(1 / (1 + Math.exp(2)), 14);
  });

  test('names the kernel that fails, and does not run later ones', () => {
    const [x, y] = [place(4), place(4)];
    const absurd = backend.bind('activationForward', { rows: 1, units: 4, activation: 99, x, y }, descriptor);
    const mask = place(2);
    const later = backend.bind('maskFromIds', { rows: 2, ids: place(2), mask }, descriptor);
    backend.ints(mask).fill(5);
    expect(() => backend.run([absurd, later])).toThrow(KernelPanicError);
    expect(() => backend.run([absurd, later])).toThrow(/activationForward.*99/);
    expect([...backend.ints(mask)]).toEqual([5, 5]);
  });

  test('refuses what goes beyond its memory limit, and takes back what is freed', () => {
    const small = createReferenceBackend(1000);
    const block = small.allocate(900, 'weights');
    expect(() => small.allocate(200, 'activations')).toThrow(OutOfMemoryError);
    expect(() => small.allocate(200, 'activations')).toThrow(/200 bytes for activations/);
    small.free(block);
    small.free(block);
    small.allocate(1000, 'activations');
    expect(() => small.allocate(1, 'more')).toThrow(OutOfMemoryError);
    expect(() => backend.allocate(2 ** 60, 'an absurd plan')).toThrow(OutOfMemoryError);
    expect(() => backend.allocate(Number.NaN, 'an absurd plan')).toThrow(OutOfMemoryError);
  });
});
