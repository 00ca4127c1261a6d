import { OPERATIONS } from '../backend/kernels.generated.ts';
import { invariant } from '../core/invariant.ts';
import {
  add,
  divide,
  type Expression,
  type ExpressionLike,
  expression,
  input,
  isNumber,
  less,
  multiply,
  negative,
  type Operation,
  square,
  subtract,
  where,
} from './expression.ts';

/**
 * The rules by which an operation's derivative for each operand comes from the operands and the
 * result `y`.
 */
const RULES: Readonly<Record<Operation, (operands: readonly Expression[], y: Expression) => readonly ExpressionLike[]>> = {
  add: () => [1, 1],
  subtract: () => [1, -1],
  multiply: ([a, b]) => [b as Expression, a as Expression],
  divide: ([, b], y) => [divide(1, b as Expression), negative(divide(y, b as Expression))],
  maximum: ([a, b]) => [subtract(1, less(a as Expression, b as Expression)), less(a as Expression, b as Expression)],
  minimum: ([a, b]) => [subtract(1, less(b as Expression, a as Expression)), less(b as Expression, a as Expression)],
  less: () => [0, 0],
  select: ([condition]) => [0, where(condition as Expression, 1, 0), where(condition as Expression, 0, 1)],
  negative: () => [-1],
  absolute: ([a]) => [subtract(less(0, a as Expression), less(a as Expression, 0))],
  sqrt: (_, y) => [divide(0.5, y)],
  exp: (_, y) => [y],
  log: ([a]) => [divide(1, a as Expression)],
  tanh: (_, y) => [subtract(1, square(y))],
  sigmoid: (_, y) => [multiply(y, subtract(1, y))],
};

/**
 * The gradients of an elementwise function for some of its inputs.
 * @param upstream the gradient of the result
 */
export function derivatives(result: Expression, inputs: readonly number[], upstream: Expression): Expression[] {
  const order = sorted([result]);
  const gradients = new Map<string, Expression>([[result.key, upstream]]);
  for (const node of order.reverse()) {
    const gradient = gradients.get(node.key);
    if (!gradient || node.operands.length === 0) continue;
    const rules = node.derivatives ?? RULES[node.kind as Operation](node.operands, node);
    for (const [index, rule] of rules.entries()) {
      const { key } = node.operands[index] as Expression;
      const part = multiply(gradient, rule);
      if (!isNumber(part, 0)) gradients.set(key, add(gradients.get(key) ?? 0, part));
    }
  }
  return inputs.map((index) => gradients.get(input(index).key) ?? expression(0));
}

/** Every expression once, each after those that it is made of. */
function sorted(results: readonly Expression[]): Expression[] {
  const seen = new Map<string, Expression>();
  const visit = (node: Expression): void => {
    if (seen.has(node.key)) return;
    for (const operand of node.operands) visit(operand);
    seen.set(node.key, node);
  };
  for (const result of results) visit(result);
  return [...seen.values()];
}

/** Registers of the kernel. */
const REGISTERS = 16;
const BITS = new DataView(new ArrayBuffer(8));

/**
 * The program of the kernel `pointwise` that stores these results.
 * @throws {InternalError} when it needs more registers than there are
 */
export function programOf(results: readonly Expression[]): Int32Array {
  const code = codeOf(results, false) ?? codeOf(results, true);
  invariant(code, `an elementwise function needs more than ${REGISTERS} registers at once`);
  return Int32Array.from(code);
}

/**
 * The words of a program; null when it needs more registers than there are.
 * @param reloads whether inputs and numbers are loaded again for each use, so that they hold no
 *   register in between
 */
function codeOf(results: readonly Expression[], reloads: boolean): number[] | null {
  const order = sorted(results);
  const isLeaf = ({ operands }: Expression) => operands.length === 0;
  const stored = new Set(results.map(({ key }) => key));
  const lastUse = new Map<string, number>();
  for (const [place, node] of order.entries()) for (const { key } of node.operands) lastUse.set(key, place);
  for (const key of stored) lastUse.set(key, order.length);
  const free = Array.from({ length: REGISTERS }, (_, register) => REGISTERS - 1 - register);
  const registers = new Map<string, number>();
  const code: number[] = [];
  const take = ({ key }: Expression): number | undefined => {
    const register = free.pop();
    if (register !== undefined) registers.set(key, register);
    return register;
  };
  const load = (leaf: Expression): boolean => {
    const target = take(leaf);
    if (target === undefined) return false;
    if (leaf.kind === 'input') code.push(OPERATIONS.load, target, leaf.value, 0, 0);
    else {
      BITS.setFloat64(0, leaf.value);
      code.push(OPERATIONS.constant, target, BITS.getInt32(0), BITS.getInt32(4), 0);
    }
    return true;
  };
  const isReloaded = (node: Expression) => reloads && isLeaf(node) && !stored.has(node.key);
  for (const [place, node] of order.entries()) {
    if (isReloaded(node)) continue;
    if (isLeaf(node)) {
      if (!load(node)) return null;
      continue;
    }
    const operands = [...new Map(node.operands.map((operand) => [operand.key, operand])).values()];
    for (const operand of operands) if (isReloaded(operand) && !load(operand)) return null;
    const [a = 0, b = 0, c = 0] = node.operands.map(({ key }) => registers.get(key) as number);
    for (const operand of operands)
      if (isReloaded(operand) || lastUse.get(operand.key) === place) free.push(registers.get(operand.key) as number);
    const target = take(node);
    if (target === undefined) return null;
    code.push(OPERATIONS[node.kind as Operation], target, a, b, c);
  }
  for (const [index, { key }] of results.entries()) code.push(OPERATIONS.store, index, registers.get(key) as number, 0, 0);
  return code;
}
