import { BatchNormalization } from '../../layers/batchNormalization.ts';
import { LayerNormalization } from '../../layers/layerNormalization.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { Constant } from './constants.ts';
import type { ReadNode } from './graphReader.ts';
import { type Axis, type ReadValue, samplesFirst, tensorValue } from './readValues.ts';

const floats = ({ data }: Constant) => Float32Array.from(data);

/** Reads a BatchNormalization, which has its features as axis 1. */
export function readBatchNormalization(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  if (node.int('training_mode', 0) !== 0) throw node.refusal('has training_mode, but a loaded model predicts');
  const [gamma, beta, movingMean, movingVariance] = [1, 2, 3, 4].map((index) => floats(node.constant(index, 'a weight'))) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const epsilon = node.float('epsilon', 1e-5);
  const [samples, features, ...others] = value.axes;
  if (samples !== 'samples' || features === undefined) throw node.refusal('takes an input that is not [samples, features, …]');
  const tensor = samplesFirst({ ...value, axes: ['samples', ...others, features] });
  const make = () => new BatchNormalization({ ...node.named, epsilon });
  const key = ['BatchNormalization', ...node.message.inputs.slice(1), epsilon].join('\n');
  const [result] = node.weighted(key, make, [tensor], { gamma, beta, movingMean, movingVariance });
  const last = tensor.shape.length - 1;
  return tensorValue(result as SymbolicTensor, ['samples', last, ...tensor.shape.slice(0, -1).keys()]);
}

/** Reads a LayerNormalization over the last axes. */
export function readLayerNormalization(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  const [first] = node.axesOf([node.int('axis', -1)], value.axes.length) as [number];
  if (node.message.outputs.slice(1).some((name) => node.graph.isUsed(name)))
    throw node.refusal('outputs the mean or the deviation, which no layer of Backtime does');
  const gamma = floats(node.constant(1, 'the scale'));
  const beta = node.optional(2) ? floats(node.constant(2, 'the bias')) : null;
  const epsilon = node.float('epsilon', 1e-5);
  const last = (value.tensors[0] as SymbolicTensor).shape.length - 1;
  const isLast = first === value.axes.length - 1 && value.axes[first] === last && value.tensors.length === 1;
  if (!isLast && value.axes[0] !== 'samples') throw node.refusal('normalizes another axis than the last of its input in Backtime');
  const tensor = isLast ? (value.tensors[0] as SymbolicTensor) : samplesFirst(value);
  const axis = isLast ? -1 : value.axes.slice(first).map((_: Axis, index) => first + index);
  const make = () => new LayerNormalization({ ...node.named, axis, epsilon, center: beta !== null });
  const key = ['LayerNormalization', ...node.message.inputs.slice(1), axis, epsilon].join('\n');
  const [result] = node.weighted(key, make, [tensor], { gamma, ...(beta && { beta }) });
  return isLast ? { ...value, tensors: [result as SymbolicTensor] } : tensorValue(result as SymbolicTensor);
}
