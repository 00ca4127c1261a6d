import { DataError } from '../core/errors.ts';
import { checkFinite, place } from '../core/finite.ts';
import type { Tensor } from '../core/tensor.ts';
import type { Layer } from '../layers/layer.ts';

/** Checks values against what a model's first layer takes: ids below its limit, or finite floats. @throws {DataError} naming the first that is neither */
export function checkValues(first: Layer | undefined, tensor: Tensor, argument: string): void {
  if (first?.inputKind === 'ids') checkIds(first, tensor, argument);
  else checkFinite(tensor, argument);
}

/** @throws {DataError} naming the first value that is no whole number from 0 to below the limit, and what was expected */
export function checkIntegers({ data, shape }: Tensor, limit: number, argument: string, expected: string): void {
  for (let index = 0; index < data.length; index++) {
    const value = data[index] as number;
    if (!(value >= 0 && value < limit && Number.isInteger(value))) {
      throw new DataError(`${place(argument, shape, index)} is ${value}, expected ${expected}`);
    }
  }
}

function checkIds(first: Layer, tensor: Tensor, argument: string): void {
  const limit = first.idLimit as number;
  checkIntegers(tensor, limit, argument, `an id of layer ${first.name} (${first.className}): whole numbers 0 to ${limit - 1}`);
}

/** @throws {DataError} naming the first value outside 0..1 and the loss that cannot take it */
export function checkProbabilities({ data, shape }: Tensor, argument: string, loss: string): void {
  for (let index = 0; index < data.length; index++) {
    const value = data[index] as number;
    if (!(value >= 0 && value <= 1))
      throw new DataError(`${place(argument, shape, index)} is ${value}, but loss '${loss}' takes targets between 0 and 1`);
  }
}
