import { describe, expect, test } from 'vitest';
import { REDUCTIONS } from '../../../ts/backend/kernels.generated.ts';
import { availableBackends, kernelBackends } from '../../support/backends.ts';
import { unwritten } from '../../support/kernelRuns.ts';
import { anySize, expectParity, forSeeds } from '../../support/parity.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { runKernel } from '../../support/runKernel.ts';
import { PARITY } from '../../support/tolerances.ts';

describe.each(await kernelBackends())('kernels of arrays on $label compute what the reference computes', ({ backend }) => {
  test.each(Object.keys(REDUCTIONS) as (keyof typeof REDUCTIONS)[])('%s over an axis', (name) => {
    forSeeds(60, (seed) => {
      const random = new RandomArrays(seed);
      const [outer, count] = [random.choice([1, 2, 3]), random.choice([1, 2, 31, 32, 33, 64, 100])];
      const inner = seed <= 33 ? seed : anySize(random);
      const args = { operation: REDUCTIONS[name], outer, count, inner };
      const x = random.float32s(outer * count * inner);
      expectParity(backend, 'reduceRows', { ...args, x, y: unwritten(outer * inner) }, name === 'sum' ? PARITY.sums : {});
    });
  });

  test('products of matrices that lie between others, transposed or not, overwritten and added', () => {
    forSeeds(80, (seed) => {
      const random = new RandomArrays(seed);
      const [count0, count1] = [random.choice([1, 2, 3]), random.choice([1, 2, 4])];
      const [rows, depth, columns] = [anySize(random), anySize(random), anySize(random)];
      const array = (storedRows: number, storedColumns: number) => {
        const rowStride = count0 * count1 * storedColumns;
        return { strides: [count1 * storedColumns, storedColumns], rowStride, data: random.float32s(storedRows * rowStride) };
      };
      const [leftTransposed, rightTransposed, accumulate] = [seed & 1, (seed >> 1) & 1, (seed >> 2) & 1];
      const left = leftTransposed ? array(depth, rows) : array(rows, depth);
      const right = rightTransposed ? array(columns, depth) : array(depth, columns);
      const y = array(rows, columns);
      const shared = { count0, count1, rows, depth, columns, leftTransposed, rightTransposed, accumulate };
      const args = {
        ...shared,
        leftLength: left.data.length,
        rightLength: right.data.length,
        yLength: y.data.length,
        leftStride0: left.strides[0],
        leftStride1: left.strides[1],
        leftRowStride: left.rowStride,
        rightStride0: right.strides[0],
        rightStride1: right.strides[1],
        rightRowStride: right.rowStride,
        yStride0: y.strides[0],
        yStride1: y.strides[1],
        yRowStride: y.rowStride,
        left: left.data,
        right: right.data,
        y: y.data,
      };
      expectParity(backend, 'batchedProduct', args, PARITY.sums);
    });
  });

  test('rows with mean 0 and variance 1, and their gradients', () => {
    forSeeds(60, (seed) => {
      const random = new RandomArrays(seed);
      const [rows, features] = [anySize(random), 1 + (seed <= 33 ? seed : anySize(random))];
      const x = random.float32s(rows * features, 2, 4);
      const shared = { rows, features };
      const forward = { ...shared, epsilon: Math.fround(0.001), x, y: unwritten(rows * features), scale: unwritten(rows) };
      // Of two elements the difference is what is left of them.
      const { expected } = expectParity(backend, 'normalizeRows', forward, { relative: 4e-6 });
      const [y, scale] = [expected.y.map(Math.fround), expected.scale.map(Math.fround)];
      const backward = { ...shared, y, scale, dY: random.float32s(rows * features), dX: unwritten(rows * features) };
      expectParity(backend, 'normalizeRowsBackward', backward, { relative: 4e-6 });
    });
  });
});

describe.each(await availableBackends())('kernels of arrays on $label', ({ backend }) => {
  test.each(['max', 'min'] as const)('%s is not a number where an element is none', (name) => {
    for (const inner of [1, 3, 20])
      for (const count of [1, 2, 17, 40])
        for (let place = 0; place < count; place++) {
          const x = new Float64Array(count * inner).fill(2);
          x[place * inner] = Number.NaN;
          const args = { operation: REDUCTIONS[name], outer: 1, count, inner, x, y: new Float64Array(inner) };
          const { y } = runKernel(backend, 'reduceRows', args);
          expect(Array.from(y)).toEqual([Number.NaN, ...new Array<number>(inner - 1).fill(2)]);
        }
  });
});
