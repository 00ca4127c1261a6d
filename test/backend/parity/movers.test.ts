import { describe, expect, test } from 'vitest';
import { emitMove, type Move } from '../../../ts/layers/emitMove.ts';
import type { PlannedBuffer } from '../../../ts/layers/plannedBuffer.ts';
import { kernelBackends } from '../../support/backends.ts';
import { expectParity, forSeeds } from '../../support/parity.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { PARITY } from '../../support/tolerances.ts';

/** The arguments of the kernel for a move of these arrays. */
function argumentsOf(move: Omit<Move, 'x' | 'y'>, x: Float64Array, y: Float64Array) {
  let found: Record<string, unknown> = {};
  const emitter = {
    call: (_kernel: string, args: object) => {
      found = { ...args };
    },
  };
  const buffer = (length: number) => ({ length }) as PlannedBuffer;
  emitMove(emitter as never, { ...move, x: buffer(x.length), y: buffer(y.length) });
  return { ...found, x, y } as never;
}

describe.each(await kernelBackends())('moves on $label compute what the reference computes', ({ backend }) => {
  test('permutations of four axes, reversed or not, copied and added', () => {
    forSeeds(60, (seed) => {
      const random = new RandomArrays(seed);
      const sizes = Array.from({ length: 4 }, () => 1 + random.integers(1, 4)[0]);
      const width = 1 + random.integers(1, 9)[0];
      const length = sizes.reduce((product, size) => product * size, width);
      const from = [0, 1, 2, 3].map((axis) => sizes.slice(axis + 1).reduce((product, size) => product * size, width));
      const order = [0, 1, 2, 3].sort(() => random.float32s(1)[0]);
      const to = new Array<number>(4);
      let stride = width;
      for (const axis of order) {
        to[axis] = stride;
        stride *= sizes[axis];
      }
      let start = 0;
      for (let axis = 0; axis < 4; axis++) {
        if (random.integers(1, 2)[0] === 0) continue;
        start += (sizes[axis] - 1) * to[axis];
        to[axis] = -to[axis];
      }
      const move = { counts: sizes, width, from: { strides: from }, to: { start, strides: to }, accumulate: seed % 2 === 0 };
      const { expected } = expectParity(
        backend,
        'moveRows',
        argumentsOf(move, random.float32s(length), random.float32s(length)),
        PARITY.rounding,
      );
      expect(expected.y.length).toBe(length);
    });
  });
});
