import type { KernelArguments, KernelName } from '../backend/kernels.generated.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import type { SeedWords } from '../core/seed.ts';
import { type Shape, sizeOf } from '../core/shape.ts';

/** Names of the initializers: https://keras.io/api/layers/initializers/ */
export type InitializerName = 'zeros' | 'ones' | 'uniform' | 'randomNormal' | 'glorotUniform' | 'glorotNormal' | 'orthogonal';

/**
 * How a weight gets its start values: from a constant, from one kernel, or in parts, each with an
 * initializer of its own.
 */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number; readonly name: string }
  | { readonly kind: 'kernel'; readonly name: InitializerName }
  | { readonly kind: 'parts'; readonly parts: readonly InitializerPart[]; readonly name: string };

/** `length` values of a weight with one axis. They start as a weight of that length would. */
export interface InitializerPart {
  readonly length: number;
  readonly initializer: Initializer;
}

/** A kernel and its arguments without the output buffer. */
export type InitializerCall = {
  [K in 'randomUniform' | 'randomNormal' | 'orthogonal']: {
    kernel: K;
    args: Omit<KernelArguments<never, never>[K], 'y' | 'workspace'>;
  };
}['randomUniform' | 'randomNormal' | 'orthogonal'] & { kernel: KernelName };

export const ones: Initializer = { kind: 'constant', value: 1, name: 'ones' };

const CONSTANTS: Record<string, Initializer> = { zeros: { kind: 'constant', value: 0, name: 'zeros' }, ones };
const KERNELS: readonly string[] = ['uniform', 'randomNormal', 'glorotUniform', 'glorotNormal', 'orthogonal'];

/**
 * Finds the initializer with this name for a weight with this number of axes.
 * @throws {ArgumentError} listing the known names; also for 'orthogonal' with a weight of one axis
 */
export function initializer(name: unknown, axes: 1 | 2, where: string): Initializer {
  if (name === 'orthogonal' && axes < 2) {
    throw new ArgumentError(`${where} cannot be 'orthogonal', which makes matrices: this weight has one axis`);
  }
  if (typeof name === 'string' && Object.hasOwn(CONSTANTS, name)) return CONSTANTS[name];
  if (typeof name === 'string' && KERNELS.includes(name)) return { kind: 'kernel', name: name as InitializerName };
  throw new ArgumentError(`${where} must be one of ${[...Object.keys(CONSTANTS), ...KERNELS].join(', ')}, got ${describe(name)}`);
}

/**
 * The arguments of the kernel that fills a weight. The fans are those of Keras, the rows and
 * columns of the fused matrix: the limit of an LSTM kernel `[D, 4H]` is sqrt(6 / (D + 4H)). Those
 * of a convolution `[taps, D, F]` are `taps * D` and `taps * F`.
 */
export function initializerCall(name: InitializerName, shape: Shape, seed: SeedWords, stream: number): InitializerCall {
  const columns = shape[shape.length - 1] ?? 1;
  const rows = shape.length < 2 ? columns : sizeOf(shape.slice(0, -1));
  const fans = rows + columns * sizeOf(shape.slice(0, -2));
  const random = { seedLow: seed[0], seedHigh: seed[1], stream };
  const count = sizeOf(shape);
  switch (name) {
    case 'uniform':
      return { kernel: 'randomUniform', args: { count, low: -0.05, high: 0.05, ...random } };
    case 'randomNormal':
      return { kernel: 'randomNormal', args: { count, mean: 0, standardDeviation: 0.05, truncated: 0, ...random } };
    case 'glorotUniform': {
      const limit = Math.sqrt(6 / fans);
      return { kernel: 'randomUniform', args: { count, low: -limit, high: limit, ...random } };
    }
    case 'glorotNormal': {
      // Truncated at two standard deviations, a normal distribution has .8796 of its standard
      // deviation (Keras' VarianceScaling).
      const standardDeviation = Math.sqrt(2 / fans) / 0.87962566103423978;
      return { kernel: 'randomNormal', args: { count, mean: 0, standardDeviation, truncated: 1, ...random } };
    }
    case 'orthogonal':
      return { kernel: 'orthogonal', args: { rows, columns, gain: 1, ...random } };
    default:
      throw new ArgumentError(`initializer '${name}' is a constant and needs no kernel`);
  }
}
