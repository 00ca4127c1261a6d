import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import type { ResolvedActivation } from './activationFunction.ts';
import { type ElementwiseName, LOG_SOFTMAX } from './activations.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { MORE_EMISSION } from './emissionPart.ts';
import { emitFunction } from './emitPointwise.ts';
import { type Expression, input as inputOf } from './expression.ts';
import { formulaOf } from './formula.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, matrixRows, type Value } from './value.ts';

/** Emits an activation of a value, and notes how its gradient passes back. */
export function emitActivation(scope: Scope, activation: ResolvedActivation, input: Value): Value {
  const { kernelName } = activation;
  if (activation.given === LOG_SOFTMAX) return MORE_EMISSION.loaded.emitLogSoftmax(scope, input);
  if (kernelName === null) return emitFunction(scope, expressionOf(activation), [input], input);
  if (kernelName === 'linear') return input;
  const shared = { rows: matrixRows(input), units: featuresOf(input), activation: ACTIVATIONS[kernelName] };
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

/**
 * An activation that no kernel has, as an expression of input 0.
 * @throws {ArgumentError} when it or its derivative needs more registers than the kernel has
 */
function expressionOf({ given, own }: ResolvedActivation): Expression {
  return own ? formulaOf(own, 1, [0], `activation ${own.name}`) : ELEMENTWISE[given as ElementwiseName](inputOf(0));
}
