import type { Emitter } from './emitter.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';

/** The parameters of one dropout. */
export interface DropoutPlan {
  /** D */
  features: number;
  /** Fraction dropped. */
  rate: number;
  /** Random stream. Each dropout of a model has its own. */
  stream: number;
  /** Whether all steps of a sequence share one mask. */
  sharedOverSteps: boolean;
}

/** Emits dropout of `x` `[T, B, D]` into `y`. Applied to a gradient, it drops the same elements. */
export function emitDropout(emitter: Emitter, x: PlannedBuffer, y: PlannedBuffer, plan: DropoutPlan): void {
  const { features, rate, stream, sharedOverSteps } = plan;
  const { batch } = emitter;
  emitter.call('dropout', {
    steps: x.length / (batch * features),
    batch,
    features,
    rate,
    seedLow: emitter.seed[0],
    seedHigh: emitter.seed[1],
    stream,
    sharedOverSteps: sharedOverSteps ? 1 : 0,
    counter: sharedOverSteps ? emitter.counter : emitter.stepCounter,
    x,
    y,
  });
}
