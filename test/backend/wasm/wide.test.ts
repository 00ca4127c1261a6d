import { describe, expect, it } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { supportsRelaxedSimd } from '../../../ts/backend/wasm/features.ts';
import { compileModuleSync, instantiate, moduleURL } from '../../../ts/backend/wasm/instance.ts';
import { joinsNeighbours } from '../../../ts/backend/wasm/wideVectors.ts';
import { isRelaxedRun, kernelBackends } from '../../support/backends.ts';
import { unwritten } from '../../support/kernelRuns.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { runKernel } from '../../support/runKernel.ts';

// Has the engine join vectors, in the run for relaxed SIMD.
await kernelBackends();

/** Longer than any machine takes to compile two loops. */
const PATIENCE = 60_000;

describe.runIf(supportsRelaxedSimd())('the build for wide vectors', () => {
  it('computes the bits of relaxed SIMD, whatever the sizes of a product', async () => {
    const [relaxed, wide] = [await loadBackend('wasm', { build: 'relaxed-simd' }), await loadBackend('wasm', { build: 'wide' })];
    const random = new RandomArrays(11);
    // Around its tiles of five rows and sixteen columns, and beyond a block of the depth.
    for (const rows of [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 32])
      for (const units of [1, 7, 8, 9, 15, 16, 17, 24, 31, 40])
        for (const features of [1, 5, 600]) {
          const args = {
            ...{ rows, features, units, activation: 1 },
            ...{ x: random.floats(rows * features), kernel: random.floats(features * units), bias: random.floats(units) },
            y: unwritten(rows * units),
          };
          const [expected, found] = [relaxed, wide].map((backend) => runKernel(backend, 'denseForward', args).y);
          expect(found, `${rows} x ${features} x ${units}`).toEqual(expected);
        }
  });

  it.runIf(isRelaxedRun && process.arch === 'x64')('is found to be faster where the engine joins vectors', () => {
    expect(joinsNeighbours(instantiate('wide', compileModuleSync(moduleURL('wide'))), PATIENCE)).toBe(true);
  });
});
