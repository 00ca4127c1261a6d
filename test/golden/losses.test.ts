import { describe, expect, test } from 'vitest';
import { LOSSES } from '../../ts/backend/kernels.generated.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { unwritten } from '../support/kernelRuns.ts';
import { runKernel } from '../support/runKernel.ts';
import { goldenTolerance } from '../support/tolerances.ts';
import { floatsOf, type GoldenTensor, intsOf, product, readGolden } from './goldenFiles.ts';

interface LossCase {
  readonly name: string;
  readonly kind: keyof typeof LOSSES;
  readonly prediction: GoldenTensor;
  /** Of the prediction's shape, or labels of the sparse kinds. */
  readonly target: GoldenTensor;
  readonly weight: GoldenTensor | null;
  readonly mask: GoldenTensor | null;
  readonly loss: number;
  readonly gradient: GoldenTensor;
}

const { cases } = readGolden<{ cases: LossCase[] }>('losses');

describe.each(await availableBackends())('losses on $label are Keras’ losses', ({ backend }) => {
  test.each(cases)('$name', (golden) => {
    const tolerance = goldenTolerance(backend);
    const { kind, prediction, target, weight, mask } = golden;
    const sparse = kind.startsWith('sparse');
    const args = {
      kind: LOSSES[kind],
      rows: product(prediction.shape.slice(0, -1)),
      classes: prediction.shape.at(-1) as number,
      prediction: floatsOf(prediction),
      target: sparse ? null : floatsOf(target),
      labels: sparse ? intsOf(target) : null,
      weight: weight && floatsOf(weight),
      mask: mask && intsOf(mask),
      result: unwritten(2),
    };
    const { result, dPrediction } = runKernel(backend, 'loss', { ...args, dPrediction: unwritten(prediction.data.length) });
    expectClose([result[0]], [golden.loss], tolerance, 'loss');
    expectClose(dPrediction as Float64Array, golden.gradient.data, tolerance, 'gradient');
    const valueOnly = runKernel(backend, 'loss', args);
    expect(valueOnly.result, 'result without a gradient').toEqual(result);
  });
});
