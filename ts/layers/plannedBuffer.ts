import type { Placement } from '../backend/backend.ts';

/**
 * A buffer that a program will have. Layers name it and pass it to kernels; the memory plan gives it a place once every
 * call is known.
 */
export interface PlannedBuffer {
  readonly name: string;
  readonly kind: 'float' | 'int';
  readonly length: number;
  /** The buffer this one is a part of, and where it starts in it, in elements. */
  readonly parent: PlannedBuffer | null;
  readonly start: number;
  /** Lives as long as the program: inputs, results, and everything outside the program's own block. */
  persistent: boolean;
  /** Indices of the first and last call that use it; -1 while none does. */
  firstCall: number;
  lastCall: number;
  placement: Placement | null;
}
