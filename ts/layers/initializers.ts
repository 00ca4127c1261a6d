import type { KernelArguments, KernelName } from '../backend/kernels.generated.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import {
  builtInInstance,
  isRegisteredName,
  type RegisteredName,
  registered,
  registeredFunctionName,
  registeredInstance,
  savedNameOf,
} from '../core/registerClass.ts';
import { layerSeed, type SeedWords } from '../core/seed.ts';
import type { Shape } from '../core/shape.ts';
import { refuseChoice, suggest } from '../core/suggestion.ts';
import type { TensorLike } from '../core/tensor.ts';
import { EMISSION } from './emissionPart.ts';
import type { LayerConfig } from './layerConfig.ts';

/** A kernel and its arguments without the output buffer. */
export type InitializerCall = {
  [K in 'randomUniform' | 'randomNormal' | 'orthogonal']: {
    kernel: K;
    args: Omit<KernelArguments<never, never>[K], 'y' | 'workspace'>;
  };
}['randomUniform' | 'randomNormal' | 'orthogonal'] & { kernel: KernelName };

/** The seed and the subsequence of random numbers: the same ones give the same numbers. */
export interface RandomPlace {
  readonly seed: SeedWords;
  readonly subsequence: number;
}

/**
 * Start values: one for all elements, an array of them, a function of a user's own that makes them,
 * or the kernel that draws them.
 */
export type Start = { readonly value: number } | { readonly values: TensorLike } | { readonly make: InitializerFunction } | InitializerCall;

/**
 * Makes the start values of a weight with this shape.
 * @param path the weight, for error messages: `dense/kernel`
 */
export type MakeStart = (shape: Shape, random: RandomPlace, path: string) => Start;

/** The number on which the variance depends: inputs, outputs or their mean, as in Keras. */
export type ScalingMode = 'fanIn' | 'fanOut' | 'fanAvg';

/** The distributions of a scaled variance, as in Keras. */
export type ScalingDistribution = 'truncatedNormal' | 'untruncatedNormal' | 'uniform';

/** Names of the initializers: https://keras.io/api/layers/initializers/ */
export const INITIALIZER_NAMES = [
  'zeros',
  'ones',
  'uniform',
  'randomUniform',
  'randomNormal',
  'truncatedNormal',
  'glorotUniform',
  'glorotNormal',
  'heUniform',
  'heNormal',
  'lecunUniform',
  'lecunNormal',
  'orthogonal',
  'identity',
] as const;

/** Names of the initializers. Their start values: startFunctions.ts. */
export type InitializerName = (typeof INITIALIZER_NAMES)[number];

const MATRICES: readonly string[] = ['orthogonal', 'identity'];

/**
 * How a weight gets its start values. Custom initializers extend `CustomInitializer`.
 * https://keras.io/api/layers/initializers/
 */
export abstract class Initializer {
  /**
   * With a seed, all weights of one shape get the same values, for any seed of the model. With null
   * the values depend on `setRandomSeed` and on the weight's position in the model.
   */
  readonly seed: number | null;

  /** @throws {ArgumentError} for a seed that is neither null nor an integer */
  constructor(seed?: number | null) {
    const { builtInName = new.target.name } = new.target as { readonly builtInName?: string };
    this.seed = layerSeed(seed, `${builtInName}: seed`);
  }

  /** Whether it makes matrices: a weight of one axis cannot have it. */
  get needsMatrix(): boolean {
    return false;
  }

  /** Makes start values. */
  abstract start(shape: Shape, random: RandomPlace, path: string): Start;

  /** The constructor's options as plain data. */
  abstract getConfig(): LayerConfig;
}

/**
 * A custom initializer: it makes the values of a weight, nested or one after another.
 * @param shape the sizes of the weight's axes
 * @param random draws a uniform number from 0 to 1; `setRandomSeed` makes them repeatable
 */
export type InitializerFunction = (shape: Shape, random: () => number) => TensorLike;

/** An initializer as plain data. */
export interface InitializerConfig {
  readonly className: string;
  readonly config: LayerConfig;
}

/**
 * An initializer: a name, an object, a custom function, the registered name of one, or a
 * configuration as files hold it.
 */
export type InitializerLike = InitializerName | Initializer | InitializerFunction | RegisteredName | InitializerConfig;

/** The start values of a weight: all from one initializer, or each part from one of its own. */
export type StartValues = WholeStart | { readonly parts: readonly StartPart[]; readonly saved: SavedInitializer };

/** An initializer in a configuration. */
export type SavedInitializer = LayerConfig[string];

/** The start values of a whole weight. */
export interface WholeStart {
  readonly start: MakeStart;
  /** The seed of its own; null for that of the model. */
  readonly seed: number | null;
  /** @throws {ArgumentError} when no registered name leads to it */
  readonly saved: SavedInitializer;
}

/** `length` values of a weight with one axis. They start as a weight of that length would. */
export interface StartPart {
  readonly length: number;
  readonly initializer: StartValues;
}

/** Ones. */
export const ones: StartValues = /* @__PURE__ */ named('ones');

type InitializerClass = new (config: LayerConfig) => Initializer;

/** The classes of Backtime of which there are objects, so that layers with them can be copied. */
const used = new Map<string, InitializerClass>();

/**
 * Finds the initializer that an option says for a weight with this number of axes.
 * @throws {ArgumentError} listing the known names; also for what makes matrices with a weight of
 *   one axis
 * @throws {FormatError} when nothing is registered under a registered name
 */
export function resolveInitializer(value: unknown, axes: 1 | 2, where: string): StartValues {
  const isOfMatrix = value instanceof Initializer ? value.needsMatrix : MATRICES.includes(value as string);
  if (isOfMatrix && axes < 2) {
    const what = typeof value === 'string' ? `'${value}'` : describe(value);
    throw new ArgumentError(`${where} cannot be ${what}, which makes matrices: this weight has one axis`);
  }
  if (value instanceof Initializer) return ofObject(value, where);
  if (INITIALIZER_NAMES.includes(value as InitializerName)) return named(value as InitializerName);
  if (isRegisteredName(value)) return resolveInitializer(registered(value, 'initializer'), axes, where);
  const isClass = typeof value === 'function' && value.prototype instanceof Initializer;
  if (typeof value === 'function' && !isClass) return ofFunction(value as InitializerFunction, where);
  const { className, config = {} } = (typeof value === 'object' ? (value ?? {}) : {}) as Partial<InitializerConfig>;
  if (typeof className === 'string') {
    const made = instanceOf(className, config);
    if (made) return resolveInitializer(made, axes, where);
  }
  const given = className ?? value;
  const names = INITIALIZER_NAMES;
  const expected = `one of ${names.join(', ')}, an object such as new HeNormal(), or a function`;
  refuseChoice(where, given, expected, isClass ? `: make one, new ${value.name}()` : suggest(given, names));
}

function named(name: InitializerName): WholeStart {
  return { start: (...place) => EMISSION.loaded.STARTS[name](...place), seed: null, saved: name };
}

function instanceOf(className: string, config: LayerConfig): Initializer | null {
  if (isRegisteredName(className)) return registeredInstance(className, config, 'initializer', Initializer as never);
  const found = used.get(className);
  return found ? new found(config) : builtInInstance(className, config, Initializer);
}

function ofObject(given: Initializer, where: string): StartValues {
  const made = given.constructor as InitializerClass & { readonly builtInName?: string };
  if (made.builtInName !== undefined) used.set(made.builtInName, made);
  return {
    start: (shape, random, path) => given.start(shape, random, path),
    seed: given.seed,
    get saved() {
      return { className: savedNameOf(given, where), config: given.getConfig() };
    },
  };
}

function ofFunction(given: InitializerFunction, where: string): StartValues {
  return {
    start: () => ({ make: given }),
    seed: null,
    get saved() {
      return registeredFunctionName(given, where, 'initializer');
    },
  };
}
