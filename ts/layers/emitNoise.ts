import { seedWords } from '../core/random.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, type Value } from './value.ts';

/**
 * Emits standard normal numbers in the shape of a value, other ones in each step of training and at
 * each of its elements.
 * @param seed the seed of the layer; null for the model's
 */
export function emitNoise(scope: Scope, like: Value, seed: number | null): Value {
  const [batch, features] = [scope.batch, featuresOf(like)];
  const [seedLow, seedHigh] = seed === null ? scope.seed : seedWords(seed);
  const y = scope.floats('noise', lengthOf(like));
  const steps = y.length / (batch * features);
  scope.call('normalNoise', {
    steps,
    batch,
    features,
    seedLow,
    seedHigh,
    subsequence: scope.drawSubsequence(),
    counter: scope.stepCounter,
    y,
  });
  return { ...like, form: { kind: 'floats', buffer: y }, needsGradient: false };
}
