import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { emitMove } from '../layers/emitMove.ts';
import { emitPointwise, INPUTS, OUTPUTS } from '../layers/emitPointwise.ts';
import type { Emitter } from '../layers/emitter.ts';
import { type Expression, type ExpressionLike, input } from '../layers/expression.ts';
import { checkedExpression, requireSmall } from '../layers/formula.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { Optimizer, type OptimizerOptions, type UpdateBuffers } from './optimizer.ts';

/** What an update is made of: expressions of one element. */
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

/** What an update gives. A slot that is not in it stays. */
export interface UpdateResult {
  readonly parameter: ExpressionLike;
  readonly slots?: Readonly<Record<string, ExpressionLike>>;
}

/**
 * Elements that one kernel call updates. The new values need memory of this size beside the old
 * ones.
 */
const CHUNK = 2 ** 16;

/**
 * What comes before the user's numbers in the settings of a step: the learning rate and the step.
 */
const FIRST_NUMBER = 2;

/**
 * An optimizer of one's own: the update of a parameter is an expression. It has the options of
 * every optimizer, clipping among them. Of parameter, gradient, slots, learning rate, step and
 * numbers it may use six, and it has at most three slots.
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
    const { className = 'Optimizer' } = new.target as { className?: string };
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
    const { used, results } = this.#program();
    if (results.length > OUTPUTS || used.length > INPUTS)
      throw new ArgumentError(
        `${this.className}: an update may use ${INPUTS} of parameter, gradient, slots, learningRate, step and numbers, and change ` +
          `${OUTPUTS - 1} slots; this one uses ${used.length} and changes ${results.length - 1}. Let numbersOf join numbers`,
      );
    requireSmall(results, `${this.className}: update`);
  }

  override emitUpdate(emitter: Emitter, { count, parameters, gradients, slots, settings }: UpdateBuffers): void {
    const { used, changed, results } = this.#program();
    const arrays = [parameters, gradients, ...slots];
    for (let start = 0; start < count; start += CHUNK) {
      const length = Math.min(CHUNK, count - start);
      const part = (array: PlannedBuffer) => emitter.slice(array, start, length);
      const buffers = used.map((term) =>
        term < arrays.length ? part(arrays[term] as PlannedBuffer) : emitter.slice(settings, term - arrays.length, 1),
      );
      // A kernel does not write what it reads.
      const updated = changed.map(() => emitter.floats('updated', length));
      emitPointwise(emitter, results, buffers, updated);
      for (const [index, array] of changed.entries()) {
        const [x, y] = [updated[index] as PlannedBuffer, part(arrays[array] as PlannedBuffer)];
        emitMove(emitter, { counts: [1], width: length, x, from: { strides: [0] }, y, to: { strides: [0] } });
      }
    }
  }

  /**
   * The update as a program of the kernel. Terms are numbered: parameter, gradient, slots, learning
   * rate, step, numbers.
   */
  #program(): { used: readonly number[]; changed: readonly number[]; results: readonly Expression[] } {
    const count = 2 + this.slotNames.length + this.settingsLength;
    const used = [...termsOf(this.#results((term) => input(term), count).map(({ result }) => result))].sort((a, b) => a - b);
    const numbered = this.#results((term) => input(Math.max(used.indexOf(term), 0)), Math.max(used.length, 1));
    return { used, changed: numbered.map(({ array }) => array), results: numbered.map(({ result }) => result) };
  }

  /**
   * The results of `update`, with the array that each is for: 0 the parameter, from 2 on the slots.
   */
  #results(term: (index: number) => Expression, count: number): { array: number; result: Expression }[] {
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
      if (index < 0) throw new ArgumentError(`${className}: update returns slot ${describe(name)}, which is none of slotNames`);
      return { array: 2 + index, result: of(value, `slot ${name}`) };
    });
    return [{ array: 0, result: of(parameter, 'parameter') }, ...changed];
  }
}

/** The numbers of the inputs that expressions use. */
function termsOf(results: readonly Expression[], found = new Set<number>()): Set<number> {
  for (const { kind, value, operands } of results) {
    if (kind === 'input') found.add(value);
    termsOf(operands, found);
  }
  return found;
}
