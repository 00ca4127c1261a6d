import { Conv1D, Conv2D } from '../../layers/convolution.ts';
import { AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D } from '../../layers/pooling.ts';
import { ZeroPadding1D } from '../../layers/resizing.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import { transposed } from './constants.ts';
import type { ReadNode } from './graphReader.ts';
import { type ReadValue, samplesFirst, tensorValue } from './readValues.ts';

/** The windows of a node, as options of layers. */
interface ReadWindows {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilationRate: readonly number[];
  readonly padding: 'valid' | 'same' | 'causal';
  /** Zeros before and after sequences, which no padding of the layers is. */
  readonly zeros: readonly [number, number] | null;
}

/** The samples with their channels last; in the file they are the first axis of a sample. */
function channelsLast(node: ReadNode): SymbolicTensor {
  const value = node.tensor(0);
  const [samples, channels, ...others] = value.axes;
  if (samples !== 'samples' || others.length < 1 || others.length > 2)
    throw node.refusal('takes what is neither [samples, channels, steps] nor [samples, channels, height, width]');
  return samplesFirst({ ...value, axes: ['samples', ...others, channels as number] });
}

/** Samples whose channels are last as the node's output. */
function channelsFirst(tensor: SymbolicTensor): ReadValue {
  const last = tensor.shape.length - 1;
  return tensorValue(tensor, ['samples', last, ...tensor.shape.slice(0, -1).keys()]);
}

function windowsOf(node: ReadNode, { shape }: SymbolicTensor, kernel: readonly number[] | null): ReadWindows {
  const sizes = node.ints('kernel_shape') ?? kernel;
  const count = shape.length - 1;
  const all = (name: string, byDefault: number) => node.ints(name) ?? new Array<number>(count).fill(byDefault);
  const [strides, dilationRate, pads] = [all('strides', 1), all('dilations', 1), node.ints('pads') ?? new Array<number>(2 * count).fill(0)];
  if (!sizes || [sizes, strides, dilationRate].some((each) => each.length !== count) || pads.length !== 2 * count)
    throw node.refusal(`has windows that do not fit ${count} axes`);
  if (node.int('ceil_mode', 0) !== 0) throw node.refusal('has ceil_mode, which no layer of Backtime has');
  const made = { sizes, strides, dilationRate, zeros: null };
  const automatic = node.string('auto_pad', 'NOTSET');
  if (automatic === 'SAME_UPPER') return { ...made, padding: 'same' };
  if (automatic === 'VALID' || (automatic === 'NOTSET' && pads.every((pad) => pad === 0))) return { ...made, padding: 'valid' };
  if (automatic !== 'NOTSET') throw node.refusal(`has auto_pad ${automatic}, which no layer of Backtime has`);
  const spans = sizes.map((size, axis) => (size - 1) * (dilationRate[axis] as number) + 1);
  const isSame = spans.every((span, axis) => {
    const [stride, length] = [strides[axis] as number, shape[axis] as number | null];
    if (stride > 1 && length === null) return false;
    const missing =
      stride === 1 ? span - 1 : Math.max((Math.ceil((length as number) / stride) - 1) * stride + span - (length as number), 0);
    return pads[axis] === Math.floor(missing / 2) && pads[axis + count] === missing - Math.floor(missing / 2);
  });
  if (isSame) return { ...made, padding: 'same' };
  if (count === 1 && pads[0] === (spans[0] as number) - 1 && pads[1] === 0) return { ...made, padding: 'causal' };
  if (count === 1 && pads.every((pad) => pad >= 0)) return { ...made, padding: 'valid', zeros: pads as unknown as [number, number] };
  throw node.refusal(`has pads [${pads}], which no padding of Backtime's layers is`);
}

/** Reads a convolution over one or two axes. */
export function readConvolution(node: ReadNode): ReadValue {
  const tensor = channelsLast(node);
  const weight = node.constant(1, 'W');
  const bias = node.optional(2) ? node.constant(2, 'B') : null;
  const [filters, , ...sizes] = weight.dims as readonly [number, number, ...number[]];
  const windows = windowsOf(node, tensor, sizes);
  if (sizes.length !== tensor.shape.length - 1 || windows.sizes.join() !== sizes.join())
    throw node.refusal(`has a weight [${weight.dims}] that does not fit its windows [${windows.sizes}]`);
  const { strides, dilationRate, padding } = windows;
  const options = { strides, dilationRate, groups: node.int('group', 1), useBias: bias !== null };
  const make = () =>
    sizes.length === 1
      ? new Conv1D(filters, sizes, { ...node.named, ...options, padding })
      : new Conv2D(filters, sizes, { ...node.named, ...options, padding: padding as 'valid' | 'same' });
  // [F, C, …] as […, C, F].
  const kernel = transposed(weight, [...sizes.map((_, axis) => axis + 2), 1, 0]);
  const padded = windows.zeros ? new ZeroPadding1D(windows.zeros).apply(tensor) : tensor;
  const key = ['Conv', ...node.message.inputs.slice(1), JSON.stringify(options), padding, windows.zeros].join('\n');
  const weights = { kernel: Float32Array.from(kernel.data), ...(bias && { bias: Float32Array.from(bias.data) }) };
  return channelsFirst(node.weighted(key, make, [padded], weights)[0] as SymbolicTensor);
}

/** Reads a MaxPool or an AveragePool over one or two axes. */
export function readPooling(node: ReadNode): ReadValue {
  const tensor = channelsLast(node);
  const { sizes, strides, dilationRate, padding, zeros } = windowsOf(node, tensor, null);
  if (
    padding === 'causal' ||
    zeros ||
    dilationRate.some((rate) => rate > 1) ||
    (padding === 'same' && node.int('count_include_pad', 0) !== 0)
  )
    throw node.refusal('has padding, counted padding or dilations that no pooling layer of Backtime has');
  if (node.graph.isUsed(node.message.outputs[1])) throw node.refusal('gives the places of the largest, which no layer of Backtime does');
  const options = { ...node.named, strides, padding };
  const isLargest = node.operator === 'MaxPool';
  const layer =
    sizes.length === 1
      ? isLargest
        ? new MaxPooling1D(sizes, options)
        : new AveragePooling1D(sizes, options)
      : isLargest
        ? new MaxPooling2D(sizes, options)
        : new AveragePooling2D(sizes, options);
  return channelsFirst(layer.apply(tensor));
}
