import { Bidirectional } from '../../layers/bidirectional.ts';
import { GRU } from '../../layers/gru.ts';
import type { Layer } from '../../layers/layer.ts';
import { LSTM } from '../../layers/lstm.ts';
import { PeepholeLSTMCell } from '../../layers/peepholeLSTMCell.ts';
import type { Recurrent } from '../../layers/recurrent.ts';
import { RNN } from '../../layers/rnn.ts';
import { SimpleRNN } from '../../layers/simpleRNN.ts';
import { Take } from '../../layers/slicing.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { Constant } from './constants.ts';
import { type ReadNode, writeWeights } from './graphReader.ts';
import { DOMAIN } from './maskFunctions.ts';
import { maskSources, withoutMask } from './maskSources.ts';
import { zerosLike } from './readElementwise.ts';
import { type Axis, type MaskValue, type ReadValue, samplesFirst, type TensorValue } from './readValues.ts';
import { ACTIVATIONS, GATES, type OperatorActivation, type RecurrentOperator } from './recurrentOperators.ts';

// T steps, N samples, D features, H units, G gates, R directions.

type AnyRecurrent = Recurrent<boolean>;

/** The default activations of one direction, by ONNX's names. */
const DEFAULTS = { LSTM: ['Sigmoid', 'Tanh', 'Tanh'], GRU: ['Sigmoid', 'Tanh'], RNN: ['Tanh'] } as const;

/** The numbers that an activation has where the file gives none. */
const NUMBERS: Readonly<Record<string, { readonly alpha?: number; readonly beta?: number }>> = {
  Affine: { alpha: 1, beta: 0 },
  LeakyRelu: { alpha: 0.01 },
  HardSigmoid: { alpha: 0.2, beta: 0.5 },
  Elu: { alpha: 1 },
  ThresholdedRelu: { alpha: 1 },
  ScaledTanh: { alpha: 1, beta: 1 },
};

/** Reads an LSTM, a GRU or an RNN. */
export function readRecurrent(node: ReadNode): readonly (ReadValue | null)[] {
  const operator = node.operator as RecurrentOperator;
  if (node.has('clip')) throw node.refusal('has the attribute clip, but no layer of Backtime clips: export the model without it');
  if (node.int('input_forget', 0) !== 0)
    throw node.refusal('has input_forget, but the gates of a Backtime LSTM are independent: export the model without it');
  const kernels = node.constant(1, 'W');
  const recurrentKernels = node.constant(2, 'R');
  const biases = node.optional(3) ? node.constant(3, 'B') : null;
  const gates = GATES[operator].length;
  const [count, width] = kernels.dims as readonly [number, number];
  const units = recurrentKernels.dims[2] as number;
  const direction = node.string('direction', 'forward');
  const directions = direction === 'bidirectional' ? 2 : 1;
  const isShape =
    kernels.dims.length === 3 &&
    recurrentKernels.dims.length === 3 &&
    count === directions &&
    recurrentKernels.dims[0] === directions &&
    width === gates * units &&
    recurrentKernels.dims[1] === width &&
    units > 0 &&
    node.int('hidden_size', units) === units &&
    (biases === null || (biases.dims.length === 2 && biases.dims[0] === directions && biases.dims[1] === 2 * width));
  if (!isShape || !['forward', 'reverse', 'bidirectional'].includes(direction))
    throw node.refusal(
      `has weights W [${kernels.dims}], R [${recurrentKernels.dims}] and B [${biases?.dims ?? []}] that do not fit ${directions} directions of hidden_size ${node.int('hidden_size', units)}`,
    );
  const samplesAt = node.int('layout', 0) === 1 ? 0 : 1;
  const { input, mask } = inputOf(node, samplesAt);
  const [sequences, ...finals] = node.message.outputs;
  const usesSequences = node.graph.isUsed(sequences);
  const usesStates = finals.some((name) => node.graph.isUsed(name));
  const options = {
    returnSequences: usesSequences,
    // The last output is the last state h.
    returnState: usesSequences ? usesStates : node.graph.isUsed(finals[1]),
    zeroOutputForMask: usesSequences && mask !== null && hasZeros(node, sequences as string, mask),
    useBias: biases !== null,
  };
  const activations = activationsOf(node, operator, directions);
  const peepholes = operator === 'LSTM' && node.optional(7) ? node.constant(7, 'P') : null;
  const seesState = peepholes?.data.some((value) => value !== 0) ?? false;
  if (peepholes && (peepholes.data.length !== directions * 3 * units || peepholes.dims[0] !== directions))
    throw node.refusal(`has peepholes P [${peepholes.dims}], expected [${directions}, ${3 * units}]`);
  const make = (index: number, more: { readonly name: string; readonly goBackwards: boolean }): AnyRecurrent | RNN<boolean> => {
    const all = { ...options, ...more, ...(activations[index] as object) };
    if (seesState) {
      const { useBias, returnSequences, returnState, zeroOutputForMask } = options;
      const cell = new PeepholeLSTMCell({ units, useBias, ...(activations[index] as object) });
      return new RNN<boolean>(cell, { ...more, returnSequences, returnState, zeroOutputForMask });
    }
    if (operator === 'LSTM') return new LSTM<boolean>(units, all);
    if (operator === 'GRU') return new GRU<boolean>(units, { ...all, resetAfter: node.int('linear_before_reset', 0) !== 0 });
    return new SimpleRNN<boolean>(units, all);
  };
  const states = statesOf(node, operator, directions, samplesAt);
  const key = [
    operator,
    ...[1, 2, 3, 7].map((weights) => node.message.inputs[weights]),
    ...node.message.attributes.map((each) => JSON.stringify(each)),
    JSON.stringify(options),
  ].join('\n');
  let isNew = false;
  const layer = node.graph.layer<Layer>(key, () => {
    isNew = true;
    const { name } = node.named;
    if (directions === 1) return make(0, { name, goBackwards: direction === 'reverse' });
    const backwardLayer = make(1, { name: `backward_${name}`, goBackwards: true });
    return new Bidirectional<boolean>(make(0, { name: `forward_${name}`, goBackwards: false }), { name, backwardLayer, mergeMode: null });
  });
  const call = {
    ...(states.length > 0 && { initialState: states }),
    ...(mask?.input && { mask: mask.input }),
  };
  const outputs = layer.applyAll(input, call);
  if (isNew)
    for (const [index, each] of (layer instanceof Bidirectional ? [layer.forwardLayer, layer.backwardLayer] : [layer]).entries())
      writeWeights(
        node,
        each instanceof RNN ? (each.cells[0] as PeepholeLSTMCell) : each,
        weightsOf(
          operator,
          index,
          units,
          kernels,
          recurrentKernels,
          biases,
          seesState ? peepholes : null,
          node.int('linear_before_reset', 0) !== 0,
        ),
      );
  return outputsOf(outputs, { directions, samplesAt, options, isReverse: direction === 'reverse', states: operator === 'LSTM' ? 2 : 1 });
}

/** The node's outputs: sequences, and states after the last step. Null: nothing takes them. */
function outputsOf(
  outputs: readonly SymbolicTensor[],
  made: {
    readonly directions: number;
    readonly samplesAt: number;
    readonly options: { readonly returnSequences: boolean; readonly returnState: boolean };
    readonly isReverse: boolean;
    readonly states: number;
  },
): readonly (ReadValue | null)[] {
  const { directions, samplesAt, options } = made;
  const across: Axis = directions === 1 ? 'one' : 'stack';
  const value = (tensors: readonly SymbolicTensor[], axes: readonly Axis[], flipped = false): TensorValue => ({
    kind: 'tensor',
    tensors,
    axes,
    flipped,
    type: 'float',
  });
  const order: readonly Axis[] = samplesAt === 0 ? ['samples', 0, across, 1] : [0, across, 'samples', 1];
  const sequences = options.returnSequences ? value(outputs.slice(0, directions), order, made.isReverse) : null;
  const axes: readonly Axis[] = samplesAt === 0 ? ['samples', across, 0] : [across, 'samples', 0];
  const states = Array.from({ length: made.states }, (_, state) => {
    // Without states and sequences the outputs are the last states h.
    const tensors = Array.from({ length: directions }, (_each, direction) =>
      options.returnState ? outputs[directions + direction * made.states + state] : outputs[direction],
    );
    const isGiven = options.returnState || (!options.returnSequences && state === 0);
    return isGiven ? value(tensors as SymbolicTensor[], axes) : null;
  });
  return [sequences, ...states];
}

/** The sequences `[T, D]` of samples, and their mask. */
function inputOf(node: ReadNode, samplesAt: number): { input: SymbolicTensor; mask: MaskValue | null } {
  const given = node.input(0);
  const lengths = node.optional(4);
  if (given.kind === 'packed') {
    if (lengths?.kind !== 'lengths' || lengths.sources !== given.sources)
      throw node.refusal('takes packed steps without their numbers as sequence_lens');
    const tensor = samplesFirst(given.value);
    return { input: tensor, mask: maskFor(node, tensor, lengths) };
  }
  const value = node.tensor(0);
  if (value.axes.length !== 3 || value.axes[samplesAt] !== 'samples')
    throw node.refusal(`takes X with ${value.axes.length} axes, expected 3 with the samples as axis ${samplesAt}, as its layout says`);
  const tensor = samplesFirst(value);
  const mask = lengths === null || areFullLengths(lengths, tensor) ? null : (lengths as ReadValue);
  if (mask !== null && mask.kind !== 'lengths')
    throw node.refusal('takes sequence_lens that are neither an input of the model nor the length of all sequences');
  if (mask === null) return { input: maskSources(tensor) === null ? tensor : withoutMask(tensor), mask };
  return { input: tensor, mask: maskFor(node, tensor, mask) };
}

/** Whether lengths are those of whole sequences. */
function areFullLengths(lengths: ReadValue, { shape: [steps] }: SymbolicTensor): boolean {
  if (lengths.kind === 'constant') return steps !== null && lengths.data.every((length) => length === steps);
  return false;
}

/**
 * The mask for a layer.
 * @throws {FormatError} when the layers before make another one
 */
function maskFor(node: ReadNode, tensor: SymbolicTensor, mask: MaskValue): MaskValue {
  const own = maskSources(tensor);
  if (mask.input) return mask;
  if (own === mask.sources) return mask;
  throw node.refusal(`takes a mask of ${mask.sources}, but its input has ${own === null ? 'none' : `that of ${own}`} in Backtime`);
}

/**
 * Whether the outputs of masked steps are zeros: of sequence_lens they are, of packed steps it
 * depends on what unpacks them.
 */
function hasZeros(node: ReadNode, sequences: string, mask: MaskValue): boolean {
  const consumers = node.graph.consumers.get(sequences) ?? [];
  if (node.input(0).kind !== 'packed') return true;
  const names = new Set(consumers.map(({ domain, opType }) => (domain === DOMAIN ? opType : '')));
  if (names.size !== 1 || names.has(''))
    throw node.refusal(`has packed outputs of a mask of ${mask.sources} that are not all unpacked in one way`);
  return names.has('Unpack');
}

/** The initial states of the layer `[H]` of samples; none when all are zeros. */
function statesOf(node: ReadNode, operator: RecurrentOperator, directions: number, samplesAt: number): readonly SymbolicTensor[] {
  const given = (operator === 'LSTM' ? [5, 6] : [5]).map((index) => stateOf(node, index, directions, samplesAt));
  const like = given.find((state) => state !== null)?.[0];
  if (!like) return [];
  // Where one of both is given, the other is zeros.
  const all = given.map((state) => state ?? Array.from({ length: directions }, () => zerosLike(like)));
  return Array.from({ length: directions }, (_, direction) => all.map((state) => state[direction] as SymbolicTensor)).flat();
}

/** A state of each direction; null for zeros. */
function stateOf(node: ReadNode, index: number, directions: number, samplesAt: number): readonly SymbolicTensor[] | null {
  const value = node.optional(index);
  if (value === null || (value.kind === 'fill' && value.value === 0)) return null;
  if (value.kind === 'constant' && value.data.every((each) => each === 0)) return null;
  if (value.kind !== 'tensor') throw node.refusal('takes an initial state that is a constant and not zeros, which Backtime does not read');
  const across = 1 - samplesAt;
  const { axes } = value;
  if (axes.length !== 3 || axes[samplesAt] !== 'samples')
    throw node.refusal(`takes an initial state with ${axes.length} axes, expected 3 with the samples as axis ${samplesAt}`);
  if (axes[across] === 'stack') {
    if (value.tensors.length !== directions)
      throw node.refusal(`takes initial states of ${value.tensors.length} directions, but has ${directions}`);
    return value.tensors.map((tensor) => samplesFirst({ ...value, tensors: [tensor], axes: ['samples', axes[2] as Axis] }));
  }
  if (axes[across] === 'one' && directions === 1) return [samplesFirst({ ...value, axes: ['samples', axes[2] as Axis] })];
  const all = samplesFirst(value);
  return Array.from({ length: directions }, (_, direction) => new Take(direction, 1).apply(all));
}

/** The weights of a direction, as the layers have them. */
function weightsOf(
  operator: RecurrentOperator,
  direction: number,
  units: number,
  kernels: Constant,
  recurrentKernels: Constant,
  biases: Constant | null,
  peepholes: Constant | null,
  resetAfter: boolean,
): Record<string, Float32Array> {
  const gates = GATES[operator];
  const width = gates.length * units;
  const turned = ({ dims, data }: Constant) => {
    const columns = dims[2] as number;
    const own = data.subarray(direction * width * columns, (direction + 1) * width * columns);
    const result = new Float32Array(width * columns);
    for (const [place, gate] of gates.entries())
      for (let unit = 0; unit < units; unit++)
        for (let column = 0; column < columns; column++)
          result[column * width + gate * units + unit] = own[(place * units + unit) * columns + column] as number;
    return result;
  };
  const ordered = (start: number) => {
    const result = new Float32Array(width);
    for (const [place, gate] of gates.entries())
      for (let unit = 0; unit < units; unit++) result[gate * units + unit] = biases?.data[start + place * units + unit] as number;
    return result;
  };
  const weights: Record<string, Float32Array> = { kernel: turned(kernels), recurrentKernel: turned(recurrentKernels) };
  if (peepholes) {
    // In the order of ONNX.
    for (const [place, gate] of (['input', 'output', 'forget'] as const).entries())
      weights[`${gate}Peephole`] = Float32Array.from(
        peepholes.data.subarray((direction * 3 + place) * units, (direction * 3 + place + 1) * units),
      );
  }
  if (!biases) return weights;
  const [ofInput, ofState] = [ordered(direction * 2 * width), ordered((direction * 2 + 1) * width)];
  if (operator === 'GRU' && resetAfter) {
    weights.bias = new Float32Array(2 * width);
    weights.bias.set(ofInput);
    weights.bias.set(ofState, width);
  } else weights.bias = ofInput.map((value, index) => value + (ofState[index] as number));
  return weights;
}

/** The activations of each direction as options of a layer. */
function activationsOf(node: ReadNode, operator: RecurrentOperator, directions: number): readonly object[] {
  const byDefault = DEFAULTS[operator];
  const names = node.strings('activations') ?? Array.from({ length: directions }, () => byDefault).flat();
  if (names.length !== directions * byDefault.length)
    throw node.refusal(`has ${names.length} activations, expected ${directions * byDefault.length}`);
  const [alphas, betas] = [[...node.floats('activation_alpha')], [...node.floats('activation_beta')]];
  // Numbers belong to the activations that take some, in their order.
  const found = names.map((name) => {
    const key = Object.keys(NUMBERS).find((known) => known.toLowerCase() === name.toLowerCase());
    const numbers: Omit<OperatorActivation, 'name'> = key === undefined ? {} : (NUMBERS[key] ?? {});
    return layerActivation(node, {
      name,
      ...('alpha' in numbers && { alpha: alphas.shift() ?? numbers.alpha }),
      ...('beta' in numbers && { beta: betas.shift() ?? numbers.beta }),
    });
  });
  return Array.from({ length: directions }, (_, direction) => {
    const own = found.slice(direction * byDefault.length, (direction + 1) * byDefault.length);
    if (operator === 'RNN') return { activation: own[0] };
    if (own[1] !== own.at(-1))
      throw node.refusal(
        `has different activations of the cell and of the output, ${own[1]} and ${own[2]}; a Backtime LSTM has one for both`,
      );
    return { recurrentActivation: own[0], activation: own[1] };
  });
}

/** The layers' name of an activation. */
function layerActivation(node: ReadNode, { name, alpha, beta }: OperatorActivation): string {
  const found = Object.entries(ACTIVATIONS).find(
    ([, own]) =>
      own.name.toLowerCase() === name.toLowerCase() &&
      Math.abs((own.alpha ?? 0) - (alpha ?? 0)) < 1e-6 &&
      Math.abs((own.beta ?? 0) - (beta ?? 0)) < 1e-6,
  );
  if (found) return found[0];
  const numbers = alpha === undefined ? '' : ` with alpha ${alpha}${beta === undefined ? '' : ` and beta ${beta}`}`;
  throw node.refusal(`has the activation ${name}${numbers}, which no recurrent layer of Backtime has`);
}
