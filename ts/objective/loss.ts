import { LOSSES } from '../backend/kernels.generated.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { isRegisteredName, registeredInstance } from '../core/registerClass.ts';
import { suggest } from '../core/suggestion.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { ProgramBuilder } from '../program/programBuilder.ts';

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

/**
 * What a configuration of a loss, a metric or an optimizer of one's own may hold: what JSON can.
 */
export type OwnConfig = Readonly<Record<string, unknown>>;

/** A loss at the end of a program under construction. */
export interface LossEmission {
  readonly builder: ProgramBuilder;
  /** N: rows of the prediction, B or T*B. Row n is of sample `n % B`. */
  readonly rows: number;
  /** B */
  readonly samples: number;
  /** C: size of the prediction's last axis. */
  readonly classes: number;
  /** `[N, C]` */
  readonly prediction: PlannedBuffer;
  /** Whether the prediction holds scores before the loss's activation. */
  readonly logits: boolean;
  /** `[N, targetUnits]`; null when the targets are labels. */
  readonly target: PlannedBuffer | null;
  /** `[N]` */
  readonly labels: PlannedBuffer | null;
  /** `[N]` */
  readonly weight: PlannedBuffer | null;
  /** `[N]` */
  readonly mask: PlannedBuffer | null;
  /**
   * `[1]`: the number of rows that the loss and its gradient are divided by, where the mask does
   * not take some away; null: N.
   */
  readonly normalizer: PlannedBuffer | null;
  /** `[N, C]`, to be written; null when only the loss is wanted. */
  readonly dPrediction: PlannedBuffer | null;
  /** `[2]`, to be written: the loss, then the sum of the row weights. */
  readonly result: PlannedBuffer;
}

/**
 * A loss that `compile` takes. Those of one's own extend {@link ElementwiseLoss} or {@link
 * BatchLoss}.
 * https://keras.io/api/losses/
 */
export abstract class Loss {
  /** Its name in `compile`, in errors and in the history: `meanSquaredError`. */
  abstract readonly name: string;
  /** Whether the model's outputs are scores before the sigmoid or softmax. */
  readonly fromLogits: boolean = false;
  /** What its targets are: floats, or one whole number for each row. */
  readonly targetKind: TargetKind = 'floats';
  /** Size of the last axis of the targets; null: that of the outputs. */
  readonly targetUnits: number | null = null;
  /**
   * Whether labels may be any whole numbers of at least 0, and not only indices of the output's
   * last axis.
   */
  readonly anyLabels: boolean = false;
  /** Whether targets must be between 0 and 1. */
  readonly probabilityTargets: boolean = false;
  /** The final activation whose scores the loss can take directly, which is more exact. */
  readonly activation: 'sigmoid' | 'softmax' | null = null;
  /** Whether it has one value for each sample instead of one for each row. */
  readonly perSample: boolean = false;
  /**
   * Whether the value of a row depends on other samples of the batch. Such a loss trains with at
   * most one worker.
   */
  readonly comparesSamples: boolean = false;

  /** Appends the loss, and its gradient if it is wanted, to a program. */
  abstract emit(emission: LossEmission): void;

  /** The constructor's options, for files and workers. */
  getConfig(): OwnConfig {
    return {};
  }
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

/** A loss that the kernels compute. */
class KernelLoss extends Loss {
  override readonly name: LossName;
  override readonly fromLogits: boolean;
  override readonly targetKind: TargetKind;
  override readonly probabilityTargets: boolean;
  override readonly activation: Loss['activation'];

  constructor(name: LossName, options?: CrossentropyOptions) {
    super();
    checkOptions(options, ['fromLogits'], name);
    this.name = name;
    this.fromLogits = booleanOption(options?.fromLogits, false, `${name}: fromLogits`);
    const { targetKind, probabilityTargets, activation } = FACTS[name];
    this.targetKind = targetKind;
    this.probabilityTargets = probabilityTargets;
    this.activation = activation;
  }

  override emit({ builder, samples: _, logits, ...args }: LossEmission): void {
    const kind = LOSSES[logits && this.activation !== null ? (`${this.name}FromLogits` as keyof typeof LOSSES) : this.name];
    builder.call('loss', { ...args, kind });
  }
}

/** The class of built-in losses, as resolved losses show it. */
export const isKernelLoss = (loss: Loss): loss is KernelLoss => loss instanceof KernelLoss;

function make(name: LossName, options?: CrossentropyOptions): Loss {
  return new KernelLoss(name, options);
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
 * @param options of the loss that has the name
 * @throws {ArgumentError} for anything else, listing the known names
 * @throws {FormatError} when nothing is registered under a registered name
 */
export function resolveLoss(value: unknown, where = 'compile: loss', options?: CrossentropyOptions | OwnConfig): Loss {
  if (typeof value === 'string' && isLossName(value)) return make(ALIASES[value] ?? (value as LossName), options);
  if (isRegisteredName(value)) return registeredInstance(value, options ?? {}, 'loss', Loss);
  if (value instanceof Loss) return value;
  const names = LOSS_NAMES.map((name) => `'${name}'`);
  const isFunction = typeof value === 'function';
  const hint =
    isFunction && isLossName(value.name)
      ? `: call it, ${value.name}()`
      : isFunction && value.prototype instanceof Loss
        ? `: make one, new ${value.name}()`
        : isFunction
          ? ': a loss of your own is a class that extends ElementwiseLoss or BatchLoss'
          : suggest(value, LOSS_NAMES);
  throw new ArgumentError(
    `${where} must be one of ${names.join(', ')}, a loss that a function of this name returns or one of your own, got ${describe(value)}${hint}`,
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
