import type { LOSSES } from '../backend/kernels.generated.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { suggest } from '../core/suggestion.ts';

/** The targets of a loss: arrays of the prediction's shape, or one class index for each row. */
export type TargetKind = 'floats' | 'labels';

/** Options of the cross-entropies. */
export interface CrossentropyOptions {
  /**
   * Whether the model's outputs are scores before the sigmoid or softmax. Default false: they are
   * probabilities.
   */
  fromLogits?: boolean;
}

/** A loss that `compile` takes. https://keras.io/api/losses/ */
export interface Loss {
  /** `binaryCrossentropy`: its name in `compile`, in kernels and in saved models. */
  readonly name: LossName;
  readonly fromLogits: boolean;
  readonly targetKind: TargetKind;
  /** Whether targets must be between 0 and 1. */
  readonly probabilityTargets: boolean;
  /** The final activation whose scores the loss can take directly, which is more exact. */
  readonly activation: 'sigmoid' | 'softmax' | null;
}

/** The names of losses in `compile`. */
export type LossName =
  | 'meanSquaredError'
  | 'meanAbsoluteError'
  | 'binaryCrossentropy'
  | 'categoricalCrossentropy'
  | 'sparseCategoricalCrossentropy';

/** Keras' short names. */
export type LossAlias = 'mse' | 'mae';

const ALIASES: Record<string, LossName> = { mse: 'meanSquaredError', mae: 'meanAbsoluteError' };

type LossFacts = Pick<Loss, 'targetKind' | 'probabilityTargets' | 'activation'>;

const FACTS: Record<LossName, LossFacts> = {
  meanSquaredError: { targetKind: 'floats', probabilityTargets: false, activation: null },
  meanAbsoluteError: { targetKind: 'floats', probabilityTargets: false, activation: null },
  binaryCrossentropy: { targetKind: 'floats', probabilityTargets: true, activation: 'sigmoid' },
  categoricalCrossentropy: { targetKind: 'floats', probabilityTargets: true, activation: 'softmax' },
  sparseCategoricalCrossentropy: { targetKind: 'labels', probabilityTargets: false, activation: 'softmax' },
};

function make(name: LossName, options?: CrossentropyOptions): Loss {
  checkOptions(options, ['fromLogits'], name);
  return { name, fromLogits: booleanOption(options?.fromLogits, false, `${name}: fromLogits`), ...FACTS[name] };
}

/** `mean((prediction - target)²)`. */
export function meanSquaredError(): Loss {
  return make('meanSquaredError');
}

/** `mean(|prediction - target|)`. */
export function meanAbsoluteError(): Loss {
  return make('meanAbsoluteError');
}

/**
 * `-t log p - (1-t) log(1-p)`, for outputs that are probabilities of yes; targets are between 0 and
 * 1.
 */
export function binaryCrossentropy(options?: CrossentropyOptions): Loss {
  return make('binaryCrossentropy', options);
}

/**
 * `-Σ t log p` over the classes of the last axis; targets have the shape of the output (see
 * `toCategorical`).
 */
export function categoricalCrossentropy(options?: CrossentropyOptions): Loss {
  return make('categoricalCrossentropy', options);
}

/** `-log p[label]`; targets are class indices, without the class axis. */
export function sparseCategoricalCrossentropy(options?: CrossentropyOptions): Loss {
  return make('sparseCategoricalCrossentropy', options);
}

/** All names of losses, including the short ones. */
export const LOSS_NAMES: readonly string[] = [...Object.keys(FACTS), ...Object.keys(ALIASES)];

/** Whether a string names a loss. */
export function isLossName(name: string): name is LossName | LossAlias {
  return Object.hasOwn(FACTS, name) || Object.hasOwn(ALIASES, name);
}

/**
 * Finds the loss with a name; returns a loss unchanged.
 * @throws {ArgumentError} for anything else, listing the known names
 */
export function resolveLoss(value: unknown, where = 'compile: loss'): Loss {
  if (typeof value === 'string' && isLossName(value)) return make(ALIASES[value] ?? (value as LossName));
  if (typeof value === 'object' && value !== null && 'name' in value && Object.hasOwn(FACTS, value.name as string)) {
    const { name, fromLogits } = value as Loss;
    return make(name, { fromLogits });
  }
  const names = LOSS_NAMES.map((name) => `'${name}'`);
  const uncalled = typeof value === 'function' && isLossName(value.name) ? `: call it, ${value.name}()` : '';
  throw new ArgumentError(
    `${where} must be one of ${names.join(', ')} or a loss that a function of this name returns, got ${describe(value)}${uncalled}${suggest(value, LOSS_NAMES)}`,
  );
}

/**
 * Checks that a loss or metric fits an output.
 * @param what its name in the error message: `loss`, `metric`
 * @param classes size of the output's last axis
 * @throws {ShapeError} when it compares classes and the output has one
 */
export function requireClasses({ name }: Loss, classes: number, what: string): void {
  if (classes > 1 || (name !== 'categoricalCrossentropy' && name !== 'sparseCategoricalCrossentropy')) return;
  throw new ShapeError(
    `${what} '${name}' compares classes and needs an output of at least two, but the last axis of the model's output has ${classes}; ` +
      "for one yes-or-no output use 'binaryCrossentropy'",
  );
}

/** The kernels' name of a loss on probabilities or on logits. */
export function lossKind(loss: Loss, logits: boolean): keyof typeof LOSSES {
  return logits && loss.activation !== null ? (`${loss.name}FromLogits` as keyof typeof LOSSES) : loss.name;
}
