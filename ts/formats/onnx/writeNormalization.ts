import { sizeOf } from '../../core/shape.ts';
import type { BatchNormalization } from '../../layers/batchNormalization.ts';
import type { LayerNormalization } from '../../layers/layerNormalization.ts';
import type { NamedArray } from '../../model/modelState.ts';
import { Floats, type GraphWriter, type Written } from './graphWriter.ts';
import { floatInput, type LayerUse, weightsOf } from './layerUse.ts';

/** A weight, or as many of one number. */
function weightOr(graph: GraphWriter, weight: NamedArray | undefined, value: number, shape: readonly number[]): string {
  if (weight) return graph.weight(weight);
  return graph.array(`${value === 0 ? 'zeros' : 'ones'}_${shape.join('_')}`, shape, () => new Float32Array(sizeOf(shape)).fill(value));
}

export function writeBatchNormalization(use: LayerUse<BatchNormalization>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const { gamma, beta, movingMean, movingVariance } = weightsOf(use);
  const { shape } = movingMean as NamedArray;
  const weights = [
    weightOr(graph, gamma, 1, shape),
    weightOr(graph, beta, 0, shape),
    graph.weight(movingMean as NamedArray),
    graph.weight(movingVariance as NamedArray),
  ];
  // The operator takes the features as axis 1.
  const last = input.shape.length;
  const others = Array.from({ length: last - 1 }, (_, axis) => axis + 1);
  const turned = graph.transpose(input.name, [0, last, ...others]);
  const normal = graph.node(
    'BatchNormalization',
    [turned, ...weights],
    { epsilon: new Floats(layer.epsilon) },
    { as: `${path}/BatchNormalization` },
  );
  return [{ ...input, name: graph.transpose(normal, [0, ...others.map((axis) => axis + 1), 1]) }];
}

export function writeLayerNormalization(use: LayerUse<LayerNormalization>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const axes = [layer.axis].flat().map((axis) => (axis < 0 ? input.shape.length + 1 + axis : axis));
  axes.sort((a, b) => a - b);
  const others = [0, ...input.shape.map((_, axis) => axis + 1)].filter((axis) => !axes.includes(axis));
  const { gamma, beta } = weightsOf(use);
  const sizes = axes.map((axis) => input.shape[axis - 1] as number);
  // The operator normalizes the last axes.
  const order = [...others, ...axes];
  const normal = graph.node(
    'LayerNormalization',
    [graph.transpose(input.name, order), weightOr(graph, gamma, 1, sizes), beta ? graph.weight(beta) : ''],
    { axis: -axes.length, epsilon: new Floats(layer.epsilon) },
    { as: `${path}/LayerNormalization` },
  );
  return [
    {
      ...input,
      name: graph.transpose(
        normal,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    },
  ];
}
