import { InternalError } from '../core/errors.ts';
import type { Emitter } from './emitter.ts';
import { add, type Expression, input } from './expression.ts';
import { derivatives, programOf } from './expressionProgram.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import { INPUTS, OUTPUTS } from './pointwiseLimits.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/**
 * Emits elementwise functions of inputs: `outputs[n][i] = results[n](inputs[..][i])`. Shorter
 * inputs are repeated.
 */
export function emitPointwise(
  emitter: Emitter,
  results: readonly Expression[],
  inputs: readonly PlannedBuffer[],
  outputs: readonly PlannedBuffer[],
): void {
  if (inputs.length > INPUTS || outputs.length > OUTPUTS)
    throw new InternalError(
      `an elementwise kernel takes ${INPUTS} inputs and ${OUTPUTS} outputs, got ${inputs.length} and ${outputs.length}`,
    );
  const code = emitter.constants('code', programOf(results));
  const [x0, x1, x2, x3, x4, x5] = inputs;
  const [y0, y1, y2, y3] = outputs;
  emitter.call('pointwise', {
    count: (y0 as PlannedBuffer).length,
    codeLength: code.length,
    length0: x0?.length ?? 0,
    length1: x1?.length ?? 0,
    length2: x2?.length ?? 0,
    length3: x3?.length ?? 0,
    length4: x4?.length ?? 0,
    length5: x5?.length ?? 0,
    code,
    x0,
    x1,
    x2,
    x3,
    x4,
    x5,
    y0,
    y1,
    y2,
    y3,
  });
}

/**
 * Emits an elementwise function of values of one shape, and notes how its gradient passes back.
 * @param like what the result is besides its floats: its shape, its mask
 */
export function emitFunction(scope: Scope, result: Expression, inputs: readonly Value[], like: Value): Value {
  const buffers = inputs.map((value) => scope.floatsOf(value));
  const y = scope.floats('y', (buffers[0] as PlannedBuffer).length);
  emitPointwise(scope, [result], buffers, [y]);
  const output: Value = {
    ...like,
    form: { kind: 'floats', buffer: y },
    needsGradient: inputs.some(({ needsGradient }) => needsGradient),
  };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    if (!dY) return;
    // One value may stand for several inputs: each use has its own part of the gradient.
    for (const value of new Set(inputs)) {
      const target = gradients.to(value);
      if (!target) continue;
      const uses = inputs.flatMap((other, index) => (other === value ? [index] : []));
      const parts = derivatives(result, uses, input(inputs.length));
      const sum = parts.reduce((total, part) => add(total, part));
      emitPointwise(scope, [sum], [...buffers, dY], [target]);
    }
  });
  return output;
}
