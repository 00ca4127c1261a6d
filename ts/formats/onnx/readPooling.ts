import { AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D } from '../../layers/pooling.ts';
import type { ReadNode } from './graphReader.ts';
import type { ReadValue } from './readValues.ts';
import { channelsFirst, channelsLast, padded, windowsOf } from './readWindows.ts';

/** Reads a MaxPool or an AveragePool over one or two axes. */
export function readPooling(node: ReadNode): ReadValue {
  const tensor = channelsLast(node);
  const countsZeros = node.operator === 'AveragePool' && node.int('count_include_pad', 0) !== 0;
  const { sizes, strides, dilationRate, padding, zeros } = windowsOf(node, tensor, null, countsZeros);
  const isRefused = padding === 'causal' || (zeros && !countsZeros) || (padding === 'same' && countsZeros);
  if (isRefused || dilationRate.some((rate) => rate > 1))
    throw node.refusal('has padding, counted padding or dilations that no pooling layer of Backtime has');
  if (node.graph.isUsed(node.message.outputs[1])) throw node.refusal('outputs the indices of the maxima, which no layer of Backtime does');
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
  return channelsFirst(layer.apply(padded(tensor, zeros)));
}
