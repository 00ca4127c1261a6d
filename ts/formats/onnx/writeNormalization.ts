import { sizeOf } from '../../core/shape.ts';
import type { AxesNormalization } from '../../layers/axesNormalization.ts';
import type { BatchNormalization } from '../../layers/batchNormalization.ts';
import type { GroupNormalization } from '../../layers/groupNormalization.ts';
import type { LayerNormalization } from '../../layers/layerNormalization.ts';
import type { RMSNormalization } from '../../layers/rmsNormalization.ts';
import type { UnitNormalization } from '../../layers/unitNormalization.ts';
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

/** The axes that a layer normalizes together, with the samples as axis 0, in order. */
function axesOf({ axis }: Pick<AxesNormalization, 'axis'>, { shape }: Written): number[] {
  return [axis]
    .flat()
    .map((each) => (each < 0 ? shape.length + 1 + each : each))
    .sort((a, b) => a - b);
}

export function writeLayerNormalization(use: LayerUse<LayerNormalization>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const axes = axesOf(layer, input);
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

/** Writes what divides by the root of the mean of squares. A mask ends here. */
export function writeRMSNormalization(use: LayerUse<RMSNormalization>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const axes = axesOf(layer, input);
  const node = (op: string, ...inputs: readonly string[]) => graph.node(op, inputs, {}, { as: `${path}/${op}` });
  const mean = graph.node('ReduceMean', [node('Mul', input.name, input.name)], { axes, keepdims: 1 }, { as: `${path}/ReduceMean` });
  const normal = node('Div', input.name, node('Sqrt', node('Add', mean, graph.float(layer.epsilon))));
  const { scale } = weightsOf(use) as { scale: NamedArray };
  // From the first of the axes on, with sizes of 1 between them.
  const sizes = input.shape.map((size, axis) => (axes.includes(axis + 1) ? (size as number) : 1)).slice((axes[0] as number) - 1);
  return [{ ...input, name: node('Mul', normal, graph.weight({ ...scale, shape: sizes })), mask: null }];
}

/** The least norm that divides, so that zeros stay zeros. */
const LEAST_NORM = 1e-12;

/** Writes what divides by the root of the sum of squares. */
export function writeUnitNormalization(use: LayerUse<UnitNormalization>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const norm = graph.node('ReduceL2', [input.name], { axes: axesOf(layer, input), keepdims: 1 }, { as: `${path}/ReduceL2` });
  const divisor = graph.node('Max', [norm, graph.float(LEAST_NORM)], {}, { as: `${path}/Max` });
  return [{ ...input, name: graph.node('Div', [input.name, divisor], {}, { as: `${path}/Div` }) }];
}

/**
 * Writes a GroupNormalization by an InstanceNormalization of its groups: an operator for groups is
 * in later versions of ONNX alone.
 */
export function writeGroupNormalization(use: LayerUse<GroupNormalization>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const count = input.shape.length;
  const at = layer.axis < 0 ? count + 1 + layer.axis : layer.axis;
  const channels = input.shape[at - 1] as number;
  const groups = layer.groups === -1 ? channels : layer.groups;
  const order = [0, at, ...input.shape.flatMap((_, axis) => (axis + 1 === at ? [] : [axis + 1]))];
  const turned = graph.transpose(input.name, order);
  const shape = graph.node('Shape', [turned]);
  const size = input.shape.includes(null) ? -1 : sizeOf(input.shape as number[]) / groups;
  const grouped = graph.node('Reshape', [turned, graph.ints([0, groups, size])], {}, { as: `${path}/groups` });
  const normal = graph.node(
    'InstanceNormalization',
    [grouped, weightOr(graph, undefined, 1, [groups]), weightOr(graph, undefined, 0, [groups])],
    { epsilon: new Floats(layer.epsilon) },
    { as: `${path}/InstanceNormalization` },
  );
  const { gamma, beta } = weightsOf(use);
  const ofChannels = (weight: NamedArray) => graph.weight({ ...weight, shape: [channels, ...input.shape.slice(1).map(() => 1)] });
  let name = graph.node('Reshape', [normal, shape], {}, { as: `${path}/channels` });
  if (gamma) name = graph.node('Mul', [name, ofChannels(gamma)], {}, { as: `${path}/Mul` });
  if (beta) name = graph.node('Add', [name, ofChannels(beta)], {}, { as: `${path}/Add` });
  return [
    {
      ...input,
      name: graph.transpose(
        name,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    },
  ];
}
