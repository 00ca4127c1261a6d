import { Concatenate } from '../../layers/concatenate.ts';
import { Masking } from '../../layers/masking.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { NodeReader, ReadNode } from './graphReader.ts';
import type { MaskFunction } from './maskFunctions.ts';
import { maskSources } from './maskSources.ts';
import { inputMask, maskingMask } from './maskValues.ts';
import { type MaskValue, type ReadValue, samplesFirst, tensorValue } from './readValues.ts';

/** The input that is a mask. */
function maskAt(node: ReadNode, index: number): MaskValue {
  const value = node.input(index);
  if (value.kind === 'mask') return value;
  if (value.kind === 'tensor' && value.type === 'bool') {
    const [tensor] = value.tensors as readonly [SymbolicTensor];
    const layer = tensor.node.layer as { readonly className: string };
    if (layer.className === 'InputLayer') return inputMask(tensor, tensor);
  }
  throw node.refusal('takes a mask that is neither made of an input nor by the function Masking');
}

/** Reads a call of one of the functions that Backtime writes. */
export const MASK_READERS: Readonly<Record<MaskFunction, NodeReader>> = {
  Masking(node) {
    const value = node.tensor(0);
    const layer = new Masking({ ...node.named, maskValue: node.float('mask_value', 0) });
    const tensor = samplesFirst(value);
    return [tensorValue(layer.apply(tensor)), maskingMask(layer, tensor, layer.maskValue)];
  },
  Pack(node) {
    const mask = maskAt(node, 1);
    return [
      { kind: 'packed', value: node.tensor(0), sources: mask.sources },
      { ...mask, kind: 'lengths' },
    ];
  },
  Unpack: unpack,
  UnpackRepeating: unpack,
  UnpackRepeatingBackwards: unpack,
};

/** The outputs of packed steps are at their places already: the layer has the mask. */
function unpack(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  const [steps, across, samples, features] = value.axes;
  if (value.axes.length !== 4 || steps !== 0 || samples !== 'samples' || features !== 1)
    throw node.refusal('takes an input that is not the output of packed steps');
  if (across === 'one') return { ...value, axes: ['samples', 0, 1] };
  const joined = new Concatenate().apply(value.tensors);
  maskSources(joined);
  return tensorValue(joined);
}
