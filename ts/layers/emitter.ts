import type { KernelArguments, KernelName } from '../backend/kernels.generated.ts';
import type { SeedWords } from '../core/seed.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Weight } from './weight.ts';

/** Arguments of a kernel with planned buffers; the emitter sizes and adds the workspace itself. */
export type EmittedArguments<K extends KernelName> = Omit<KernelArguments<PlannedBuffer, PlannedBuffer>[K], 'workspace'>;

/** A layer's state `[B, H]` in a program that goes on where the step before stopped. */
export interface CarriedState {
  /** To be read. */
  readonly before: PlannedBuffer;
  /** To be written; another buffer than `before`. */
  readonly after: PlannedBuffer;
}

/**
 * What a layer sees of the program under construction. It asks for buffers and appends kernel calls; where the buffers
 * lie, and on which backend the kernels run, is not its business.
 */
export interface Emitter {
  /** B: sequences in a batch. */
  readonly batch: number;
  /** Whether a backward pass follows, and dropout drops. */
  readonly training: boolean;
  /** Seed of the model's random numbers. */
  readonly seed: SeedWords;
  /** `[3]` integers, written before each step: iteration, first row of this batch in the whole batch, rows of the whole batch. */
  readonly counter: PlannedBuffer;
  floats(name: string, length: number): PlannedBuffer;
  ints(name: string, length: number): PlannedBuffer;
  /** A part of a buffer: `length` elements from element `start`. */
  slice(buffer: PlannedBuffer, start: number, length: number): PlannedBuffer;
  /** Where a weight's values lie. */
  weight(weight: Weight): PlannedBuffer;
  /** Whether the optimizer moves a weight: what its layer said when the model was compiled. */
  isTrainable(weight: Weight): boolean;
  /** Where a weight's gradient is to be written. */
  gradient(weight: Weight): PlannedBuffer;
  /** Where one of a layer's `states` comes from and goes to; null in programs whose sequences are whole and begin with zeros. */
  carriedState(layer: string, state: string): CarriedState | null;
  call<K extends KernelName>(kernel: K, args: EmittedArguments<K>): void;
}
