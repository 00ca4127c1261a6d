import { describe, test } from 'vitest';
import type { Backend } from '../../../ts/backend/backend.ts';
import { ACCURACIES, LOSSES } from '../../../ts/backend/kernels.generated.ts';
import { kernelBackends } from '../../support/backends.ts';
import { unwritten } from '../../support/kernelRuns.ts';
import { anySize, expectParity, forSeeds } from '../../support/parity.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { PARITY } from '../../support/tolerances.ts';

type LossName = keyof typeof LOSSES;
type AccuracyName = keyof typeof ACCURACIES;

/** Row weights as they come: none, all different, some zero. */
function anyWeights(rows: number, random: RandomArrays) {
  return {
    weight: random.choice([null, random.float32s(rows, 0, 2)]),
    mask: random.choice([null, random.mask(rows), new Int32Array(rows).fill(1)]),
  };
}

function expectLossParity(backend: Backend, name: LossName, rows: number, classes: number, random: RandomArrays): void {
  const sparse = name.startsWith('sparse');
  const range = random.choice([3, 30]);
  const prediction = name.endsWith('Crossentropy')
    ? random.float32s(rows * classes, 0.01, 0.99)
    : random.float32s(rows * classes, -range, range);
  const target = name.startsWith('categorical')
    ? random.probabilities(rows, classes).map(Math.fround)
    : random.float32s(rows * classes, 0, 1);
  const args = {
    kind: LOSSES[name],
    rows,
    classes,
    prediction,
    target: sparse ? null : target,
    labels: sparse ? random.integers(rows, classes) : null,
    ...anyWeights(rows, random),
    normalizer: random.choice([null, Float64Array.of(7.5)]),
    dPrediction: random.choice([null, unwritten(rows * classes), unwritten(rows * classes)]),
    result: unwritten(2),
  };
  expectParity(backend, 'loss', args, PARITY.losses);
}

describe.each(await kernelBackends())('training kernels on $label compute what the reference computes', ({ backend }) => {
  test.each(Object.keys(LOSSES) as LossName[])('loss %s', (name) => {
    forSeeds(33, (size) => {
      const random = new RandomArrays(size);
      expectLossParity(backend, name, size, anySize(random), random);
      expectLossParity(backend, name, anySize(random), size, random);
      expectLossParity(backend, name, size, 1, random);
    });
  });

  test.each(Object.keys(ACCURACIES) as AccuracyName[])('%s', (name) => {
    forSeeds(33, (size) => {
      const random = new RandomArrays(size);
      const [rows, classes] = random.choice([
        [size, anySize(random)],
        [anySize(random), size],
      ]);
      const sparse = name === 'sparseCategoricalAccuracy';
      // Multiples of 1/4, so that equals and exact thresholds occur.
      const quarters = random.float32s(rows * classes, -1, 1).map((value) => Math.round(value * 4) / 4);
      const args = {
        kind: ACCURACIES[name],
        rows,
        classes,
        threshold: random.choice([0, 0.5]),
        prediction: quarters,
        target: sparse ? null : Float64Array.from(random.mask(rows * classes)),
        labels: sparse ? random.integers(rows, classes) : null,
        ...anyWeights(rows, random),
        result: unwritten(2),
      };
      expectParity(backend, 'accuracy', args, PARITY.sums);
    });
  });

  test('optimizers', () => {
    forSeeds(66, (seed) => {
      const random = new RandomArrays(seed);
      const count = seed <= 33 ? seed : random.integer(300, 34);
      const slot = () => random.float32s(count, 0.01, 1);
      const shared = {
        count,
        parameters: random.float32s(count),
        gradients: random.float32s(count),
        settings: Float64Array.of(Math.fround(0.01)),
      };
      const nesterov = random.choice([0, 1]);
      expectParity(backend, 'sgd', { ...shared, momentum: 0.9, nesterov, velocity: random.choice([null, slot()]) }, PARITY.pointwise);
      const velocity = random.choice([null, slot()]);
      const mean = random.choice([null, random.float32s(count, -0.05, 0.05)]);
      const rmsProp = { ...shared, oneMinusRho: 0.1, momentum: 0.9, epsilon: 1e-7, meanSquare: slot(), mean, velocity };
      expectParity(backend, 'rmsProp', rmsProp, PARITY.pointwise);
      const adam = {
        ...shared,
        oneMinusBeta1: 0.1,
        oneMinusBeta2: 0.001,
        epsilon: 1e-7,
        momentum: random.float32s(count),
        velocity: slot(),
      };
      expectParity(backend, 'adam', adam, PARITY.pointwise);
    });
  });

  test('clipping', () => {
    forSeeds(66, (seed) => {
      const random = new RandomArrays(seed);
      const count = seed <= 33 ? seed : random.integer(2000, 34);
      const limit = random.choice([0.5, 2, 1000]);
      const gradients = random.float32s(count, -3, 3);
      expectParity(backend, 'clipByNorm', { count, limit, gradients, norm: unwritten(1) }, PARITY.sums);
      expectParity(backend, 'clipByValue', { count, limit, gradients }, {});
    });
  });

  test('clipping of gradients that are zero or not finite', () => {
    for (const values of [
      [0, 0, 0],
      [1, Number.NaN, 2],
      [1, Number.POSITIVE_INFINITY, 2],
      [Number.NEGATIVE_INFINITY, 0, 0, 0, 0],
    ]) {
      const args = { count: values.length, limit: 1, gradients: Float64Array.from(values), norm: unwritten(1) };
      expectParity(backend, 'clipByNorm', args, PARITY.sums, { allowsNaN: true });
    }
    expectParity(backend, 'clipByValue', { count: 2, limit: 1, gradients: Float64Array.of(Number.NaN, -7) }, {}, { allowsNaN: true });
  });
});
