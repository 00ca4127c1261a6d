import type { CELLS } from '../backend/kernels.generated.ts';
import type { Shape } from '../core/shape.ts';
import type { CarriedState, Emitter } from './emitter.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { L1L2 } from './regularizers.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';

/**
 * The program under construction, as one use of a layer sees it. The layer requests buffers and
 * appends kernel calls. It does not know the places of the buffers or the backend.
 */
export interface Scope extends Emitter {
  /** The name of the use. The names of its buffers begin with it. */
  readonly name: string;
  /** Whether dropout is active. */
  readonly drops: boolean;
  /** Whether a backward pass follows. */
  readonly keeps: boolean;
  /** The activation whose scores the loss of this use's output takes; null for no such loss. */
  readonly scoresWanted: string | null;
  /** A random subsequence for this use alone. It is the same in every program of the model. */
  drawSubsequence(): number;
  /**
   * Whether training updates a weight. The layer's `trainable` at the time of `compile` decides.
   */
  isTrainable(weight: Weight): boolean;
  /**
   * The buffers of a state that is kept: in a stream from step to step, with `stateful` in other
   * programs from batch to batch. Null where sequences begin with zeros.
   */
  state(name: string, length: number, stateful: boolean): CarriedState | null;
  /**
   * In a stream, the packed weights of a recurrent layer. Null in programs that pack them
   * themselves, for all steps.
   */
  streamWeights(weights: CellWeights): PlannedBuffer | null;
  /**
   * With several workers, replaces numbers by their sums over all workers before the next call, so
   * that they are those of the whole batch. All programs of a step must do it in the same order.
   */
  sumOverReplicas(buffer: PlannedBuffer, options?: ReplicaSumOptions): void;
  /** Appends a function in TypeScript that computes on buffers. */
  native(call: NativeFunction): void;
  /** A value as floats. The first request expands its rows or computes its activation. */
  floatsOf(value: Value): PlannedBuffer;
  /** The same scope for a layer inside the one that is used. */
  inner(name: string, options?: InnerScopeOptions): Scope;
  /**
   * The same floats or ids as a value of another shape, of as many elements. Both have one
   * gradient.
   */
  view(value: Value, as: { readonly shape: Shape; readonly rows: number; readonly mask: PlannedBuffer | null }): Value;
  /** Adds a penalty on outputs to the loss. */
  penalize(regularizer: L1L2, outputs: readonly Value[]): void;
  /**
   * Registers the backward calls of the outputs: in the backward pass `emit` appends them, if one
   * of the outputs has a gradient.
   */
  backward(outputs: readonly Value[], emit: (gradients: Gradients) => void): void;
}

/** The weights of a recurrent layer, and their sizes. */
export interface CellWeights {
  readonly cell: keyof typeof CELLS;
  readonly features: number;
  readonly units: number;
  readonly kernel: Weight;
  readonly recurrentKernel: Weight;
}

/** A function in TypeScript that computes on buffers, in the place of a kernel. */
export interface NativeFunction {
  /** The buffers that it reads. */
  readonly reads: readonly PlannedBuffer[];
  /** The buffers that it writes: others than those that it reads. */
  readonly writes: readonly PlannedBuffer[];
  /**
   * Gets views of the buffers, those that it reads first: `Float32Array` on WebAssembly,
   * `Float64Array` on the reference backend. They are for this call alone, because memory may move.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the function knows which of its buffers hold integers
  readonly run: (views: readonly any[]) => void;
}

/** Options of a sum over replicas. */
export interface ReplicaSumOptions {
  /**
   * Whether the numbers are gradients: each replica's loss is a mean over its own rows, so its
   * gradients weigh as its part of the batch. Default false.
   */
  readonly ofGradients?: boolean;
}

/** How a layer inside another is used. */
export interface InnerScopeOptions {
  /** Whether its states are kept. Default true. */
  readonly keepsStates?: boolean;
  /** Whether dropout is active; null, the default: as in the layer around it. */
  readonly training?: boolean | null;
  /** The activation whose scores the loss of its output takes. Default null, for no such loss. */
  readonly scoresWanted?: string | null;
  /** Where its buffers are. Default null: each is a buffer of the program. */
  readonly memory?: ScopeMemory | null;
}

/** The buffers of a scope that repeats the calls of another. */
export interface ScopeMemory {
  floats(name: string, length: number): PlannedBuffer;
  ints(name: string, length: number): PlannedBuffer;
  constants(name: string, values: Int32Array): PlannedBuffer;
  zeros(length: number): PlannedBuffer;
  /** Floats for one call. */
  workspace(name: string, length: number): PlannedBuffer;
  drawSubsequence(draw: () => number): number;
  /** Is told the values that the scope makes. */
  made(values: readonly Value[]): void;
  /** The buffer for the gradient of a value; null for a buffer of the program. */
  gradientOf(value: Value): PlannedBuffer | null;
}

/** The gradients of values and weights in the backward pass. */
export interface Gradients {
  /**
   * The gradient of an output, in the layout of the value; null when the loss does not depend on
   * it.
   */
  of(output: Value): PlannedBuffer | null;
  /**
   * The buffer for the gradient of an input, to be written once in each `emit`; null when no layer
   * below needs it. An earlier gradient of the input is added to it.
   */
  to(input: Value): PlannedBuffer | null;
  /**
   * The buffer for the gradient of a weight, to be written once in each `emit`. An earlier gradient
   * is added to it.
   */
  toWeight(weight: Weight): PlannedBuffer;
}
