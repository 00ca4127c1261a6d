import type { Shape } from '../core/shape.ts';
import { sizeOf } from '../core/shape.ts';
import type { ActivationName } from './activations.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Weight } from './weight.ts';

/**
 * What flows between layers while a program is built. `shape` is one sample's. In memory the axes before the last come first, in
 * reverse order, then the rows, then the last axis: a sequence `[T, D]` of B samples lies time-major, `[T, B, D]`.
 *
 * A value is one object wherever it goes: gradients are kept by value.
 */
export interface Value {
  readonly shape: Shape;
  /** Samples that lie side by side: B. */
  readonly rows: number;
  readonly form: Form;
  /** `[T, rows]` integers, 0 at the steps to skip. */
  readonly mask: PlannedBuffer | null;
  /** Whether something below has weights to train. */
  readonly needsGradient: boolean;
}

/** How a value is there. A layer that needs floats asks `scope.floatsOf`, which makes them once. */
export type Form =
  | { readonly kind: 'floats'; readonly buffer: PlannedBuffer }
  /** What a program is given: ids, floats, or both when some layers take one and some the other. */
  | { readonly kind: 'input'; readonly ids: PlannedBuffer | null; readonly floats: PlannedBuffer | null }
  /** Rows of a table, or one-hot rows where there is none. A product with them is a gather of rows, so nothing expands them before. */
  | { readonly kind: 'rows'; readonly ids: PlannedBuffer; readonly table: Weight | null }
  /** An activation of scores that is not computed until somebody needs it: a loss takes the scores, which is more exact. */
  | { readonly kind: 'activation'; readonly activation: ActivationName; readonly scores: Value };

/** Rows of the matrix that a value is when its last axis is the columns: B, or T*B. */
export function matrixRows({ shape, rows }: Value): number {
  return rows * sizeOf(shape.slice(0, -1));
}

/** Size of the last axis. */
export function featuresOf({ shape }: Value): number {
  return shape[shape.length - 1] as number;
}

/** Floats of a value. */
export function lengthOf({ shape, rows }: Value): number {
  return rows * sizeOf(shape);
}
