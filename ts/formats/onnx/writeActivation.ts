import type { ResolvedActivation } from '../../layers/activationFunction.ts';
import { ELEMENTWISE } from '../../layers/elementwise.ts';
import { type Expression, input } from '../../layers/expression.ts';
import { type AttributeValue, Floats, type GraphWriter } from './graphWriter.ts';

/** An operator of one input. */
interface OneInput {
  readonly op: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

const [SELU_ALPHA, SELU_GAMMA] = [1.6732632423543772, 1.0507009873554805];

/** The activations that are one operator. */
const OPERATORS: Readonly<Record<string, OneInput>> = {
  tanh: { op: 'Tanh' },
  sigmoid: { op: 'Sigmoid' },
  relu: { op: 'Relu' },
  softmax: { op: 'Softmax', attributes: { axis: -1 } },
  logSoftmax: { op: 'LogSoftmax', attributes: { axis: -1 } },
  celu: { op: 'Elu' },
  elu: { op: 'Elu' },
  exponential: { op: 'Exp' },
  hardSigmoid: { op: 'HardSigmoid', attributes: { alpha: new Floats(1 / 6), beta: new Floats(0.5) } },
  hardSigmoid02: { op: 'HardSigmoid', attributes: { alpha: new Floats(0.2), beta: new Floats(0.5) } },
  hardSilu: { op: 'HardSwish' },
  hardSwish: { op: 'HardSwish' },
  leakyRelu: { op: 'LeakyRelu', attributes: { alpha: new Floats(0.2) } },
  selu: { op: 'Selu', attributes: { alpha: new Floats(SELU_ALPHA), gamma: new Floats(SELU_GAMMA) } },
  softplus: { op: 'Softplus' },
  softsign: { op: 'Softsign' },
};

/** Writes an activation. @returns the name of its output */
export function writeActivation(graph: GraphWriter, { given, kernelName, own }: ResolvedActivation, x: string, as: string): string {
  if (kernelName === 'linear') return x;
  if (own) return writeExpression(graph, own(input(0)), [x], as);
  return writeNamed(graph, String(given), x, as);
}

/** Writes the activation with a name of the package. */
export function writeNamed(graph: GraphWriter, name: string, x: string, as: string): string {
  const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (operator) return graph.node(operator.op, [x], operator.attributes, { as: `${as}/${operator.op}` });
  const node = (op: string, ...inputs: readonly string[]) => graph.node(op, inputs, {}, { as: `${as}/${op}` });
  if (name === 'silu' || name === 'swish') return node('Mul', x, node('Sigmoid', x));
  if (name === 'mish') return node('Mul', x, node('Tanh', node('Softplus', x)));
  if (name === 'relu6') return node('Clip', x, graph.float(0), graph.float(6));
  if (name === 'hardTanh') return node('Clip', x, graph.float(-1), graph.float(1));
  if (name === 'logSigmoid') return node('Neg', node('Softplus', node('Neg', x)));
  // x times the probability that a standard normal number is below x.
  if (name === 'gelu')
    return node(
      'Mul',
      node('Mul', x, graph.float(0.5)),
      node('Add', node('Erf', node('Mul', x, graph.float(Math.SQRT1_2))), graph.float(1)),
    );
  return writeExpression(graph, ELEMENTWISE[name as keyof typeof ELEMENTWISE](input(0)), [x], as);
}

const OPERATIONS: Readonly<Partial<Record<Expression['kind'], string>>> = {
  add: 'Add',
  subtract: 'Sub',
  multiply: 'Mul',
  divide: 'Div',
  maximum: 'Max',
  minimum: 'Min',
  negative: 'Neg',
  absolute: 'Abs',
  sqrt: 'Sqrt',
  exp: 'Exp',
  log: 'Log',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
};

/** Writes an elementwise function. @returns the name of its output */
export function writeExpression(graph: GraphWriter, result: Expression, inputs: readonly string[], as: string): string {
  const known = new Map<string, string>();
  const node = (op: string, names: readonly string[]) => graph.node(op, names, {}, { as: `${as}/${op}` });
  const condition = (expression: Expression): string =>
    expression.kind === 'less' ? node('Less', expression.operands.map(floats)) : graph.cast(floats(expression), 'bool');
  const written = (expression: Expression): string => {
    const { kind, value, operands } = expression;
    if (kind === 'input') return inputs[value] as string;
    if (kind === 'constant') return graph.float(value);
    if (kind === 'less') return graph.cast(condition(expression), 'float');
    if (kind === 'select') return node('Where', [condition(operands[0] as Expression), ...operands.slice(1).map(floats)]);
    return node(OPERATIONS[kind] as string, operands.map(floats));
  };
  // An expression that occurs several times is computed once.
  const floats = (expression: Expression): string => {
    const name = known.get(expression.key) ?? written(expression);
    known.set(expression.key, name);
    return name;
  };
  // A function that is one number everywhere has the sizes of its input.
  if (result.kind === 'constant') return graph.node('Expand', [graph.float(result.value), graph.node('Shape', [inputs[0] as string])]);
  return floats(result);
}
