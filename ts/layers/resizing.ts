import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, positiveInteger, wholeNumber } from '../core/shape.ts';
import { emitMove } from './emit.ts';
import { Layer, type LayerConfig, type LayerOptions, requireFeatures } from './layer.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import { featuresOf, type Value } from './value.ts';

/** The base of layers that give a sequence another number of steps. They take no mask on. */
abstract class Resizing extends Layer {
  override get supportsMasking(): boolean {
    return false;
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    requireFeatures(this, inputShape, [2], 'sequences [steps, features]');
    this.outputShape(inputShape);
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    const [steps, features] = inputShape as readonly [number | null, number];
    if (steps === null) return [null, features];
    const left = this.stepsOf(steps);
    if (left > 0) return [left, features];
    throw new ShapeError(`${this.title} leaves no step of samples of shape ${formatShape(inputShape)}`);
  }

  /** The number of steps of the output. */
  protected abstract stepsOf(steps: number): number;
}

/** Numbers of steps at both ends: one for both, or one for each. */
export type StepsAtEnds = number | readonly [before: number, after: number];

/** @throws {ArgumentError} when it is neither a whole number nor two of them */
function endsOption(value: unknown, where: string): readonly [number, number] {
  const both = Array.isArray(value) ? value : [value, value];
  if (both.length !== 2) throw new ArgumentError(`${where} must be a whole number, or an array of two of them, got ${describe(value)}`);
  return [wholeNumber(both[0], where), wholeNumber(both[1], where)];
}

/** Emits steps of zeros. */
function emitZeroSteps(scope: Scope, y: PlannedBuffer, first: number, steps: number, width: number): void {
  if (steps === 0) return;
  const zeros = scope.zeros(width);
  emitMove(scope, { counts: [steps], width, x: zeros, from: { strides: [0] }, y, to: { start: first * width, strides: [width] } });
}

/** Emits a copy of steps from `fromStep` on to those from `toStep` on. */
function emitSteps(scope: Scope, x: PlannedBuffer, fromStep: number, y: PlannedBuffer, toStep: number, steps: number, width: number): void {
  const walk = (step: number) => ({ start: step * width, strides: [0] });
  emitMove(scope, { counts: [1], width: steps * width, x, from: walk(fromStep), y, to: walk(toStep) });
}

/**
 * Steps of zeros before and after a sequence: `[T, D]` becomes `[before + T + after, D]`.
 * https://keras.io/api/layers/reshaping_layers/zero_padding1d/
 */
export class ZeroPadding1D extends Resizing {
  readonly className = 'ZeroPadding1D';
  readonly padding: readonly [before: number, after: number];

  /**
   * @param padding steps at each end, or `[before, after]`. Default 1
   * @throws {ArgumentError} for an unknown option or a number that is none
   */
  constructor(padding: StepsAtEnds = 1, options?: LayerOptions) {
    super(options, [], 'ZeroPadding1D');
    this.padding = endsOption(padding, 'ZeroPadding1D: padding');
  }

  protected override stepsOf(steps: number): number {
    return steps + this.padding[0] + this.padding[1];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const [before, after] = this.padding;
    const steps = input.shape[0] as number;
    const width = input.rows * featuresOf(input);
    const y = scope.floats('y', this.stepsOf(steps) * width);
    emitZeroSteps(scope, y, 0, before, width);
    emitSteps(scope, scope.floatsOf(input), 0, y, before, steps, width);
    emitZeroSteps(scope, y, before + steps, after, width);
    const shape = [this.stepsOf(steps), featuresOf(input)];
    const output: Value = { ...input, shape, form: { kind: 'floats', buffer: y }, mask: null };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      const dX = dY && gradients.to(input);
      if (dY && dX) emitSteps(scope, dY, before, dX, 0, steps, width);
    });
    return [output];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), padding: this.padding };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ padding, ...options }: LayerConfig): ZeroPadding1D {
    return new ZeroPadding1D(padding as unknown as StepsAtEnds, options as LayerOptions);
  }
}

/**
 * A sequence without its first and last steps.
 * https://keras.io/api/layers/reshaping_layers/cropping1d/
 */
export class Cropping1D extends Resizing {
  readonly className = 'Cropping1D';
  readonly cropping: readonly [before: number, after: number];

  /**
   * @param cropping steps to leave out at each end, or `[before, after]`. Default 1
   * @throws {ArgumentError} for an unknown option or a number that is none
   */
  constructor(cropping: StepsAtEnds = 1, options?: LayerOptions) {
    super(options, [], 'Cropping1D');
    this.cropping = endsOption(cropping, 'Cropping1D: cropping');
  }

  protected override stepsOf(steps: number): number {
    return steps - this.cropping[0] - this.cropping[1];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const [before, after] = this.cropping;
    const left = this.stepsOf(input.shape[0] as number);
    const width = input.rows * featuresOf(input);
    const y = scope.slice(scope.floatsOf(input), before * width, left * width);
    const shape = [left, featuresOf(input)];
    const output: Value = { ...input, shape, form: { kind: 'floats', buffer: y }, mask: null };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      const dX = dY && gradients.to(input);
      if (!dY || !dX) return;
      emitZeroSteps(scope, dX, 0, before, width);
      emitSteps(scope, dY, 0, dX, before, left, width);
      emitZeroSteps(scope, dX, before + left, after, width);
    });
    return [output];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), cropping: this.cropping };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ cropping, ...options }: LayerConfig): Cropping1D {
    return new Cropping1D(cropping as unknown as StepsAtEnds, options as LayerOptions);
  }
}

/**
 * Each step several times: `[T, D]` becomes `[size * T, D]`.
 * https://keras.io/api/layers/reshaping_layers/up_sampling1d/
 */
export class UpSampling1D extends Resizing {
  readonly className = 'UpSampling1D';
  readonly size: number;

  /**
   * @param size how often each step comes. Default 2
   * @throws {ArgumentError} for an unknown option or a number that is none
   */
  constructor(size = 2, options?: LayerOptions) {
    super(options, [], 'UpSampling1D');
    this.size = positiveInteger(size, 'UpSampling1D: size', 'new UpSampling1D(size, options)');
  }

  protected override stepsOf(steps: number): number {
    return steps * this.size;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const { size } = this;
    const steps = input.shape[0] as number;
    const width = input.rows * featuresOf(input);
    const y = scope.floats('y', size * steps * width);
    const few = { strides: [width, 0] };
    const many = (first: number) => ({ start: first * width, strides: [size * width, width] });
    emitMove(scope, { counts: [steps, size], width, x: scope.floatsOf(input), from: few, y, to: many(0) });
    const output: Value = { ...input, shape: [size * steps, featuresOf(input)], form: { kind: 'floats', buffer: y }, mask: null };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      const dX = dY && gradients.to(input);
      if (!dY || !dX) return;
      emitMove(scope, { counts: [steps, 1], width, x: dY, from: many(0), y: dX, to: few });
      if (size > 1) emitMove(scope, { counts: [steps, size - 1], width, x: dY, from: many(1), y: dX, to: few, accumulate: true });
    });
    return [output];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), size: this.size };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ size, ...options }: LayerConfig): UpSampling1D {
    return new UpSampling1D(size as number, options as LayerOptions);
  }
}
