import { FormatError } from '../core/errors.ts';
import { formatShape, sameShape } from '../core/shape.ts';
import type { Weight } from '../layers/weight.ts';
import type { Graph } from '../model/graph.ts';
import type { CompileState, NamedArray } from './modelState.ts';
import type { Optimizer } from './optimizers/optimizer.ts';

/** The name of an optimizer's slot of a weight among saved arrays. */
export function slotPath(weight: Weight, slot: string): string {
  return `${weight.path}/${slot}`;
}

/** Maps the names of arrays to them. To search the list for each name would take quadratic time. */
export function byName(arrays: readonly NamedArray[]): ReadonlyMap<string, NamedArray> {
  return new Map(arrays.map((array) => [array.name, array]));
}

/** Finds the array with a name for a weight. @throws {FormatError} when it is missing or has another shape */
export function requireArray(arrays: ReadonlyMap<string, NamedArray>, name: string, weight: Weight): NamedArray {
  const found = arrays.get(name);
  if (!found) throw new FormatError(`the saved model lacks '${name}'`);
  if (!sameShape(found.shape, weight.shape)) {
    throw new FormatError(`the saved model's '${name}' has shape ${formatShape(found.shape)}, expected ${formatShape(weight.shape)}`);
  }
  return found;
}

/** Finds the arrays of a graph's weights, in its order. @throws {FormatError} when one is missing, has another shape or is left over */
export function requireWeights(arrays: readonly NamedArray[], { weights }: Graph): NamedArray[] {
  const named = byName(arrays);
  const found = weights.map((weight) => requireArray(named, weight.path, weight));
  if (arrays.length !== weights.length)
    throw new FormatError(`the saved model has ${arrays.length} weights, its layers have ${weights.length}`);
  return found;
}

/** Checks that the optimizer has an array for each slot of its weights. @throws {FormatError} when one is missing or does not fit */
export function checkSlots({ slots, iteration }: CompileState, { slotNames }: Optimizer, trainableWeights: readonly Weight[]): void {
  // A model that was compiled but not trained has no slots.
  if (iteration === 0 && slots.length === 0) return;
  const named = byName(slots);
  for (const weight of trainableWeights) for (const slot of slotNames) requireArray(named, slotPath(weight, slot), weight);
  const expected = trainableWeights.length * slotNames.length;
  if (slots.length !== expected) throw new FormatError(`the saved model has ${slots.length} arrays of its optimizer, expected ${expected}`);
}
