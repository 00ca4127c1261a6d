import { Dense, type Layer, type Optimizer, type Sequential, SGD, type Tensor } from '../../ts/index.ts';
import { builtModel, samples, tensor } from './models.ts';
import { RandomArrays } from './randomArrays.ts';

/** A small regression problem: what tests of training need when the layers do not matter. */
export interface Regression {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** D */
export const FEATURES = 3;

/** `count` samples with targets `[count, 1]`. */
export function regression(count: number, seed = 5): Regression {
  const random = new RandomArrays(seed);
  return { x: samples({ shape: [FEATURES] }, count, random), y: tensor([count, 1], random) };
}

/** A compiled model for {@link regression}: the same weights for the same seed. */
export function regressionModel(optimizer: Optimizer = new SGD({ learningRate: 0.1 }), seed = 9, layers?: readonly Layer[]): Sequential {
  const model = builtModel(layers ?? [new Dense(4, { activation: 'tanh' }), new Dense(1)], [FEATURES], new RandomArrays(seed));
  model.compile({ optimizer, loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
  return model;
}

/** Rows `from` to `to` of a tensor. */
export function rows({ shape, data }: Tensor, from: number, to: number): Tensor {
  const length = data.length / shape[0];
  return { shape: [to - from, ...shape.slice(1)], data: data.slice(from * length, to * length) };
}
