import type { SampleShape, TensorSpec } from './spec.ts';

/** The options of a use of a layer. */
export interface CallConfig {
  /** Number of initial states among the inputs, after the first input. */
  readonly states: number;
  /** Whether the last input is the mask of the first. */
  readonly mask: boolean;
  /** Whether dropout is active; null: in training only. */
  readonly training: boolean | null;
}

/** A use without options. */
export const PLAIN_CALL: CallConfig = { states: 0, mask: false, training: null };

/** One use of a layer. A layer with three uses has three nodes and one set of weights. */
export interface Node {
  /** A `Layer`. (That file imports this one.) */
  readonly layer: object;
  /** The inputs of the layer, then initial states, then the mask. */
  readonly inputs: readonly SymbolicTensor[];
  readonly call: CallConfig;
  readonly outputs: readonly SymbolicTensor[];
}

/**
 * An output of a use of a layer, in the description of a model. It has a shape and a kind, but no
 * values.
 */
export class SymbolicTensor implements TensorSpec {
  /** One sample's shape; null where the length is free. */
  readonly shape: SampleShape;
  readonly kind: TensorSpec['kind'];
  readonly node: Node;
  /** The index of the output in the node's outputs. */
  readonly port: number;

  /** Called by layers: `layer.apply(input)` and `Input(…)` make tensors. */
  constructor({ shape, kind }: TensorSpec, node: Node, port: number) {
    this.shape = shape;
    this.kind = kind;
    this.node = node;
    this.port = port;
  }
}
