import { booleanOption } from '../core/options.ts';
import type { Shape } from '../core/shape.ts';
import { emitScaleAndShift } from './emitMore.ts';
import { type InitializerLike, resolveInitializer, type StartValues } from './initializers.ts';
import type { LayerConfig } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, ruleOptions, type WeightRule, WeightRules } from './weightRules.ts';

/** The options of the weights that scale and shift what a layer has normalized. */
export interface ScaleAndShiftOptions {
  /** Added to the variance, to avoid a division by 0. Default 0.001. */
  epsilon?: number;
  /** Whether beta is added. Default true. */
  center?: boolean;
  /** Whether the result is multiplied by gamma. Default true. */
  scale?: boolean;
  /** The initializer of gamma. Default 'ones'. */
  gammaInitializer?: InitializerLike;
  /** The initializer of beta. Default 'zeros'. */
  betaInitializer?: InitializerLike;
  /** A penalty on gamma, added to the loss. Default none. */
  gammaRegularizer?: RegularizerLike | null;
  /** A penalty on beta. Default none. */
  betaRegularizer?: RegularizerLike | null;
  /** A constraint on gamma, applied after each update. Default none. */
  gammaConstraint?: ConstraintLike | null;
  /** A constraint on beta, applied after each update. Default none. */
  betaConstraint?: ConstraintLike | null;
}

/** How the names of the options of each weight begin. */
const WEIGHTS = ['gamma', 'beta'] as const;

/** The names of the options. */
export const SCALE_AND_SHIFT = [
  'epsilon',
  'center',
  'scale',
  'gammaInitializer',
  'betaInitializer',
  ...WEIGHTS.flatMap((weight) => ruleOptions([weight])),
];

/** The weights gamma and beta of a layer. */
export class ScaleAndShift {
  readonly center: boolean;
  readonly scale: boolean;
  readonly #initializers: readonly StartValues[];
  readonly #rules: WeightRules;

  /** @throws {ArgumentError} for a value outside its range */
  constructor(options: ScaleAndShiftOptions | undefined, className: string) {
    this.center = booleanOption(options?.center, true, `${className}: center`);
    this.scale = booleanOption(options?.scale, true, `${className}: scale`);
    this.#initializers = [
      resolveInitializer(options?.gammaInitializer ?? 'ones', 1, `${className}: gammaInitializer`),
      resolveInitializer(options?.betaInitializer ?? 'zeros', 1, `${className}: betaInitializer`),
    ];
    this.#rules = new WeightRules(options, WEIGHTS, className);
  }

  /** Declares the weights, by a function that adds one to the layer. */
  declare(shape: Shape, addWeight: (name: string, shape: Shape, start: StartValues, rule: WeightRule) => void): void {
    for (const [index, name] of WEIGHTS.entries())
      if (name === 'gamma' ? this.scale : this.center)
        addWeight(name, shape, this.#initializers[index] as StartValues, this.#rules.of(name));
  }

  /** Emits rows along the last axis, times gamma, plus beta. */
  emit(scope: Scope, input: Value, weights: readonly Weight[]): Value {
    const [gamma, beta] = this.scale ? weights : [null, ...weights];
    return emitScaleAndShift(scope, input, gamma ?? null, beta ?? null);
  }

  getConfig(): LayerConfig {
    const { center, scale } = this;
    const [gamma, beta] = this.#initializers as [StartValues, StartValues];
    return { center, scale, gammaInitializer: gamma.saved, betaInitializer: beta.saved, ...this.#rules.getConfig() };
  }
}
