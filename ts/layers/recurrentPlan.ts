import type { CELLS } from '../backend/kernels.generated.ts';
import type { SeedWords } from '../core/seed.ts';
import type { ResolvedActivation } from './activationFunction.ts';
import type { StepsOptions } from './emitSteps.ts';
import type { Weight } from './weight.ts';

/** A recurrent layer in a program. */
export interface RecurrentPlan extends StepsOptions {
  readonly cell: keyof typeof CELLS;
  readonly units: number;
  readonly activation: ResolvedActivation;
  readonly recurrentActivation: ResolvedActivation;
  readonly kernel: Weight;
  readonly recurrentKernel: Weight;
  readonly bias: Weight | undefined;
  readonly returnState: boolean;
  readonly stateful: boolean;
  /** Fractions to drop in this program. */
  readonly dropout: number;
  readonly recurrentDropout: number;
  /** The seed of the masks. Default: the model's. */
  readonly seed: SeedWords | undefined;
}
