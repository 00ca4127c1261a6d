import type { Emitter } from './emitter.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';

/** Sizes of what dropout is applied to. */
export interface DropoutPlan {
  /** Name of the layer that drops, for buffer names. */
  name: string;
  /** T, 1 for samples without steps. */
  steps: number;
  /** D */
  features: number;
  /** Fraction dropped. */
  rate: number;
  /** Random stream: one for each place in a model that drops. */
  stream: number;
  /** One mask for all steps of a sequence. */
  sharedOverSteps: boolean;
}

/** Emits dropout of `x` `[T, B, D]` into a new buffer; on a gradient it drops the same elements. */
export function emitDropout(emitter: Emitter, x: PlannedBuffer, plan: DropoutPlan): PlannedBuffer {
  const { name, steps, features, rate, stream, sharedOverSteps } = plan;
  const y = emitter.floats(`${name}.dropped`, x.length);
  emitter.call('dropout', {
    steps,
    batch: emitter.batch,
    features,
    rate,
    seedLow: emitter.seed[0],
    seedHigh: emitter.seed[1],
    stream,
    sharedOverSteps: sharedOverSteps ? 1 : 0,
    counter: emitter.counter,
    x,
    y,
  });
  return y;
}
