import type { AdditiveAttention } from '../../layers/additiveAttention.ts';
import type { Attention } from '../../layers/attention.ts';
import type { AttentionLayer } from '../../layers/attentionLayer.ts';
import type { MultiHeadAttention } from '../../layers/multiHeadAttention.ts';
import type { SampleShape } from '../../layers/spec.ts';
import { PLAIN_CALL } from '../../layers/symbolicTensor.ts';
import type { NamedArray } from '../../model/modelState.ts';
import type { GraphWriter, Written } from './graphWriter.ts';
import { asFloats, type LayerUse, maskLike, weightsOf } from './layerUse.ts';

// N samples, T steps of the query, S steps of the values, D features, H heads, K features of a
// head's keys, V of a head's values.

/** The scores of steps that are not attended to: their exponential is 0 beside any other. */
const MASKED = -1e9;

/** Query, values and keys as floats. */
function inputsOf({ graph, inputs }: LayerUse): readonly [query: Written, value: Written, key: Written] {
  const [query, value, key = value] = inputs.map((input) => asFloats(graph, input)) as [Written, Written, Written?];
  return [query, value, key];
}

function shapesOf({ layer, inputs }: LayerUse): readonly SampleShape[] {
  const specs = layer.infer(
    inputs.map(({ shape }) => ({ shape, kind: 'floats' })),
    PLAIN_CALL,
  );
  return specs.map(({ shape }) => shape);
}

/** True where a step attends to another, `[N, T, S]`; null where all attend to all. */
function attends(
  graph: GraphWriter,
  scores: string,
  masks: { query: string | null; values: readonly string[]; causal: boolean },
): string | null {
  const parts = [
    ...(masks.query === null ? [] : [graph.unsqueeze(masks.query, [2])]),
    ...[...new Set(masks.values)].map((mask) => graph.unsqueeze(mask, [1])),
  ];
  if (masks.causal) {
    const size = (axis: number) =>
      graph.node('Squeeze', [graph.node('Shape', [scores], { start: axis, end: axis < -1 ? axis + 1 : 2 ** 31 - 1 })]);
    const range = (axis: number, along: number) =>
      graph.unsqueeze(graph.node('Range', [graph.ints(0), size(axis), graph.ints(1)]), [along]);
    parts.push(graph.unsqueeze(graph.node('LessOrEqual', [range(-1, 0), range(-2, 1)]), [0]));
  }
  return parts.length === 0 ? null : parts.reduce((a, b) => graph.node('And', [a, b]));
}

/** The softmax of scores over the steps that are attended to. */
function softmax(graph: GraphWriter, scores: string, mask: string | null, as: string): string {
  const kept = mask === null ? scores : graph.node('Where', [mask, scores, graph.float(MASKED)]);
  return graph.node('Softmax', [kept], { axis: -1 }, { as: `${as}/Softmax` });
}

/** Writes attention with one head from its scores `[N, T, S]`. */
function writeOneHead(use: LayerUse<AttentionLayer<boolean>>, scores: string): readonly Written[] {
  const { layer, graph, path } = use;
  const [query, value] = inputsOf(use);
  const [output, ofScores] = shapesOf(use);
  const masks = { query: null, values: value.mask === null ? [] : [value.mask], causal: layer.useCausalMask };
  const weights = softmax(graph, scores, attends(graph, scores, masks), path);
  const sum = graph.node('MatMul', [weights, value.name], {}, { as: `${path}/MatMul` });
  const mask = maskLike(graph, query);
  const kept = mask === null ? sum : graph.node('Where', [mask, sum, graph.float(0)]);
  const result: Written = { name: kept, shape: output as SampleShape, type: 'float', mask: query.mask };
  return ofScores ? [result, { name: weights, shape: ofScores, type: 'float', mask: null }] : [result];
}

/** Each step of the query and each of the keys `[N, T, S, D]`, added. */
function pairs(graph: GraphWriter, query: string, key: string): string {
  return graph.node('Add', [graph.unsqueeze(query, [2]), graph.unsqueeze(key, [1])]);
}

export function writeOneHeadAttention(use: LayerUse<Attention<boolean>>): readonly Written[] {
  const { layer, graph } = use;
  const [query, , key] = inputsOf(use);
  const { scale, concatScoreWeight } = weightsOf(use);
  const times = (name: string, weight: NamedArray | undefined) => (weight ? graph.node('Mul', [name, graph.weight(weight)]) : name);
  if (layer.scoreMode === 'dot')
    return writeOneHead(use, times(graph.node('MatMul', [query.name, graph.transpose(key.name, [0, 2, 1])]), scale));
  const sums = graph.node('Tanh', [times(pairs(graph, query.name, key.name), scale)]);
  return writeOneHead(use, times(graph.node('ReduceSum', [sums, graph.ints([3])], { keepdims: 0 }), concatScoreWeight));
}

export function writeAdditiveAttention(use: LayerUse<AdditiveAttention<boolean>>): readonly Written[] {
  const { graph } = use;
  const [query, , key] = inputsOf(use);
  const { scale } = weightsOf(use);
  const terms = graph.node('Tanh', [pairs(graph, query.name, key.name)]);
  const scaled = scale ? graph.node('Mul', [terms, graph.weight(scale)]) : terms;
  return writeOneHead(use, graph.node('ReduceSum', [scaled, graph.ints([3])], { keepdims: 0 }));
}

export function writeMultiHeadAttention(use: LayerUse<MultiHeadAttention<boolean>>): readonly Written[] {
  const { layer, graph, path } = use;
  const [query, value, key] = inputsOf(use);
  const [output, ofScores] = shapesOf(use);
  const { numHeads: H, keyDim: K, valueDim: V } = layer;
  const weights = weightsOf(use);
  const matrix = (name: string, shape: readonly number[]) => {
    const weight = weights[name] as NamedArray;
    return graph.array(`${path}/${name}`, shape, () => weight.data);
  };
  const project = (x: string, name: string, depth: number, units: number) => {
    const product = graph.node('MatMul', [x, matrix(`${name}Kernel`, [depth, units])], {}, { as: `${path}/${name}` });
    return layer.useBias ? graph.node('Add', [product, matrix(`${name}Bias`, [units])], {}, { as: `${path}/${name}` }) : product;
  };
  // [N, steps, H*F] as [N, H, steps, F].
  const heads = (x: string, features: number, order: readonly number[]) =>
    graph.transpose(graph.node('Reshape', [x, graph.ints([0, 0, H, features])]), order);
  const featuresOf = ({ shape }: Written) => shape[1] as number;
  const q = heads(project(query.name, 'query', featuresOf(query), H * K), K, [0, 2, 1, 3]);
  const k = heads(project(key.name, 'key', featuresOf(key), H * K), K, [0, 2, 3, 1]);
  const v = heads(project(value.name, 'value', featuresOf(value), H * V), V, [0, 2, 1, 3]);
  const scores = graph.node('Mul', [graph.node('MatMul', [q, k]), graph.float(1 / Math.sqrt(K))]);
  const masks = [value.mask, key.mask].filter((mask) => mask !== null);
  const mask = attends(graph, scores, { query: query.mask, values: masks, causal: layer.useCausalMask });
  const wide = mask === null ? null : graph.unsqueeze(mask, [1]);
  const all = softmax(graph, scores, wide, path);
  const kept = wide !== null && (layer.dropout > 0 || layer.returnAttentionScores) ? graph.node('Where', [wide, all, graph.float(0)]) : all;
  const sums = graph.node('Reshape', [graph.transpose(graph.node('MatMul', [kept, v]), [0, 2, 1, 3]), graph.ints([0, 0, H * V])]);
  const name = project(sums, 'output', H * V, (output as SampleShape)[1] as number);
  const result: Written = { name, shape: output as SampleShape, type: 'float', mask: query.mask };
  return ofScores ? [result, { name: kept, shape: ofScores, type: 'float', mask: null }] : [result];
}
