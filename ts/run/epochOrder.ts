import { RandomSequence } from '../core/random.ts';
import type { EpochPlan } from './trainer.ts';
import { inOrder } from './writeBatch.ts';

/** The first random subsequence of the shuffles, behind the subsequences of the weights. */
const SHUFFLE_SUBSEQUENCE = 0x10000;

/**
 * The order of the samples in an epoch, the same on every thread.
 * @param count N
 * @param seed the model's, for a plan without a seed of its own
 * @param epoch the number of the epoch, which counts in all runs of the model
 */
export function epochOrder(
  count: number,
  { shuffle, shuffleSeed }: Pick<EpochPlan, 'shuffle' | 'shuffleSeed'>,
  seed: bigint,
  epoch: number,
): Int32Array {
  return shuffle ? new RandomSequence(shuffleSeed ?? seed, SHUFFLE_SUBSEQUENCE + epoch).permutation(count) : inOrder(count);
}
