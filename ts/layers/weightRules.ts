import { refuseChoice, suggest } from '../core/suggestion.ts';
import { Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm } from './constraints.ts';
import type { LayerConfig } from './layerConfig.ts';
import { L1, L1L2, type L1L2Options, L2 } from './regularizers.ts';

/** A regularizer, its name for its defaults, or its configuration as files hold it. */
export type RegularizerLike = L1L2 | 'l1' | 'l2' | 'l1l2' | RuleConfig;

/** A constraint, its name for its defaults, or its configuration as files hold it. */
export type ConstraintLike = Constraint | 'maxNorm' | 'minMaxNorm' | 'nonNeg' | 'unitNorm' | RuleConfig;

/** A regularizer or a constraint as plain data. */
export interface RuleConfig {
  readonly className: string;
  readonly config: LayerConfig;
}

/** The penalty and the constraint of a weight. */
export interface WeightRule {
  /** The penalty that is added to the loss; null for none. */
  readonly regularizer: L1L2 | null;
  /** The constraint after each update; null for none. */
  readonly constraint: Constraint | null;
}

/** The options of a weight. */
export interface WeightOptions extends Partial<WeightRule> {
  /**
   * False for weights that a forward call writes, such as moving averages. Default true.
   */
  readonly trainable?: boolean;
}

type ClassOf<T> = new (...options: never[]) => T;

/** Classes of rules. Each makes one of its configuration; an empty one gives the defaults. */
type RuleClasses<T> = Readonly<Record<string, { fromConfig(config: LayerConfig): T }>>;

const REGULARIZERS: RuleClasses<L1L2> = { L1, L2, L1L2 };

const CONSTRAINTS: RuleClasses<Constraint> = { MaxNorm, MinMaxNorm, NonNeg, UnitNorm };

/**
 * Makes the regularizer that an option says; null for null and undefined.
 * @param where the option, for error messages: `Dense: kernelRegularizer`
 * @throws {ArgumentError} for anything that is none
 */
export function resolveRegularizer(value: unknown, where: string): L1L2 | null {
  return resolve(value, REGULARIZERS, L1L2, where);
}

/**
 * Makes the constraint that an option says; null for null and undefined.
 * @param where the option, for error messages: `Dense: kernelConstraint`
 * @throws {ArgumentError} for anything that is none
 */
export function resolveConstraint(value: unknown, where: string): Constraint | null {
  return resolve(value, CONSTRAINTS, Constraint as unknown as ClassOf<Constraint>, where);
}

function resolve<T>(value: unknown, classes: RuleClasses<T>, base: ClassOf<T>, where: string): T | null {
  if (value === undefined || value === null) return null;
  if (value instanceof base) return value as T;
  const names = Object.keys(classes);
  if (typeof value === 'string') {
    const found = names.find((name) => name.toLowerCase() === value.toLowerCase());
    if (found !== undefined) return classes[found]?.fromConfig({}) as T;
  }
  const { className, config } = (typeof value === 'object' ? value : {}) as Partial<RuleConfig>;
  if (typeof className === 'string' && Object.hasOwn(classes, className)) return classes[className]?.fromConfig(config ?? {}) as T;
  const isClass = typeof value === 'function' && value.prototype instanceof base;
  const given = className ?? value;
  const hint = isClass ? `: make one, new ${value.name}()` : factorsHint(value) || suggest(given, names.map(nameOf));
  const expected = `one of ${names.map((name) => `'${nameOf(name)}'`).join(', ')}, an object of these classes, or null`;
  refuseChoice(where, given, expected, hint);
}

/** The remedy for the factors of a regularizer alone, `{ l2: 0.1 }`; empty for anything else. */
function factorsHint(value: unknown): string {
  const { l1, l2 } = (typeof value === 'object' ? value : {}) as L1L2Options;
  if (typeof l1 === 'number' && typeof l2 === 'number') return `: write new L1L2({ l1: ${l1}, l2: ${l2} })`;
  if (typeof l1 === 'number') return `: write new L1(${l1})`;
  return typeof l2 === 'number' ? `: write new L2(${l2})` : '';
}

/** `maxNorm` for the class MaxNorm, `l1l2` for L1L2. */
const nameOf = (className: string): string =>
  /\d/.test(className) ? className.toLowerCase() : className.charAt(0).toLowerCase() + className.slice(1);

/** A regularizer or a constraint as plain data. */
export function ruleConfig(rule: L1L2 | Constraint): { className: string; config: LayerConfig } {
  return { className: rule.className, config: rule.getConfig() };
}

/**
 * The options of weights' rules, such as `kernelRegularizer` and `kernelConstraint` for `kernel`.
 */
export const ruleOptions = (weights: readonly string[]): string[] =>
  weights.flatMap((weight) => [`${weight}Regularizer`, `${weight}Constraint`]);

/** The rules of a layer's weights, as its options say. */
export class WeightRules {
  readonly #rules: ReadonlyMap<string, WeightRule>;

  /**
   * @param options the layer's options
   * @param weights how the names of the options of each weight begin
   * @throws {ArgumentError} for an option that says no rule
   */
  constructor(options: object | undefined, weights: readonly string[], className: string) {
    const given = (options ?? {}) as Record<string, unknown>;
    this.#rules = new Map(
      weights.map((weight) => [
        weight,
        {
          regularizer: resolveRegularizer(given[`${weight}Regularizer`], `${className}: ${weight}Regularizer`),
          constraint: resolveConstraint(given[`${weight}Constraint`], `${className}: ${weight}Constraint`),
        },
      ]),
    );
  }

  /** The rules of a weight. */
  of(weight: string): WeightRule {
    return this.#rules.get(weight) as WeightRule;
  }

  /** The options that say these rules, as plain data. Those of no rule are left out. */
  getConfig(): LayerConfig {
    const config: Record<string, { className: string; config: LayerConfig }> = {};
    for (const [weight, { regularizer, constraint }] of this.#rules) {
      if (regularizer) config[`${weight}Regularizer`] = ruleConfig(regularizer);
      if (constraint) config[`${weight}Constraint`] = ruleConfig(constraint);
    }
    return config;
  }
}
