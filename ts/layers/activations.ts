import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { oneOf } from '../core/options.ts';

/** Names of the activations: https://keras.io/api/layers/activations/ */
export type ActivationName = keyof typeof ACTIVATIONS;

const NAMES = Object.keys(ACTIVATIONS) as ActivationName[];
const POINTWISE = NAMES.filter((name) => name !== 'softmax');

/**
 * Checks the name of an activation for use in a cell. Softmax is not allowed there, because it
 * needs a whole row.
 */
export function cellActivationName(value: unknown, where: string): ActivationName {
  return value === null ? 'linear' : oneOf(value, POINTWISE, where);
}
