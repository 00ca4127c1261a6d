import { LOSSES } from '../backend/kernels.generated.ts';
import { emitPointwise } from '../layers/emitPointwise.ts';
import type { Emitter } from '../layers/emitter.ts';
import { add, input, multiply } from '../layers/expression.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { KernelLoss } from './kernelLoss.ts';
import type { LossEmission } from './loss.ts';

/**
 * Emits a loss that a kernel computes, and its gradient if it is wanted.
 * @param smoothing the fraction of a target that is distributed over all classes
 */
export function emitKernelLoss(
  { builder, samples: _, transitions: _none, logits, ...args }: LossEmission,
  { name, activation }: KernelLoss,
  smoothing: number,
): void {
  const kind = LOSSES[logits && activation !== null ? (`${name}FromLogits` as keyof typeof LOSSES) : name];
  const answers = activation === 'sigmoid' ? 2 : args.classes;
  builder.call('loss', { ...args, kind, target: args.target && smoothed(builder, args.target, smoothing, answers) });
}

/** The smoothed targets. */
function smoothed(builder: Emitter, target: PlannedBuffer, smoothing: number, answers: number): PlannedBuffer {
  if (smoothing === 0) return target;
  const result = builder.floats('smoothedTarget', target.length);
  emitPointwise(builder, [add(multiply(input(0), 1 - smoothing), smoothing / answers)], [target], [result]);
  return result;
}
