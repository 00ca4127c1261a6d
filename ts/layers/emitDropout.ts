import { seedWords } from '../core/random.ts';
import type { SeedWords } from '../core/seed.ts';
import type { Emitter } from './emitter.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, type Value } from './value.ts';

/** The parameters of one dropout. */
export interface DropoutPlan {
  /** R */
  rows: number;
  /** D */
  features: number;
  /** Fraction dropped. */
  rate: number;
  /** Random subsequence. Each dropout of a model has its own. */
  subsequence: number;
  /** Whether all steps of a sequence share one mask. */
  sharedOverSteps: boolean;
  /** The seed of the layer's own random numbers. Default: the model's seed. */
  seed?: SeedWords | undefined;
}

/** The options of a dropout layer. */
export interface DropoutChoice {
  /** Fraction to drop. */
  readonly rate: number;
  /** The seed of the layer; null for the model's. */
  readonly seed: number | null;
}

/** Emits the dropout of a value where dropout is active, and notes that its gradient drops too. */
export function emitDropoutOf(scope: Scope, input: Value, { rate, seed }: DropoutChoice, sharedOverSteps: boolean): Value {
  if (!scope.drops || rate === 0) return input;
  const plan: DropoutPlan = {
    rows: input.rows,
    features: featuresOf(input),
    rate,
    subsequence: scope.drawSubsequence(),
    sharedOverSteps,
    seed: seed === null ? undefined : seedWords(seed),
  };
  const y = scope.floats('y', lengthOf(input));
  emitDropout(scope, scope.floatsOf(input), y, plan);
  const output: Value = { ...input, form: { kind: 'floats', buffer: y } };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    const dX = dY && gradients.to(input);
    if (dY && dX) emitDropout(scope, dY, dX, plan);
  });
  return output;
}

/**
 * Emits dropout of `x` `[T, R, D]` into `y`. Applied to a gradient, it drops the same elements.
 *
 * The R rows are the batch or, inside TimeDistributed, the batch at each of the outer steps, one
 * step after the other. Each outer step drops other elements.
 */
export function emitDropout(emitter: Emitter, x: PlannedBuffer, y: PlannedBuffer, plan: DropoutPlan): void {
  const { features, rows, sharedOverSteps } = plan;
  if (!sharedOverSteps || rows === emitter.batch) {
    emitCall(emitter, x, y, plan);
    return;
  }
  // A call for each step: the outer steps are the steps that it draws for.
  const length = rows * features;
  for (let start = 0; start < x.length; start += length)
    emitCall(emitter, emitter.slice(x, start, length), emitter.slice(y, start, length), { ...plan, sharedOverSteps: false });
}

function emitCall(emitter: Emitter, x: PlannedBuffer, y: PlannedBuffer, plan: DropoutPlan): void {
  const { features, rate, subsequence, sharedOverSteps, seed = emitter.seed } = plan;
  const { batch } = emitter;
  emitter.call('dropout', {
    steps: x.length / (batch * features),
    batch,
    features,
    rate,
    seedLow: seed[0],
    seedHigh: seed[1],
    subsequence,
    sharedOverSteps: sharedOverSteps ? 1 : 0,
    counter: sharedOverSteps ? emitter.counter : emitter.stepCounter,
    x,
    y,
  });
}
