import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import type { ResolvedActivation } from './activationFunction.ts';
import { emitFunction } from './emitPointwise.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, matrixRows, type Value } from './value.ts';

/** Emits an activation of a value, and notes how its gradient passes back. */
export function emitActivation(scope: Scope, { compiled, formula }: ResolvedActivation, input: Value): Value {
  if (formula) return emitFunction(scope, formula, [input], input);
  if (compiled === null || compiled === 'linear') return input;
  const shared = { rows: matrixRows(input), units: featuresOf(input), activation: ACTIVATIONS[compiled] };
  const y = scope.floats('y', lengthOf(input));
  scope.call('activationForward', { ...shared, x: scope.floatsOf(input), y });
  const output: Value = { ...input, form: { kind: 'floats', buffer: y } };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    const dX = dY && gradients.to(input);
    if (dY && dX) scope.call('activationBackward', { ...shared, y, dY, dX });
  });
  return output;
}
