import { emitInPlace } from './emitInPlace.ts';
import type { Emitter } from './emitter.ts';
import { add, divide, input, maximum, multiply, sqrt, square, subtract } from './expression.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';

/** The arrays and numbers of an update of Adam with `amsgrad`. */
export interface AmsgradUpdate {
  readonly oneMinusBeta1: number;
  readonly oneMinusBeta2: number;
  readonly epsilon: number;
  /** `[P]` each: parameters, gradients, mean gradients, mean squares, the largest of these. */
  readonly arrays: readonly PlannedBuffer[];
  /** `[1]`: the learning rate with both bias corrections. */
  readonly rate: PlannedBuffer;
}

/** The arrays as inputs of an expression, and the rate. */
const [PARAMETER, GRADIENT, MOMENTUM, VELOCITY, LARGEST, RATE] = [input(0), input(1), input(2), input(3), input(4), input(5)];

/**
 * Emits the update of Adam with `amsgrad`, which divides by the root of the largest mean square.
 * Reddi et al. 2018.
 */
export function emitAmsgrad(emitter: Emitter, { oneMinusBeta1, oneMinusBeta2, epsilon, arrays, rate }: AmsgradUpdate): void {
  const momentum = add(MOMENTUM, multiply(subtract(GRADIENT, MOMENTUM), oneMinusBeta1));
  const velocity = add(VELOCITY, multiply(subtract(square(GRADIENT), VELOCITY), oneMinusBeta2));
  const largest = maximum(LARGEST, velocity);
  const parameter = subtract(PARAMETER, divide(multiply(momentum, RATE), add(sqrt(largest), epsilon)));
  const [parameters, , ...slots] = arrays as [PlannedBuffer, PlannedBuffer, ...PlannedBuffer[]];
  emitInPlace(emitter, parameters.length, [parameter, momentum, velocity, largest], [...arrays, rate], [parameters, ...slots]);
}
