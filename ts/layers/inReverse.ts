import { emitMove } from './emitMove.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { lengthOf, type Value } from './value.ts';

/** The steps of a sequence from last to first. Its mask stays. */
export function inReverse(scope: Scope, input: Value): Value {
  const [steps] = input.shape as readonly [number];
  const y = scope.floats('reversed', lengthOf(input));
  const width = y.length / steps;
  const move = (x: PlannedBuffer, target: PlannedBuffer) =>
    emitMove(scope, {
      counts: [steps],
      width,
      x,
      from: { start: (steps - 1) * width, strides: [-width] },
      y: target,
      to: { strides: [width] },
    });
  move(scope.floatsOf(input), y);
  const output: Value = { ...input, form: { kind: 'floats', buffer: y } };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    const dX = dY && gradients.to(input);
    if (dY && dX) move(dY, dX);
  });
  return output;
}
