import { FormatError } from '../core/errors.ts';
import { formatShape, sameShape } from '../core/shape.ts';
import type { Weight } from '../layers/weight.ts';
import type { Graph } from '../model/graph.ts';
import type { CompileState, NamedArray } from './modelState.ts';
import type { Optimizer } from './optimizers/optimizer.ts';

/** What an optimizer's slot of a weight is called among saved arrays. */
export function slotPath(graph: Graph, weight: Weight, slot: string): string {
  return `${graph.pathOf(weight)}/${slot}`;
}

/** The array of a name, for a weight. @throws {FormatError} when it is not there or has another shape */
export function requireArray(arrays: ReadonlyMap<string, NamedArray>, name: string, weight: Weight): NamedArray {
  const found = arrays.get(name);
  if (!found) throw new FormatError(`the saved model lacks '${name}'`);
  if (!sameShape(found.shape, weight.shape)) {
    throw new FormatError(`the saved model's '${name}' has shape ${formatShape(found.shape)}, expected ${formatShape(weight.shape)}`);
  }
  return found;
}

/** The arrays of a graph's weights, in its order. @throws {FormatError} when one is missing, does not fit, or is of no weight */
export function requireWeights(arrays: readonly NamedArray[], graph: Graph): NamedArray[] {
  const { weights } = graph;
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const found = weights.map((weight) => requireArray(byName, graph.pathOf(weight), weight));
  if (arrays.length !== weights.length)
    throw new FormatError(`the saved model has ${arrays.length} weights, its layers have ${weights.length}`);
  return found;
}

/** Checks that the optimizer's arrays are those of the weights that it moves. @throws {FormatError} */
export function checkSlots({ slots, iteration }: CompileState, { slotNames }: Optimizer, graph: Graph, moved: readonly Weight[]): void {
  // A model that was compiled and not trained has none.
  if (iteration === 0 && slots.length === 0) return;
  const byName = new Map(slots.map((slot) => [slot.name, slot]));
  for (const weight of moved) for (const slot of slotNames) requireArray(byName, slotPath(graph, weight, slot), weight);
  const expected = moved.length * slotNames.length;
  if (slots.length !== expected) throw new FormatError(`the saved model has ${slots.length} arrays of its optimizer, expected ${expected}`);
}
