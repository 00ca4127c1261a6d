import type { AnyConvolution, Conv1D, Conv2D } from '../../layers/convolution.ts';
import type { DepthwiseConv1D, SeparableConv1D } from '../../layers/separableConvolution.ts';
import type { SampleShape } from '../../layers/spec.ts';
import type { Conv1DTranspose } from '../../layers/transposedConvolution.ts';
import { spanOf, transposedPlaces } from '../../layers/windows.ts';
import type { NamedArray } from '../../model/modelState.ts';
import type { AttributeValue, GraphWriter, Written } from './graphWriter.ts';
import { activationOf, floatInput, type LayerUse, weightsOf } from './layerUse.ts';
import { writeActivation } from './writeActivation.ts';
import { windowAttributes, withChannelsFirst } from './writeWindows.ts';

/** Writes a convolution: what `convolve` makes of samples with the channels first, activated. */
function convolution(use: LayerUse<AnyConvolution>, convolve: (turned: string, shape: SampleShape) => string): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const name = withChannelsFirst(graph, input.name, layer.kernelSize.length, (turned) => convolve(turned, input.shape));
  return [
    {
      name: writeActivation(graph, activationOf(layer, layer.activation), name, path),
      shape: layer.outputShape(input.shape),
      type: 'float',
      mask: null,
    },
  ];
}

/** The attributes of a layer's windows. */
function attributesOf({ kernelSize, strides, dilationRate, padding }: AnyConvolution, shape: SampleShape): Record<string, AttributeValue> {
  return windowAttributes({ sizes: kernelSize, strides, dilations: dilationRate, padding }, shape);
}

export function writeConvolution(use: LayerUse<Conv1D | Conv2D>): readonly Written[] {
  const { layer, graph, path } = use;
  const { kernel, bias } = weightsOf(use);
  const weights = [filtersFirst(graph, kernel as NamedArray, path), bias ? graph.weight(bias) : ''];
  return convolution(use, (turned, shape) =>
    graph.node('Conv', [turned, ...weights], { ...attributesOf(layer, shape), group: layer.groups }, { as: `${path}/Conv` }),
  );
}

export function writeDepthwise(use: LayerUse<DepthwiseConv1D>): readonly Written[] {
  const { graph } = use;
  const { kernel, bias } = weightsOf(use);
  return convolution(use, (turned, shape) => eachChannel(use, kernel as NamedArray, bias ? graph.weight(bias) : '', turned, shape));
}

export function writeSeparable(use: LayerUse<SeparableConv1D>): readonly Written[] {
  const { graph, path } = use;
  const { depthwiseKernel, pointwiseKernel, bias } = weightsOf(use);
  const weights = [filtersFirst(graph, pointwiseKernel as NamedArray, path), bias ? graph.weight(bias) : ''];
  return convolution(use, (turned, shape) => {
    const each = eachChannel(use, depthwiseKernel as NamedArray, '', turned, shape);
    return graph.node('Conv', [each, ...weights], { kernel_shape: use.layer.kernelSize.map(() => 1) }, { as: `${path}/Conv` });
  });
}

/** Convolves each channel by itself: a channel is a group. */
function eachChannel(
  { layer, graph, path }: LayerUse<AnyConvolution>,
  kernel: NamedArray,
  bias: string,
  turned: string,
  shape: SampleShape,
): string {
  // [..., C, M] is [..., 1, C*M]: the filters of a channel lie side by side.
  const [channels, multiplier] = kernel.shape.slice(-2) as [number, number];
  const joined = { ...kernel, shape: [...kernel.shape.slice(0, -2), 1, channels * multiplier] };
  const attributes = { ...attributesOf(layer, shape), group: channels };
  return graph.node('Conv', [turned, filtersFirst(graph, joined, path), bias], attributes, { as: `${path}/Conv` });
}

export function writeTransposedConvolution(use: LayerUse<Conv1DTranspose>): readonly Written[] {
  const { layer, graph, path } = use;
  const { kernelSize, strides, dilationRate, padding, outputPadding } = layer;
  const { kernel, bias } = weightsOf(use);
  const ends = kernelSize.map((size, axis) => {
    const own = { size, stride: strides[axis] as number, dilation: dilationRate[axis] as number, padding };
    // The padding before and after the output of a sample does not depend on its length.
    const { count, before } = transposedPlaces(1, own, outputPadding?.[axis] ?? null);
    return { before, after: spanOf(own) - before - count };
  });
  const attributes: Record<string, AttributeValue> = { kernel_shape: kernelSize, strides };
  if (dilationRate.some((dilation) => dilation > 1)) attributes.dilations = dilationRate;
  if (ends.some(({ before, after }) => before > 0 || after > 0))
    attributes.pads = [...ends.map(({ before }) => before), ...ends.map(({ after }) => Math.max(after, 0))];
  if (ends.some(({ after }) => after < 0)) attributes.output_padding = ends.map(({ after }) => Math.max(-after, 0));
  // [..., F, C] as [C, F, ...].
  const weights = [filtersFirst(graph, kernel as NamedArray, path), bias ? graph.weight(bias) : ''];
  return convolution(use, (turned) => graph.node('ConvTranspose', [turned, ...weights], attributes, { as: `${path}/ConvTranspose` }));
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
