import { sizeOf } from '../core/shape.ts';
import { emitMove } from './emitMove.ts';
import { emitZeros } from './emitStrided.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, type Value } from './value.ts';

/**
 * Emits a layer once for each step of sequences `[T, …]`, and joins what it makes.
 * @param emit emits the layer for one step, of samples `[…]`
 */
export function emitEachStep(scope: Scope, input: Value, emit: (step: Value) => Value): Value {
  const { rows, mask } = input;
  const [steps, ...sample] = input.shape as readonly [number, ...number[]];
  const x = scope.floatsOf(input);
  const parts = Array.from({ length: steps }, (_, step): Value => {
    const buffer = scope.floats('step', x.length / steps);
    moveStep(scope, buffer, x, input, step, false);
    // One step of samples `[D]` has a mask of rows.
    const own = mask && sample.length === 1 ? scope.slice(mask, step * rows, rows) : null;
    return { shape: sample, rows, form: { kind: 'floats', buffer }, mask: own, needsGradient: input.needsGradient };
  });
  scope.backward(parts, (gradients) => {
    const dX = gradients.to(input);
    if (!dX) return;
    const dParts = parts.map((part) => gradients.of(part));
    if (dParts.includes(null)) emitZeros(scope, dX, featuresOf(input));
    for (const [step, dPart] of dParts.entries()) if (dPart) moveStep(scope, dPart, dX, input, step, true);
  });
  const outputs = parts.map(emit) as [Value, ...Value[]];
  const [first] = outputs;
  const shape = [steps, ...first.shape];
  const y = scope.floats('y', steps * lengthOf(first));
  const output: Value = { ...first, shape, form: { kind: 'floats', buffer: y }, mask };
  for (const [step, each] of outputs.entries()) moveStep(scope, scope.floatsOf(each), y, output, step, true);
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    if (!dY) return;
    for (const [step, each] of outputs.entries()) {
      const target = gradients.to(each);
      if (target) moveStep(scope, target, dY, output, step, false);
    }
  });
  return output;
}

/** Emits a copy of one step into the buffer of all, or out of it. */
function moveStep(scope: Scope, part: PlannedBuffer, whole: PlannedBuffer, { shape, rows }: Value, step: number, into: boolean): void {
  const width = rows * (shape[shape.length - 1] as number);
  const inner = { strides: [width] };
  const outer = { start: step * width, strides: [width * (shape[0] as number)] };
  const counts = [sizeOf(shape.slice(1, -1))];
  if (into) emitMove(scope, { counts, width, x: part, from: inner, y: whole, to: outer });
  else emitMove(scope, { counts, width, x: whole, from: outer, y: part, to: inner });
}
