import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { checkedExpression } from '../layers/checkedExpression.ts';
import { EMISSION } from '../layers/emissionPart.ts';
import type { Emitter } from '../layers/emitter.ts';
import { Expression, type ExpressionLike, input } from '../layers/expression.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { INPUTS, OUTPUTS } from '../layers/pointwiseLimits.ts';
import { Optimizer, type OptimizerOptions, type UpdateBuffers } from './optimizer.ts';

/** The terms of an update: expressions of one element. */
export interface UpdateTerms {
  readonly parameter: Expression;
  /** The gradient, after clipping. */
  readonly gradient: Expression;
  /** The values that the optimizer keeps for the element, by the names in `slotNames`. */
  readonly slots: Readonly<Record<string, Expression>>;
  readonly learningRate: Expression;
  /** The number of the step, from 1. */
  readonly step: Expression;
  /** The numbers that `numbersOf` gives for the step. */
  readonly numbers: readonly Expression[];
}

/** The result of an update. A slot that is not in it does not change. */
export interface UpdateResult {
  readonly parameter: ExpressionLike;
  readonly slots?: Readonly<Record<string, ExpressionLike>>;
}

/** The number of settings of a step before the user's numbers: the learning rate and the step. */
const FIRST_NUMBER = 2;

/**
 * A custom optimizer: the update of a parameter is an expression. It has the options of every
 * optimizer, clipping among them. It may use six terms among parameter, gradient, slots, learning
 * rate, step and numbers, and has at most three slots.
 *
 *     class Lion extends ElementwiseOptimizer {
 *       static className = 'Lion';
 *       readonly slotNames = ['momentum'];
 *       update({ parameter, gradient, slots: { momentum }, learningRate }: UpdateTerms) {
 *         const mixed = ops.add(ops.multiply(0.9, momentum), ops.multiply(0.1, gradient));
 *         const sign = ops.subtract(ops.less(0, mixed), ops.less(mixed, 0));
 *         return {
 *           parameter: ops.subtract(parameter, ops.multiply(learningRate, sign)),
 *           slots: { momentum: ops.add(ops.multiply(0.99, momentum), ops.multiply(0.01, gradient)) },
 *         };
 *       }
 *     }
 */
export abstract class ElementwiseOptimizer extends Optimizer {
  readonly className: string;
  readonly slotNames: readonly string[] = [];

  /**
   * @param known the names of options beside those of every optimizer
   * @param defaultRate the learning rate when the options have none
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(options?: OptimizerOptions, known: readonly string[] = [], defaultRate = 0.001) {
    const { className: own, builtInName } = new.target as { className?: string; builtInName?: string };
    const className = own ?? builtInName ?? 'Optimizer';
    super(options, known, className, defaultRate);
    this.className = className;
  }

  /** The update of one element. */
  abstract update(terms: UpdateTerms): UpdateResult;

  /**
   * Numbers of a step that are computed once, in float64: bias corrections, schedules.
   * @param _step the learning rate and the number of the step, from 1
   */
  numbersOf(_step: { readonly learningRate: number; readonly step: number }): readonly number[] {
    return [];
  }

  override get settingsLength(): number {
    return FIRST_NUMBER + this.numbersOf({ learningRate: 0, step: 1 }).length;
  }

  override writeSettings(settings: FloatArray, iteration: number): void {
    const learningRate = this.learningRateAt(iteration);
    const step = iteration + 1;
    settings[0] = learningRate;
    settings[1] = step;
    settings.set(this.numbersOf({ learningRate, step }), FIRST_NUMBER);
  }

  override checkUpdate(): void {
    for (const [index, name] of this.slotNames.entries())
      if (typeof name !== 'string' || name === '' || name.includes('/') || this.slotNames.indexOf(name) !== index)
        throw new ArgumentError(`${this.className}: slotNames must be different strings without '/', got ${describe(name)}`);
    for (const { used, results } of this.#passes()) {
      if (results.length > OUTPUTS || used.length > INPUTS)
        throw new ArgumentError(
          `${this.className}: an update may use ${INPUTS} of parameter, gradient, slots, learningRate, step and numbers, and change ` +
            `${OUTPUTS - 1} slots; this one uses ${used.length} and changes ${results.length - 1}. Let numbersOf combine numbers`,
        );
    }
  }

  override emitUpdate(emitter: Emitter, { count, parameters, gradients, slots, settings }: UpdateBuffers): void {
    const { emitInPlace, requireSmall } = EMISSION.loaded;
    const arrays = [parameters, gradients, ...slots];
    for (const { used, changed, results } of this.#passes()) {
      const inputs = used.map((term) => arrays[term] ?? emitter.slice(settings, term - arrays.length, 1));
      requireSmall(results, `${this.className}: update`);
      const targets = changed.map((array) => arrays[array] as PlannedBuffer);
      emitInPlace(emitter, count, results, inputs, targets);
    }
  }

  /**
   * The update as programs of the kernel. Terms are numbered: parameter, gradient, slots, learning
   * rate, step, numbers. An update of more terms than a kernel takes first changes the slots, and
   * then makes the parameter of their new values.
   */
  #passes(): readonly Pass[] {
    const all = this.#results((term) => input(term), 2 + this.slotNames.length + this.settingsLength);
    const whole = passOf(all);
    const [parameter, ...slots] = all as [ArrayResult, ...ArrayResult[]];
    if (whole.used.length <= INPUTS || slots.length === 0) return [whole];
    const changed = new Map(slots.map(({ array, result }) => [result.key, input(array)]));
    return [passOf(slots), passOf([{ array: 0, result: replaced(parameter.result, ({ key }) => changed.get(key)) }])];
  }

  /**
   * The results of `update`, with the array that each is for: 0 the parameter, from 2 on the slots.
   */
  #results(term: (index: number) => Expression, count: number): ArrayResult[] {
    const { className, slotNames } = this;
    const firstSetting = 2 + slotNames.length;
    const returned: Partial<UpdateResult> | undefined = this.update({
      parameter: term(0),
      gradient: term(1),
      slots: Object.fromEntries(slotNames.map((name, index) => [name, term(2 + index)])),
      learningRate: term(firstSetting),
      step: term(firstSetting + 1),
      numbers: Array.from({ length: this.settingsLength - FIRST_NUMBER }, (_, index) => term(firstSetting + FIRST_NUMBER + index)),
    });
    if (typeof returned !== 'object' || returned === null || !('parameter' in returned))
      throw new ArgumentError(`${className}: update must return { parameter, slots }, got ${describe(returned)}`);
    const { parameter, slots = {} } = returned;
    const of = (value: unknown, what: string) => checkedExpression(value, count, `${className}: update, its ${what},`);
    const changed = Object.entries(slots).map(([name, value]) => {
      const index = slotNames.indexOf(name);
      if (index < 0) throw new ArgumentError(`${className}: update returns slot ${describe(name)}, expected one of slotNames`);
      return { array: 2 + index, result: of(value, `slot ${name}`) };
    });
    return [{ array: 0, result: of(parameter, 'parameter') }, ...changed];
  }
}

/** The new values of an array: 0 is the parameter, from 2 on the slots. */
interface ArrayResult {
  readonly array: number;
  readonly result: Expression;
}

/** One kernel call of an update. */
interface Pass {
  /** The terms that are its inputs. */
  readonly used: readonly number[];
  /** The arrays that it changes, and what they become, of its inputs. */
  readonly changed: readonly number[];
  readonly results: readonly Expression[];
}

/** The kernel call that computes results of terms. */
function passOf(all: readonly ArrayResult[]): Pass {
  const used = [...termsOf(all.map(({ result }) => result))].sort((a, b) => a - b);
  const renumber = ({ kind, value }: Expression) => (kind === 'input' ? input(used.indexOf(value)) : undefined);
  return { used, changed: all.map(({ array }) => array), results: all.map(({ result }) => replaced(result, renumber)) };
}

/** An expression with others in place of some of its parts. */
function replaced(
  node: Expression,
  replacement: (part: Expression) => Expression | undefined,
  done = new Map<string, Expression>(),
): Expression {
  const known = done.get(node.key);
  if (known) return known;
  const operands = () => node.operands.map((operand) => replaced(operand, replacement, done));
  const made = replacement(node) ?? (node.operands.length === 0 ? node : new Expression(node.kind, node.value, operands()));
  done.set(node.key, made);
  return made;
}

/** The numbers of the inputs that expressions use. */
function termsOf(results: readonly Expression[], found = new Set<number>()): Set<number> {
  for (const { kind, value, operands } of results) {
    if (kind === 'input') found.add(value);
    termsOf(operands, found);
  }
  return found;
}
