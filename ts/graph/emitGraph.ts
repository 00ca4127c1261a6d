import { type Shape, sizeOf } from '../core/shape.ts';
import type { CarriedState } from '../layers/emitter.ts';
import { emitUses } from '../layers/innerGraph.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { InputKind } from '../layers/spec.ts';
import type { Node, SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { Value } from '../layers/value.ts';
import type { Emission } from './emission.ts';
import { type Graph, layerOf } from './graph.ts';
import { NodeScope, type ScopeOptions } from './nodeScope.ts';

/** A graph's forward calls, emitted into a program. */
export interface EmittedGraph {
  /** A buffer for each feed. */
  readonly inputs: readonly PlannedBuffer[];
  /** One for each input. */
  readonly inputValues: readonly Value[];
  readonly outputs: readonly Value[];
}

/** A part of a graph that is emitted by itself. */
export interface GraphPart {
  /** Its uses of layers, in the order of the graph. */
  readonly nodes: readonly Node[];
  /**
   * The values that other parts have computed. Initial states among them are carried into the
   * program.
   */
  readonly known: ReadonlyMap<SymbolicTensor, Value>;
  readonly outputs: readonly SymbolicTensor[];
}

/** Options of `emitGraph`. */
export interface GraphEmission {
  /** Default: the whole graph. */
  readonly part?: GraphPart;
  /**
   * For each output the activation whose scores its loss takes, if the output's layer has this
   * activation.
   */
  readonly scoresWanted?: readonly (string | null)[];
  /** Whether the backward pass reaches the inputs that are floats. Default false. */
  readonly inputGradients?: boolean;
  /**
   * The buffers of a node's state; null where sequences begin with zeros. Default: the states that
   * stateful layers keep.
   */
  readonly states?: (node: Node, name: string, length: number, stateful: boolean) => CarriedState | null;
  /** The packed weights of a stream. Default: none. */
  readonly streamWeights?: ScopeOptions['streamWeights'];
}

/** Emits the forward calls of a graph for samples of these shapes. */
export function emitGraph(
  graph: Graph,
  emission: Emission,
  samples: readonly Shape[],
  {
    scoresWanted = [],
    inputGradients = false,
    states = (...state) => emission.keptState(...state),
    streamWeights,
    part,
  }: GraphEmission = {},
): EmittedGraph {
  const { builder } = emission;
  const buffers = graph.feeds.map(({ input, kind }) => {
    const name = graph.inputs.length > 1 ? `input ${graph.inputNames[input]}` : 'input';
    return builder.persistent(name, kind === 'ids' ? 'int' : 'float', builder.batch * sizeOf(samples[input] as Shape));
  });
  const given = (index: number, kind: InputKind) =>
    buffers[graph.feeds.findIndex((feed) => feed.input === index && feed.kind === kind)] ?? null;
  const inputValues = samples.map((shape, index): Value => {
    const floats = given(index, 'floats');
    const form: Value['form'] = { kind: 'input', ids: given(index, 'ids'), floats };
    return { shape, rows: builder.batch, form, mask: null, needsGradient: inputGradients && floats !== null };
  });
  const { nodes, known, outputs: wanted }: GraphPart = part ?? { nodes: graph.nodes, known: new Map(), outputs: graph.outputs };
  const emitted = { inputs: graph.inputs, outputs: wanted, nodes: nodes.map((node) => withoutKnownStates(node, known)) };
  const scopeOf = (_: Node, at: number) => {
    const node = nodes[at] as Node;
    const place = graph.outputs.findIndex((output) => output.node === node);
    return new NodeScope(emission, {
      name: layerOf(node).name,
      subsequence: part ? graph.nodes.indexOf(node) : at,
      scoresWanted: place < 0 ? null : (scoresWanted[place] ?? null),
      training: node.call.training,
      state: (name, length, stateful) => states(node, name, length, stateful),
      streamWeights,
    });
  };
  return { inputs: buffers, inputValues, outputs: emitUses(emitted, inputValues, scopeOf, known) };
}

/** A use without the initial states that are carried into the program. */
function withoutKnownStates(node: Node, known: ReadonlyMap<SymbolicTensor, Value>): Node {
  const { call, inputs } = node;
  if (call.states === 0 || !known.has(inputs[1] as SymbolicTensor)) return node;
  return { ...node, inputs: inputs.toSpliced(1, call.states), call: { ...call, states: 0 } };
}
