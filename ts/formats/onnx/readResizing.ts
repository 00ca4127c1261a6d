import { Cropping1D, Cropping2D, UpSampling1D, UpSampling2D, ZeroPadding1D, ZeroPadding2D } from '../../layers/resizing.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { ReadNode } from './graphReader.ts';
import { type ReadValue, samplesFirst, sizeAt, type TensorValue } from './readValues.ts';

type Ends = readonly [before: number, after: number];

/** A function of what is done to the ends of each axis of a sample but the last. */
type Apply = (tensor: SymbolicTensor, ends: readonly [Ends, Ends?]) => SymbolicTensor;

const added: Apply = (tensor, [first, second]) => (second ? new ZeroPadding2D([first, second]) : new ZeroPadding1D(first)).apply(tensor);
const cropped: Apply = (tensor, [first, second]) => (second ? new Cropping2D([first, second]) : new Cropping1D(first)).apply(tensor);

/**
 * What each axis of a file's value has, for the axes of samples but the last.
 * @param none what the other axes must have
 * @returns null when others have something else, or samples are no sequences or images
 */
function ofPlaces<T>({ axes, tensors }: TensorValue, each: readonly T[], none: (one: T) => boolean): readonly T[] | null {
  const count = (tensors[0] as SymbolicTensor).shape.length - 1;
  const places = Array.from({ length: count }, (_, axis) => axes.indexOf(axis));
  const isRest = each.every((one, index) => places.includes(index) || none(one));
  if (count < 1 || count > 2 || !isRest || each.length !== axes.length) return null;
  return places.map((index) => each[index] as T);
}

/**
 * A value whose tensors have an axis last to which nothing is done: of images in PyTorch's order,
 * whose channels are the first axis of a sample, the channels.
 * @param isMoved whether something is done along an axis of the file's value
 */
function placesFirst(value: TensorValue, isMoved: (axis: number) => boolean): TensorValue {
  const own = [...(value.tensors[0] as SymbolicTensor).shape.keys()];
  const moved = own.filter((axis) => isMoved(value.axes.indexOf(axis)));
  const last = own.find((axis) => !moved.includes(axis));
  if (!moved.includes(own.length - 1) || last === undefined) return value;
  const order = [...own.filter((axis) => axis !== last), last];
  const tensors = value.tensors.map((tensor) => samplesFirst({ ...value, tensors: [tensor], axes: ['samples', ...order] }));
  const axes = value.axes.map((axis) => (typeof axis === 'number' ? order.indexOf(axis) : axis));
  return { ...value, tensors, axes, flipped: false };
}

/** Reads zeros at the ends of sequences or around images, or what takes places away there. */
export function readPad(node: ReadNode): ReadValue {
  let value = node.tensor(0);
  const given = node.intsAt('pads', 1) ?? [];
  const isConstant = node.string('mode', 'constant') === 'constant';
  const filling = node.has('value') ? node.float('value', 0) : node.optional(2) ? node.constant(2, 'the filling').data[0] : 0;
  const axes = node.axesOf(node.optional(3) ? [...node.constant(3, 'the axes').data] : [...value.axes.keys()], value.axes.length);
  const ends = value.axes.map((_, axis): Ends => {
    const at = axes.indexOf(axis);
    return at < 0 ? [0, 0] : [given[at] as number, given[at + axes.length] as number];
  });
  value = placesFirst(value, (axis) => ends[axis]?.some((count) => count !== 0) ?? false);
  const places = ofPlaces(value, ends, ([before, after]) => before === 0 && after === 0);
  if (given.length !== 2 * axes.length || !isConstant || filling !== 0 || !places || value.flipped)
    throw node.refusal('adds other values than zeros to the steps of sequences, or to the height and width of images');
  const part = (apply: Apply, sign: 1 | -1) => (tensor: SymbolicTensor) => {
    const own = places.map((both): Ends => [Math.max(sign * both[0], 0), Math.max(sign * both[1], 0)]);
    return own.flat().every((count) => count === 0) ? tensor : apply(tensor, own as unknown as readonly [Ends, Ends?]);
  };
  const [add, crop] = [part(added, 1), part(cropped, -1)];
  return { ...value, tensors: value.tensors.map((tensor) => crop(add(tensor))) };
}

/** The end of a slice that takes all that follow, and what is not known to be less. */
const FAR = 2 ** 31 - 1;

/**
 * Sequences or images without their first and last places, whatever their sizes; null for another
 * part.
 */
export function croppedEnds(
  value: TensorValue,
  axes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
): TensorValue | null {
  const all = value.axes.map((_, axis): Ends | null => {
    const at = axes.indexOf(axis);
    if (at < 0) return [0, 0];
    const [start, end] = [starts[at] as number, ends[at] as number];
    if (start < 0 || start >= FAR || (end >= 0 && end < FAR) || end <= -FAR) return null;
    return [start, end < 0 ? -end : 0];
  });
  if (value.flipped || all.includes(null)) return null;
  const places = ofPlaces(value, all as readonly Ends[], ([before, after]) => before === 0 && after === 0);
  if (!places || places.flat().every((count) => count === 0)) return null;
  return { ...value, tensors: value.tensors.map((tensor) => cropped(tensor, places as unknown as readonly [Ends, Ends?])) };
}

/** Reads a Resize that repeats each step, or each place of images. */
export function readResize(node: ReadNode): ReadValue {
  const scales = scalesOf(node, node.tensor(0));
  const value = placesFirst(node.tensor(0), (axis) => scales[axis] !== 1);
  const places = ofPlaces(value, scales, (scale) => scale === 1);
  const rounding = node.string('nearest_mode', 'round_prefer_floor');
  // Before version 11 there was one way.
  const coordinates = node.string('coordinate_transformation_mode', node.graph.opset < 11 ? 'asymmetric' : 'half_pixel');
  const repeats =
    node.string('mode', 'nearest') === 'nearest' &&
    (coordinates === 'asymmetric'
      ? node.graph.opset < 11 || rounding === 'floor'
      : ['half_pixel', 'pytorch_half_pixel'].includes(coordinates) && rounding.startsWith('round_prefer'));
  if (!repeats || !places || places.some((scale) => !Number.isInteger(scale) || scale < 1))
    throw node.refusal('does more than repeat the steps of sequences, or the places of images, a number of times');
  const [first, second] = places as readonly [number, number?];
  // Each copy is a move of its own.
  node.graph.spend(first * (second ?? 1));
  if (places.every((scale) => scale === 1)) return value;
  const layer = second === undefined ? new UpSampling1D(first, node.named) : new UpSampling2D([first, second], node.named);
  return { ...value, tensors: value.tensors.map((tensor) => layer.apply(tensor)) };
}

/** How many times as long each axis becomes. */
function scalesOf(node: ReadNode, value: TensorValue): readonly number[] {
  const at = node.graph.opset < 11 ? 1 : 2;
  const given = node.optional(at) ? node.constant(at, 'the scales').data : null;
  const isBySizes = (given === null || given.length === 0) && node.optional(3) !== null;
  const all = isBySizes ? node.constant(3, 'the sizes').data : (given ?? []);
  const axes = node.axesOf(node.ints('axes') ?? [...value.axes.keys()], value.axes.length);
  if (all.length !== axes.length) throw node.refusal(`has ${all.length} scales or sizes for ${axes.length} axes`);
  return value.axes.map((_, axis) => {
    const one = all[axes.indexOf(axis)] ?? 1;
    const size = sizeAt(value, axis);
    // The number of samples is any; a file may have that of its example.
    return isBySizes && axes.includes(axis) ? (typeof size === 'number' ? one / size : size === 'samples' ? 1 : Number.NaN) : one;
  });
}
