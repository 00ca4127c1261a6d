import type { ActivationLike } from '../../layers/activationFunction.ts';
import type { Bidirectional } from '../../layers/bidirectional.ts';
import { PeepholeLSTMCell } from '../../layers/peepholeLSTMCell.ts';
import { Recurrent } from '../../layers/recurrent.ts';
import type { RNN } from '../../layers/rnn.ts';
import type { SampleShape } from '../../layers/spec.ts';
import type { NamedArray } from '../../model/modelState.ts';
import { type AttributeValue, Floats, type GraphWriter, notWritten, type Written } from './graphWriter.ts';
import { floatInput, type LayerUse, weightsOf } from './layerUse.ts';
import { callFunction } from './maskFunctions.ts';
import { ACTIVATIONS, GATES, type OperatorActivation, type RecurrentOperator } from './recurrentOperators.ts';

// N samples, T steps, D features, H units, G gates, R directions.

/** The options of a recurrent layer that are written. */
type AnyRecurrent = Pick<
  Recurrent<boolean>,
  | 'activation'
  | 'goBackwards'
  | 'ownWeights'
  | 'returnSequences'
  | 'returnState'
  | 'stateCount'
  | 'stateful'
  | 'title'
  | 'units'
  | 'zeroOutputForMask'
> & {
  readonly recurrentActivation?: ActivationLike;
  /** Of a GRU. */
  readonly resetAfter?: boolean;
};

/** The operator of a recurrent layer. */
function operatorOf({ stateCount, recurrentActivation }: AnyRecurrent): RecurrentOperator {
  if (stateCount === 2) return 'LSTM';
  return recurrentActivation === undefined ? 'RNN' : 'GRU';
}

/** A use of a recurrent layer, or of a cell that is run like one. */
type RecurrentUse = Omit<LayerUse, 'layer'> & { readonly layer: AnyRecurrent };

/** One direction of a node. */
interface Direction {
  readonly use: Omit<LayerUse, 'layer'>;
  readonly layer: AnyRecurrent;
  /** Its initial states `[N, H]`; none for zeros. */
  readonly states: readonly Written[];
}

/** The outputs of a node. */
interface RecurrentNode {
  /** `[T, R, N, H]`, in the order of the steps; with a mask of packed steps. */
  readonly outputs: string;
  /** The states after the last step `[R, N, H]`. */
  readonly states: readonly string[];
  /** The number of steps that count `[N]`; null without a mask. */
  readonly lengths: string | null;
}

/** Writes a SimpleRNN, LSTM or GRU. */
export function writeRecurrent(use: RecurrentUse): readonly Written[] {
  const { layer, graph, path } = use;
  const [, ...states] = use.inputs;
  const input = floatInput(use);
  const node = writeNode(use, input, [{ use, layer, states }]);
  const [steps] = input.shape as SampleShape;
  const finals = node.states.map((state, index) => finalState(graph, node, graph.squeeze(state, [0]), states[index]));
  const vector = (name: string): Written => ({ name, shape: [layer.units], type: 'float', mask: null });
  const output = (): Written => {
    if (!layer.returnSequences) return vector(lastOutput(use, input, finals[0] as string));
    const placed = placedOutputs(use, input, node, states[0]);
    const ordered = layer.goBackwards ? reversed(graph, placed, path) : placed;
    return { name: ordered, shape: [steps as number | null, layer.units], type: 'float', mask: input.mask };
  };
  return layer.returnState ? [output(), ...finals.map(vector)] : [output()];
}

/** A state after the last step. Of a sequence without steps that count it is the initial one. */
function finalState(graph: GraphWriter, { lengths }: RecurrentNode, state: string, initial: Written | undefined): string {
  if (lengths === null || !initial) return state;
  const some = graph.node('Greater', [graph.cast(lengths, 'int64'), graph.ints([0])]);
  return graph.node('Where', [graph.unsqueeze(some, [1]), state, initial.name]);
}

/** The output of the last step that is processed. */
function lastOutput({ layer, graph, path }: RecurrentUse, { mask }: Written, state: string): string {
  if (mask === null || !layer.zeroOutputForMask) return state;
  const counts = graph.node('Gather', [mask, graph.ints([layer.goBackwards ? 0 : -1])], { axis: 1 });
  return graph.node('Where', [counts, state, graph.float(0)], {}, { as: `${path}/last` });
}

/** The outputs `[N, T, H]` in the order of the steps. */
function placedOutputs({ layer, graph, path }: RecurrentUse, { mask }: Written, node: RecurrentNode, start?: Written): string {
  if (mask === null) return graph.transpose(graph.squeeze(node.outputs, [1]), [1, 0, 2]);
  if (layer.zeroOutputForMask) return callFunction(graph, 'Unpack', [node.outputs, mask], path)[0] as string;
  const begin = start?.name ?? graph.array(`zeros_${layer.units}`, [1, layer.units], () => new Float32Array(layer.units));
  const name = layer.goBackwards ? 'UnpackRepeatingBackwards' : 'UnpackRepeating';
  return callFunction(graph, name, [node.outputs, mask, begin], path)[0] as string;
}

/** A sequence from its last step to its first. */
function reversed(graph: GraphWriter, name: string, path: string): string {
  const ends = [graph.ints([-1]), graph.ints([-(2 ** 31)]), graph.ints([1]), graph.ints([-1])];
  return graph.node('Slice', [name, ...ends], {}, { as: `${path}/reversed` });
}

/** Writes both layers of a Bidirectional: as one node where they have the same sizes. */
export function writeBidirectional(use: LayerUse<Bidirectional<boolean>>): readonly Written[] {
  const { layer, graph, path, inputs } = use;
  const { forwardLayer, backwardLayer, mergeMode } = layer;
  const input = floatInput(use);
  const states = inputs.slice(1);
  const half = states.length === 0 ? 0 : forwardLayer.stateCount;
  const [ofForward, ofBackward] = [states.slice(0, half), states.slice(half)];
  if (isPair(forwardLayer, backwardLayer)) return writePair(use, input, forwardLayer, backwardLayer, ofForward, ofBackward);
  const [forward, ...forwardStates] = use.inner(forwardLayer, [input, ...ofForward]) as readonly [Written, ...Written[]];
  const [backward, ...backwardStates] = use.inner(backwardLayer, [input, ...ofBackward]) as readonly [Written, ...Written[]];
  const ordered = (value: Written, own: Recurrent<boolean> | RNN<boolean>): Written =>
    own.goBackwards && own.returnSequences ? { ...value, name: reversed(graph, value.name, path) } : value;
  const [a, b] = [ordered(forward, forwardLayer), ordered(backward, backwardLayer)];
  const finals = [...forwardStates, ...backwardStates];
  return [...merged(graph, mergeMode, a, b, path), ...finals];
}

/** The outputs of both directions, combined by a merge mode. */
function merged(graph: GraphWriter, mode: Bidirectional['mergeMode'], a: Written, b: Written, path: string): readonly Written[] {
  if (mode === null) return [a, b];
  const as = { as: `${path}/${mode}` };
  if (mode === 'concat') {
    const features = (a.shape.at(-1) as number) + (b.shape.at(-1) as number);
    return [{ ...a, name: graph.node('Concat', [a.name, b.name], { axis: -1 }, as), shape: [...a.shape.slice(0, -1), features] }];
  }
  const result = graph.node(mode === 'mul' ? 'Mul' : 'Add', [a.name, b.name], {}, as);
  return [{ ...a, name: mode === 'ave' ? graph.node('Mul', [result, graph.float(0.5)], {}, as) : result }];
}

/** Whether two layers fit into one node of both directions. */
function isPair(forward: Recurrent<boolean> | RNN<boolean>, backward: Recurrent<boolean> | RNN<boolean>): boolean {
  if (!(forward instanceof Recurrent) || !(backward instanceof Recurrent) || forward.goBackwards) return false;
  const [a, b] = [forward, backward] as readonly [AnyRecurrent, AnyRecurrent];
  return forward.className === backward.className && a.units === b.units && a.resetAfter === b.resetAfter;
}

function writePair(
  use: LayerUse<Bidirectional<boolean>>,
  input: Written,
  ...[forward, backward, ofForward, ofBackward]: readonly [unknown, unknown, readonly Written[], readonly Written[]]
): readonly Written[] {
  const { layer, graph, path } = use;
  const directions = [
    { use, layer: forward as AnyRecurrent, states: ofForward },
    { use, layer: backward as AnyRecurrent, states: ofBackward },
  ] as const;
  const node = writeNode(use, input, directions);
  const { units, returnSequences } = directions[0].layer;
  const finals = directions.map(({ states }, direction) =>
    node.states.map((all, index) =>
      finalState(graph, node, graph.node('Gather', [all, graph.ints(direction)], { axis: 0 }), states[index]),
    ),
  );
  const value = (name: string, shape: SampleShape, mask: string | null): Written => ({ name, shape, type: 'float', mask });
  const outputs = () => {
    if (!returnSequences) {
      const [a, b] = finals.map(([state]) => value(state as string, [units], null)) as [Written, Written];
      return merged(graph, layer.mergeMode, a, b, path);
    }
    const shape = [input.shape[0] as number | null, 2 * units];
    // [N, T, 2*H]: the directions side by side.
    const both =
      input.mask === null
        ? graph.node('Reshape', [graph.transpose(node.outputs, [2, 0, 1, 3]), graph.ints([0, 0, -1])], {}, { as: `${path}/concat` })
        : (callFunction(graph, 'Unpack', [node.outputs, input.mask], path)[0] as string);
    if (layer.mergeMode === 'concat') return [value(both, shape, input.mask)];
    const halves = graph.nodeOf('Split', [both, graph.ints([units, units])], { axis: -1 }, { as: `${path}/direction`, outputs: 2 });
    const [a, b] = halves.map((name) => value(name, [shape[0] as number | null, units], input.mask)) as [Written, Written];
    return merged(graph, layer.mergeMode, a, b, path);
  };
  return [...outputs(), ...(layer.returnState ? finals.flat().map((name) => value(name, [units], null)) : [])];
}

/** Writes the cells of an RNN, one after the other. */
export function writeRNN(use: LayerUse<RNN<boolean>>): readonly Written[] {
  const { layer, graph, path } = use;
  let value = floatInput(use);
  let rest = use.inputs.slice(1);
  const finals: Written[] = [];
  const last = layer.sublayers.length - 1;
  for (const [index, cell] of layer.sublayers.entries()) {
    // Outputs of the cell before are in the order of processing.
    if (index > 0 && layer.goBackwards) value = { ...value, name: reversed(graph, value.name, path) };
    const inputs = (count: number) => [value, ...rest.slice(0, count)];
    const written = (): readonly Written[] => {
      if (cell instanceof Recurrent) return use.inner(cell, inputs(cell.stateCount));
      if (!(cell instanceof PeepholeLSTMCell))
        throw notWritten(cell.title, 'ONNX has no operator for a cell of your own', 'Use SimpleRNNCell, LSTMCell or GRUCell');
      const { activation, recurrentActivation, units, title, ownWeights } = cell;
      const { goBackwards, returnState, stateful } = layer;
      const returnSequences = index < last || layer.returnSequences;
      const zeroOutputForMask = index === last && layer.zeroOutputForMask;
      const own = { activation, recurrentActivation, units, title, ownWeights, stateCount: 2, goBackwards, returnState, stateful } as const;
      return writeRecurrent({
        ...use,
        path: `${path}/${cell.name}`,
        inputs: inputs(2),
        layer: { ...own, returnSequences, zeroOutputForMask },
      });
    };
    const [output, ...states] = written();
    rest = rest.slice(cell instanceof Recurrent ? cell.stateCount : 2);
    finals.push(...states);
    value = output as Written;
  }
  return [value, ...finals];
}

/** Writes the node of one or both directions. */
function writeNode(use: Omit<LayerUse, 'layer'>, input: Written, directions: readonly Direction[]): RecurrentNode {
  const { graph, path } = use;
  const [{ layer: first, states }] = directions as readonly [Direction];
  const operator = operatorOf(first);
  for (const { layer } of directions)
    if (layer.stateful)
      throw notWritten(
        layer.title,
        'it is stateful, and a file keeps no states from call to call',
        'Make the model with stateful: false, and give states by initialState and returnState',
      );
  const [x, lengths] =
    input.mask === null
      ? [graph.node('Transpose', [input.name], { perm: [1, 0, 2] }, { as: `${path}/steps` }), null]
      : (callFunction(graph, 'Pack', [input.name, input.mask], path) as [string, string]);
  const parts = directions.map((direction) => arraysOf(direction, operator));
  const joined = (name: 'W' | 'R' | 'B' | 'P'): string => {
    const arrays = parts.map((part) => part[name]);
    if (arrays.every((array) => array === null)) return '';
    const size = Math.max(...arrays.map((array) => array?.data.length ?? 0));
    const shape = [directions.length, ...(arrays.find((array) => array !== null)?.shape ?? [])];
    return graph.array(`${path}/${name}`, shape, () => {
      const all = new Float32Array(size * arrays.length);
      for (const [index, array] of arrays.entries()) if (array) all.set(array.data, index * size);
      return all;
    });
  };
  // They are the last input, after both initial states.
  const peepholes = parts.some(({ P }) => P !== null) ? [...(states.length === 0 ? ['', ''] : []), joined('P')] : [];
  const initial = states.map((_, state) => initialOf(graph, directions, state));
  const attributes: Record<string, AttributeValue> = {
    hidden_size: first.units,
    direction: directions.length > 1 ? 'bidirectional' : first.goBackwards ? 'reverse' : 'forward',
    ...activationsOf(directions),
  };
  if (operator === 'GRU') attributes.linear_before_reset = first.resetAfter ? 1 : 0;
  const outputs = graph.nodeOf(
    operator,
    [x as string, joined('W'), joined('R'), joined('B'), lengths ?? '', ...initial, ...peepholes],
    attributes,
    {
      as: `${path}/${operator}`,
      outputs: 1 + first.stateCount,
    },
  );
  return { outputs: outputs[0] as string, states: outputs.slice(1), lengths };
}

/** The initial states `[R, N, H]` of all directions. */
function initialOf(graph: GraphWriter, directions: readonly Direction[], state: number): string {
  const each = directions.map(({ states }) => graph.unsqueeze((states[state] as Written).name, [0]));
  return each.length === 1 ? (each[0] as string) : graph.node('Concat', each, { axis: 0 });
}

/**
 * The weights of a direction: W `[G*H, D]`, R `[G*H, H]`, B `[2*G*H]`, in the order of ONNX's
 * gates.
 */
function arraysOf({ use, layer }: Direction, operator: RecurrentOperator) {
  const { kernel, recurrentKernel, bias, inputPeephole, outputPeephole, forgetPeephole } = weightsOf({ ...use, layer });
  const gates = GATES[operator];
  const width = gates.length * layer.units;
  const turned = ({ shape, data }: NamedArray) => {
    const rows = shape[0] as number;
    const result = new Float32Array(data.length);
    for (const [place, gate] of gates.entries())
      for (let unit = 0; unit < layer.units; unit++)
        for (let row = 0; row < rows; row++)
          result[(place * layer.units + unit) * rows + row] = data[row * width + gate * layer.units + unit] as number;
    return { shape: [width, rows], data: result };
  };
  const biases = () => {
    if (!bias) return null;
    const result = new Float32Array(2 * width);
    // A second row is the bias of the state.
    for (let row = 0; row * width < bias.data.length; row++)
      for (const [place, gate] of gates.entries())
        for (let unit = 0; unit < layer.units; unit++)
          result[row * width + place * layer.units + unit] = bias.data[row * width + gate * layer.units + unit] as number;
    return { shape: [2 * width], data: result };
  };
  // In the order of ONNX.
  const P = [inputPeephole, outputPeephole, forgetPeephole].flatMap((each) => (each ? [...each.data] : []));
  return {
    W: turned(kernel as NamedArray),
    R: turned(recurrentKernel as NamedArray),
    B: biases(),
    P: P.length > 0 ? { shape: [P.length], data: Float32Array.from(P) } : null,
  };
}

/** The attributes of the activations; none where they are the operator's own. */
function activationsOf(directions: readonly Direction[]): Record<string, AttributeValue> {
  const all = directions.flatMap(({ layer }) => {
    const own = operatorActivation(layer, layer.activation);
    if (layer.recurrentActivation === undefined) return [own];
    const ofGates = operatorActivation(layer, layer.recurrentActivation);
    return operatorOf(layer) === 'LSTM' ? [ofGates, own, own] : [ofGates, own];
  });
  const numbers = (name: 'alpha' | 'beta') => all.flatMap((activation) => activation[name] ?? []);
  const [alpha, beta] = [numbers('alpha'), numbers('beta')];
  return {
    activations: all.map(({ name }) => name),
    ...(alpha.length > 0 && { activation_alpha: new Floats(alpha) }),
    ...(beta.length > 0 && { activation_beta: new Floats(beta) }),
  };
}

function operatorActivation({ title }: { readonly title: string }, given: unknown): OperatorActivation {
  const found = typeof given === 'string' && Object.hasOwn(ACTIVATIONS, given) ? ACTIVATIONS[given] : undefined;
  if (found) return found;
  throw notWritten(
    title,
    `its activation ${typeof given === 'string' ? `'${given}'` : 'is a function of your own, which'} is none of the recurrent operators of ONNX`,
    `Use one of ${Object.keys(ACTIVATIONS).join(', ')}`,
  );
}
