import type { Emitter } from './emitter.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';

/** How dropout is applied. */
export interface DropoutPlan {
  /** D */
  features: number;
  /** Fraction dropped. */
  rate: number;
  /** Random stream: one for each place in a model that drops. */
  stream: number;
  /** One mask for all steps of a sequence. */
  sharedOverSteps: boolean;
}

/** Emits dropout of `x` `[T, B, D]` into `y`; on a gradient it drops the same elements. */
export function emitDropout(emitter: Emitter, x: PlannedBuffer, y: PlannedBuffer, plan: DropoutPlan): void {
  const { features, rate, stream, sharedOverSteps } = plan;
  const { batch, counter } = emitter;
  emitter.call('dropout', {
    steps: x.length / (batch * features),
    batch,
    features,
    rate,
    seedLow: emitter.seed[0],
    seedHigh: emitter.seed[1],
    stream,
    sharedOverSteps: sharedOverSteps ? 1 : 0,
    counter,
    x,
    y,
  });
}
