import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import { emitMove } from './emit.ts';
import { joinedMask, mergedMask } from './emitMore.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { lengthOf, type Value } from './value.ts';

export interface ConcatenateOptions extends LayerOptions {
  /** The axis of concatenation, with the batch as axis 0, as in Keras. Default -1, the features. */
  axis?: number;
}

/**
 * Concatenates its inputs along an axis. If features are concatenated, a step counts if it counts
 * in any input; if an input has no mask, all steps count. Concatenated steps keep their masks; the
 * steps of an input without a mask count. https://keras.io/api/layers/merging_layers/concatenate/
 */
export class Concatenate extends Layer {
  readonly className = 'Concatenate';
  readonly axis: number;

  /** @throws {ArgumentError} for an unknown option or an axis that is the batch's */
  constructor(options?: ConcatenateOptions) {
    super(options, ['axis'], 'Concatenate');
    const axis = options?.axis ?? -1;
    if (!Number.isInteger(axis) || axis === 0)
      throw new ArgumentError(`Concatenate: axis must be an integer, and not 0, which is the batch, got ${describe(axis)}`);
    this.axis = axis;
  }

  override get needsSequences(): string | null {
    return this.axis === -1 || this.axis > 1 ? null : 'puts sequences one after the other';
  }

  override infer(inputs: readonly TensorSpec[]): readonly TensorSpec[] {
    if (inputs.length < 2) throw new ShapeError(`${this.title} takes an array of at least two inputs, got ${inputs.length}`);
    const shapes = inputs.map(({ shape }) => shape);
    const first = shapes[0] as SampleShape;
    const along = this.#sampleAxis(first);
    const fits = shapes.every(
      (shape) =>
        shape.length === first.length &&
        shape.every((size, axis) => axis === along || size === first[axis] || size === null || first[axis] === null),
    );
    if (!fits)
      throw new ShapeError(
        `${this.title} takes inputs that differ along axis ${this.axis} only, got ${shapes.map(formatShape).join(' and ')}`,
      );
    const sizes = shapes.map((shape) => shape[along] as number | null);
    const total = sizes.includes(null) ? null : (sizes as number[]).reduce((sum, size) => sum + size, 0);
    if (total === null && along === first.length - 1)
      throw new ShapeError(`${this.title} needs inputs of known features, got ${shapes.map(formatShape).join(' and ')}`);
    return [
      {
        shape: first.map((size, axis) => (axis === along ? total : (size ?? shapes.map((shape) => shape[axis]).find(Boolean) ?? null))),
        kind: 'floats',
      },
    ];
  }

  protected override checkInputShape(): number {
    return 0;
  }

  protected override featuresOf(): number {
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  override usesOf(): readonly [{ readonly kind: 'floats'; readonly layer: null }] {
    return [{ kind: 'floats', layer: null }];
  }

  override emit(scope: Scope, inputs: readonly [Value, ...Value[]]): readonly Value[] {
    const [first] = inputs;
    const along = this.#sampleAxis(first.shape);
    const shape = first.shape.map((size, axis) =>
      axis === along ? inputs.reduce((sum, input) => sum + (input.shape[axis] as number), 0) : size,
    );
    const total = lengthOf({ ...first, shape });
    const y = scope.floats('y', total);
    // In memory the later axes before the last come first: an input is a block of `width` floats in
    // each of `count` places.
    const count =
      along === first.shape.length - 1 ? first.rows * sizeOf(first.shape.slice(0, -1)) : sizeOf(first.shape.slice(along + 1, -1));
    const move = (source: PlannedBuffer, target: PlannedBuffer, width: number, start: number, back: boolean) => {
      const part = { strides: [width] };
      const whole = { start, strides: [total / count] };
      emitMove(scope, { counts: [count], width, x: source, from: back ? whole : part, y: target, to: back ? part : whole });
    };
    const widths = inputs.map((input) => lengthOf(input) / count);
    const starts = widths.map((_, index) => widths.slice(0, index).reduce((sum, width) => sum + width, 0));
    for (const [index, input] of inputs.entries()) move(scope.floatsOf(input), y, widths[index] as number, starts[index] as number, false);
    const output: Value = {
      shape,
      rows: first.rows,
      form: { kind: 'floats', buffer: y },
      mask: this.#mask(scope, inputs, along),
      needsGradient: inputs.some(({ needsGradient }) => needsGradient),
    };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      if (!dY) return;
      for (const input of new Set(inputs)) {
        const dX = gradients.to(input);
        if (!dX) continue;
        for (const [use, index] of inputs.flatMap((other, index) => (other === input ? [index] : [])).entries()) {
          const from = { start: starts[index] as number, strides: [total / count] };
          const width = widths[index] as number;
          emitMove(scope, { counts: [count], width, x: dY, from, y: dX, to: { strides: [width] }, accumulate: use > 0 });
        }
      }
    });
    return [output];
  }

  /**
   * The mask of the output: features side by side count where one does, steps keep their masks.
   * @throws {ArgumentError} for values with a mask along an axis between these
   */
  #mask(scope: Scope, inputs: readonly [Value, ...Value[]], along: number): PlannedBuffer | null {
    if (along === inputs[0].shape.length - 1) return mergedMask(scope, inputs);
    if (along === 0) return joinedMask(scope, inputs);
    if (inputs.every(({ mask }) => mask === null)) return null;
    throw new ArgumentError(
      `${this.title} cannot join inputs with a mask along axis ${this.axis}: join their steps (axis 1) or features (axis -1), or take the mask away`,
    );
  }

  /** @throws {ShapeError} when samples do not have the axis */
  #sampleAxis(shape: SampleShape): number {
    const axis = this.axis < 0 ? shape.length + this.axis : this.axis - 1;
    if (axis < 0 || axis >= shape.length)
      throw new ShapeError(
        `${this.title}: axis ${this.axis} is not an axis of samples of shape ${formatShape(shape)} (the batch is axis 0)`,
      );
    return axis;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axis: this.axis };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Concatenate {
    return new Concatenate(config as ConcatenateOptions);
  }
}
