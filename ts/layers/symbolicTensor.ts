import type { SampleShape, TensorSpec } from './spec.ts';

/** How a layer is called, besides its inputs. */
export interface CallConfig {
  /** How many of the inputs, after the first, are initial states. */
  readonly states: number;
  /** Whether the last input is the mask of the first. */
  readonly mask: boolean;
  /** Whether dropout drops, whatever the program does; null: while training. */
  readonly training: boolean | null;
}

/** A call with nothing special. */
export const PLAIN_CALL: CallConfig = { states: 0, mask: false, training: null };

/** One use of a layer: three uses, three nodes, one set of weights. */
export interface Node {
  /** A `Layer`; this file comes before that one. */
  readonly layer: object;
  /** The inputs of the layer, then initial states, then the mask. */
  readonly inputs: readonly SymbolicTensor[];
  readonly call: CallConfig;
  readonly outputs: readonly SymbolicTensor[];
}

/** What flows between layers while a model is described: an output of a use of a layer, of which only shape and kind are known. */
export class SymbolicTensor implements TensorSpec {
  /** One sample's shape; null where the length is free. */
  readonly shape: SampleShape;
  readonly kind: TensorSpec['kind'];
  readonly node: Node;
  /** Which of the node's outputs it is. */
  readonly port: number;

  /** Called by layers: `layer.apply(input)` and `Input(…)` make tensors. */
  constructor({ shape, kind }: TensorSpec, node: Node, port: number) {
    this.shape = shape;
    this.kind = kind;
    this.node = node;
    this.port = port;
  }
}
