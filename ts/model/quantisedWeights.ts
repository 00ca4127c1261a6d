import { loadedBackends } from '../backend/select.ts';
import { StateError } from '../core/errors.ts';
import type { Graph } from '../graph/graph.ts';
import { EMISSION_PARTS } from '../layers/emissionPart.ts';
import type { QuantisedValues, Weight } from '../layers/weight.ts';
import { PACKED } from '../program/packedPart.ts';
import type { QuantisedArray } from './modelState.ts';

/** Gives the weights of a graph the integers of a state. */
export function takeIntegers(graph: Graph, arrays: readonly QuantisedArray[]): void {
  const byName = new Map(arrays.map(({ name, ...values }) => [name, values]));
  for (const weight of graph.weights) {
    const values = byName.get(graph.pathOf(weight));
    weight.quantised = values ? { values, read: () => floatsOf(values), refuse: () => refuse(weight, values) } : null;
  }
  // Programs cannot be made without it.
  EMISSION_PARTS.add(PACKED);
}

/**
 * Loads what quantised models need to run without waiting, on the backends that are there; others
 * load it with their kernels.
 * @throws {FileError} when a file of the package cannot be loaded
 * @throws {BackendError} when the kernels cannot be instantiated
 */
export async function loadForIntegers(): Promise<void> {
  const { loadQuantisedKernels } = await PACKED.load();
  await Promise.all([...loadedBackends()].map((backend) => loadQuantisedKernels(backend)));
}

function floatsOf({ integers, scales, axis }: QuantisedValues): Float32Array {
  const columns = integers.shape[1] as number;
  const scaleOf = (index: number) => scales.data[axis === 1 ? index % columns : Math.floor(index / columns)] as number;
  return Float32Array.from(integers.data, (integer, index) => integer * scaleOf(index));
}

function refuse({ path }: Weight, { type }: QuantisedValues): never {
  throw new StateError(
    `weight ${path} of a quantised model is ${type} and cannot be set: set it in the model that quantize was called on, and quantize that again`,
  );
}
