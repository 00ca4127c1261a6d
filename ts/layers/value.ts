import type { Shape } from '../core/shape.ts';
import { sizeOf } from '../core/shape.ts';
import type { ActivationName } from './activations.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Weight } from './weight.ts';

/**
 * A value between layers in a program under construction. `shape` is the shape of one sample. In
 * memory the axes before the last come first, in reverse order, then the rows, then the last axis:
 * a sequence `[T, D]` of B samples is time-major, `[T, B, D]`.
 *
 * A value is always the same object, because gradients are stored by value.
 */
export interface Value {
  readonly shape: Shape;
  /** Number of samples side by side: B. */
  readonly rows: number;
  readonly form: Form;
  /** `[T, rows]` integers, 0 at the steps to skip. */
  readonly mask: PlannedBuffer | null;
  /** Whether a layer below has weights to train. */
  readonly needsGradient: boolean;
}

/** The form of a value. A layer that needs floats calls `scope.floatsOf`, which makes them once. */
export type Form =
  | { readonly kind: 'floats'; readonly buffer: PlannedBuffer }
  /** An input of the program: ids, floats, or both if its layers need both. */
  | { readonly kind: 'input'; readonly ids: PlannedBuffer | null; readonly floats: PlannedBuffer | null }
  /**
   * Rows of a table, or one-hot rows without a table. They are not expanded, because a product with
   * them is a gather of rows.
   */
  | { readonly kind: 'rows'; readonly ids: PlannedBuffer; readonly table: Weight | null }
  /**
   * An activation of scores that is not computed before it is needed: a loss may take the scores,
   * which is more exact.
   */
  | { readonly kind: 'activation'; readonly activation: ActivationName; readonly scores: Value }
  /**
   * Tags of the steps of a linear chain, which are not decoded before they are needed: the loss
   * takes the energies of the tags and of their transitions.
   */
  | { readonly kind: 'tags'; readonly scores: Value; readonly transitions: Transitions; readonly decode: () => PlannedBuffer };

/** The energies `[U, U]` of the transitions between U tags. */
export interface Transitions {
  readonly values: PlannedBuffer;
  /** To be written by the loss; null when no backward pass follows. */
  readonly gradient: PlannedBuffer | null;
}

/** Number of rows of a value as a matrix whose columns are the last axis: B, or T*B. */
export function matrixRows({ shape, rows }: Value): number {
  return rows * sizeOf(shape.slice(0, -1));
}

/** Size of the last axis. */
export function featuresOf({ shape }: Value): number {
  return shape[shape.length - 1] as number;
}

/** Number of floats of a value. */
export function lengthOf({ shape, rows }: Value): number {
  return rows * sizeOf(shape);
}
