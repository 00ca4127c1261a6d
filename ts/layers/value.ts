import type { Shape } from '../core/shape.ts';
import { sizeOf } from '../core/shape.ts';
import type { ActivationName } from './activations.ts';
import type { Emitter } from './emitter.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Weight } from './weight.ts';

/**
 * What flows between layers while a program is built. `shape` is one sample's; a sequence (two axes, `[T, D]`) lies
 * time-major in its buffer, `[T, B, D]`.
 *
 * Ids, one-hot rows and embedding rows travel unexpanded: a recurrent layer multiplies them by its kernel as a row gather.
 * Any other layer calls `asFloats`, which expands them.
 */
export interface Value {
  readonly shape: Shape;
  readonly content: Content;
  /** `[T, B]` integers, 0 at the steps to skip. */
  readonly mask: PlannedBuffer | null;
  /** Whether something below has weights to train. */
  readonly needsGradient: boolean;
}

export type Content =
  /** Floats; `deferredActivation` is still to be applied: the loss takes the logits. */
  | { readonly kind: 'floats'; readonly buffer: PlannedBuffer; readonly deferredActivation?: ActivationName }
  | { readonly kind: 'ids'; readonly ids: PlannedBuffer }
  | { readonly kind: 'oneHot'; readonly ids: PlannedBuffer }
  | { readonly kind: 'embedding'; readonly ids: PlannedBuffer; readonly table: Weight };

/** Rows of the matrix that a value is when its last axis is the columns: B, or T*B. */
export function rowsOf(value: Value, batch: number): number {
  return batch * sizeOf(value.shape.slice(0, -1));
}

/** The value as floats, expanding one-hot and embedding rows. */
export function asFloats(emitter: Emitter, value: Value): PlannedBuffer {
  const { content } = value;
  const features = value.shape[value.shape.length - 1] as number;
  const rows = rowsOf(value, emitter.batch);
  switch (content.kind) {
    case 'floats':
      return content.buffer;
    case 'ids':
      throw new Error('ids reached a layer that takes floats; Layer.build checks this');
    case 'oneHot': {
      const y = emitter.floats('oneHot', rows * features);
      emitter.call('oneHotForward', { rows, features, ids: content.ids, y });
      return y;
    }
    case 'embedding': {
      const y = emitter.floats('embedding', rows * features);
      emitter.call('embeddingForward', {
        rows,
        vocabulary: content.table.shape[0] as number,
        features,
        ids: content.ids,
        table: emitter.weight(content.table),
        y,
      });
      return y;
    }
  }
}
