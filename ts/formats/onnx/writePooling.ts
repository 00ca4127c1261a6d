import type { GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D } from '../../layers/globalPooling.ts';
import type { MaxPooling1D } from '../../layers/pooling.ts';
import type { Written } from './graphWriter.ts';
import { floatInput, type LayerUse, maskLike } from './layerUse.ts';
import { windowAttributes, withChannelsFirst } from './writeWindows.ts';

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

type GlobalPooling = GlobalAveragePooling1D | GlobalAveragePooling2D | GlobalMaxPooling1D | GlobalMaxPooling2D;

/** The attributes of a reduction over all axes of a sample but the last. */
const overPlaces = ({ layer, inputs }: LayerUse<GlobalPooling>) => ({
  axes: (inputs[0] as Written).shape.slice(1).map((_, axis) => axis + 1),
  keepdims: layer.keepDims ? 1 : 0,
});

export function writeGlobalMaxPooling(use: LayerUse<GlobalMaxPooling1D | GlobalMaxPooling2D>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const name = graph.node('ReduceMax', [input.name], overPlaces(use), { as: `${path}/ReduceMax` });
  return [{ name, shape: layer.outputShape(input.shape), type: 'float', mask: null }];
}

export function writeGlobalAveragePooling(use: LayerUse<GlobalAveragePooling1D | GlobalAveragePooling2D>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const { axes, keepdims } = overPlaces(use);
  const usesMask = layer.supportsMasking;
  const output = (name: string): readonly Written[] => [
    { name, shape: layer.outputShape(input.shape), type: 'float', mask: usesMask && layer.keepDims ? input.mask : null },
  ];
  const mask = usesMask ? maskLike(graph, input) : null;
  if (mask === null) return output(graph.node('ReduceMean', [input.name], { axes, keepdims }, { as: `${path}/ReduceMean` }));
  const sumOf = (name: string) => graph.node('ReduceSum', [name, graph.ints(axes)], { keepdims });
  const sum = sumOf(graph.node('Where', [mask, input.name, graph.float(0)]));
  // A sequence without a step that counts gives zeros.
  const counted = graph.node('Max', [sumOf(graph.cast(mask, 'float')), graph.float(1)]);
  return output(graph.node('Div', [sum, counted], {}, { as: `${path}/mean` }));
}
