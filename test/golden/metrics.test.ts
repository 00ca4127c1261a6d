import { describe, test } from 'vitest';
import { ACCURACIES } from '../../ts/backend/kernels.generated.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { unwritten } from '../support/kernelRuns.ts';
import { runKernel } from '../support/runKernel.ts';
import { goldenTolerance } from '../support/tolerances.ts';
import { floatsOf, type GoldenTensor, intsOf, product, readGolden } from './goldenFiles.ts';

interface AccuracyCase {
  readonly name: string;
  readonly kind: keyof typeof ACCURACIES;
  readonly threshold: number;
  readonly prediction: GoldenTensor;
  readonly target: GoldenTensor;
  readonly weight: GoldenTensor | null;
  readonly mask: GoldenTensor | null;
  readonly result: number;
}

const { cases } = readGolden<{ cases: AccuracyCase[] }>('metrics');

describe.each(await availableBackends())('accuracy on $label is Keras’ accuracy', ({ backend }) => {
  test.each(cases)('$name', ({ kind, threshold, prediction, target, weight, mask, result }) => {
    const sparse = kind === 'sparseCategoricalAccuracy';
    const run = runKernel(backend, 'accuracy', {
      kind: ACCURACIES[kind],
      rows: product(prediction.shape.slice(0, -1)),
      classes: prediction.shape.at(-1) as number,
      threshold,
      prediction: floatsOf(prediction),
      target: sparse ? null : floatsOf(target),
      labels: sparse ? intsOf(target) : null,
      weight: weight && floatsOf(weight),
      mask: mask && intsOf(mask),
      result: unwritten(2),
    });
    const [right, counted] = run.result;
    expectClose([counted === 0 ? 0 : right / counted], [result], goldenTolerance(backend), 'accuracy');
  });
});
