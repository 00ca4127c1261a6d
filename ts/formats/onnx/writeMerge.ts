import { ArgumentError } from '../../core/errors.ts';
import type { Concatenate } from '../../layers/concatenate.ts';
import type { Dot } from '../../layers/dot.ts';
import type { Merge } from '../../layers/merge.ts';
import type { SampleShape } from '../../layers/spec.ts';
import { PLAIN_CALL } from '../../layers/symbolicTensor.ts';
import type { GraphWriter, Written } from './graphWriter.ts';
import { asFloats, type LayerUse, maskLike, mergedMask } from './layerUse.ts';

const OPERATORS: Readonly<Record<string, string>> = {
  Add: 'Add',
  Subtract: 'Sub',
  Multiply: 'Mul',
  Average: 'Add',
  Maximum: 'Max',
  Minimum: 'Min',
};

/** The shortest length that Dot normalizes to 1, squared. */
const LEAST_SQUARE = 1e-14;

const shapeOf = ({ layer }: LayerUse, inputs: readonly Written[]): SampleShape =>
  (
    layer.infer(
      inputs.map(({ shape }) => ({ shape, kind: 'floats' })),
      PLAIN_CALL,
    )[0] as { shape: SampleShape }
  ).shape;

export function writeMerge(use: LayerUse<Merge>): readonly Written[] {
  const { layer, graph, path } = use;
  const inputs = use.inputs.map((input) => asFloats(graph, input));
  const operator = OPERATORS[layer.className] as string;
  const node = (op: string, ...names: readonly string[]) => graph.node(op, names, {}, { as: `${path}/${op}` });
  const shape = shapeOf(use, inputs);
  const mask = mergedMask(graph, inputs);
  if (operator === 'Max' || operator === 'Min') return [{ ...writeExtreme(graph, inputs, operator), shape }];
  const parts = inputs.map((input) => {
    const own = layer.className === 'Multiply' ? maskLike(graph, input) : null;
    // Steps that do not count are ones in a product.
    return own === null ? input.name : node('Where', own, input.name, graph.float(1));
  });
  const merged = parts.reduce((a, b) => node(operator, a, b));
  const all: Written = { name: merged, shape, type: 'float', mask };
  if (layer.className === 'Average') return [{ ...all, name: node('Div', merged, graph.float(inputs.length)) }];
  const kept = layer.className === 'Multiply' ? maskLike(graph, all) : null;
  return [kept === null ? all : { ...all, name: node('Where', kept, merged, graph.float(0)) }];
}

/** The largest or smallest: steps that do not count in an input are those of the others. */
function writeExtreme(graph: GraphWriter, inputs: readonly Written[], operator: string): Written {
  return inputs.reduce((x, z) => {
    const [ofX, ofZ] = [maskLike(graph, x), maskLike(graph, z)];
    const right = ofZ === null ? z.name : graph.node('Where', [ofZ, z.name, x.name]);
    const left = ofX === null ? x.name : graph.node('Where', [ofX, x.name, right]);
    return { name: graph.node(operator, [left, right]), shape: x.shape, type: 'float', mask: mergedMask(graph, [x, z]) };
  });
}

export function writeConcatenate(use: LayerUse<Concatenate>): readonly Written[] {
  const { layer, graph, path } = use;
  const inputs = use.inputs.map((input) => asFloats(graph, input));
  const first = inputs[0] as Written;
  const axis = layer.axis < 0 ? first.shape.length + 1 + layer.axis : layer.axis;
  const name = graph.node(
    'Concat',
    inputs.map((input) => input.name),
    { axis },
    { as: `${path}/Concat` },
  );
  const mask = () => {
    if (axis === first.shape.length) return mergedMask(graph, inputs);
    if (inputs.every((input) => input.mask === null)) return null;
    if (axis !== 1)
      throw new ArgumentError(`${layer.title} cannot join inputs with a mask along axis ${layer.axis}: join their steps or features`);
    return graph.node(
      'Concat',
      inputs.map((input) => input.mask ?? allCount(graph, input)),
      { axis: 1 },
    );
  };
  return [{ name, shape: shapeOf(use, inputs), type: 'float', mask: mask() }];
}

/** A mask of which all steps count. */
function allCount(graph: GraphWriter, { name }: Written): string {
  return graph.node('Expand', [graph.yes(), graph.node('Shape', [name], { start: 0, end: 2 })]);
}

export function writeDot(use: LayerUse<Dot>): readonly Written[] {
  const { layer, graph, path } = use;
  const inputs = use.inputs.map((input) => asFloats(graph, input));
  const shape = shapeOf(use, inputs);
  const matrices = inputs.map((input, index) => {
    const given = typeof layer.axes === 'number' ? layer.axes : (layer.axes[index] as number);
    const axis = given < 0 ? input.shape.length + 1 + given : given;
    const scaled = layer.normalize ? normalized(graph, input.name, axis) : input.name;
    // A sample of one axis is a row on the left and a column on the right.
    if (input.shape.length === 1) return graph.unsqueeze(scaled, [index === 0 ? 1 : 2]);
    return axis === (index === 0 ? 2 : 1) ? scaled : graph.transpose(scaled, [0, 2, 1]);
  });
  const product = graph.node('MatMul', matrices, {}, { as: `${path}/MatMul` });
  // Of [N, rows, columns], rows and columns of samples of one axis go.
  const ones = inputs.flatMap((input, index) => (input.shape.length === 1 ? [index + 1] : []));
  return [{ name: graph.squeeze(product, ones.length === 2 ? [1] : ones), shape, type: 'float', mask: null }];
}

/** Samples with the length 1 along an axis. */
function normalized(graph: GraphWriter, name: string, axis: number): string {
  const squares = graph.node('ReduceSumSquare', [name], { axes: [axis], keepdims: 1 });
  return graph.node('Div', [name, graph.node('Sqrt', [graph.node('Max', [squares, graph.float(LEAST_SQUARE)])])]);
}
