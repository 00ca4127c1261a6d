import { expect } from 'vitest';
import type { Layer, Tensor, Weight } from '../../ts/index.ts';
import { type Model, Sequential } from '../../ts/index.ts';
import type { RandomArrays } from './randomArrays.ts';

/** What a model's samples are: floats of a shape, or ids below a limit. */
export type SampleInput =
  /** With `padding`, sample n of sequences begins with n modulo steps steps of this value. */
  | { readonly shape: readonly number[]; readonly padding?: number; readonly ids?: undefined }
  | { readonly steps: number; readonly ids: number };

/** One sample's shape. */
export function sampleShape(input: SampleInput): readonly number[] {
  return input.ids === undefined ? input.shape : [input.steps];
}

/**
 * Random samples: floats that every backend holds exactly, or ids of which sample n begins with n
 * modulo steps zeros, its padding.
 */
export function samples(input: SampleInput, count: number, random: RandomArrays): Tensor {
  const shape = [count, ...sampleShape(input)];
  const length = shape.reduce((product, size) => product * size, 1);
  if (input.ids === undefined) {
    const data = random.float32s(length);
    const [steps, features] = input.shape;
    if (input.padding !== undefined)
      for (let sample = 0; sample < count; sample++)
        data.fill(input.padding, sample * steps * features, (sample * steps + (sample % steps)) * features);
    return { shape, data };
  }
  const { steps } = input;
  return {
    shape,
    data: random.integers(length, input.ids).map((id, index) => (index % steps < Math.floor(index / steps) % steps ? 0 : id)),
  };
}

/** Random float32s of a shape. */
export function tensor(shape: readonly number[], random: RandomArrays, low = -1, high = 1): Tensor<Float64Array> {
  return {
    shape,
    data: random.float32s(
      shape.reduce((product, size) => product * size, 1),
      low,
      high,
    ),
  };
}

/**
 * A model of these layers, built, with random weights that every backend holds exactly. Those that
 * no optimizer changes, such as moving variances, are above 0.
 */
export function builtModel(layers: readonly Layer[], sample: readonly number[], random: RandomArrays, scale = 0.8): Sequential {
  const model = new Sequential(layers);
  model.build([null, ...sample]);
  return withRandomWeights(model, random, scale);
}

/** The same for a model that is built. */
export function withRandomWeights<Built extends Model>(model: Built, random: RandomArrays, scale = 0.8): Built {
  const values = ({ shape, trainable }: Weight) => (trainable ? tensor(shape, random, -scale, scale) : tensor(shape, random, 0.5, 1.5));
  model.setWeights(model.weights.map(values));
  return model;
}

/** All values of a model's weights, one after the other. */
export function flatWeights(model: Model): Float64Array {
  return Float64Array.from(model.getWeights().flatMap(({ data }) => Array.from(data)));
}

/** Fails unless two models have the same bits as weights. */
export function expectSameWeights(actual: Model, expected: Model): void {
  expect(actual.getWeights().map(({ data }) => data)).toEqual(expected.getWeights().map(({ data }) => data));
}
