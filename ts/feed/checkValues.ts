import { DataError } from '../core/errors.ts';
import { type CheckedTensor, checkFinite, place } from '../core/finite.ts';
import { LARGEST_FLOAT32 } from '../core/float32.ts';
import type { InputType } from '../layers/input.ts';
import type { Layer } from '../layers/layer.ts';
import type { InputKind } from '../layers/spec.ts';

/**
 * Checks values from flat index `start` up to `end`.
 * @throws {DataError} naming the first wrong value and what was expected
 */
export type CheckValues = (tensor: CheckedTensor, argument: string, start?: number, end?: number) => void;

/**
 * The check for inputs of a model's first layer: ids below its limit, or finite floats.
 * @param dtype the type that the input was given by its option; null for none
 */
export function inputCheck(kind: InputKind, layers: readonly Layer[], dtype: InputType | null = null): CheckValues {
  if (kind !== 'ids') return dtype === 'int32' ? wholeCheck : dtype === 'bool' ? flagCheck : checkFinite;
  const [layer] = [...layers].sort((a, b) => (a.idLimit ?? 0) - (b.idLimit ?? 0));
  if (!layer) return integerCheck(2 ** 31, 'an integer of at least 0, as masks and ids are');
  const limit = layer.idLimit as number;
  return integerCheck(limit, `an id of layer ${layer.name} (${layer.className}): integers 0 to ${limit - 1}`);
}

/** The check of the numbers of an `Input` of dtype 'int32' that a layer takes as floats. */
const wholeCheck = checkOf(
  (value) => Number.isInteger(value) && Math.abs(value) <= 2 ** 31,
  "an integer, because the Input has dtype 'int32': leave dtype out for numbers",
);

/** The same of dtype 'bool'. */
const flagCheck = checkOf((value) => value === 0 || value === 1, "0 or 1, because the Input has dtype 'bool'");

/** The check that every value fits. @param expected what fits, for the error message */
function checkOf(fits: (value: number) => boolean, expected: string): CheckValues {
  return ({ data, shape, firstIndex = 0 }, argument, start = 0, end = data.length) => {
    for (let index = start; index < end; index++) {
      const value = data[index] as number;
      if (!fits(value)) throw new DataError(`${place(argument, shape, firstIndex + index)} is ${value}, expected ${expected}`);
    }
  };
}

/**
 * The check that every value is an integer from 0 to limit - 1.
 * @param besides a value that is taken too
 */
export function integerCheck(limit: number, expected: string, besides: number | null = null): CheckValues {
  return ({ data, shape, firstIndex = 0 }, argument, start = 0, end = data.length) => {
    for (let index = start; index < end; index++) {
      const value = data[index] as number;
      if (!(value >= 0 && value < limit && Number.isInteger(value)) && value !== besides) {
        throw new DataError(`${place(argument, shape, firstIndex + index)} is ${value}, expected ${expected}`);
      }
    }
  };
}

/** The check that every target is between 0 and 1, for losses that require it. */
export function probabilityCheck(loss: string): CheckValues {
  return ({ data, shape, firstIndex = 0 }, argument, start = 0, end = data.length) => {
    for (let index = start; index < end; index++) {
      const value = data[index] as number;
      if (!(value >= 0 && value <= 1))
        throw new DataError(`${place(argument, shape, firstIndex + index)} is ${value}, but loss '${loss}' takes targets between 0 and 1`);
    }
  };
}

/** Checks sample weights. */
export const checkWeights: CheckValues = ({ data }, argument, start = 0, end = data.length) => {
  for (let index = start; index < end; index++) {
    const value = data[index] as number;
    if (!(value >= 0 && value <= LARGEST_FLOAT32))
      throw new DataError(`${argument} has the weight ${value}: weights must be finite and not negative`);
  }
};
