import { sizeOf } from '../../core/shape.ts';
import { Activation } from '../../layers/activation.ts';
import type { ActivationLike } from '../../layers/activationFunction.ts';
import { BatchNormalization } from '../../layers/batchNormalization.ts';
import { ELU } from '../../layers/elu.ts';
import type { Layer } from '../../layers/layer.ts';
import { LeakyReLU } from '../../layers/leakyReLU.ts';
import { Add, Subtract } from '../../layers/merge.ts';
import { Elementwise, type ElementwiseOperation } from '../../layers/operations.ts';
import { PReLU } from '../../layers/pReLU.ts';
import { Reshape } from '../../layers/reshaping.ts';
import { Softmax } from '../../layers/softmax.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { Constant } from './constants.ts';
import type { ReadNode } from './graphReader.ts';
import { maskSources, withoutMask } from './maskSources.ts';
import { eitherMask } from './maskValues.ts';
import { readByNorm } from './readByNorm.ts';
import { withErf } from './readGelu.ts';
import { rescaled } from './readRescaling.ts';
import { type ReadValue, samplesFirst, type TensorValue, tensorValue } from './readValues.ts';

/** The operators of one input that are activations. */
const ACTIVATIONS: Readonly<Record<string, ActivationLike>> = {
  Exp: 'exponential',
  HardSwish: 'hardSwish',
  Mish: 'mish',
  Relu: 'relu',
  Sigmoid: 'sigmoid',
  Softplus: 'softplus',
  Softsign: 'softsign',
  Tanh: 'tanh',
};

/** The operators of one input that are operations of `ops`. */
const OPERATIONS: Readonly<Record<string, ElementwiseOperation>> = { Abs: 'abs', Log: 'log', Neg: 'negative', Sqrt: 'sqrt' };

/** The operators of two inputs. */
const BINARY: Readonly<Record<string, ElementwiseOperation>> = {
  Add: 'add',
  Sub: 'subtract',
  Mul: 'multiply',
  Div: 'divide',
  Max: 'maximum',
  Min: 'minimum',
  And: 'multiply',
  Or: 'maximum',
  Less: 'less',
};

/** The numbers of the activation selu. */
const [SELU_ALPHA, SELU_GAMMA] = [1.6732632423543772, 1.0507009873554805];
const near = (a: number, b: number) => Math.abs(a - b) < 1e-6;
/** Added to the variance 1: float32s do not see it. */
const NOTHING = 1e-12;

const each = (value: TensorValue, apply: (tensor: SymbolicTensor) => SymbolicTensor): TensorValue => ({
  ...value,
  type: 'float',
  tensors: value.tensors.map(apply),
});
const operation = (name: ElementwiseOperation, operands: readonly (number | null)[], ...tensors: readonly SymbolicTensor[]) =>
  new Elementwise(name, operands).apply(tensors);

/** Zeros in the shape of a tensor. */
export function zerosLike(tensor: SymbolicTensor): SymbolicTensor {
  // The product with 0 would be NaN for infinite numbers.
  return operation('minimum', [0, null], operation('abs', [null], tensor));
}

/** Reads an activation. */
export function readActivation(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  const { operator } = node;
  const layer = (): Layer => {
    const alpha = (byDefault: number) => node.float('alpha', byDefault);
    const named = Object.hasOwn(ACTIVATIONS, operator) ? ACTIVATIONS[operator] : undefined;
    if (named !== undefined) return new Activation(named, node.named);
    if (operator === 'Gelu') return new Activation(node.string('approximate', 'none') === 'tanh' ? 'geluTanh' : 'gelu', node.named);
    if (operator === 'LeakyRelu') return new LeakyReLU(alpha(0.01), node.named);
    if (operator === 'Elu') return new ELU(alpha(1), node.named);
    if (operator === 'Celu' && near(alpha(1), 1)) return new Activation('celu', node.named);
    const [isSelu, gamma] = [near(alpha(SELU_ALPHA), SELU_ALPHA), node.float('gamma', SELU_GAMMA)];
    if (operator === 'Selu' && isSelu && near(gamma, SELU_GAMMA)) return new Activation('selu', node.named);
    const beta = node.float('beta', 0.5);
    if (operator === 'HardSigmoid' && near(beta, 0.5) && near(alpha(0.2), 1 / 6)) return new Activation('hardSigmoid', node.named);
    if (operator === 'HardSigmoid' && near(beta, 0.5) && near(alpha(0.2), 0.2)) return new Activation('hardSigmoid02', node.named);
    throw node.refusal('has numbers for which Backtime has no activation');
  };
  return node.applied(layer(), value);
}

/** Reads a softmax over the last axis, or over another one where axes can be moved. */
export function readSoftmax(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  const [axis] = node.axesOf([node.int('axis', node.graph.opset < 13 ? 1 : -1)], value.axes.length) as [number];
  const tensor = value.tensors[0] as SymbolicTensor;
  if (node.graph.opset < 13 && axis !== value.axes.length - 1) throw node.refusal('normalizes several axes together');
  if (typeof value.axes[axis] !== 'number') throw node.refusal('normalizes an axis that samples do not have');
  const at = value.axes[axis] as number;
  if (at === tensor.shape.length - 1) return node.applied(new Activation('softmax', node.named), value);
  // A Softmax over steps would use the mask.
  const layer = new Softmax({ ...node.named, axis: at + 1 });
  return each(value, (x) => layer.apply(maskSources(x) === null ? x : withoutMask(x)));
}

/** Reads an operator of one input. */
export function readUnary(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  const { operator } = node;
  const named = Object.hasOwn(OPERATIONS, operator) ? (OPERATIONS[operator] as ElementwiseOperation) : null;
  const apply = (tensor: SymbolicTensor): SymbolicTensor => {
    if (named) return operation(named, [null], tensor);
    if (operator === 'Reciprocal') return operation('divide', [1, null], tensor);
    // Not: booleans are 0 and 1.
    return operation('subtract', [1, null], tensor);
  };
  return { ...each(value, apply), type: operator === 'Not' ? 'bool' : 'float' };
}

/** Reads a power whose exponent is a constant. */
export function readPower(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  const exponent = numberOf(node.constant(1, 'the exponent'));
  if (exponent === 2) return each(value, (x) => operation('square', [null], x));
  if (exponent === 0.5) return each(value, (x) => operation('sqrt', [null], x));
  throw node.refusal(`has the exponent ${exponent ?? 'of several numbers'}; Backtime reads 2 and 0.5`);
}

/** Reads a Clip, whose limits are attributes in old versions. */
export function readClip(node: ReadNode): ReadValue {
  const limit = (name: 'min' | 'max', index: number) => {
    if (node.has(name)) return node.float(name, 0);
    const value = node.optional(index);
    return value === null ? null : numberOf(node.constant(index, name));
  };
  const [low, high] = [limit('min', 1), limit('max', 2)];
  const value = node.tensor(0);
  if (low === 0 && high === 6) return node.applied(new Activation('relu6', node.named), value);
  const above = (x: SymbolicTensor) => (low === null ? x : operation('maximum', [null, low], x));
  return each(value, (x) => (high === null ? above(x) : operation('minimum', [null, high], above(x))));
}

/** Reads an operator of two or more inputs. */
export function readBinary(node: ReadNode): ReadValue {
  const { operator } = node;
  const first = node.input(0);
  const others = Array.from({ length: node.count - 1 }, (_, index) => node.input(index + 1));
  if (operator === 'Greater' && first.kind === 'lengths') {
    if (numberOf(node.constant(1, 'the least number of steps')) !== 0)
      throw node.refusal('compares the numbers of steps that count with another number than 0');
    return { kind: 'some' };
  }
  if (operator === 'Greater') return asBool(combine(node, 'less', others[0] as ReadValue, first));
  const isMean = operator === 'Mean';
  const [second] = others;
  if (operator === 'Or' && first.kind === 'mask' && second?.kind === 'mask') return eitherMask(first, second);
  const name = (operator === 'Sum' || isMean ? 'add' : BINARY[operator]) as ElementwiseOperation;
  const result = others.reduce((a, b) => combine(node, name, a, b), first);
  if (operator === 'Less' || operator === 'And' || operator === 'Or') return asBool(result);
  return isMean
    ? combine(node, 'divide', result, { kind: 'constant', dims: [], data: Float64Array.of(node.count), isFloat: true })
    : result;
}

function asBool(value: ReadValue): ReadValue {
  return value.kind === 'tensor' ? { ...value, type: 'bool' } : value;
}

/** Reads a choice between two values; of what a mask decides, the layers have decided already. */
export function readWhere(node: ReadNode): ReadValue {
  const condition = node.input(0);
  // The state after the last step of sequences without steps is the initial one in Backtime, too.
  if (condition.kind === 'some') return stateOrInitial(node);
  const [yes, no] = [node.input(1), node.input(2)];
  const tensors = [node.tensor(0), ...[yes, no].filter((value) => value.kind === 'tensor')];
  const operands = [null, ...[yes, no].map((value) => (value.kind === 'constant' ? (numberOf(value) ?? Number.NaN) : null))];
  if (operands.some(Number.isNaN) || [yes, no].some(({ kind }) => kind !== 'constant' && kind !== 'tensor'))
    throw node.refusal('chooses between arrays that are constants');
  const { like, aligned } = align(node, tensors);
  return { ...like, type: 'float', flipped: false, tensors: [new Elementwise('where', operands).apply(aligned)] };
}

/** Gives the state of a layer, which is its initial state where no step counts. */
function stateOrInitial(node: ReadNode): ReadValue {
  const [state, initial] = [node.tensor(1), node.tensor(2)];
  const [made] = state.tensors as readonly [SymbolicTensor];
  const isOfLayer =
    state.tensors.length === 1 && initial.tensors.length === 1 && made.node.inputs.includes(initial.tensors[0] as SymbolicTensor);
  if (!isOfLayer) throw node.refusal('chooses between a state and another value than the initial state');
  return state;
}

/** Values as tensors of the same axes. */
function align(node: ReadNode, values: readonly TensorValue[]): { like: TensorValue; aligned: SymbolicTensor[] } {
  const [first] = values as readonly [TensorValue];
  const isSame = values.every(
    ({ axes, flipped, tensors }) => axes.join() === first.axes.join() && flipped === first.flipped && tensors.length === 1,
  );
  if (isSame) return { like: first, aligned: values.map(({ tensors }) => tensors[0] as SymbolicTensor) };
  const count = Math.max(...values.map(({ axes }) => axes.length));
  if (values.some(({ axes }) => axes.length !== count || axes.indexOf('samples') !== first.axes.indexOf('samples')))
    throw node.refusal('combines values whose samples are along different axes');
  const at = first.axes.indexOf('samples');
  const aligned = values.map(samplesFirst);
  const axes = first.axes.map((_, axis) => (axis === at ? ('samples' as const) : axis < at ? axis : axis - 1));
  return { like: { ...first, axes, flipped: false }, aligned };
}

/** The only number of a constant; null when it has several. */
function numberOf({ data }: Constant): number | null {
  return data.length === 1 ? (data[0] as number) : null;
}

/** Two values combined, element by element. */
function combine(node: ReadNode, name: ElementwiseOperation, a: ReadValue, b: ReadValue): ReadValue {
  if (a.kind === 'constant' && b.kind === 'constant') return folded(node, name, a, b);
  if (a.kind === 'erf' || b.kind === 'erf') return withErf(node, name, a, b);
  if (a.kind === 'mask') return combine(node, name, tensorValue(a.asTensor(), null, 'bool'), b);
  if (b.kind === 'mask') return combine(node, name, a, tensorValue(b.asTensor(), null, 'bool'));
  for (const value of [a, b])
    if (value.kind !== 'tensor' && value.kind !== 'constant')
      throw node.refusal('combines an operand that is neither a value of the samples nor a constant');
  if (a.kind === 'tensor' && b.kind === 'tensor') {
    const byNorm = name === 'divide' ? readByNorm(node, a, b) : null;
    if (byNorm) return byNorm;
    const { like, aligned } = align(node, [a, b]);
    const [left, right] = aligned as [SymbolicTensor, SymbolicTensor];
    const isSame = left.shape.join() === right.shape.join() && left !== right;
    // Layers that merge pass masks on.
    const layer =
      isSame && name === 'add'
        ? new Add(node.named)
        : isSame && name === 'subtract'
          ? new Subtract(node.named)
          : new Elementwise(name, [null, null]);
    const result = layer.apply([left, right]) as SymbolicTensor;
    maskSources(result);
    return { ...like, type: 'float', tensors: [result] };
  }
  const [value, constant] = (a.kind === 'tensor' ? [a, b] : [b, a]) as [TensorValue, Constant];
  const number = numberOf(constant);
  if (number !== null && constant.dims.length <= value.axes.length)
    return each(
      value,
      (x) =>
        rescaled(node, name, x, number, a.kind !== 'tensor') ?? operation(name, a.kind === 'tensor' ? [null, number] : [number, null], x),
    );
  return affine(node, name, value, constant, a.kind !== 'tensor');
}

/** Two constants combined; a number with an array, or arrays of the same sizes. */
function folded(node: ReadNode, name: ElementwiseOperation, a: Constant, b: Constant): Constant {
  const [large, isSame] = [a.data.length >= b.data.length ? a : b, a.dims.join() === b.dims.join()];
  const compute = {
    add: (x: number, z: number) => x + z,
    subtract: (x: number, z: number) => x - z,
    multiply: (x: number, z: number) => x * z,
    divide: (x: number, z: number) => x / z,
  }[name as string];
  if (!compute || !(isSame || a.data.length === 1 || b.data.length === 1))
    throw node.refusal('combines constants in a way that Backtime does not read');
  node.graph.spend(large.data.length);
  const at = ({ data }: Constant, index: number) => data[data.length === 1 ? 0 : index] as number;
  const data = large.data.map((_, index) => compute(at(a, index), at(b, index)));
  return { ...large, data };
}

/** Adds or multiplies by a constant array: as a BatchNormalization that is not trained. */
function affine(node: ReadNode, name: ElementwiseOperation, value: TensorValue, constant: Constant, isLeft: boolean): TensorValue {
  const [sign, isSum] = [name === 'subtract' ? -1 : 1, name === 'add' || name === 'subtract'];
  const isProduct = name === 'multiply' || (name === 'divide' && !isLeft);
  const { axes } = value;
  const before = axes.length - constant.dims.length;
  const moved = constant.dims.flatMap((size, axis) => (size === 1 ? [] : [axis + before]));
  if (!(isSum || isProduct) || before < 0 || value.tensors.length !== 1 || moved.some((axis) => typeof axes[axis] !== 'number'))
    throw node.refusal('combines its input with a constant array in a way that Backtime does not read');
  const tensor = value.tensors[0] as SymbolicTensor;
  // In a - x the sample has the sign, in x - a the constant.
  const [base, factor] = [isLeft && name === 'subtract' ? operation('negative', [null], tensor) : tensor, isLeft ? 1 : sign];
  const numbers = Float32Array.from(constant.data, (each) => (name === 'divide' ? 1 / each : isSum ? factor * each : each));
  const apply = (x: SymbolicTensor, all: Float32Array): SymbolicTensor => {
    const layer = new BatchNormalization({ ...node.named, center: isSum, scale: !isSum, epsilon: NOTHING, trainable: false });
    const [result] = node.weighted(`${node.message.name} ${node.message.outputs[0]}`, () => layer, [x], {
      gamma: all,
      beta: all,
      movingMean: new Float32Array(all.length),
      movingVariance: new Float32Array(all.length).fill(1),
    });
    return result as SymbolicTensor;
  };
  const last = tensor.shape.length - 1;
  if (moved.length === 1 && axes[moved[0] as number] === last) {
    if (numbers.length !== tensor.shape[last]) throw node.refusal(`combines ${tensor.shape[last]} features with ${numbers.length} numbers`);
    return { ...value, type: 'float', tensors: [apply(base, numbers)] };
  }
  // A number for each element of a sample: the sample becomes a vector, and back.
  const plain = samplesFirst({ ...value, tensors: [base] });
  const sizes = plain.shape;
  const at = axes.indexOf('samples');
  if (sizes.includes(null))
    throw node.refusal('combines sequences of any length with a constant array of steps: export the model with a fixed length');
  const total = sizeOf(sizes as readonly number[]);
  node.graph.spend(total);
  const dims = [...new Array<number>(before).fill(1), ...constant.dims].filter((_, axis) => axis !== at);
  if (dims.some((size, axis) => size !== 1 && size !== sizes[axis]))
    throw node.refusal('combines a constant array of other sizes than its input');
  const all = new Float32Array(total);
  for (let index = 0; index < total; index++) {
    let [rest, from, stride] = [index, 0, 1];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const place = rest % (sizes[axis] as number);
      rest = Math.floor(rest / (sizes[axis] as number));
      if (dims[axis] !== 1) from += place * stride;
      stride *= dims[axis] as number;
    }
    all[index] = numbers[from] as number;
  }
  const flat = sizes.length === 1 ? plain : new Reshape([total]).apply(plain);
  const result = apply(flat, all);
  const made = sizes.length === 1 ? result : new Reshape(sizes as readonly number[]).apply(result);
  return tensorValue(
    made,
    axes.map((_, axis) => (axis === at ? 'samples' : axis < at ? axis : axis - 1)),
  );
}

/** Reads a PRelu, whose slopes are constants. */
export function readPReLU(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  const { data, dims } = node.constant(1, 'the slopes');
  const tensor = samplesFirst(value);
  if (value.axes[0] !== 'samples') throw node.refusal('has samples that are not the first axis');
  const sizes = [...new Array<number>(Math.max(tensor.shape.length - dims.length, 0)).fill(1), ...dims.slice(-tensor.shape.length)];
  if (sizes.some((size, axis) => size !== 1 && size !== tensor.shape[axis]))
    throw node.refusal(`has slopes [${dims}] that do not fit its input`);
  const sharedAxes = sizes.flatMap((size, axis) => (size === 1 && tensor.shape[axis] !== 1 ? [axis + 1] : []));
  const key = ['PRelu', node.message.inputs[1], sharedAxes].join('\n');
  const [result] = node.weighted(key, () => new PReLU({ ...node.named, sharedAxes }), [tensor], { alpha: Float32Array.from(data) });
  return tensorValue(result as SymbolicTensor);
}
