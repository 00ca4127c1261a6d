import { type Shape, sizeOf } from '../core/shape.ts';
import { emitMove } from './emitMove.ts';
import type { CarriedState } from './emitter.ts';
import type { Scope } from './scope.ts';
import { featuresOf, type Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type WindowOptions, windowFields } from './windows.ts';

/** The weights of a convolution, and what it gives. */
export interface ConvolutionPlan {
  /** `[taps, C / groups, filters]` */
  readonly kernel: Weight;
  /** `[filters]` */
  readonly bias: Weight | null;
  readonly groups: number;
  /** The shape of a sample of the output. */
  readonly shape: Shape;
}

/**
 * Emits a convolution over the first one or two axes of samples, whose last axis has C channels.
 */
export function emitConvolution(scope: Scope, input: Value, windows: readonly WindowOptions[], plan: ConvolutionPlan): Value {
  const { kernel, bias, groups, shape } = plan;
  const continued = withEarlierSteps(scope, input, windows);
  const { value } = continued;
  const shared = {
    ...windowFields(value.shape, continued.windows),
    rows: value.rows,
    groups,
    depth: featuresOf(value) / groups,
    filters: (shape[shape.length - 1] as number) / groups,
    x: scope.floatsOf(value),
    kernel: scope.weight(kernel),
  };
  const y = scope.floats('y', value.rows * sizeOf(shape));
  scope.call('convolutionForward', { ...shared, bias: bias && scope.weight(bias), y });
  const output: Value = {
    ...input,
    shape,
    form: { kind: 'floats', buffer: y },
    mask: null,
    needsGradient: input.needsGradient || [kernel, bias].some((weight) => weight !== null && scope.isTrainable(weight)),
  };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    if (!dY) return;
    const dBias = bias && gradients.toWeight(bias);
    scope.call('convolutionBackward', { ...shared, dY, dKernel: gradients.toWeight(kernel), dBias, dX: gradients.to(value) });
  });
  return output;
}

/**
 * In a program that continues an earlier one, the input behind the last steps of the one before,
 * which a causal window sees; else the input.
 */
function withEarlierSteps(
  scope: Scope,
  input: Value,
  windows: readonly WindowOptions[],
): { readonly value: Value; readonly windows: readonly WindowOptions[] } {
  const [{ size, dilation, padding }] = windows as readonly [WindowOptions];
  const earlier = (size - 1) * dilation;
  if (padding !== 'causal' || earlier === 0) return { value: input, windows };
  const [steps, channels] = input.shape as readonly [number, number];
  // `[B, L, C]`: the L last steps of each sequence.
  const carried = scope.state('inputs', input.rows * earlier * channels, false);
  if (!carried) return { value: input, windows };
  const value = emitContinued(scope, input, carried, [steps + earlier, channels]);
  return { value, windows: windows.map((own) => ({ ...own, padding: 'valid' })) };
}

/** Emits the carried steps and those of the input, `[L + T, B, C]`, and keeps the last L. */
function emitContinued(scope: Scope, input: Value, { before, after }: CarriedState, shape: readonly [number, number]): Value {
  const [rows, channels] = [input.rows, featuresOf(input)];
  const earlier = shape[0] - (input.shape[0] as number);
  const width = rows * channels;
  const x = scope.floatsOf(input);
  const y = scope.floats('continued', earlier * width + x.length);
  const shared = { counts: [earlier, rows], width: channels };
  const ofRows = { strides: [channels, earlier * channels] };
  emitMove(scope, { ...shared, x: before, from: ofRows, y, to: { strides: [width, channels] } });
  emitMove(scope, { counts: [1], width: x.length, x, from: { strides: [0] }, y, to: { start: earlier * width, strides: [0] } });
  emitMove(scope, { ...shared, x: y, from: { start: x.length, strides: [width, channels] }, y: after, to: ofRows });
  const output: Value = { ...input, shape, form: { kind: 'floats', buffer: y } };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    const dX = dY && gradients.to(input);
    if (!dY || !dX) return;
    emitMove(scope, { counts: [1], width: dX.length, x: dY, from: { start: earlier * width, strides: [0] }, y: dX, to: { strides: [0] } });
  });
  return output;
}
