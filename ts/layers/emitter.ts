import type { KernelArguments, KernelName } from '../backend/kernels.generated.ts';
import type { SeedWords } from '../core/seed.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Weight } from './weight.ts';

/** Arguments of a kernel with planned buffers, without the workspace, which the emitter adds. */
export type EmittedArguments<K extends KernelName> = Omit<KernelArguments<PlannedBuffer, PlannedBuffer>[K], 'workspace'>;

/** A weight of a quantised model, packed for products. */
export interface PackedBuffers {
  /** Code from `PACKINGS`. */
  readonly packing: number;
  readonly words: PlannedBuffer;
  /** The scale of the integers of each column. */
  readonly scales: PlannedBuffer;
}

/**
 * A layer's state `[B, H]` in a program that continues an earlier one: from the step before in a
 * stream, otherwise from the batch before.
 */
export interface CarriedState {
  readonly from: 'step' | 'batch';
  /** The state before the step or batch, to be read. */
  readonly before: PlannedBuffer;
  /** The state after it, to be written. It is another buffer than `before`. */
  readonly after: PlannedBuffer;
}

/**
 * A program under construction: buffers, weights and kernel calls. Layers see it through a `Scope`.
 */
export interface Emitter {
  /** B: sequences in a batch. */
  readonly batch: number;
  /** Seed of the model's random numbers. */
  readonly seed: SeedWords;
  /**
   * `[3]` integers, written before each step: iteration, first row of this batch in the whole
   * batch, rows of the whole batch.
   */
  readonly counter: PlannedBuffer;
  /**
   * The same for random numbers of each step: in a window of a batch its first row comes after the
   * rows of the steps before.
   */
  readonly stepCounter: PlannedBuffer;
  floats(name: string, length: number): PlannedBuffer;
  ints(name: string, length: number): PlannedBuffer;
  /** Integers that never change. */
  constants(name: string, values: Int32Array): PlannedBuffer;
  /** Floats that are always zero. */
  zeros(length: number): PlannedBuffer;
  /** A part of a buffer: `length` elements from element `start`. */
  slice(buffer: PlannedBuffer, start: number, length: number): PlannedBuffer;
  /** The buffer of a weight's values. */
  weight(weight: Weight): PlannedBuffer;
  /** The integers of a weight `[K, gates*H]` of a quantised model; null for floats. */
  packed(weight: Weight, gates: number): PackedBuffers | null;
  call<K extends KernelName>(kernel: K, args: EmittedArguments<K>): void;
}

/** An emitter of a whole program, which also has what stays between steps. */
export interface ProgramEmitter extends Emitter {
  /** A buffer that is read or written between steps. */
  persistent(name: string, kind: 'float' | 'int', length: number): PlannedBuffer;
  /** Floats that never change. */
  numbers(name: string, values: readonly number[]): PlannedBuffer;
}
