import { describe, test } from 'vitest';
import type { CELLS } from '../../ts/backend/kernels.generated.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { goldenTolerance } from '../support/tolerances.ts';
import {
  batchMajor,
  floatsOf,
  type GoldenLayerConfig,
  type GoldenTensor,
  type NamedTensors,
  readGolden,
  timeMajor,
} from './goldenFiles.ts';
import { runSequence } from './sequenceKernels.ts';

interface RecurrentCase {
  readonly name: string;
  readonly cell: keyof typeof CELLS;
  readonly config: GoldenLayerConfig;
  readonly weights: NamedTensors;
  readonly x: GoldenTensor;
  readonly mask: GoldenTensor | null;
  readonly initialState?: readonly GoldenTensor[];
  /** The layer's output, then the states it returns. */
  readonly outputs: readonly GoldenTensor[];
  readonly upstream: readonly GoldenTensor[];
  readonly gradients: { readonly weights: NamedTensors; readonly x: GoldenTensor; readonly initialState?: readonly GoldenTensor[] };
}

const { cases } = readGolden<{ cases: RecurrentCase[] }>('recurrent');
const { layers: truncatedCases } = readGolden<{ layers: RecurrentCase[] }>('truncation');

describe.each(await availableBackends())('recurrent layers on $label compute what Keras computes', ({ backend }) => {
  test.each([...cases, ...truncatedCases])(
    '$name',
    ({ cell, config, weights, x, mask, initialState = [], outputs, upstream, gradients }) => {
      const tolerance = goldenTolerance(backend);
      const [batch, steps, features] = x.shape;
      const run = runSequence(backend, cell, config, weights, {
        steps,
        batch,
        features,
        x: timeMajor(x),
        mask: mask && Int32Array.from(timeMajor(mask)),
        initialState: initialState.map(floatsOf),
      });
      const output = config.returnSequences ? batchMajor(run.output, steps, batch, config.units) : run.output;
      expectClose(output, outputs[0].data, tolerance, 'output');
      outputs.slice(1).forEach((state, index) => {
        expectClose(run.states[index], state.data, tolerance, `state ${index}`);
      });

      const [first, ...states] = upstream;
      const backward = run.backward({ output: config.returnSequences ? timeMajor(first) : floatsOf(first), states: states.map(floatsOf) });
      expectClose(backward.dKernel, gradients.weights.kernel.data, tolerance, 'gradient of kernel');
      expectClose(backward.dRecurrentKernel, gradients.weights.recurrentKernel.data, tolerance, 'gradient of recurrentKernel');
      expectClose(backward.dBias ?? [], gradients.weights.bias?.data ?? [], tolerance, 'gradient of bias');
      expectClose(batchMajor(backward.dX as Float64Array, steps, batch, features), gradients.x.data, tolerance, 'gradient of x');
      [backward.dInitialH, backward.dInitialC].slice(0, initialState.length).forEach((gradient, index) => {
        expectClose(gradient as Float64Array, gradients.initialState?.[index].data ?? [], tolerance, `gradient of initial state ${index}`);
      });
    },
  );
});
