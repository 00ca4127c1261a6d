import { CategoryEncoding } from '../../layers/categoryEncoding.ts';
import { Discretization } from '../../layers/discretization.ts';
import { encodedShape, type IdEncoding } from '../../layers/encodeIds.ts';
import type { Layer } from '../../layers/layer.ts';
import { Normalization } from '../../layers/normalization.ts';
import { type GraphWriter, notWritten, type Written } from './graphWriter.ts';
import { asFloats, asIds } from './layerUse.ts';

/** The least standard deviation that `Normalization` divides by. */
const LEAST_DEVIATION = 1e-7;

/** Whether a layer prepares numbers of any kind; else ids or texts. */
export function takesNumbers(layer: Layer): boolean {
  return layer instanceof Normalization || layer instanceof Discretization;
}

/**
 * Writes a layer that prepares an input's data. Ids and numbers are not checked in a file.
 * @throws {ArgumentError} for one that ONNX has no operators for
 */
export function writePrepared(graph: GraphWriter, value: Written, layer: Layer): Written {
  if (layer instanceof Normalization) return normalized(graph, value, layer);
  if (layer instanceof Discretization) {
    const { outputMode } = layer.getConfig() as { outputMode: IdEncoding };
    const boundaries = layer.binBoundaries as readonly number[];
    return encoded(graph, binned(graph, value, layer.name, boundaries), boundaries.length + 1, outputMode, layer.name);
  }
  if (layer instanceof CategoryEncoding) {
    const { outputMode } = layer.getConfig() as { outputMode: IdEncoding };
    return encoded(graph, asIds(graph, value), layer.numTokens, outputMode, layer.name);
  }
  throw notWritten(
    layer.title,
    'it prepares data, and ONNX has no operator for it',
    'Save the part of the model that follows it, and prepare the data before',
  );
}

/** Data less its mean, divided by its deviation. */
function normalized(graph: GraphWriter, value: Written, layer: Normalization): Written {
  const { name, shape } = asFloats(graph, value);
  const { axis, mean, variance, invert } = layer.getConfig() as { axis: unknown; mean: number[]; variance: number[]; invert: boolean };
  const axes = ([axis].flat() as (number | null)[]).map((each) => (each !== null && each < 0 ? shape.length + 1 + each : each));
  // Sizes of 1 stand for all places of an axis.
  const sizesOf = (values: readonly number[]) =>
    shape.map((size, place) => (values.length > 1 && axes.includes(place + 1) ? (size ?? values.length) : 1));
  const constant = (what: string, values: readonly number[]) => graph.array(`${layer.name}/${what}`, sizesOf(values), () => values);
  const means = constant('mean', mean);
  const deviations = constant(
    'deviation',
    variance.map((each) => Math.max(Math.sqrt(each), LEAST_DEVIATION)),
  );
  const as = { as: layer.name };
  const result = invert
    ? graph.node('Add', [graph.node('Mul', [name, deviations]), means], {}, as)
    : graph.node('Div', [graph.node('Sub', [name, means]), deviations], {}, as);
  return { ...value, type: 'float', name: result };
}

/** The bin of each number: how many boundaries are not above it. */
function binned(graph: GraphWriter, value: Written, path: string, boundaries: readonly number[]): Written {
  const { name, shape } = asFloats(graph, value);
  const limits = graph.array(`${path}/boundaries`, [boundaries.length], () => boundaries);
  const reached = graph.node('GreaterOrEqual', [graph.unsqueeze(name, [shape.length + 1]), limits]);
  const bins = graph.node('ReduceSum', [graph.cast(reached, 'int64'), graph.ints([-1])], { keepdims: 0 }, { as: path });
  return { ...value, type: 'int64', name: bins };
}

/** Ids as they are, as a row for each, or as a row of those that a sample has. */
function encoded(graph: GraphWriter, ids: Written, width: number, mode: IdEncoding, path: string): Written {
  if (mode === 'int') return ids;
  const { name, shape } = ids;
  const made = encodedShape(shape, width, mode);
  const as = { as: `${path}/${mode}` };
  const rows = (each: string) =>
    graph.node('OneHot', [each, graph.ints(width), graph.array('zero_and_one', [2], () => [0, 1])], { axis: -1 }, as);
  if (mode === 'oneHot')
    return { ...ids, type: 'float', shape: made, name: graph.squeeze(rows(name), shape.at(-1) === 1 ? [shape.length] : []) };
  const all = rows(shape.length === 1 ? name : graph.node('Flatten', [name], { axis: 1 }));
  const sample =
    mode === 'count'
      ? graph.node('ReduceSum', [all, graph.ints([1])], { keepdims: 0 }, as)
      : graph.node('ReduceMax', [all], { axes: [1], keepdims: 0 }, as);
  return { ...ids, type: 'float', shape: made, name: sample };
}
