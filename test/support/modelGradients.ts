import { expect } from 'vitest';
import type { InputsLike } from '../../ts/feed/checkData.ts';
import { type LossLike, type Model, SGD, type Tensor, type TensorLike } from '../../ts/index.ts';
import { centralDifferences, expectClose } from './differences.ts';
import { flatWeights } from './models.ts';
import { GRADIENT_FLOAT64 } from './tolerances.ts';

/** Sets all weights of a model from one array. */
export function setFlatWeights(model: Model, values: Float64Array): void {
  let next = 0;
  const weights = model.weights.map(({ shape }): Tensor => {
    const length = shape.reduce((product, size) => product * size, 1);
    next += length;
    return { shape, data: values.slice(next - length, next) };
  });
  model.setWeights(weights);
}

/** What is trained, other than the mean squared error of all rows. */
export interface GradientOptions {
  readonly loss?: LossLike;
  readonly sampleWeight?: TensorLike | undefined;
  /** Of the step that shows the gradient. A small one leaves constraints nothing to do. */
  readonly learningRate?: number;
}

/** The gradient of the loss for every weight: what a step of plain descent takes away. */
export async function gradientOf(model: Model, x: InputsLike, y: TensorLike, options: GradientOptions = {}): Promise<Float64Array> {
  const { loss = 'meanSquaredError', sampleWeight, learningRate = 1 } = options;
  model.compile({ optimizer: new SGD({ learningRate }), loss });
  const before = flatWeights(model);
  await model.trainOnBatch(x, y, sampleWeight);
  const after = flatWeights(model);
  setFlatWeights(model, before);
  return before.map((value, index) => (value - (after[index] as number)) / learningRate);
}

/**
 * Fails unless the gradient of every weight is the derivative of the loss. On the reference
 * backend.
 * @returns the gradient
 */
export async function expectGradient(model: Model, x: InputsLike, y: TensorLike, options: GradientOptions = {}): Promise<Float64Array> {
  const { sampleWeight } = options;
  const weights = flatWeights(model);
  const gradient = await gradientOf(model, x, y, options);
  const points: Float64Array[] = [];
  const probe = weights.slice();
  centralDifferences(() => points.push(probe.slice()), probe);
  const losses: number[] = [];
  for (const point of points) {
    setFlatWeights(model, point);
    losses.push((await model.evaluate(x, y, { ...(sampleWeight ? { sampleWeight } : {}), verbose: 0 })).loss as number);
  }
  setFlatWeights(model, weights);
  let next = 0;
  expect(gradient.some((value) => value !== 0)).toBe(true);
  expectClose(
    gradient,
    centralDifferences(() => losses[next++] as number, probe),
    GRADIENT_FLOAT64,
    'gradient of the weights',
  );
  return gradient;
}
