import type { FloatArray } from '../backend/backend.ts';
import type { Part, Replica } from '../run/replica.ts';

/**
 * Makes a view of this thread's memory. Drop it before the next wait, because the memory may grow.
 */
export type ViewOf = () => FloatArray;

/** The places in the results that a replica sends with its gradients. */
export const RESULTS = {
  /** The weight of its gradients, 0 if it has none. */
  weight: 0,
  /** The first result of its step. */
  step: 1,
} as const;

/** The command of the first replica to the others before a step. */
export interface StepCommand {
  /** Whether there is a step. */
  go: boolean;
  learningRate: number;
}

/**
 * Exchanges data between replicas. All call the same functions in the same order; each call waits
 * for the data of the others.
 */
export interface Exchange extends Replica {
  /**
   * Copies the updated parts of the parameters from the other replicas, and the first replica's
   * command.
   * @param values the trainable parameters `[P]`; this replica has updated its part
   */
  shareParameters(values: ViewOf, command: StepCommand): void | Promise<void>;
  /**
   * Gathers the numbers of every replica in all of them.
   * @param own this replica's numbers
   * @param all the numbers of all replicas, one after the other
   */
  allGather(own: Float64Array, all: Float64Array): void | Promise<void>;
  /**
   * Reduces gradients to their weighted sum over all replicas. The order of ranks makes the bits
   * the same in every run.
   * @param values the gradients `[P]`; only this replica's part is replaced unless `whole`
   * @param own this replica's results, at the places of `RESULTS`
   * @param all the results of all replicas, one after the other
   */
  reduceGradients(values: ViewOf, own: Float64Array, all: Float64Array, whole: boolean): void | Promise<void>;
  /** Copies the other replicas' parts of an array `[P]` to the first replica. */
  gatherParts(values: ViewOf): void | Promise<void>;
}

/** The factor of each replica's gradients in the sum. */
export function factors(all: Float64Array, size: number): Float64Array {
  const stride = all.length / size;
  const weights = Float64Array.from({ length: size }, (_, rank) => all[rank * stride + RESULTS.weight] as number);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total === 0 ? weights : weights.map((weight) => weight / total);
}

/** `into[i] = Σ factors[k] sources[k][offsets[k] + i]` over a part, without sources of factor 0. */
export function weightedSum(
  into: FloatArray,
  { start, end }: Part,
  sources: readonly FloatArray[],
  offsets: readonly number[],
  weights: Float64Array,
): void {
  const used = sources.map((source, rank) => ({ source, offset: offsets[rank] as number, weight: weights[rank] as number }));
  const [first, second, ...rest] = used.filter(({ weight }) => weight > 0);
  if (!first) into.fill(0, start, end);
  else if (!second) for (let i = start; i < end; i++) into[i] = first.weight * (first.source[first.offset + i] as number);
  else {
    for (let i = start; i < end; i++) {
      let sum = first.weight * (first.source[first.offset + i] as number) + second.weight * (second.source[second.offset + i] as number);
      for (const { source, offset, weight } of rest) sum += weight * (source[offset + i] as number);
      into[i] = sum;
    }
  }
}
