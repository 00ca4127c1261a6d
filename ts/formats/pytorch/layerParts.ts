import { ArgumentError } from '../../core/errors.ts';
import { type FloatArray, isFloatArray } from '../../core/numericArray.ts';
import { type Shape, sizeOf } from '../../core/shape.ts';
import type { Layer } from '../../layers/layer.ts';
import type { Weight } from '../../layers/weight.ts';
import type { Model } from '../../model/model.ts';
import { rowMajor } from './foreignTensor.ts';

// Letters: D features of the input, U units, G gates.

/** A tensor of a PyTorch module, without the module's name and the number of the layer in it. */
export interface TorchTensor {
  /** `weight_ih`, `weight_ih_reverse`, `running_mean`. */
  readonly suffix: string;
  readonly shape: Shape;
}

/** How one weight is stored in PyTorch's tensors. */
interface Conversion {
  readonly tensors: readonly TorchTensor[];
  /** The values of the weight, from those of the tensors. */
  read(arrays: readonly FloatArray[]): FloatArray;
  /** The values of the tensors, from those of the weight. */
  write(values: FloatArray): readonly FloatArray[];
}

/** A layer, or both directions of one, and the tensors that a PyTorch module has for it. */
export interface LayerPart {
  /** The layer's name, after those of the layers around it: `time_distributed/dense`. */
  readonly path: string;
  /** `layer lstm (LSTM)` */
  readonly title: string;
  readonly weights: readonly Weight[];
  /** For each weight; null when PyTorch has no such module. */
  readonly conversions: readonly Conversion[] | null;
  /** Why there is no such module, or what to do about it. */
  readonly refusal: string;
  /** Whether modules of several such layers number their tensors: `weight_ih_l0`. */
  readonly isNumbered: boolean;
  /** The difference between PyTorch and the layer with the same weights; null if there is none. */
  readonly difference: string | null;
}

/** Layers with the options that decide what they compute; each class has some of them. */
type AnyOptions = Layer & {
  readonly activation?: unknown;
  readonly recurrentActivation?: unknown;
  readonly resetAfter?: boolean;
  readonly epsilon?: number;
};

/**
 * The layers of a model that have weights, in its order, each with its counterpart in PyTorch. A
 * layer that is used in several places is there once.
 */
export function partsOf({ layers }: Pick<Model, 'layers'>): readonly LayerPart[] {
  const seen = new Set<Layer>();
  const walk = (layer: Layer, prefix: string): LayerPart[] => {
    if (seen.has(layer)) return [];
    seen.add(layer);
    const path = `${prefix}${layer.name}`;
    const inside = layer.sublayers.flatMap((each) => walk(each, `${path}/`));
    if (layer.className === 'Bidirectional') return [bothDirections(layer, path, inside)];
    return [...(layer.ownWeights.length > 0 ? [partOf(layer, path)] : []), ...inside];
  };
  return layers.flatMap((layer) => walk(layer, ''));
}

/** The names and shapes of the tensors of a part. */
export function tensorsOf({ conversions }: LayerPart): readonly TorchTensor[] {
  return (conversions ?? []).flatMap(({ tensors }) => tensors);
}

/** The values of the weights of a part. @param get the values of a tensor, by its suffix */
export function readPart(part: LayerPart, get: (suffix: string) => FloatArray): readonly FloatArray[] {
  return (part.conversions ?? []).map(({ tensors, read }) => read(tensors.map(({ suffix }) => get(suffix))));
}

/**
 * The tensors of a part.
 * @throws {ArgumentError} when PyTorch has no module for the layer
 */
export function writePart(part: LayerPart, valuesOf: (weight: Weight) => FloatArray): (TorchTensor & { readonly data: FloatArray })[] {
  if (!part.conversions) throw new ArgumentError(`saveWeights: ${part.title} ${part.refusal}`);
  return part.conversions.flatMap(({ tensors, write }, index) => {
    const arrays = write(valuesOf(part.weights[index] as Weight));
    return tensors.map((tensor, place) => ({ ...tensor, data: arrays[place] as FloatArray }));
  });
}

function bothDirections(layer: Layer, path: string, inside: readonly LayerPart[]): LayerPart {
  const [forward, backward, ...others] = inside;
  const isPair = forward && backward && others.length === 0 && forward.isNumbered && backward.isNumbered;
  const reversed = backward?.conversions?.map((conversion) => ({
    ...conversion,
    tensors: conversion.tensors.map(({ suffix, shape }) => ({ suffix: `${suffix}_reverse`, shape })),
  }));
  return {
    path,
    title: layer.title,
    weights: inside.flatMap(({ weights }) => weights),
    conversions: isPair && forward.conversions && reversed ? [...forward.conversions, ...reversed] : null,
    refusal: inside.find(({ refusal }) => refusal !== '')?.refusal ?? 'has several cells, which a bidirectional module of PyTorch has not',
    isNumbered: true,
    difference: forward?.difference ?? backward?.difference ?? null,
  };
}

function partOf(layer: AnyOptions, path: string): LayerPart {
  const weights = layer.ownWeights;
  const make = Object.hasOwn(COUNTERPARTS, layer.className) ? COUNTERPARTS[layer.className] : undefined;
  const isBefore = layer.className === 'GRU' && layer.resetAfter === false;
  const known = make && !isBefore;
  return {
    path,
    title: layer.title,
    weights,
    conversions: known ? weights.map((weight) => make(weight)) : null,
    refusal: known
      ? ''
      : isBefore
        ? 'has resetAfter: false, but nn.GRU applies the reset gate after the product: give it resetAfter: true'
        : `has no counterpart among PyTorch's modules: set its weights by layer.setWeights`,
    isNumbered: ['LSTM', 'GRU', 'SimpleRNN'].includes(layer.className),
    difference: differenceOf(layer),
  };
}

/** How the weights of each class of layers are stored. */
const COUNTERPARTS: Readonly<Record<string, (weight: Weight) => Conversion>> = {
  LSTM: recurrent(4),
  SimpleRNN: recurrent(1),
  GRU: recurrent(3),
  Dense: (weight) => (weight.name === 'kernel' ? moved('weight', weight.shape, [1, 0], [1, 0]) : same('bias', weight.shape)),
  Embedding: ({ shape }) => same('weight', shape),
  LayerNormalization: ({ name, shape }) => same(name === 'gamma' ? 'weight' : 'bias', shape),
  BatchNormalization: ({ name, shape }) => same(NORMALIZATION[name] as string, shape),
  Conv1D: (weight) => (weight.name === 'kernel' ? moved('weight', weight.shape, [2, 1, 0], [2, 1, 0]) : same('bias', weight.shape)),
  Conv2D: (weight) => (weight.name === 'kernel' ? moved('weight', weight.shape, [2, 3, 1, 0], [3, 2, 0, 1]) : same('bias', weight.shape)),
};

const NORMALIZATION: Readonly<Record<string, string>> = {
  gamma: 'weight',
  beta: 'bias',
  movingMean: 'running_mean',
  movingVariance: 'running_var',
};

/** The weight is stored as it is. */
function same(suffix: string, shape: Shape): Conversion {
  return { tensors: [{ suffix, shape }], read: ([data]) => data as FloatArray, write: (values) => [values] };
}

/**
 * The weight is stored with its axes in another order.
 * @param toOurs of which axis of the tensor each axis of the weight is
 * @param toTheirs of which axis of the weight each axis of the tensor is
 */
function moved(suffix: string, shape: Shape, toOurs: readonly number[], toTheirs: readonly number[]): Conversion {
  const theirs = toTheirs.map((axis) => shape[axis] as number);
  return {
    tensors: [{ suffix, shape: theirs }],
    read: ([data]) => permuted(data as FloatArray, theirs, toOurs),
    write: (values) => [permuted(values, shape, toTheirs)],
  };
}

/**
 * The weights of a recurrent layer: kernels `[D, G*U]` and `[U, G*U]`, in PyTorch `[G*U, D]` and
 * `[G*U, U]`. The gates of LSTM have one order, i, f, g, o. GRU has z, r, h here and r, z, n there.
 * PyTorch always has two biases, which GRU needs here too and the others add.
 */
function recurrent(gates: number): (weight: Weight) => Conversion {
  const reordered = (data: FloatArray) => (gates === 3 ? withBlocksSwapped(data) : data);
  return ({ name, shape }) => {
    if (name !== 'bias') {
      const { tensors, read, write } = moved(name === 'kernel' ? 'weight_ih' : 'weight_hh', shape, [1, 0], [1, 0]);
      return { tensors, read: ([data]) => read([reordered(data as FloatArray)]), write: (values) => write(values).map(reordered) };
    }
    const size = shape.at(-1) as number;
    const tensors = ['bias_ih', 'bias_hh'].map((suffix) => ({ suffix, shape: [size] }));
    if (gates === 3)
      return {
        tensors,
        read: (arrays) => joined(arrays.map(reordered)),
        write: (values) => [values.slice(0, size), values.slice(size)].map(reordered),
      };
    return {
      tensors,
      read: ([input, hidden]) => (input as FloatArray).map((value, index) => value + ((hidden as FloatArray)[index] as number)),
      write: (values) => [values, new (arrayType(values))(size)],
    };
  };
}

/** The first two of three equal parts in the other order. */
function withBlocksSwapped(data: FloatArray): FloatArray {
  const third = data.length / 3;
  const swapped = data.slice();
  swapped.set(data.subarray(third, 2 * third), 0);
  swapped.set(data.subarray(0, third), third);
  return swapped;
}

function joined([first, second]: readonly FloatArray[]): FloatArray {
  const [a, b] = [first as FloatArray, second as FloatArray];
  const both = new (arrayType(a))(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** An array whose axis i is the axis `axes[i]` of a source of a shape. */
function permuted(data: FloatArray, shape: Shape, axes: readonly number[]): FloatArray {
  const from = rowMajor(shape);
  const sizes = axes.map((axis) => shape[axis] as number);
  const to = rowMajor(sizes);
  const result = new (arrayType(data))(sizeOf(shape));
  for (let index = 0; index < result.length; index++) {
    let source = 0;
    for (let axis = 0; axis < sizes.length; axis++)
      source += (Math.floor(index / (to[axis] as number)) % (sizes[axis] as number)) * (from[axes[axis] as number] as number);
    result[index] = data[source] as number;
  }
  return result;
}

function arrayType(data: FloatArray): Float32ArrayConstructor | Float64ArrayConstructor {
  return isFloatArray(data) && data.BYTES_PER_ELEMENT === 4 ? Float32Array : Float64Array;
}

/**
 * Options that PyTorch's files do not contain, and whose defaults in PyTorch differ from the layer.
 */
function differenceOf(layer: AnyOptions): string | null {
  const { className, title, activation, recurrentActivation, epsilon } = layer;
  if ((className === 'LSTM' || className === 'GRU') && (activation !== 'tanh' || recurrentActivation !== 'sigmoid'))
    return `${title} has the activations ${String(activation)} and ${String(recurrentActivation)}, but nn.${className} has tanh and sigmoid`;
  if (className === 'SimpleRNN' && activation !== 'tanh' && activation !== 'relu')
    return `${title} has the activation ${String(activation)}, but nn.RNN has tanh or relu`;
  if (epsilon !== undefined && epsilon !== 1e-5 && (className === 'LayerNormalization' || className === 'BatchNormalization'))
    return `${title} has the epsilon ${epsilon}, but PyTorch's default is 1e-5: give the layer the eps of the module`;
  return null;
}
