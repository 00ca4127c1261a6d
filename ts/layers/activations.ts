import type { ACTIVATIONS } from '../backend/kernels.generated.ts';

/** Names of the activations: https://keras.io/api/layers/activations/ */
export type ActivationName = keyof typeof ACTIVATIONS;
