import { ELEMENTWISE_NAMES } from '../../layers/activations.ts';
import type { MatMul } from '../../layers/matMul.ts';
import type { Elementwise } from '../../layers/operations.ts';
import type { Reduce } from '../../layers/reduce.ts';
import type { SampleShape } from '../../layers/spec.ts';
import type { Stack } from '../../layers/stack.ts';
import { PLAIN_CALL } from '../../layers/symbolicTensor.ts';
import type { Unmasked } from '../../layers/unmasked.ts';
import type { GraphWriter, Written } from './graphWriter.ts';
import { asFloats, floatInput, type LayerUse } from './layerUse.ts';
import { writeExpression, writeNamed } from './writeActivation.ts';

/** The elementwise operations of `ops` that are one operator. */
const OPERATORS: Readonly<Record<string, string>> = {
  abs: 'Abs',
  add: 'Add',
  divide: 'Div',
  exp: 'Exp',
  log: 'Log',
  maximum: 'Max',
  minimum: 'Min',
  multiply: 'Mul',
  negative: 'Neg',
  sqrt: 'Sqrt',
  subtract: 'Sub',
};

/** The operations that are activations, too. */
const ACTIVATION_NAMES: ReadonlySet<string> = new Set(['relu', 'sigmoid', 'tanh', ...ELEMENTWISE_NAMES]);

const REDUCTIONS = { sum: 'ReduceSum', mean: 'ReduceMean', max: 'ReduceMax', min: 'ReduceMin' } as const;

const shapeOf = ({ layer }: LayerUse, inputs: readonly Written[]): SampleShape =>
  (
    layer.infer(
      inputs.map(({ shape }) => ({ shape, kind: 'floats' })),
      PLAIN_CALL,
    )[0] as { shape: SampleShape }
  ).shape;

export function writeElementwise(use: LayerUse<Elementwise>): readonly Written[] {
  const { layer, graph, path } = use;
  const inputs = use.inputs.map((input) => asFloats(graph, input));
  const shape = shapeOf(use, inputs);
  const names = inputs.map((input) => alignedTo(graph, input, shape.length));
  let next = 0;
  const operands = layer.operands.map((number) => (number === null ? (names[next++] as string) : graph.float(number)));
  const write = (): string => {
    const { operation } = layer;
    const operator = Object.hasOwn(OPERATORS, operation) ? OPERATORS[operation] : undefined;
    const as = { as: `${path}/${operator ?? operation}` };
    if (operator) return graph.node(operator, operands, {}, as);
    if (operation === 'square') return graph.node('Mul', [operands[0] as string, operands[0] as string], {}, as);
    if (operation === 'less') return graph.cast(graph.node('Less', operands, {}, as), 'float');
    if (operation === 'where') return graph.node('Where', [graph.cast(operands[0] as string, 'bool'), ...operands.slice(1)], {}, as);
    if (ACTIVATION_NAMES.has(operation)) return writeNamed(graph, operation, operands[0] as string, path);
    return writeExpression(graph, layer.formula, names, path);
  };
  return [{ name: write(), shape, type: 'float', mask: null }];
}

/** A value with axes of size 1 after the samples, as many as another one has more. */
function alignedTo(graph: GraphWriter, { name, shape }: Written, axes: number): string {
  return graph.unsqueeze(
    name,
    Array.from({ length: axes - shape.length }, (_, index) => index + 1),
  );
}

export function writeReduce(use: LayerUse<Reduce>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const operator = REDUCTIONS[layer.operation];
  const keepdims = layer.keepDims ? 1 : 0;
  const as = { as: `${path}/${operator}` };
  const name =
    operator === 'ReduceSum'
      ? graph.node(operator, [input.name, graph.ints([layer.axis])], { keepdims }, as)
      : graph.node(operator, [input.name], { axes: [layer.axis], keepdims }, as);
  return [{ name, shape: shapeOf(use, [input]), type: 'float', mask: null }];
}

export function writeMatMul(use: LayerUse<MatMul>): readonly Written[] {
  const inputs = use.inputs.map((input) => asFloats(use.graph, input));
  const names = inputs.map(({ name }) => name);
  return [
    { name: use.graph.node('MatMul', names, {}, { as: `${use.path}/MatMul` }), shape: shapeOf(use, inputs), type: 'float', mask: null },
  ];
}

/** Writes values side by side along a new axis. */
export function writeStack(use: LayerUse<Stack>): readonly Written[] {
  const { layer, graph, path } = use;
  const inputs = use.inputs.map((input) => asFloats(graph, input));
  const shape = shapeOf(use, inputs);
  const axis = layer.axis < 0 ? layer.axis + shape.length + 1 : layer.axis;
  const apart = inputs.map(({ name }) => graph.unsqueeze(name, [axis]));
  return [{ name: graph.node('Concat', apart, { axis }, { as: `${path}/Concat` }), shape, type: 'float', mask: null }];
}

/** Writes a layer that knows no mask and passes none on. */
export function writeUnmasked({ layer, inputs, inner }: LayerUse<Unmasked>): readonly Written[] {
  const plain = inputs.map((input) => ({ ...input, mask: null }));
  return inner(layer.layer, plain).map((output) => ({ ...output, mask: null }));
}
