import { FormatError } from '../core/errors.ts';
import { formatShape, sameShape } from '../core/shape.ts';
import type { Graph } from '../graph/graph.ts';
import type { Weight } from '../layers/weight.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { CompileState, ModelState, NamedArray } from './modelState.ts';

/** The name of an optimizer's slot of a weight among saved arrays. */
export function slotPath(graph: Graph, weight: Weight, slot: string): string {
  return `${graph.pathOf(weight)}/${slot}`;
}

/**
 * Finds the array with a name for a weight.
 * @throws {FormatError} when it is missing or has another shape
 */
export function requireArray<A extends Pick<NamedArray, 'shape'>>(arrays: ReadonlyMap<string, A>, name: string, weight: Weight): A {
  const found = arrays.get(name);
  if (!found) throw new FormatError(`the saved model has no array '${name}'`);
  if (!sameShape(found.shape, weight.shape)) {
    throw new FormatError(`the saved model's '${name}' has shape ${formatShape(found.shape)}, expected ${formatShape(weight.shape)}`);
  }
  return found;
}

/**
 * Checks that a state has the values of a graph's weights.
 * @throws {FormatError} when one is missing, has another shape or is left over
 */
export function requireWeights({ weights: arrays, quantised = [] }: Pick<ModelState, 'weights' | 'quantised'>, graph: Graph): void {
  const { weights } = graph;
  const all = [...arrays, ...quantised.map(({ name, integers }) => ({ name, shape: integers.shape }))];
  const byName = new Map(all.map((array) => [array.name, array]));
  for (const weight of weights) requireArray(byName, graph.pathOf(weight), weight);
  if (all.length !== weights.length) throw new FormatError(`the saved model has ${all.length} weights, its layers have ${weights.length}`);
}

/**
 * Checks that the optimizer has an array for each slot of its weights.
 * @throws {FormatError} when one is missing or does not fit
 */
export function checkSlots(
  { slots, iteration }: Pick<CompileState, 'slots' | 'iteration'>,
  { keptSlots: slotNames }: Optimizer,
  graph: Graph,
  moved: readonly Weight[],
): void {
  // A model that was compiled but not trained has no slots.
  if (iteration === 0 && slots.length === 0) return;
  const byName = new Map(slots.map((slot) => [slot.name, slot]));
  for (const weight of moved) for (const slot of slotNames) requireArray(byName, slotPath(graph, weight, slot), weight);
  const expected = moved.length * slotNames.length;
  if (slots.length !== expected) throw new FormatError(`the saved model has ${slots.length} arrays of its optimizer, expected ${expected}`);
}
