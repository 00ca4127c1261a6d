import type { CarriedState, Emitter } from './emitter.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';

/**
 * What a layer sees of the program under construction, at one of its uses. It asks for buffers and appends kernel calls; where the
 * buffers lie, and on which backend the kernels run, is not its business.
 */
export interface Scope extends Emitter {
  /** The name of the use, which begins the names of its buffers. */
  readonly name: string;
  /** Whether dropout drops. */
  readonly drops: boolean;
  /** Whether a backward pass follows. */
  readonly keeps: boolean;
  /** The activation whose scores the loss of this use's output takes; null when there is none. */
  readonly scoresWanted: string | null;
  /** A random stream that nothing else of the model draws from: the same one in every program. */
  drawStream(): number;
  /** Whether the optimizer moves a weight: what its layer said when the model was compiled. */
  isTrainable(weight: Weight): boolean;
  /** Where one of the use's states comes from and goes to; null in programs whose sequences are whole and begin with zeros. */
  state(name: string, length: number): CarriedState | null;
  /** A value as floats. Its rows are expanded, or its activation computed, when it is first asked for. */
  floatsOf(value: Value): PlannedBuffer;
  /**
   * Says how gradients pass: when the program comes to it on the way back, and one of the outputs has a gradient, `emit` appends the
   * backward calls.
   */
  backward(outputs: readonly Value[], emit: (gradients: Gradients) => void): void;
}

/** The gradients of values and weights on the way back. */
export interface Gradients {
  /** Of an output, in the layout of the value; null when nothing depends on it. */
  of(output: Value): PlannedBuffer | null;
  /**
   * Where the gradient of an input is to be written, once in each `emit`; null when nothing below needs one. What was there before is
   * added to it.
   */
  to(input: Value): PlannedBuffer | null;
  /** Where the gradient of a weight is to be written, once in each `emit`. What was there before is added to it. */
  toWeight(weight: Weight): PlannedBuffer;
}
