import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import type { ResolvedActivation } from './activationFunction.ts';
import type { ActivationName } from './activations.ts';
import { emitActivation } from './emitActivation.ts';
import type { PackedBuffers } from './emitter.ts';
import type { Scope } from './scope.ts';
import { featuresOf, matrixRows, type Value } from './value.ts';
import type { Weight } from './weight.ts';

/**
 * Emits `activation(x · kernel + bias)` over the last axis, and its backward calls.
 * @param bias `[U]`; undefined for none
 * @param kernel `[D, U]`
 */
export function emitDense(scope: Scope, input: Value, kernel: Weight, bias: Weight | undefined, activation: ActivationName): Value {
  const rows = matrixRows(input);
  const units = kernel.shape[1] as number;
  const ids = input.form.kind === 'rows' && input.form.table === null ? input.form.ids : null;
  const x = ids ? null : scope.floatsOf(input);
  const y = scope.floats('y', rows * units);
  const sizes = { rows, features: featuresOf(input), units, activation: ACTIVATIONS[activation], x, ids };
  const product = { ...sizes, bias: bias && scope.weight(bias), y };
  const packed = scope.packed(kernel, 1);
  if (packed) scope.call('quantisedDenseForward', { ...product, ...kernelOf(packed) });
  else scope.call('denseForward', { ...product, kernel: scope.weight(kernel) });

  const output: Value = {
    ...input,
    shape: [...input.shape.slice(0, -1), units],
    form: { kind: 'floats', buffer: y },
    needsGradient: packed === null && (input.needsGradient || scope.isTrainable(kernel)),
  };
  if (packed) return output;
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    if (!dY) return;
    const dKernel = gradients.toWeight(kernel);
    scope.call('denseBackward', {
      ...sizes,
      kernel: scope.weight(kernel),
      y,
      dY,
      dKernel,
      dBias: bias && gradients.toWeight(bias),
      dX: gradients.to(input),
    });
  });
  return output;
}

/**
 * Emits a layer `Dense`. It leaves the scores before the activation to a loss that can take them;
 * the activation is computed when something else needs the output.
 */
export function emitDenseLayer(
  scope: Scope,
  input: Value,
  kernel: Weight,
  bias: Weight | undefined,
  activation: ResolvedActivation,
): Value {
  const { kernelName } = activation;
  if (kernelName === null) return emitActivation(scope, activation, emitDense(scope, input, kernel, bias, 'linear'));
  if (scope.scoresWanted !== kernelName) return emitDense(scope, input, kernel, bias, kernelName);
  const scores = emitDense(scope, input, kernel, bias, 'linear');
  return { ...scores, form: { kind: 'activation', activation: kernelName, scores } };
}

/** The arguments that say where a kernel of integers is. */
function kernelOf({ packing, words, scales }: PackedBuffers) {
  return { packing, kernelWords: words.length, kernel: words, kernelScales: scales };
}
