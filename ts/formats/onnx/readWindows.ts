import { ZeroPadding1D, ZeroPadding2D } from '../../layers/resizing.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { ReadNode } from './graphReader.ts';
import { type ReadValue, samplesFirst, tensorValue } from './readValues.ts';

/** The windows of a node, as options of layers. */
export interface ReadWindows {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilationRate: readonly number[];
  readonly padding: 'valid' | 'same' | 'causal';
  /** Zeros before and after the places of each axis, where no padding of the layers is the same. */
  readonly zeros: readonly (readonly [before: number, after: number])[] | null;
}

/** The samples with their channels last; in the file they are the first axis of a sample. */
export function channelsLast(node: ReadNode): SymbolicTensor {
  const value = node.tensor(0);
  const [samples, channels, ...others] = value.axes;
  if (samples !== 'samples' || others.length < 1 || others.length > 2)
    throw node.refusal('takes an input that is neither [samples, channels, steps] nor [samples, channels, height, width]');
  return samplesFirst({ ...value, axes: ['samples', ...others, channels as number] });
}

/** Samples whose channels are last as the node's output. */
export function channelsFirst(tensor: SymbolicTensor): ReadValue {
  const last = tensor.shape.length - 1;
  return tensorValue(tensor, ['samples', last, ...tensor.shape.slice(0, -1).keys()]);
}

/**
 * The windows of a node.
 * @param kernel the sizes, where the node does not say them
 * @param countsZeros whether zeros at the ends count, so that they are never padding of a layer
 */
export function windowsOf(node: ReadNode, { shape }: SymbolicTensor, kernel: readonly number[] | null, countsZeros = false): ReadWindows {
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
  if (isSame && !countsZeros) return { ...made, padding: 'same' };
  if (count === 1 && !countsZeros && pads[0] === (spans[0] as number) - 1 && pads[1] === 0) return { ...made, padding: 'causal' };
  if (pads.some((pad) => pad < 0)) throw node.refusal(`has pads [${pads}], which no padding of Backtime's layers is`);
  return { ...made, padding: 'valid', zeros: sizes.map((_, axis) => [pads[axis] as number, pads[axis + count] as number]) };
}

/** A sequence or an image with zeros around it. */
export function padded(tensor: SymbolicTensor, zeros: ReadWindows['zeros']): SymbolicTensor {
  if (!zeros) return tensor;
  const [first, second] = zeros as readonly [readonly [number, number], (readonly [number, number])?];
  return (second ? new ZeroPadding2D([first, second]) : new ZeroPadding1D(first)).apply(tensor);
}
