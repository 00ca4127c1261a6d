import { FormatError } from '../../core/errors.ts';
import { formatShape, sameShape } from '../../core/shape.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Weight } from '../../layers/weight.ts';
import { type NamedArray, namedArray } from '../../model/modelState.ts';
import { slotPath } from '../../model/savedArrays.ts';
import type { Optimizer } from '../../optimizers/optimizer.ts';
import { HDF5Dataset } from '../hdf5/dataset.ts';
import type { HDF5Group } from '../hdf5/group.ts';
import { COMMON_SLOTS, convertSlot, type DescribedOptimizer, extraValues, SLOTS } from './optimizers.ts';

/** How far training has come. */
export interface OptimizerProgress {
  readonly iteration: number;
  /** None before the first step. */
  readonly slots: readonly NamedArray[];
  /** The learning rate that the optimizer had, which may have changed; null for a schedule. */
  readonly learningRate: number | null;
}

/** A value of an optimizer: of a weight, or of all. */
interface SlotPlace {
  readonly slot: string;
  readonly weight: Weight;
}

/** The values of the weights that an optimizer keeps, in the order in which Keras has them. */
export function slotOrder(optimizer: Optimizer, { className }: DescribedOptimizer, weights: readonly Weight[]): SlotPlace[] {
  const own = SLOTS[className] ?? [optimizer.slotNames];
  return [...COMMON_SLOTS, ...own].flatMap((group) => {
    const kept = group.filter((slot) => optimizer.keptSlots.includes(slot));
    return weights.flatMap((weight) => kept.map((slot) => ({ slot, weight })));
  });
}

/** The variables of an optimizer in a file. */
export interface OptimizerVariables {
  /** Absent before the first step. */
  readonly iteration?: HDF5Dataset | undefined;
  /** Absent for a schedule. */
  readonly learningRate?: HDF5Dataset | undefined;
  /** Those of weights, in the order of {@link slotOrder}, then single ones. */
  readonly values: readonly HDF5Dataset[];
}

/** The variables of Keras 3, which are numbered. */
export function ofKeras3([iteration, ...others]: readonly HDF5Dataset[], { config }: DescribedOptimizer): OptimizerVariables {
  const hasRate = typeof config.learningRate !== 'object';
  return { iteration, learningRate: hasRate ? others[0] : undefined, values: others.slice(hasRate ? 1 : 0) };
}

/**
 * Reads the state of an optimizer from its variables.
 * @param weights those that are trained, in Keras's order
 * @throws {FormatError} when their number or a shape differs, and when the iterations are no integer
 */
export function readOptimizerState(
  variables: OptimizerVariables,
  optimizer: Optimizer,
  described: DescribedOptimizer,
  weights: readonly Weight[],
  graph: Graph,
  source: string,
): OptimizerProgress {
  if (!variables.iteration) return { iteration: 0, slots: [], learningRate: null };
  const called = `${source}: the optimizer's iterations`;
  const iteration = numberOf(variables.iteration, called);
  if (!Number.isSafeInteger(iteration)) throw new FormatError(`${called} should be an integer of at least 0, got ${iteration}`);
  const order = slotOrder(optimizer, described, weights);
  const extra = extraValues(described);
  const rate = variables.learningRate ? numberOf(variables.learningRate, `${source}: the learning rate`) : null;
  const { values } = variables;
  if (values.length === 0) return { iteration, slots: [], learningRate: rate };
  if (values.length !== order.length + extra)
    throw new FormatError(
      `${source}: the optimizer has ${values.length} values, and ${described.className} of ${weights.length} trained weights ${order.length + extra}: load with compile: false`,
    );
  const updates = optimizer.updatesAfter(iteration);
  const slots = order.map(({ slot, weight }, index) => {
    const name = slotPath(graph, weight, slot);
    const found = values[index] as HDF5Dataset;
    if (!sameShape(found.shape, weight.shape))
      throw new FormatError(
        `${source}: the optimizer's ${name} has shape ${formatShape(found.shape)}, expected ${formatShape(weight.shape)}`,
      );
    const data = found.read();
    convertSlot(described, slot, data, updates, 'backtime');
    return namedArray(name, weight.shape, data);
  });
  return { iteration, slots, learningRate: rate };
}

function numberOf(dataset: HDF5Dataset, what: string): number {
  const { shape } = dataset;
  if (shape.length > 0) throw new FormatError(`${what} should be a number of at least 0, got an array of shape ${formatShape(shape)}`);
  const [value] = dataset.read();
  if (value === undefined || !(value >= 0)) throw new FormatError(`${what} should be a number of at least 0, got ${value}`);
  return value;
}

/** The datasets `0`, `1`, … of a group, by their numbers. @throws {FormatError} for a gap */
export function numberedDatasets(group: HDF5Group, source: string): HDF5Dataset[] {
  const { names } = group;
  return names.map((_, index) => {
    const found = group.get(String(index));
    if (!(found instanceof HDF5Dataset))
      throw new FormatError(`${source}: the optimizer has ${names.length} values, but none of number ${index}`);
    return found;
  });
}
