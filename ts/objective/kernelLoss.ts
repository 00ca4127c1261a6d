import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, checkOptions, numberInRange } from '../core/options.ts';
import { LOSS_EMISSION } from './emissionPart.ts';
import { Loss, type LossEmission, type OwnConfig, type TargetKind } from './loss.ts';

/** Options of the cross-entropies. */
export interface CrossentropyOptions {
  /**
   * Whether the model's outputs are scores before the sigmoid or softmax. Default false: they are
   * probabilities.
   */
  fromLogits?: boolean;
}

/** Options of the cross-entropies whose targets are probabilities. */
export interface SmoothedCrossentropyOptions extends CrossentropyOptions {
  /**
   * The fraction of each target that is distributed over all classes, at least 0 and below 1: with
   * 0.2 a target of 1 out of two becomes 0.9, and the other 0.1. Default 0.
   */
  labelSmoothing?: number;
}

/** Options of the cross-entropy whose targets are class indices. */
export interface SparseCrossentropyOptions extends CrossentropyOptions {
  /**
   * A label whose rows do not count, such as -1 or the class of padding. They count in no metric of
   * the output either; Keras's accuracy counts them as wrong. Default: all rows count.
   */
  ignoreClass?: number;
}

/** The names of the losses that the kernels compute. */
export type KernelLossName =
  | 'meanSquaredError'
  | 'meanAbsoluteError'
  | 'binaryCrossentropy'
  | 'categoricalCrossentropy'
  | 'sparseCategoricalCrossentropy';

type LossFacts = Pick<Loss, 'targetKind' | 'probabilityTargets' | 'activation'>;

/** The properties of the kernels' losses, by name. */
export const KERNEL_LOSSES: Readonly<Record<KernelLossName, LossFacts>> = {
  meanSquaredError: { targetKind: 'floats', probabilityTargets: false, activation: null },
  meanAbsoluteError: { targetKind: 'floats', probabilityTargets: false, activation: null },
  binaryCrossentropy: { targetKind: 'floats', probabilityTargets: true, activation: 'sigmoid' },
  categoricalCrossentropy: { targetKind: 'floats', probabilityTargets: true, activation: 'softmax' },
  sparseCategoricalCrossentropy: { targetKind: 'labels', probabilityTargets: false, activation: 'softmax' },
};

/** A loss that the kernels compute. */
export class KernelLoss extends Loss {
  override readonly name: KernelLossName;
  override readonly fromLogits: boolean;
  override readonly targetKind: TargetKind;
  override readonly probabilityTargets: boolean;
  override readonly activation: Loss['activation'];
  override readonly ignoreClass: number | null;
  override readonly comparesClasses: boolean;
  readonly #smoothing: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(name: KernelLossName, options?: SmoothedCrossentropyOptions & SparseCrossentropyOptions) {
    super();
    const { targetKind, probabilityTargets, activation } = KERNEL_LOSSES[name];
    const own = targetKind === 'labels' ? ['ignoreClass'] : probabilityTargets ? ['labelSmoothing'] : [];
    checkOptions(options, ['fromLogits', ...own], name);
    this.name = name;
    this.fromLogits = booleanOption(options?.fromLogits, false, `${name}: fromLogits`);
    this.targetKind = targetKind;
    this.probabilityTargets = probabilityTargets;
    this.activation = activation;
    this.comparesClasses = activation === 'softmax';
    this.#smoothing = numberInRange(options?.labelSmoothing ?? 0, 0, 1, `${name}: labelSmoothing`);
    this.ignoreClass = options?.ignoreClass ?? null;
    if (this.ignoreClass !== null && !Number.isInteger(this.ignoreClass))
      throw new ArgumentError(`${name}: ignoreClass must be an integer, got ${describe(options?.ignoreClass)}`);
  }

  override emit(emission: LossEmission): void {
    LOSS_EMISSION.loaded.emitKernelLoss(emission, this, this.#smoothing);
  }

  override getConfig(): OwnConfig {
    const { fromLogits, ignoreClass } = this;
    return {
      fromLogits,
      ...(this.#smoothing === 0 ? {} : { labelSmoothing: this.#smoothing }),
      ...(ignoreClass === null ? {} : { ignoreClass }),
    };
  }
}

/** `mean((prediction - target)²)`. */
export function meanSquaredError(): Loss {
  return new KernelLoss('meanSquaredError');
}

/** `mean(|prediction - target|)`. */
export function meanAbsoluteError(): Loss {
  return new KernelLoss('meanAbsoluteError');
}

/**
 * `-t log p - (1-t) log(1-p)`, for outputs that are probabilities of class 1; targets are between 0
 * and 1.
 * @throws {ArgumentError} for an unknown option or a value outside its range
 */
export function binaryCrossentropy(options?: SmoothedCrossentropyOptions): Loss {
  return new KernelLoss('binaryCrossentropy', options);
}

/**
 * `-Σ t log p` over the classes of the last axis; targets have the shape of the output (see
 * `toCategorical`).
 * @throws {ArgumentError} for an unknown option or a value outside its range
 */
export function categoricalCrossentropy(options?: SmoothedCrossentropyOptions): Loss {
  return new KernelLoss('categoricalCrossentropy', options);
}

/**
 * `-log p[label]`; targets are class indices, without the class axis.
 * @throws {ArgumentError} for an unknown option or a value outside its range
 */
export function sparseCategoricalCrossentropy(options?: SparseCrossentropyOptions): Loss {
  return new KernelLoss('sparseCategoricalCrossentropy', options);
}
