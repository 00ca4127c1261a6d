import { describe, expect, test } from 'vitest';
import { LOSSES } from '../../../ts/backend/kernels.generated.ts';
import { expectClose, expectGradient } from '../../support/differences.ts';
import { callReference, type TestArguments, unwritten } from '../../support/kernelRuns.ts';
import { RandomArrays } from '../../support/randomArrays.ts';

type Kind = keyof typeof LOSSES;
const KINDS = Object.keys(LOSSES) as Kind[];
const [N, C] = [6, 4];

/** Predictions and targets of the sort that the loss is for. */
function lossCase(kind: Kind, random: RandomArrays): TestArguments<'loss'> {
  const fromProbabilities = kind.endsWith('Crossentropy');
  const binary = kind.startsWith('binary');
  return {
    kind: LOSSES[kind],
    rows: N,
    classes: C,
    prediction: fromProbabilities ? random.floats(N * C, 0.05, 0.95) : random.floats(N * C, -3, 3),
    target: kind.startsWith('sparse') ? null : binary ? Float64Array.from(random.mask(N * C)) : random.probabilities(N, C),
    labels: kind.startsWith('sparse') ? random.integers(N, C) : null,
    dPrediction: unwritten(N * C),
    result: unwritten(2),
  };
}

function evaluate(args: TestArguments<'loss'>): number {
  callReference('loss', args);
  return args.result[0];
}

describe.each(KINDS)('loss %s', (kind) => {
  test('has the gradient of its value', () => {
    const args = lossCase(kind, new RandomArrays(1));
    evaluate(args);
    const gradient = args.dPrediction?.slice();
    expect(args.result[1]).toBe(N);
    expectGradient(gradient, () => evaluate({ ...args, dPrediction: null }), args.prediction, 'dPrediction');
  });

  test('with weights, mask and normalizer has the gradient of its value', () => {
    const random = new RandomArrays(2);
    const mask = Int32Array.of(1, 0, 1, 1, 0, 1);
    const weight = random.floats(N, 0, 2);
    const args = { ...lossCase(kind, random), weight, mask, normalizer: Float64Array.of(3.5) };
    evaluate(args);
    const gradient = args.dPrediction?.slice();
    const sumOfWeights = weight.reduce((sum, w, n) => sum + w * mask[n], 0);
    expectClose([args.result[1]], [sumOfWeights], { relative: 1e-15 }, 'sum of weights');
    expectGradient(gradient, () => evaluate({ ...args, dPrediction: null }), args.prediction, 'dPrediction');
  });

  test('with a mask is the mean over the rows that count', () => {
    const random = new RandomArrays(3);
    const args = lossCase(kind, random);
    const mask = Int32Array.of(1, 1, 0, 1, 0, 0);
    const counted = [0, 1, 3].map((n) =>
      evaluate({
        ...args,
        rows: 1,
        prediction: args.prediction.slice(n * C, (n + 1) * C),
        target: args.target?.slice(n * C, (n + 1) * C),
        labels: args.labels?.slice(n, n + 1),
      }),
    );
    const mean = counted.reduce((sum, value) => sum + value, 0) / 3;
    expectClose([evaluate({ ...args, mask })], [mean], { relative: 1e-15 }, 'loss');
  });

  test('with every row masked is 0', () => {
    const args = { ...lossCase(kind, new RandomArrays(4)), mask: new Int32Array(N) };
    expect(evaluate(args)).toBe(0);
    expect(args.dPrediction?.every((value) => value === 0)).toBe(true);
  });
});

test('loss values are those of the formulas', () => {
  const one = (kind: Kind, prediction: number[], target: number[] | null, label = 0) =>
    evaluate({
      kind: LOSSES[kind],
      rows: 1,
      classes: prediction.length,
      prediction: Float64Array.from(prediction),
      target: target && Float64Array.from(target),
      labels: target ? null : Int32Array.of(label),
      result: unwritten(2),
    });
  const expected: [number, number][] = [
    [one('meanSquaredError', [1, 4], [0, 2]), 2.5],
    [one('meanAbsoluteError', [1, 4], [0, 2]), 1.5],
    [one('binaryCrossentropy', [0.8, 0.4], [1, 0]), -(Math.log(0.8) + Math.log(0.6)) / 2],
    // Beyond float64's exp: the loss of a logit is linear there.
    [one('binaryCrossentropyFromLogits', [-800, 800], [1, 1]), 400],
    [one('categoricalCrossentropy', [1, 3], [0.25, 0.75]), -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75))],
    [one('categoricalCrossentropyFromLogits', [900, 0], [0, 1]), 900],
    [one('sparseCategoricalCrossentropy', [1, 3], null, 1), -Math.log(0.75)],
    [one('sparseCategoricalCrossentropyFromLogits', [0, Math.log(3)], null, 1), -Math.log(0.75)],
    // Probabilities 0 and 1 are clipped to 1e-7 and 1 - 1e-7.
    [one('binaryCrossentropy', [0], [1]), -Math.log(1e-7)],
    [one('sparseCategoricalCrossentropy', [1, 0], null, 1), -Math.log(1e-7)],
  ];
  expectClose(
    expected.map(([actual]) => actual),
    expected.map(([, value]) => value),
    { absolute: 1e-13 },
    'loss',
  );
});

test('clipped probabilities have no gradient', () => {
  for (const kind of ['binaryCrossentropy', 'categoricalCrossentropy'] as const) {
    const args = {
      ...lossCase(kind, new RandomArrays(5)),
      rows: 1,
      classes: 2,
      prediction: Float64Array.of(0, 1),
      target: Float64Array.of(1, 0),
    };
    const dPrediction = unwritten(2);
    evaluate({ ...args, dPrediction });
    expect([...dPrediction].map(Math.abs)).toEqual([0, 0]);
  }
});
