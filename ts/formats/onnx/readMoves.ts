import { sizeOf } from '../../core/shape.ts';
import { ExpandDims } from '../../layers/axes.ts';
import { Concatenate } from '../../layers/concatenate.ts';
import { GetItem, type SliceKey } from '../../layers/getItem.ts';
import { Input } from '../../layers/input.ts';
import { RepeatVector } from '../../layers/repeatVector.ts';
import { Flatten, Reshape } from '../../layers/reshaping.ts';
import { Cropping1D, UpSampling1D } from '../../layers/resizing.ts';
import { Slice, Take } from '../../layers/slicing.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import { TimeDistributed } from '../../layers/timeDistributed.ts';
import { Model } from '../../model/model.ts';
import { type Constant, transposed } from './constants.ts';
import { type ReadNode, shownSizes } from './graphReader.ts';
import { maskSources } from './maskSources.ts';
import { inputMask } from './maskValues.ts';
import { ELEMENTS } from './messages.ts';
import { groupsOf, withoutGroups } from './readGroups.ts';
import { readEmbedding } from './readProducts.ts';
import { croppedEnds } from './readResizing.ts';
import {
  type Axis,
  type ReadValue,
  type Size,
  type SizesValue,
  samplesFirst,
  sizeAt,
  type TensorValue,
  tensorValue,
} from './readValues.ts';

/** From here on a number stands for an end that is not known. */
const FAR = 2 ** 31 - 1;
/** The most repetitions of one step that are read. */
const MOST_REPETITIONS = 1_000_000;

const FLOATS: readonly number[] = [ELEMENTS.float, ELEMENTS.double, ELEMENTS.float16, ELEMENTS.bfloat16];

/** Gives an input as it is. */
export function readIdentity(node: ReadNode): ReadValue {
  return node.input(0);
}

export function readCast(node: ReadNode): ReadValue {
  const value = node.input(0);
  const to = node.int('to', 0);
  if (value.kind === 'constant') return { ...value, isFloat: FLOATS.includes(to) };
  if (value.kind === 'mask' && to !== ELEMENTS.bool) return { ...node.tensor(0), type: 'float' };
  if (value.kind !== 'tensor') return value;
  if (to === ELEMENTS.bool) return maskOf(node, value);
  if (value.type === 'float' && !FLOATS.includes(to)) throw node.refusal('converts floats to integers, which no layer of Backtime does');
  return { ...value, type: FLOATS.includes(to) ? 'float' : value.type };
}

/** The mask that an input is: ids that are not 0, or booleans. */
function maskOf(node: ReadNode, value: TensorValue): ReadValue {
  const [tensor] = value.tensors as readonly [SymbolicTensor];
  const layer = tensor.node.layer as { readonly className: string; readonly name: string };
  const isInput =
    layer.className === 'InputLayer' && value.tensors.length === 1 && value.axes.join() === 'samples,0' && value.type !== 'float';
  if (!isInput) return { ...value, type: 'bool' };
  const isEmbedded = node.graph.gathered.has(node.message.inputs[0] as string);
  return inputMask(tensor, isEmbedded ? null : tensor);
}

export function readConstant(node: ReadNode): ReadValue {
  const tensor = node.tensorAttribute('value');
  const made = (data: readonly number[], dims: readonly number[], isFloat: boolean): Constant => ({
    kind: 'constant',
    dims,
    data: Float64Array.from(data),
    isFloat,
  });
  const [float, int] = [node.float('value_float', Number.NaN), node.int('value_int', Number.NaN)];
  const [floats, ints] = [node.floats('value_floats'), node.ints('value_ints')];
  const value =
    tensor ??
    (node.has('value_float') ? made([float], [], true) : null) ??
    (node.has('value_int') ? made([int], [], false) : null) ??
    (ints ? made(ints, [ints.length], false) : null) ??
    (node.has('value_floats') ? made(floats, [floats.length], true) : null);
  if (!value) throw node.refusal('has a constant of a kind that Backtime does not read');
  node.graph.spend(value.data.length);
  return value;
}

export function readTranspose(node: ReadNode): ReadValue {
  const value = node.input(0);
  const count = value.kind === 'constant' ? value.dims.length : node.tensor(0).axes.length;
  const order = node.ints('perm') ?? Array.from({ length: count }, (_, axis) => count - 1 - axis);
  const axes = node.axesOf(order, count);
  if (axes.length !== count) throw node.refusal(`has an order of ${axes.length} axes, but its input has ${count}`);
  if (value.kind === 'constant') {
    node.graph.spend(value.data.length);
    return transposed(value, axes);
  }
  const tensor = node.tensor(0);
  return { ...tensor, axes: axes.map((axis) => tensor.axes[axis] as Axis) };
}

export function readUnsqueeze(node: ReadNode): ReadValue {
  const value = node.input(0);
  const given = node.intsAt('axes', 1) ?? [];
  if (value.kind === 'sizes') return { ...value, isScalar: false };
  if (value.kind === 'some') return value;
  const axes = value.kind === 'constant' ? value.dims : node.tensor(0).axes;
  const found = [...node.axesOf(given, axes.length + given.length)].sort((a, b) => a - b);
  const inserted = <T>(all: readonly T[], one: T): T[] => {
    const result = [...all];
    for (const axis of found) result.splice(axis, 0, one);
    return result;
  };
  return value.kind === 'constant'
    ? { ...value, dims: inserted(value.dims, 1) }
    : { ...node.tensor(0), axes: inserted<Axis>(node.tensor(0).axes, 'one') };
}

export function readSqueeze(node: ReadNode): ReadValue {
  const value = node.input(0);
  const given = node.intsAt('axes', 1);
  if (value.kind === 'sizes') return { ...value, isScalar: true };
  if (value.kind === 'constant') {
    const axes = given ? node.axesOf(given, value.dims.length) : [...value.dims.keys()].filter((axis) => value.dims[axis] === 1);
    return { ...value, dims: value.dims.filter((_, axis) => !axes.includes(axis)) };
  }
  let tensor = node.tensor(0);
  const axes = given ? node.axesOf(given, tensor.axes.length) : [...tensor.axes.keys()].filter((axis) => sizeAt(tensor, axis) === 1);
  // From the last on, so that the numbers of the others stay.
  for (const axis of [...axes].sort((a, b) => b - a)) tensor = withoutAxis(node, tensor, axis);
  return tensor;
}

/** A value without an axis of size 1. */
function withoutAxis(node: ReadNode, value: TensorValue, index: number): TensorValue {
  if (sizeAt(value, index) !== 1) throw node.refusal(`removes axis ${index}, whose size is ${sizeAt(value, index)}`);
  return taken(node, value, index, 0);
}

/** A value at one index of an axis, without that axis. */
function taken(node: ReadNode, value: TensorValue, index: number, place: number): TensorValue {
  const { axes, tensors, flipped } = value;
  const axis = axes[index] as Axis;
  const others = axes.filter((_, at) => at !== index);
  if (axis === 'samples') throw node.refusal('takes some of the samples');
  if (axis === 'one') return { ...value, axes: others };
  if (axis === 'stack') {
    const found = tensors.at(place);
    if (!found) throw node.refusal(`takes index ${place} of ${tensors.length}`);
    return { ...value, tensors: [found], axes: others };
  }
  const at = flipped && axis === 0 ? -1 - place : place;
  return {
    ...value,
    flipped: flipped && axis !== 0,
    tensors: tensors.map((tensor) => new Take(at, axis + 1).apply(tensor)),
    axes: others.map((other) => (typeof other === 'number' && other > axis ? other - 1 : other)),
  };
}

export function readFlatten(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  if (node.int('axis', 1) !== 1 || value.axes[0] !== 'samples') throw node.refusal('flattens the samples too');
  const tensor = samplesFirst(value);
  return tensorValue(tensor.shape.length === 1 ? tensor : new Flatten(node.named).apply(tensor));
}

export function readReshape(node: ReadNode): ReadValue {
  const value = node.input(0);
  const shape = node.input(1);
  const given: readonly Size[] = shape.kind === 'sizes' ? shape.sizes : [...node.constant(1, 'the sizes').data];
  if (value.kind === 'constant') {
    const known = given.map((size, axis) => (size === 0 ? (value.dims[axis] ?? 0) : size));
    const rest = value.data.length / sizeOf(known.filter((size): size is number => typeof size === 'number' && size !== -1));
    const dims = known.map((size) => (size === -1 ? rest : size));
    if (dims.some((size) => typeof size !== 'number') || sizeOf(dims as number[]) !== value.data.length)
      throw node.refusal(`gives a constant of ${value.data.length} numbers the sizes ${shownSizes(given)}`);
    return { ...value, dims: dims as number[] };
  }
  if (value.kind === 'sizes' && given.length <= 1) return { ...value, isScalar: given.length === 0 };
  if (value.kind === 'groups') return withoutGroups(node, value, given);
  const tensor = node.tensor(0);
  const sizes = given.map((size, axis) => (size === 0 && axis < tensor.axes.length ? sizeAt(tensor, axis) : size));
  return (
    groupsOf(node, tensor, sizes) ??
    sameAxes(tensor, sizes) ??
    merged(tensor, sizes) ??
    repeatedSteps(tensor, sizes) ??
    stepsAsSamples(node, tensor, sizes) ??
    samplesAsSteps(node, tensor, sizes) ??
    heads(tensor, sizes) ??
    withoutHeads(tensor, sizes) ??
    reshaped(node, tensor, sizes)
  );
}

/** A value of the same axes but those of size 1; null when others change, too. */
function sameAxes(value: TensorValue, sizes: readonly Size[]): TensorValue | null {
  const own = value.axes.flatMap((axis, index) => (axis === 'one' ? [] : [{ axis, size: sizeAt(value, index) }]));
  const axes: Axis[] = [];
  let next = 0;
  let guesses = 0;
  for (const size of sizes) {
    const found = own[next];
    if (size === -1) guesses++;
    if (found && (size === found.size || size === -1)) {
      axes.push(found.axis);
      next++;
    } else if (size === 1) axes.push('one');
    else return null;
  }
  return next === own.length && guesses <= 1 ? { ...value, axes } : null;
}

/** A stack of tensors side by side: the axes of the stack and of the features become one. */
function merged(value: TensorValue, sizes: readonly Size[]): TensorValue | null {
  const at = value.axes.indexOf('stack');
  const last = value.axes.length - 1;
  const { tensors } = value;
  const [first] = tensors as readonly [SymbolicTensor];
  if (at !== last - 1 || value.axes[last] !== first.shape.length - 1) return null;
  const total = tensors.reduce((sum, { shape }) => sum + (shape.at(-1) as number), 0);
  const expected = [...value.axes.slice(0, at).map((_, index) => sizeAt(value, index)), total];
  const fits = sizes.length === expected.length && sizes.every((size, axis) => size === expected[axis] || size === -1);
  if (!fits || sizes.filter((size) => size === -1).length > 1) return null;
  const joined = new Concatenate().apply(tensors);
  maskSources(joined);
  return { ...value, tensors: [joined], axes: [...value.axes.slice(0, at), first.shape.length - 1] };
}

/** Steps that were repeated one by one, in one axis. */
function repeatedSteps(value: TensorValue, sizes: readonly Size[]): TensorValue | null {
  const [tensor] = value.tensors as readonly [SymbolicTensor];
  const layer = tensor.node.layer as { readonly className: string; readonly indices?: unknown; readonly axis?: number };
  const [source] = tensor.node.inputs;
  const isRepeated =
    layer.className === 'Take' && layer.axis === 2 && Array.isArray(layer.indices) && layer.indices.every((index) => index === 0);
  const isMerge =
    value.axes.join() === 'samples,0,1,2' &&
    sizes.length === 3 &&
    sizes[0] === 'samples' &&
    sizes[1] === -1 &&
    sizes[2] === tensor.shape[2];
  const inner = source?.node.layer as { readonly className?: string } | undefined;
  const [steps] = source?.node.inputs ?? [];
  if (!isRepeated || !isMerge || inner?.className !== 'ExpandDims' || steps?.shape.length !== 2) return null;
  return tensorValue(new UpSampling1D((layer.indices as readonly number[]).length).apply(steps));
}

/** The most parts into which features are split, where the number of steps is free. */
const MOST_HEADS = 64;

/** Features `[T, H*K]` split into parts `[T, H, K]`, for any number of steps. */
function heads({ tensors, axes }: TensorValue, sizes: readonly Size[]): TensorValue | null {
  const [tensor] = tensors as readonly [SymbolicTensor];
  const [samples, steps, count, features] = sizes;
  const isSplit =
    axes.join() === 'samples,0,1' &&
    sizes.length === 4 &&
    samples === 'samples' &&
    [tensor.shape[0] ?? 'free', -1].includes(steps as number);
  if (!isSplit || typeof count !== 'number' || count < 1 || count > MOST_HEADS) return null;
  const width = (tensor.shape[1] as number) / count;
  if (!Number.isInteger(width) || (features !== width && features !== -1)) return null;
  const parts = Array.from({ length: count }, (_, head) =>
    new ExpandDims(2).apply(new Slice([0, head * width], [-1, width]).apply(tensor)),
  );
  return tensorValue(parts.length === 1 ? (parts[0] as SymbolicTensor) : new Concatenate({ axis: 2 }).apply(parts));
}

/** Parts `[T, H, K]` side by side `[T, H*K]`, for any number of steps. */
function withoutHeads(value: TensorValue, sizes: readonly Size[]): TensorValue | null {
  const [tensor] = value.tensors as readonly [SymbolicTensor];
  if (
    value.axes[0] !== 'samples' ||
    value.axes.length !== 4 ||
    sizes.length !== 3 ||
    value.axes.some((axis) => axis === 'one' || axis === 'stack')
  )
    return null;
  const [, steps, count, width] = value.axes.map((_, axis) => sizeAt(value, axis)) as [Size, Size, number, number];
  const isJoined = sizes[0] === 'samples' && (sizes[1] === steps || sizes[1] === -1) && (sizes[2] === count * width || sizes[2] === -1);
  if (!isJoined || typeof count !== 'number' || count > MOST_HEADS || tensor.shape.length !== 3) return null;
  const plain = samplesFirst(value);
  const parts = Array.from({ length: count }, (_, head) => new Take(head, 2).apply(plain));
  return tensorValue(parts.length === 1 ? (parts[0] as SymbolicTensor) : new Concatenate().apply(parts));
}

/** Steps as samples: what follows is a model of one step, until they are steps again. */
function stepsAsSamples(node: ReadNode, value: TensorValue, sizes: readonly Size[]): TensorValue | null {
  const [, , ...step] = value.axes.map((_, axis) => sizeAt(value, axis));
  const isJoined = value.axes[0] === 'samples' && sizes[0] === -1 && sizes.length === step.length + 1 && step.length > 0;
  if (!isJoined || step.some((size, axis) => size !== sizes[axis + 1])) return null;
  const steps = samplesFirst(value);
  // With a known number of steps it may be the shape of a sample that changes.
  const input = Input({ shape: steps.shape.slice(1), name: node.named.name });
  node.graph.stepsOf.set(input, steps);
  return tensorValue(input, null, value.type);
}

/** Samples that were steps as steps again: a model at every step. */
function samplesAsSteps(node: ReadNode, value: TensorValue, sizes: readonly Size[]): TensorValue | null {
  const [tensor] = value.tensors as readonly [SymbolicTensor];
  const [samples, steps, ...step] = sizes;
  if (node.graph.stepsOf.size === 0) return null;
  const input = node.graph.rootOf(tensor);
  const outer = node.graph.stepsOf.get(input);
  if (!outer || value.axes[0] !== 'samples' || (samples !== 'samples' && samples !== -1)) return null;
  const own = value.axes.slice(1).map((_, axis) => sizeAt(value, axis + 1));
  const fits = step.length === own.length && step.every((size, axis) => size === own[axis] || size === -1);
  if (!fits || (steps !== -1 && steps !== (outer.shape[0] ?? 'free'))) return null;
  const inside = new Model({ inputs: input, outputs: samplesFirst(value), name: node.graph.layerName(node.message) });
  return tensorValue(new TimeDistributed(inside, node.named).apply(outer) as SymbolicTensor);
}

/** The elements of each sample in another shape. */
function reshaped(node: ReadNode, value: TensorValue, sizes: readonly Size[]): TensorValue {
  const [first, ...rest] = sizes;
  const tensor = samplesFirst(value);
  const known = tensor.shape.every((size) => size !== null);
  const isSamples = first === 'samples' || (first === -1 && known && rest.every((size) => typeof size === 'number' && size > 0));
  const isTarget = rest.every((size) => typeof size === 'number' && (size > 0 || size === -1));
  if (value.axes[0] !== 'samples' || !isSamples || !isTarget || rest.length === 0)
    throw node.refusal(
      `gives ${shownSizes(value.axes.map((_, axis) => sizeAt(value, axis)))} the sizes ${shownSizes(sizes)}, which moves elements between samples or free axes`,
    );
  return tensorValue(new Reshape(rest as readonly number[], node.named).apply(tensor));
}

export function readConcat(node: ReadNode): ReadValue {
  const all = Array.from({ length: node.count }, (_, index) => node.input(index));
  if (all.every(({ kind }) => kind === 'constant' || kind === 'sizes')) return joinedSizes(node, all as readonly (Constant | SizesValue)[]);
  const values = all.map((_, index) => node.tensor(index));
  const first = values[0] as TensorValue;
  const [axis] = node.axesOf([node.int('axis', 0)], first.axes.length) as [number];
  const isSame = values.every(({ axes, flipped }) => axes.join() === first.axes.join() && flipped === first.flipped);
  if (isSame && first.axes[axis] === 'one' && values.every(({ tensors }) => tensors.length === 1))
    return {
      ...first,
      tensors: values.flatMap(({ tensors }) => tensors),
      axes: first.axes.map((own, at) => (at === axis ? 'stack' : own)),
    };
  const along = first.axes[axis];
  const join = (tensors: readonly SymbolicTensor[], at: number) => {
    const joined = tensors.length === 1 ? (tensors[0] as SymbolicTensor) : new Concatenate({ axis: at, ...node.named }).apply(tensors);
    maskSources(joined);
    return joined;
  };
  const isPlain = values.every(({ tensors }) => tensors.length === 1);
  if (isSame && isPlain && typeof along === 'number' && !(first.flipped && along === 0))
    return {
      ...first,
      tensors: [
        join(
          values.map(({ tensors }) => tensors[0] as SymbolicTensor),
          along + 1,
        ),
      ],
    };
  if (axis === 0 || values.some(({ axes }) => axes[0] !== 'samples'))
    throw node.refusal('joins values whose samples are not the first axis');
  return tensorValue(join(values.map(samplesFirst), axis));
}

/** Lengths and constants, one after the other. */
function joinedSizes(node: ReadNode, all: readonly (Constant | SizesValue)[]): ReadValue {
  if (all.every((value) => value.kind === 'constant')) {
    const [first] = all as readonly [Constant];
    const axis = (node.axesOf([node.int('axis', 0)], first.dims.length) as [number])[0];
    if (axis !== 0) throw node.refusal('joins constants along another axis than the first');
    const total = all.reduce((sum, { data }) => sum + data.length, 0);
    node.graph.spend(total);
    const data = first.data instanceof Float32Array ? new Float32Array(total) : new Float64Array(total);
    let start = 0;
    for (const value of all) {
      data.set(value.data, start);
      start += value.data.length;
    }
    return { ...first, dims: [all.reduce((sum, { dims }) => sum + (dims[0] as number), 0), ...first.dims.slice(1)], data };
  }
  const sizes = all.flatMap((value): readonly Size[] => (value.kind === 'sizes' ? value.sizes : [...value.data]));
  node.graph.spend(sizes.length);
  return { kind: 'sizes', sizes, isScalar: false };
}

export function readShape(node: ReadNode): ReadValue {
  const value = node.input(0);
  const all: readonly Size[] =
    value.kind === 'constant'
      ? value.dims
      : value.kind === 'fill'
        ? value.sizes
        : node.tensor(0).axes.map((_, axis) => sizeAt(node.tensor(0), axis));
  const sizes = all.slice(node.int('start', 0), node.has('end') ? node.int('end', 0) : undefined);
  if (sizes.every((size) => typeof size === 'number'))
    return { kind: 'constant', dims: [sizes.length], data: Float64Array.from(sizes), isFloat: false };
  return { kind: 'sizes', sizes, isScalar: false };
}

/** Reads an array of one number, of sizes that may be known only when the model runs. */
export function readConstantOfShape(node: ReadNode): ReadValue {
  const shape = node.input(0);
  const value = node.tensorAttribute('value')?.data[0] ?? 0;
  const sizes = shape.kind === 'sizes' ? shape.sizes : [...node.constant(0, 'the sizes').data];
  return { kind: 'fill', value, sizes };
}

export function readExpand(node: ReadNode): ReadValue {
  const value = node.input(0);
  const shape = node.input(1);
  const sizes: readonly Size[] = shape.kind === 'sizes' ? shape.sizes : [...node.constant(1, 'the sizes').data];
  if (value.kind === 'fill') return { ...value, sizes };
  if (value.kind === 'constant' && value.data.length > 0 && value.data.every((each) => each === value.data[0]))
    return { kind: 'fill', value: value.data[0] as number, sizes };
  const tensor = node.tensor(0);
  if (sizes.length !== tensor.axes.length) throw node.refusal('repeats its input along new axes');
  // A size of 1 or the own one repeats nothing.
  return repeated(
    node,
    tensor,
    sizes.map((size, axis) => (size === 1 || size === sizeAt(tensor, axis) ? 1 : size)),
  );
}

export function readTile(node: ReadNode): ReadValue {
  return repeated(node, node.tensor(0), [...node.constant(1, 'the repetitions').data]);
}

/** A value repeated along axes of size 1. */
function repeated(node: ReadNode, value: TensorValue, counts: readonly Size[]): TensorValue {
  const more = counts.flatMap((count, axis) => (count === 1 ? [] : [{ count, axis }]));
  if (more.length === 0) return value;
  const [{ count, axis }] = more as [{ count: Size; axis: number }];
  const isOne = more.length === 1 && counts.length === value.axes.length && value.axes[axis] === 'one' && value.axes[0] === 'samples';
  if (!isOne || typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > MOST_REPETITIONS)
    throw node.refusal(`repeats its input ${shownSizes(counts)} times: Backtime reads a number of times along one axis of size 1`);
  const [tensor] = value.tensors as readonly [SymbolicTensor];
  const isVector = tensor.shape.length === 1 && value.axes.join() === 'samples,one,0';
  if (isVector) return tensorValue(new RepeatVector(count, node.named).apply(tensor));
  node.graph.spend(count);
  return tensorValue(new Take(new Array<number>(count).fill(0), axis).apply(samplesFirst(value)));
}

export function readGather(node: ReadNode): ReadValue {
  const value = node.input(0);
  const indices = node.input(1);
  if (value.kind === 'constant' && indices.kind === 'tensor') return readEmbedding(node, value, indices);
  const at = node.constant(1, 'the indices');
  if (value.kind === 'sizes' || value.kind === 'constant') return gathered(node, value, at);
  const tensor = node.tensor(0);
  const [axis] = node.axesOf([node.int('axis', 0)], tensor.axes.length) as [number];
  if (at.dims.length === 0) return taken(node, tensor, axis, at.data[0] as number);
  const own = tensor.axes[axis];
  if (at.dims.length > 1 || typeof own !== 'number') throw node.refusal('gathers along an axis that samples do not have');
  const plain = tensor.flipped ? tensorValue(samplesFirst(tensor), tensor.axes) : tensor;
  return { ...plain, tensors: plain.tensors.map((each) => new Take([...at.data], own + 1).apply(each)) };
}

/** Elements of lengths or of a constant with one axis. */
function gathered(node: ReadNode, value: SizesValue | Constant, at: Constant): ReadValue {
  const all: readonly Size[] = value.kind === 'sizes' ? value.sizes : [...value.data];
  if (value.kind === 'constant' && value.dims.length !== 1) throw node.refusal('gathers from a constant of several axes');
  node.graph.spend(at.data.length);
  const found = [...at.data].map((index) => all.at(index));
  if (found.includes(undefined)) throw node.refusal(`gathers at ${[...at.data].slice(0, 5)} of ${all.length}`);
  if (found.every((size) => typeof size === 'number'))
    return { kind: 'constant', dims: at.dims, data: Float64Array.from(found), isFloat: value.kind === 'constant' && value.isFloat };
  return { kind: 'sizes', sizes: found as readonly Size[], isScalar: at.dims.length === 0 };
}

export function readSlice(node: ReadNode): ReadValue {
  const value = node.input(0);
  const starts = node.intsAt('starts', 1) ?? [];
  const ends = node.intsAt('ends', 2) ?? [];
  const given = node.intsAt('axes', 3) ?? [...starts.keys()];
  const steps = node.optional(4) ? [...node.constant(4, 'the steps').data] : starts.map(() => 1);
  if (ends.length !== starts.length || given.length !== starts.length || steps.length !== starts.length)
    throw node.refusal('has starts, ends, axes and steps of different numbers');
  if (value.kind === 'sizes' || value.kind === 'constant') {
    const all: readonly Size[] = value.kind === 'sizes' ? value.sizes : [...value.data];
    if (starts.length !== 1 || steps[0] !== 1 || (value.kind === 'constant' && value.dims.length !== 1))
      throw node.refusal('takes a part of a constant of several axes');
    const sizes = all.slice(starts[0], ends[0]);
    return sizes.every((size) => typeof size === 'number')
      ? { kind: 'constant', dims: [sizes.length], data: Float64Array.from(sizes), isFloat: false }
      : { kind: 'sizes', sizes, isScalar: false };
  }
  let tensor = node.tensor(0);
  const axes = node.axesOf(given, tensor.axes.length);
  const cropped = steps.every((step) => step === 1) ? croppedEnds(tensor, axes, starts, ends) : null;
  if (cropped) return cropped;
  for (const [index, axis] of axes.entries())
    tensor = sliced(node, tensor, axis, starts[index] as number, ends[index] as number, steps[index] as number);
  return tensor;
}

/** A part along one axis. */
function sliced(node: ReadNode, value: TensorValue, index: number, start: number, end: number, step: number): TensorValue {
  const axis = value.axes[index] as Axis;
  const length = sizeAt(value, index);
  const isAll = step === 1 && start === 0 && (end >= FAR || end === length);
  if (isAll) return value;
  if (step === -1 && (start === -1 || start >= FAR) && end <= -FAR && axis === 0) return { ...value, flipped: !value.flipped };
  if (axis === 'stack' && step === 1) return { ...value, tensors: value.tensors.slice(start, end) };
  if (typeof axis !== 'number') throw node.refusal(`takes a part of axis ${index}, which samples do not have`);
  const plain = value.flipped ? { ...value, flipped: false, tensors: [samplesFirst({ ...value, axes: canonical(value) })] } : value;
  const apply = (tensor: SymbolicTensor): SymbolicTensor => {
    if (step !== 1) return new GetItem(keyOf(axis, start, end, step)).apply(tensor);
    const along = (own: number, others: number) => tensor.shape.map((_, at) => (at === axis ? own : others));
    if (end >= FAR || end === length) return new Slice(along(start, 0), along(-1, -1)).apply(tensor);
    if (end < 0 && start >= 0 && length === 'free' && axis === 0 && tensor.shape.length === 2)
      return new Cropping1D([start, -end]).apply(tensor);
    const known = typeof length === 'number' ? [start, end].map((at) => Math.min(at < 0 ? at + length : at, length)) : [start, end];
    const [from, to] = known as [number, number];
    if (Math.sign(from) * Math.sign(to) < 0 || to <= from) return new GetItem(keyOf(axis, start, end, step)).apply(tensor);
    return new Slice(along(from, 0), along(to - from, -1)).apply(tensor);
  };
  return { ...plain, tensors: plain.tensors.map(apply) };
}

/** A part along an axis of samples, as in Python. */
function keyOf(axis: number, start: number, end: number, step: number): readonly SliceKey[] {
  const known = (place: number) => (Math.abs(place) >= FAR ? null : place);
  return [...Array.from({ length: axis }, (): SliceKey => [null, null, null]), [known(start), known(end), step]];
}

/** The axes of a value's own tensor. */
function canonical({ tensors }: TensorValue): readonly Axis[] {
  return ['samples', ...(tensors[0] as SymbolicTensor).shape.keys()];
}

export function readSplit(node: ReadNode): readonly ReadValue[] {
  const value = node.tensor(0);
  const [axis] = node.axesOf([node.int('axis', 0)], value.axes.length) as [number];
  const length = sizeAt(value, axis);
  const count = node.message.outputs.length;
  const sizes = node.intsAt('split', 1) ?? (typeof length === 'number' ? new Array<number>(count).fill(Math.ceil(length / count)) : []);
  if (sizes.length !== count || sizes.some((size) => size < 1))
    throw node.refusal(`splits axis ${axis} of size ${length} into ${count} parts`);
  const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
  return sizes.map((size, index) => sliced(node, value, axis, starts[index] as number, (starts[index] as number) + size, 1));
}
