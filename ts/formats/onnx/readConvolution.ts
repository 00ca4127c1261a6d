import { Conv1D, Conv2D } from '../../layers/convolution.ts';
import type { Layer } from '../../layers/layer.ts';
import { Cropping1D, Cropping2D } from '../../layers/resizing.ts';
import { DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D } from '../../layers/separableConvolution.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import { Conv1DTranspose, Conv2DTranspose } from '../../layers/transposedConvolution.ts';
import { spanOf, transposedPlaces } from '../../layers/windows.ts';
import { type Constant, transposed } from './constants.ts';
import { ReadNode } from './graphReader.ts';
import type { ReadValue } from './readValues.ts';
import { channelsFirst, channelsLast, padded, type ReadWindows, windowsOf } from './readWindows.ts';

// C channels, F filters, M filters of a channel.

/** A weight `[A, B, ...]` as `[..., B, A]`. */
const placesFirst = (weight: Constant) =>
  Float32Array.from(transposed(weight, [...weight.dims.slice(2).map((_, axis) => axis + 2), 1, 0]).data);

/** Reads a convolution over one or two axes. */
export function readConvolution(node: ReadNode): ReadValue {
  const tensor = channelsLast(node);
  const weight = node.constant(1, 'W');
  const bias = node.optional(2) ? node.constant(2, 'B') : null;
  const [filters, , ...sizes] = weight.dims as readonly [number, number, ...number[]];
  const windows = windowsOf(node, tensor, sizes);
  if (sizes.length !== tensor.shape.length - 1 || windows.sizes.join() !== sizes.join())
    throw node.refusal(`has a weight [${weight.dims}] that does not fit its windows [${windows.sizes}]`);
  const channels = tensor.shape.at(-1) as number;
  const groups = node.int('group', 1);
  const { strides, dilationRate, padding } = windows;
  const isDepthwise = groups === channels && groups > 1 && padding !== 'causal' && filters % groups === 0;
  if (isDepthwise) return eachChannel(node, tensor, weight, bias, windows);
  const options = { strides, dilationRate, groups, useBias: bias !== null };
  const make = () =>
    sizes.length === 1
      ? new Conv1D(filters, sizes, { ...node.named, ...options, padding })
      : new Conv2D(filters, sizes, { ...node.named, ...options, padding: padding as 'valid' | 'same' });
  const key = ['Conv', ...node.message.inputs.slice(1), JSON.stringify(options), padding, windows.zeros].join('\n');
  const weights = { kernel: placesFirst(weight), ...(bias && { bias: Float32Array.from(bias.data) }) };
  return channelsFirst(node.weighted(key, make, [padded(tensor, windows.zeros)], weights)[0] as SymbolicTensor);
}

/**
 * Reads a convolution of each channel by itself, and with it a product with all channels of each
 * place, if that alone follows.
 */
function eachChannel(node: ReadNode, tensor: SymbolicTensor, weight: Constant, bias: Constant | null, windows: ReadWindows): ReadValue {
  const { sizes, strides, dilationRate, zeros } = windows;
  const padding = windows.padding as 'valid' | 'same';
  const filters = weight.dims[0] as number;
  const depthMultiplier = filters / (tensor.shape.at(-1) as number);
  const next = bias === null ? pointwiseAfter(node, tensor, filters) : null;
  const ownBias = next ? next.bias : bias;
  const options = { strides, dilationRate, padding, depthMultiplier, useBias: ownBias !== null };
  const make = (): Layer => {
    const all = { ...(next?.node ?? node).named, ...options };
    if (next) return sizes.length === 1 ? new SeparableConv1D(next.filters, sizes, all) : new SeparableConv2D(next.filters, sizes, all);
    return sizes.length === 1 ? new DepthwiseConv1D(sizes, all) : new DepthwiseConv2D(sizes, all);
  };
  // [..., 1, C*M] is [..., C, M].
  const kernel = placesFirst(weight);
  const weights: Record<string, Float32Array> = next ? { depthwiseKernel: kernel, pointwiseKernel: placesFirst(next.weight) } : { kernel };
  if (ownBias) weights.bias = Float32Array.from(ownBias.data);
  const names = [...node.message.inputs.slice(1), ...(next?.node.message.inputs.slice(1) ?? [])];
  const key = [next ? 'Separable' : 'Depthwise', ...names, JSON.stringify(options), zeros].join('\n');
  const made = node.weighted(key, make, [padded(tensor, zeros)], weights);
  const result = channelsFirst(made[0] as SymbolicTensor);
  if (next) {
    next.node.give(result);
    node.graph.done.add(next.node.message);
  }
  return result;
}

/** A convolution whose windows are one place, if nothing else takes a node's output. */
function pointwiseAfter(
  node: ReadNode,
  tensor: SymbolicTensor,
  channels: number,
): { readonly node: ReadNode; readonly weight: Constant; readonly bias: Constant | null; readonly filters: number } | null {
  const { graph, message } = node;
  const [output] = message.outputs as readonly [string];
  const next = graph.onlyConsumer(output);
  if (next?.opType !== 'Conv' || next.domain !== '' || next.inputs[0] !== output) return null;
  if (!next.inputs.slice(1).every((name) => name === '' || graph.knownConstant(name))) return null;
  const found = new ReadNode(graph, next);
  const weight = found.constant(1, 'W');
  const [filters, taken, ...sizes] = weight.dims as readonly [number, number, ...number[]];
  if (taken !== channels || sizes.length !== tensor.shape.length - 1 || sizes.some((size) => size !== 1) || found.int('group', 1) !== 1)
    return null;
  const { strides, padding, zeros } = windowsOf(found, tensor, sizes);
  if (strides.some((stride) => stride > 1) || padding !== 'valid' || zeros) return null;
  return { node: found, weight, bias: found.optional(2) ? found.constant(2, 'B') : null, filters };
}

/** Reads a transposed convolution over one or two axes. */
export function readTransposedConvolution(node: ReadNode): ReadValue {
  const tensor = channelsLast(node);
  const weight = node.constant(1, 'W');
  const bias = node.optional(2) ? node.constant(2, 'B') : null;
  const [, filters, ...sizes] = weight.dims as readonly [number, number, ...number[]];
  const count = tensor.shape.length - 1;
  const all = (name: string, byDefault: number, times = count) => node.ints(name) ?? new Array<number>(times).fill(byDefault);
  const [strides, dilationRate, extra, pads] = [
    all('strides', 1),
    all('dilations', 1),
    all('output_padding', 0),
    all('pads', 0, 2 * count),
  ];
  if (sizes.length !== count || (node.ints('kernel_shape') ?? sizes).join() !== sizes.join() || pads.length !== 2 * count)
    throw node.refusal(`has a weight [${weight.dims}] or pads that do not fit ${count} axes`);
  if ([strides, dilationRate, extra].some((each) => each.length !== count))
    throw node.refusal(`has strides, dilations or output_padding that do not fit ${count} axes`);
  if (node.int('group', 1) !== 1) throw node.refusal('has groups, which no transposed convolution of Backtime has');
  if (node.has('output_shape') || !['NOTSET', 'VALID'].includes(node.string('auto_pad', 'NOTSET')))
    throw node.refusal('has output_shape or auto_pad; Backtime reads pads and output_padding');
  const axes = sizes.map((size, axis) => ({
    own: { size, stride: strides[axis] as number, dilation: dilationRate[axis] as number },
    before: pads[axis] as number,
    after: pads[axis + count] as number,
    extra: extra[axis] as number,
  }));
  const { padding, outputPadding, crops } = transposedPadding(axes);
  const options = { strides, dilationRate, padding, outputPadding, useBias: bias !== null };
  const make = (): Layer =>
    count === 1
      ? new Conv1DTranspose(filters, sizes, { ...node.named, ...options })
      : new Conv2DTranspose(filters, sizes, { ...node.named, ...options });
  const key = ['ConvTranspose', ...node.message.inputs.slice(1), JSON.stringify(options)].join('\n');
  const weights = { kernel: placesFirst(weight), ...(bias && { bias: Float32Array.from(bias.data) }) };
  const [whole] = node.weighted(key, make, [tensor], weights) as readonly [SymbolicTensor];
  if (!crops) return channelsFirst(whole);
  return channelsFirst((count === 1 ? new Cropping1D(crops[0] as [number, number]) : new Cropping2D(crops as never)).apply(whole));
}

/** The windows of a transposed convolution along an axis, and what the file leaves out or adds. */
interface TransposedAxis {
  readonly own: { readonly size: number; readonly stride: number; readonly dilation: number };
  readonly before: number;
  readonly after: number;
  readonly extra: number;
}

/**
 * The options of a layer that gives the same places. Where none does, all places are made, and
 * those at the ends are left out.
 */
function transposedPadding(axes: readonly TransposedAxis[]): {
  readonly padding: 'valid' | 'same';
  readonly outputPadding: readonly number[] | null;
  readonly crops: readonly (readonly [number, number])[] | null;
} {
  for (const padding of ['valid', 'same'] as const) {
    const fits = ({ own, before, after, extra }: TransposedAxis, outputPadding: number | null) => {
      const places = transposedPlaces(1, { ...own, padding }, outputPadding);
      return places.before === before && places.count === spanOf({ ...own, padding }) + extra - before - after;
    };
    if (axes.every((axis) => fits(axis, null))) return { padding, outputPadding: null, crops: null };
    const added = axes.map(({ own, before, after, extra }) => {
      const span = spanOf({ ...own, padding });
      return padding === 'valid' ? extra : span + extra - before - after - (span % 2);
    });
    const isAllowed = added.every((count, index) => count >= 0 && count < (axes[index] as TransposedAxis).own.stride);
    if (isAllowed && axes.every((axis, index) => fits(axis, added[index] as number))) return { padding, outputPadding: added, crops: null };
  }
  return { padding: 'valid', outputPadding: axes.map(({ extra }) => extra), crops: axes.map(({ before, after }) => [before, after]) };
}
