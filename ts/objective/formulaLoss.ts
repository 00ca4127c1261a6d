import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import type { Expression } from '../layers/expression.ts';
import { ElementwiseLoss } from './elementwiseLoss.ts';
import { LOSS_EMISSION } from './emissionPart.ts';
import type { LossFormulaName } from './formulaNames.ts';
import type { OwnConfig } from './loss.ts';

/** Options that the classes of losses take. */
export interface LossOptions {
  /** Its name in the history, where it is a metric. Default: the class's name, as in `huber`. */
  name?: string;
}

/**
 * Checks the options of a class of losses.
 * @returns the name, if there is one
 * @throws {ArgumentError} for an unknown option, and for a name that is no string
 */
export function checkLossOptions(options: LossOptions | undefined, known: readonly string[], className: string): string | undefined {
  checkOptions(options, [...known, 'name'], className);
  const name = options?.name;
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw new ArgumentError(`${className}: name must be a string, got ${describe(name)}`);
  return name;
}

/** The losses whose value for a row is a sum over the last axis. */
const SUMS: readonly LossFormulaName[] = ['klDivergence'];

/** A loss of the table of formulas. */
export class FormulaLoss extends ElementwiseLoss {
  override readonly rowReduction: 'mean' | 'sum';
  override readonly probabilityTargets: boolean;
  readonly #formula: LossFormulaName;
  readonly #name: string | undefined;

  /** @param name its name in the history. Default: the formula's */
  constructor(formula: LossFormulaName, name?: string) {
    super();
    this.#formula = formula;
    this.#name = name;
    this.rowReduction = SUMS.includes(formula) ? 'sum' : 'mean';
    this.probabilityTargets = formula === 'binaryFocalCrossentropy';
  }

  override get name(): string {
    return this.#name ?? this.#formula;
  }

  override call(yTrue: Expression, yPred: Expression): Expression {
    return LOSS_EMISSION.loaded.LOSS_FORMULAS[this.#formula](yTrue, yPred);
  }

  override getConfig(): OwnConfig {
    return this.#name === undefined ? {} : { name: this.#name };
  }
}
