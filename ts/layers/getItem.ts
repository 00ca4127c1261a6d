import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { emitParts } from './emitMore.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { OperationLayer } from './operationLayer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { stridesOf } from './strides.ts';
import type { Value } from './value.ts';

/** First index, end and step of a slice, as in Python; null for what is not given. */
export type SliceKey = readonly [start: number | null, stop: number | null, step: number | null];

/** An index along an axis, which removes the axis; a slice; or a new axis. */
export type ItemKey = number | SliceKey | 'newAxis';

/** The indices that are taken along an axis of samples; `count` is null where it is not known. */
interface Range {
  readonly first: number;
  readonly step: number;
  readonly count: number | null;
  readonly stays: boolean;
}

/** Elements of each sample by indices and slices: `x[:, -1]` of Python, without its batch axis. */
export class GetItem extends OperationLayer {
  readonly className = 'GetItem';
  /** For each axis after the batch; axes without an entry stay as they are. */
  readonly key: readonly ItemKey[];

  constructor(key: readonly ItemKey[], options?: LayerOptions) {
    super(options, [], 'GetItem');
    const isIntegerOrNull = (value: unknown) => value === null || Number.isSafeInteger(value);
    const isKey = (entry: unknown) =>
      entry === 'newAxis' ||
      Number.isSafeInteger(entry) ||
      (Array.isArray(entry) && entry.length === 3 && entry.every(isIntegerOrNull) && entry[2] !== 0);
    for (const entry of key)
      if (!isKey(entry)) throw new ArgumentError(`GetItem: the key takes integers, slices and new axes, got ${describe(entry)}`);
    this.key = [...key];
  }

  override get needsSequences(): string | null {
    const [first] = this.key;
    const isAll = first === undefined || (Array.isArray(first) && first[0] === null && first[1] === null && (first[2] ?? 1) === 1);
    return isAll ? null : 'takes some of the steps';
  }

  override infer([input]: readonly TensorSpec[]): readonly TensorSpec[] {
    const { shape } = input as TensorSpec;
    const made = this.#made(shape);
    if (made.length === 0 || made.length > 3 || shape.length > 3)
      throw new ShapeError(
        `${this.title} takes and gives samples of 1 to 3 axes, got ${formatShape(shape)} and gives ${formatShape(made)}`,
      );
    return [{ shape: made, kind: 'floats' }];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const shape = this.#made(input.shape) as Shape;
    const ranges = this.#ranges(input.shape);
    const [from, made] = [stridesOf(input.shape, input.rows), stridesOf(shape, input.rows)];
    const start = ranges.reduce((sum, { first }, axis) => sum + first * (from.axes[axis] as number), 0);
    const axes = ranges.map(({ step }, axis) => step * (from.axes[axis] as number));
    // The axis of the output that each of the input is; one that is taken away moves nothing.
    const kept = this.#entries(input.shape).flatMap((entry) => (typeof entry === 'number' ? [] : [entry]));
    const places = kept.flatMap((entry, axis) => (entry === 'newAxis' ? [] : [made.axes[axis] as number]));
    let next = 0;
    const to = ranges.map(({ stays }) => (stays ? (places[next++] as number) : 0));
    const part = { shape: ranges.map(({ count }) => count as number), from: { ...from, axes, start }, to: { ...made, axes: to } };
    return [emitParts(scope, input, shape, [part])];
  }

  /** The key with an entry for each axis. @throws {ShapeError} when samples have fewer axes */
  #entries(shape: SampleShape): readonly ItemKey[] {
    const taken = this.key.filter((entry) => entry !== 'newAxis').length;
    if (taken > shape.length)
      throw new ShapeError(`${this.title} takes indices of ${taken} axes after the batch, got samples of shape ${formatShape(shape)}`);
    return [...this.key, ...Array.from({ length: shape.length - taken }, (): SliceKey => [null, null, null])];
  }

  #ranges(shape: SampleShape): readonly Range[] {
    const entries = this.#entries(shape).filter((entry) => entry !== 'newAxis');
    return entries.map((entry, axis) => this.#range(entry, shape[axis] ?? null, axis));
  }

  /** @throws {ShapeError} for an index that is outside, and a slice without elements */
  #range(entry: number | SliceKey, length: number | null, axis: number): Range {
    if (typeof entry === 'number') {
      const first = entry < 0 ? (length ?? 0) + entry : entry;
      if (length !== null && (first < 0 || first >= length))
        throw new ShapeError(
          `${this.title}: index ${entry} is out of range for the ${length} along axis ${axis + 1} (the batch is axis 0)`,
        );
      return { first, step: 1, count: 1, stays: false };
    }
    const [start, stop, given] = entry;
    const step = given ?? 1;
    if (length === null) return { first: 0, step, count: null, stays: true };
    // Python's: ends beyond the axis are those of the axis.
    const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
    const place = (index: number | null, otherwise: number) =>
      index === null ? otherwise : Math.min(high, Math.max(low, index < 0 ? length + index : index));
    const [first, end] = step > 0 ? [place(start, low), place(stop, high)] : [place(start, high), place(stop, low)];
    const count = Math.max(0, Math.ceil((end - first) / step));
    if (count === 0)
      throw new ShapeError(
        `${this.title}: the slice ${entry.map((each) => each ?? '').join(':')} takes none of the ${length} along axis ${axis + 1} (the batch is axis 0)`,
      );
    return { first, step, count, stays: true };
  }

  /** The shape of the output; null where a size is not known. */
  #made(shape: SampleShape): SampleShape {
    const ranges = this.#ranges(shape);
    let next = 0;
    return this.#entries(shape).flatMap((entry) => {
      if (entry === 'newAxis') return [1];
      const { count, stays } = ranges[next++] as Range;
      return stays ? [count] : [];
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), key: this.key };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ key, ...options }: LayerConfig): GetItem {
    return new GetItem(key as readonly ItemKey[], options as LayerOptions);
  }
}
