import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { emitParts } from './emitMore.ts';
import type { Part } from './emitParts.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { axisOption, OperationLayer, sampleAxis } from './operationLayer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { type Strides, stridesOf } from './strides.ts';
import type { Value } from './value.ts';

/** A part of each sample, from a start on, of a size along each axis. */
export class Slice extends OperationLayer {
  readonly className = 'Slice';
  /** For each axis after the batch the first index; negative from the end on. */
  readonly start: readonly number[];
  /** For each axis after the batch the number of indices; -1 for all that follow. */
  readonly size: readonly number[];

  constructor(start: readonly number[], size: readonly number[], options?: LayerOptions) {
    super(options, [], 'Slice');
    this.start = [...start];
    this.size = [...size];
    for (const index of start)
      if (!Number.isInteger(index)) throw new ArgumentError(`ops.slice: the start must be integers, got ${describe(index)}`);
    for (const count of size)
      if (!Number.isInteger(count) || count === 0 || count < -1)
        throw new ArgumentError(`ops.slice: sizes must be integers above 0, or -1 for all that follow, got ${describe(count)}`);
  }

  override get needsSequences(): string | null {
    return this.start[0] === 0 && this.size[0] === -1 ? null : 'takes some of the steps';
  }

  override infer([input]: readonly TensorSpec[]): readonly TensorSpec[] {
    const { shape } = input as TensorSpec;
    return [{ shape: this.#ranges(shape).map(({ count }) => count), kind: 'floats' }];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const ranges = this.#ranges(input.shape);
    const shape = ranges.map(({ count }) => count as number);
    const from = stridesOf(input.shape, input.rows);
    const start = ranges.reduce((sum, { first }, axis) => sum + (first as number) * (from.axes[axis] as number), 0);
    return [emitParts(scope, input, shape, [{ shape, from: { ...from, start }, to: stridesOf(shape, input.rows) }])];
  }

  /** The first index and the number of indices along each axis; null where a length is free. */
  #ranges(shape: SampleShape): readonly { first: number | null; count: number | null }[] {
    const refuse = () =>
      new ShapeError(
        `${this.title}: start ${formatShape([0, ...this.start])} and size ${formatShape([-1, ...this.size])} do not fit samples of shape ${formatShape(shape)} (the batch is axis 0)`,
      );
    if (shape.length !== this.start.length || shape.length > 3) throw refuse();
    return shape.map((length, axis) => {
      const [start, size] = [this.start[axis] as number, this.size[axis] as number];
      const first = start >= 0 ? start : length === null ? null : length + start;
      if (length === null) {
        // From an index on all that follow; from the end on a number that is known.
        const count = size !== -1 ? size : start < 0 ? -start : null;
        if (start < 0 && size > -start) throw refuse();
        return { first, count };
      }
      const count = size === -1 ? length - (first as number) : size;
      if ((first as number) < 0 || count < 1 || (first as number) + count > length) throw refuse();
      return { first, count };
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), start: this.start, size: this.size };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ start, size, ...options }: LayerConfig): Slice {
    return new Slice(start as readonly number[], size as readonly number[], options as LayerOptions);
  }
}

/** Indices that follow each other at equal distances. */
interface Run {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** The elements at some indices of an axis, in the order of the indices. */
export class Take extends OperationLayer {
  readonly className = 'Take';
  /** One index, which removes the axis, or several; negative from the end on. */
  readonly indices: number | readonly number[];
  /** With the batch as axis 0; negative from the last one on. */
  readonly axis: number;

  constructor(indices: number | readonly number[], axis: number, options?: LayerOptions) {
    super(options, [], 'Take');
    const all = [indices].flat();
    if (all.length === 0) throw new ArgumentError('ops.take: indices must be an integer or an array with some, got []');
    for (const index of all)
      if (!Number.isInteger(index)) throw new ArgumentError(`ops.take: indices must be integers, got ${describe(index)}`);
    this.indices = typeof indices === 'number' ? indices : [...indices];
    this.axis = axisOption(axis, 'ops.take');
  }

  override get needsSequences(): string | null {
    return this.axis === -1 || this.axis > 1 ? null : 'takes some of the steps';
  }

  override infer([input]: readonly TensorSpec[]): readonly TensorSpec[] {
    const { shape } = input as TensorSpec;
    const at = sampleAxis(this, this.axis, shape);
    const isOne = typeof this.indices === 'number';
    if (isOne && shape.length === 1)
      throw new ShapeError(`${this.title} would leave no axis of samples of shape ${formatShape(shape)}: give the index in an array`);
    const length = shape[at] ?? null;
    if (length !== null) this.#placesIn(length);
    return [{ shape: shape.flatMap((size, axis) => (axis !== at ? [size] : isOne ? [] : [[this.indices].flat().length])), kind: 'floats' }];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const at = sampleAxis(this, this.axis, input.shape);
    const [{ shape }] = this.infer([{ shape: input.shape, kind: 'floats' }]) as unknown as readonly [{ shape: Shape }];
    const from = stridesOf(input.shape, input.rows);
    const to = this.#withAxis(stridesOf(shape, input.rows), at);
    let taken = 0;
    const parts = runsOf(this.#placesIn(input.shape[at] as number)).map(({ first, step, count }): Part => {
      const along = (strides: Strides, start: number, factor: number): Strides => ({
        ...strides,
        axes: strides.axes.map((stride, axis) => (axis === at ? stride * factor : stride)),
        start: start * (strides.axes[at] as number),
      });
      const part = {
        shape: input.shape.map((size, axis) => (axis === at ? count : size)),
        from: along(from, first, step),
        to: along(to, taken, 1),
      };
      taken += count;
      return part;
    });
    return [emitParts(scope, input, shape, parts)];
  }

  /** The strides of the output with the axis that one index takes away. */
  #withAxis({ rows, axes }: Strides, at: number): Strides {
    return typeof this.indices === 'number' ? { rows, axes: [...axes.slice(0, at), 0, ...axes.slice(at)] } : { rows, axes };
  }

  /** The indices counted from the start. @throws {ShapeError} when an axis does not have them */
  #placesIn(length: number): readonly number[] {
    return [this.indices].flat().map((index) => {
      const place = index < 0 ? length + index : index;
      if (place < 0 || place >= length)
        throw new ShapeError(`${this.title}: index ${index} is out of range for the ${length} along axis ${this.axis}`);
      return place;
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), indices: this.indices, axis: this.axis };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ indices, axis, ...options }: LayerConfig): Take {
    return new Take(indices as number | readonly number[], axis as number, options as LayerOptions);
  }
}

/** Indices as runs, each of which is one move. */
function runsOf(indices: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  for (let start = 0; start < indices.length; ) {
    const first = indices[start] as number;
    const step = (indices[start + 1] ?? first) - first;
    let count = 1;
    // Elements that are taken twice are in two runs, so that their gradients are added.
    while (step !== 0 && indices[start + count] === first + count * step) count++;
    runs.push({ first, step, count });
    start += count;
  }
  return runs;
}
