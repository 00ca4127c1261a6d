import type { Placement } from '../backend/backend.ts';

/**
 * A buffer of a program under construction. Layers name it and pass it to kernels. The memory plan
 * gives it a place when all calls are known.
 */
export interface PlannedBuffer {
  readonly name: string;
  readonly kind: 'float' | 'int';
  readonly length: number;
  /** The buffer that this one is a part of, and the element at which it starts there. */
  readonly parent: PlannedBuffer | null;
  readonly start: number;
  /**
   * Whether it keeps its place as long as the program exists: inputs, results, and buffers outside
   * of the program's block.
   */
  persistent: boolean;
  /** Indices of the first and last call that use it; -1 while none does. */
  firstCall: number;
  lastCall: number;
  placement: Placement | null;
}
