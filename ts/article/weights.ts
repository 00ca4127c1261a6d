import { ArgumentError, DataError, ShapeError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import type { RandomSequence } from '../core/random.ts';
import { formatShape, sameShape } from '../core/shape.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';
import { glorotUniform, orthogonal } from './initialWeights.ts';

/** The weights of a recurrent network of H cells over D features, or their gradients. */
export interface Weights {
  /** Input to cells, `[D, H]`. */
  w1x: Float64Array;
  /** Cells to the cells of the next step, `[H, H]`. */
  w1h: Float64Array;
  /** Bias of the cells, `[H]`. */
  b1: Float64Array;
  /** Cells to the output, `[H, 1]`. */
  w2: Float64Array;
  /** Bias of the output, `[1]`. */
  b2: Float64Array;
}

/** The five weights `w1x`, `w1h`, `b1`, `w2` and `b2` with their shapes. */
export type WeightTensors = { readonly [name in keyof Weights]: Tensor<Float64Array> };

const NAMES = ['w1x', 'w1h', 'b1', 'w2', 'b2'] as const;

/** w1x and w2 Glorot uniform, w1h orthogonal, the biases 0. */
export function initialWeights(features: number, cells: number, random: RandomSequence): Weights {
  return {
    w1h: orthogonal(cells, random),
    w1x: glorotUniform(features, cells, random),
    b1: new Float64Array(cells),
    w2: glorotUniform(cells, 1, random),
    b2: new Float64Array(1),
  };
}

/** All 0, in the shapes of `weights`. */
export function zerosLike(weights: Weights): Weights {
  return mapWeights(weights, (values) => new Float64Array(values.length));
}

/** One step of gradient descent. */
export function descend(weights: Weights, gradients: Weights, learningRate: number): void {
  for (const name of NAMES) {
    const values = weights[name];
    const gradient = gradients[name];
    for (let index = 0; index < values.length; index++) values[index] -= learningRate * gradient[index];
  }
}

/** Copies with shapes, for users. */
export function toTensors(weights: Weights, cells: number): WeightTensors {
  const shapes = shapesOf(weights.w1x.length / cells, cells);
  return mapWeights(weights, (values, name) => tensorOf(shapes[name], values.slice()));
}

/**
 * Copies and checks the user's weights.
 * @throws {ShapeError} when a shape does not fit the number of cells
 * @throws {DataError} when a number is not finite
 */
export function fromTensors(given: { readonly [name in keyof Weights]: TensorLike }, cells: number): Weights {
  if (given === undefined) throw new ArgumentError('RecurrentNetwork.setWeights takes the five weights, got undefined');
  checkOptions(given, NAMES, 'RecurrentNetwork.setWeights');
  const tensors = Object.fromEntries(NAMES.map((name) => [name, toTensor(given[name], `RecurrentNetwork.setWeights: ${name}`)]));
  const shapes = shapesOf(tensors.w1x.shape[0], cells);
  return mapWeights(shapes, (expected, name) => {
    const { shape, data } = tensors[name];
    if (!sameShape(shape, expected) || data.length === 0) {
      throw new ShapeError(`RecurrentNetwork.setWeights: ${name} must have the shape ${formatShape(expected)}, got ${formatShape(shape)}`);
    }
    const bad = data.find((value: number) => !Number.isFinite(value));
    if (bad !== undefined) throw new DataError(`RecurrentNetwork.setWeights: ${name} must be finite numbers, got ${bad}`);
    return Float64Array.from(data);
  });
}

function shapesOf(features: number, cells: number): { readonly [name in keyof Weights]: readonly number[] } {
  return { w1x: [features, cells], w1h: [cells, cells], b1: [cells], w2: [cells, 1], b2: [1] };
}

function mapWeights<From, To>(
  from: { readonly [name in keyof Weights]: From },
  convert: (value: From, name: keyof Weights) => To,
): { [name in keyof Weights]: To } {
  return {
    w1x: convert(from.w1x, 'w1x'),
    w1h: convert(from.w1h, 'w1h'),
    b1: convert(from.b1, 'b1'),
    w2: convert(from.w2, 'w2'),
    b2: convert(from.b2, 'b2'),
  };
}
