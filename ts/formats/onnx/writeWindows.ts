import type { Conv1D, Conv2D } from '../../layers/convolution.ts';
import type { GlobalAveragePooling1D, GlobalMaxPooling1D } from '../../layers/globalPooling.ts';
import type { MaxPooling1D } from '../../layers/pooling.ts';
import type { SampleShape } from '../../layers/spec.ts';
import type { NamedArray } from '../../model/modelState.ts';
import type { AttributeValue, GraphWriter, Written } from './graphWriter.ts';
import { activationOf, floatInput, type LayerUse, maskLike, weightsOf } from './layerUse.ts';
import { writeActivation } from './writeActivation.ts';

/** Windows over the axes of a sample, as layers describe them. */
interface Windows {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: 'valid' | 'same' | 'causal';
}

/** The attributes of an operator for windows. */
function windowAttributes({ sizes, strides, dilations, padding }: Windows, shape: SampleShape): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = { kernel_shape: sizes, strides };
  if (dilations.some((dilation) => dilation > 1)) attributes.dilations = dilations;
  if (padding === 'valid') return attributes;
  const spans = sizes.map((size, axis) => (size - 1) * (dilations[axis] as number) + 1);
  if (padding === 'causal') return { ...attributes, pads: [...spans.map((span) => span - 1), ...spans.map(() => 0)] };
  const missing = spans.map((span, axis) => {
    const [stride, length] = [strides[axis] as number, shape[axis] as number | null];
    if (stride === 1) return span - 1;
    return length === null ? null : Math.max((Math.ceil(length / stride) - 1) * stride + span - length, 0);
  });
  // With strides the padding depends on the length.
  if (missing.includes(null)) return { ...attributes, auto_pad: 'SAME_UPPER' };
  const before = (missing as number[]).map((count) => Math.floor(count / 2));
  return { ...attributes, pads: [...before, ...before.map((count, axis) => (missing[axis] as number) - count)] };
}

/** Writes an operator that takes the channels as the first axis of a sample. */
function withChannelsFirst(graph: GraphWriter, name: string, axes: number, write: (name: string) => string): string {
  const others = Array.from({ length: axes }, (_, axis) => axis + 1);
  const turned = graph.transpose(name, [0, axes + 1, ...others]);
  return graph.transpose(write(turned), [0, ...others.map((axis) => axis + 1), 1]);
}

export function writeConvolution(use: LayerUse<Conv1D | Conv2D>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const { kernel, bias } = weightsOf(use);
  const windows = { sizes: layer.kernelSize, strides: layer.strides, dilations: layer.dilationRate, padding: layer.padding };
  const attributes = { ...windowAttributes(windows, input.shape), group: layer.groups };
  const weights = [filtersFirst(graph, kernel as NamedArray, path), bias ? graph.weight(bias) : ''];
  const name = withChannelsFirst(graph, input.name, layer.kernelSize.length, (turned) =>
    graph.node('Conv', [turned, ...weights], attributes, { as: `${path}/Conv` }),
  );
  return [
    {
      name: writeActivation(graph, activationOf(layer, layer.activation), name, path),
      shape: layer.outputShape(input.shape),
      type: 'float',
      mask: null,
    },
  ];
}

/** A kernel `[…, C, F]` as `[F, C, …]`. */
function filtersFirst(graph: GraphWriter, { name, shape, data }: NamedArray, path: string): string {
  const [channels, filters] = shape.slice(-2) as [number, number];
  const places = data.length / (channels * filters);
  return graph.array(`${path}/${name.slice(name.lastIndexOf('/') + 1)}`, [filters, channels, ...shape.slice(0, -2)], () => {
    const turned = new Float32Array(data.length);
    for (let place = 0; place < places; place++)
      for (let channel = 0; channel < channels; channel++)
        for (let filter = 0; filter < filters; filter++)
          turned[(filter * channels + channel) * places + place] = data[(place * channels + channel) * filters + filter] as number;
    return turned;
  });
}

/** Writes a MaxPooling or an AveragePooling. */
export function writePooling(use: LayerUse<MaxPooling1D>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const { poolSize, strides, padding } = layer;
  const attributes = windowAttributes({ sizes: poolSize, strides, dilations: poolSize.map(() => 1), padding }, input.shape);
  const operator = layer.className.startsWith('Max') ? 'MaxPool' : 'AveragePool';
  const name = withChannelsFirst(graph, input.name, poolSize.length, (turned) =>
    graph.node(operator, [turned], attributes, { as: `${path}/${operator}` }),
  );
  return [{ name, shape: layer.outputShape(input.shape), type: 'float', mask: null }];
}

export function writeGlobalMaxPooling(use: LayerUse<GlobalMaxPooling1D>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const attributes = { axes: [1], keepdims: layer.keepDims ? 1 : 0 };
  const name = graph.node('ReduceMax', [input.name], attributes, { as: `${path}/ReduceMax` });
  return [{ name, shape: layer.outputShape(input.shape), type: 'float', mask: null }];
}

export function writeGlobalAveragePooling(use: LayerUse<GlobalAveragePooling1D>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const keepdims = layer.keepDims ? 1 : 0;
  const output = (name: string): readonly Written[] => [
    { name, shape: layer.outputShape(input.shape), type: 'float', mask: layer.keepDims ? input.mask : null },
  ];
  const mask = maskLike(graph, input);
  if (mask === null) return output(graph.node('ReduceMean', [input.name], { axes: [1], keepdims }, { as: `${path}/ReduceMean` }));
  const sumOf = (name: string) => graph.node('ReduceSum', [name, graph.ints([1])], { keepdims });
  const sum = sumOf(graph.node('Where', [mask, input.name, graph.float(0)]));
  // A sequence without a step that counts gives zeros.
  const counted = graph.node('Max', [sumOf(graph.cast(mask, 'float')), graph.float(1)]);
  return output(graph.node('Div', [sum, counted], {}, { as: `${path}/mean` }));
}
