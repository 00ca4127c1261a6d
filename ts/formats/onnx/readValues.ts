import { FormatError } from '../../core/errors.ts';
import { ExpandDims } from '../../layers/axes.ts';
import { Concatenate } from '../../layers/concatenate.ts';
import { Flip } from '../../layers/flip.ts';
import { Permute } from '../../layers/reshaping.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { Constant } from './constants.ts';

/**
 * An axis of a value of the file: that of the samples, one of size 1, that of several tensors, or
 * the number of an axis of a sample of the model.
 */
export type Axis = 'samples' | 'one' | 'stack' | number;

/**
 * A value of the file as tensors of the model. Operators that only move axes change `axes`, and the
 * model has no layer for them.
 */
export interface TensorValue {
  readonly kind: 'tensor';
  /** One, or those along the axis 'stack'. */
  readonly tensors: readonly SymbolicTensor[];
  /** The axes of the file's value. */
  readonly axes: readonly Axis[];
  /** Whether the first axis of samples is in reverse order. */
  readonly flipped: boolean;
  readonly type: 'float' | 'int' | 'bool';
}

/** A length that is only known when the model runs: the number of samples, or another one. */
export type Size = number | 'samples' | 'free';

/** Lengths, as the operator Shape gives them. */
export interface SizesValue {
  readonly kind: 'sizes';
  readonly sizes: readonly Size[];
  /** Whether it is one length without an axis. */
  readonly isScalar: boolean;
}

/** One number in an array of lengths that are only known when the model runs. */
export interface FillValue {
  readonly kind: 'fill';
  readonly value: number;
  readonly sizes: readonly Size[];
}

/** A mask of steps, or the numbers of steps that count. */
export interface MaskValue {
  readonly kind: 'mask' | 'lengths';
  /** The sources of the mask: the names of values, sorted. */
  readonly sources: string;
  /** The input that is the mask; null where a layer makes it. */
  readonly input: SymbolicTensor | null;
  /** The mask as zeros and ones `[T]`, made when it is asked for. */
  readonly asTensor: () => SymbolicTensor;
}

/** Whether any step counts, a state after the last step, or what it was before where none does. */
export interface SomeValue {
  readonly kind: 'some';
}

/** Steps of which those that count come first. */
export interface PackedValue {
  readonly kind: 'packed';
  readonly value: TensorValue;
  readonly sources: string;
}

/**
 * `factor * (plus + erf(x / √2))`: a part of the activation gelu, for which alone there is a layer.
 */
export interface ErfValue {
  readonly kind: 'erf';
  readonly x: SymbolicTensor;
  readonly like: TensorValue;
  readonly plus: 0 | 1;
  readonly factor: number;
}

/**
 * The channels of samples in groups `[N, G, ...]`, whose numbers are normalized or will be: a part of
 * a GroupNormalization.
 */
export interface GroupsValue {
  readonly kind: 'groups';
  /** The samples before, with their channels as the first axis. */
  readonly value: TensorValue;
  readonly groups: number;
  /** How the groups were normalized: the factor and the shift of each. Null: not yet. */
  readonly normal: { readonly epsilon: number; readonly scale: Constant; readonly shift: Constant } | null;
}

export type ReadValue = Constant | TensorValue | SizesValue | FillValue | MaskValue | SomeValue | ErfValue | PackedValue | GroupsValue;

/** A value whose axes are those of a tensor of the model. */
export function tensorValue(tensor: SymbolicTensor, axes: readonly Axis[] | null = null, type: TensorValue['type'] = 'float'): TensorValue {
  return { kind: 'tensor', tensors: [tensor], axes: axes ?? ['samples', ...tensor.shape.keys()], flipped: false, type };
}

/** The length of an axis. */
export function sizeAt({ tensors, axes }: TensorValue, index: number): Size {
  const axis = axes[index];
  if (axis === 'samples') return 'samples';
  if (axis === 'one') return 1;
  if (axis === 'stack') return tensors.length;
  return (tensors[0] as SymbolicTensor).shape[axis as number] ?? 'free';
}

/**
 * The tensor with the value's axes, the samples' first, wherever they are in the file. Layers move
 * what does not lie so.
 */
export function samplesFirst({ tensors, axes, flipped }: TensorValue): SymbolicTensor {
  const rest = axes.filter((axis) => axis !== 'samples');
  if (rest.length === axes.length) throw new FormatError('a value has no axis of samples');
  const stack = rest.indexOf('stack');
  const own = rest.filter((axis) => axis !== 'stack');
  const moved = tensors.map((tensor) => {
    const numbers = own.filter((axis) => typeof axis === 'number');
    let result = flipped ? new Flip().apply(tensor) : tensor;
    if (numbers.some((axis, index) => axis !== index)) result = new Permute(numbers.map((axis) => axis + 1)).apply(result);
    for (const [index, axis] of own.entries()) if (axis === 'one') result = new ExpandDims(index + 1).apply(result);
    return result;
  });
  if (stack < 0) return moved[0] as SymbolicTensor;
  const apart = moved.map((tensor) => new ExpandDims(stack + 1).apply(tensor));
  return apart.length === 1 ? (apart[0] as SymbolicTensor) : new Concatenate({ axis: stack + 1 }).apply(apart);
}
