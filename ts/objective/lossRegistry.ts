import { ArgumentError, ShapeError } from '../core/errors.ts';
import { builtInInstance, isRegisteredName, loadHint, namedInstance, registeredInstance, savedNameOf } from '../core/registerClass.ts';
import { knownName, refuseChoice, suggest } from '../core/suggestion.ts';
import { FormulaLoss } from './formulaLoss.ts';
import { LOSS_FORMULA_NAMES, type LossFormulaName } from './formulaNames.ts';
import { KERNEL_LOSSES, KernelLoss, type KernelLossName } from './kernelLoss.ts';
import { Loss, type OwnConfig } from './loss.ts';

/** The names of losses whose code is always there. */
export type LossName = KernelLossName | LossFormulaName;

/** The names of losses whose code loads when `compile` has them. Case does not matter. */
export type LateLossName =
  | 'categoricalFocalCrossentropy'
  | 'categoricalGeneralizedCrossEntropy'
  | 'categoricalHinge'
  | 'circle'
  | 'cosineSimilarity'
  | 'crfLoss'
  | 'ctc'
  | 'dice'
  | 'tversky';

/** Keras' other names. */
export type LossAlias = 'mse' | 'mae' | 'mape' | 'msle' | 'kld' | 'kullbackLeiblerDivergence';

const ALIASES: Readonly<Record<string, LossName>> = {
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
  msle: 'meanSquaredLogarithmicError',
  kld: 'klDivergence',
  kullbackLeiblerDivergence: 'klDivergence',
};

/** Losses whose code loads when `compile` has their name. */
export const LOSS_CLASSES =
  'CategoricalFocalCrossentropy CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity CRFLoss CTC Dice QuantileLoss Tversky';

/** All names of losses, including the short ones. */
export const LOSS_NAMES: readonly string[] = [...Object.keys(KERNEL_LOSSES), ...LOSS_FORMULA_NAMES, ...Object.keys(ALIASES)];

/** Whether a string names a loss. */
export function isLossName(name: string): name is LossName | LossAlias {
  return LOSS_NAMES.includes(name);
}

/**
 * Finds the loss with a name, in any case; returns a loss unchanged.
 * @param options of the loss that has the name, as a file has them
 * @throws {ArgumentError} for anything else, listing the known names
 * @throws {FormatError} when nothing is registered under a registered name
 * @throws {ClassNotLoadedError} for the name of a class that has not loaded
 */
export function resolveLoss(value: unknown, where = 'compile: loss', options?: OwnConfig): Loss {
  // A file has the exact name: `Huber` is a class, whose options the formula `huber` would lose.
  const known = options ? LOSS_NAMES.find((name) => name === value) : knownName(value, LOSS_NAMES);
  if (known !== undefined) {
    const name = ALIASES[known] ?? (known as LossName);
    return name in KERNEL_LOSSES ? new KernelLoss(name as KernelLossName, options) : new FormulaLoss(name as LossFormulaName);
  }
  if (isRegisteredName(value)) return registeredInstance(value, options ?? {}, 'loss', Loss);
  if (value instanceof Loss) return value;
  if (value === null)
    throw new ArgumentError(
      `${where} is null, but every output is trained: train a second Model of the outputs that have a loss, which shares the weights`,
    );
  const found = options ? builtInInstance(value as string, options, Loss) : namedInstance(value, LOSS_CLASSES, Loss);
  if (found) return found;
  const names = [...LOSS_NAMES, ...namesOfClasses(LOSS_CLASSES)].map((name) => `'${name}'`);
  refuseChoice(where, value, `one of ${names.join(', ')}, or a loss`, (options && loadHint()) || hintFor(value));
}

/** The names in `compile` of classes with spaces between: `crfLoss` of `CRFLoss`. */
export function namesOfClasses(classes: string): string[] {
  return classes.split(' ').map((name) => name.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (first) => first.toLowerCase()));
}

/**
 * `suggest`, also for a name without the ending that the choice has, such as `crf` of `crfLoss`.
 */
export function suggestName(name: unknown, choices: readonly string[], ending: string): string {
  return suggest(name, choices) || (typeof name === 'string' ? suggest(name + ending, choices) : '');
}

/** The remedy for a value that is not a loss. */
function hintFor(value: unknown): string {
  return (
    hintForFunction(value, ': a loss of your own is a class that extends ElementwiseLoss or BatchLoss', [Loss]) ??
    suggestName(value, [...LOSS_NAMES, ...namesOfClasses(LOSS_CLASSES)], 'Loss')
  );
}

/**
 * The remedy for a function; null for anything else.
 * @param own the kind of custom object
 * @param classes which an object of its class would be
 */
export function hintForFunction(
  value: unknown,
  own: string,
  classes: readonly (abstract new (...args: never[]) => object)[],
): string | null {
  if (typeof value !== 'function') return null;
  if (isLossName(value.name)) return `: call it, ${value.name}()`;
  return classes.some((base) => value.prototype instanceof base) ? `: make one, new ${value.name}()` : own;
}

/** The description of a loss in a file. */
export interface LossState {
  /** Its name, or the name of its class. */
  readonly loss: string;
  /** The configuration; absent if the name and `fromLogits` are enough. */
  readonly lossConfig?: OwnConfig;
}

/**
 * The description of a loss in a file.
 * @throws {ArgumentError} for one of a class without a registered name, or whose `getConfig` lacks
 *   an option
 */
export function lossState(loss: Loss): LossState {
  const config = loss.getConfig();
  // Files of earlier versions have the one option of these losses by itself.
  if (loss instanceof KernelLoss) return { loss: loss.name, ...(Object.keys(config).length > 1 ? { lossConfig: config } : {}) };
  const isFormula = Object.getPrototypeOf(loss) === FormulaLoss.prototype;
  if (isFormula) return { loss: loss.name };
  return { loss: savedNameOf(loss, `loss '${loss.name}'`, config), lossConfig: config };
}

/**
 * Checks that a loss or metric fits an output.
 * @param what its name in the error message: `loss`, `metric`
 * @param classes size of the output's last axis
 * @throws {ShapeError} when it compares classes and the output has one
 * @throws {ArgumentError} when its options do not fit
 */
export function requireUnits(loss: Loss, classes: number, what: string): void {
  loss.checkUnits(classes);
  if (classes > 1 || !loss.comparesClasses) return;
  throw new ShapeError(
    `${what} '${loss.name}' compares classes and needs an output of at least two, but the last axis of the model's output has ${classes}; ` +
      "for one yes-or-no output use 'binaryCrossentropy'",
  );
}
