import { describe, test } from 'vitest';
import type { Backend } from '../../ts/backend/backend.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { runKernel } from '../support/runKernel.ts';
import { goldenTolerance } from '../support/tolerances.ts';
import { floatsOf, type GoldenTensor, readGolden } from './goldenFiles.ts';

interface OptimizerConfig {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly rho: number;
  readonly centered: boolean;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly clipnorm: number | null;
  readonly clipvalue: number | null;
  readonly globalClipnorm: number | null;
}

interface OptimizerCase {
  readonly name: string;
  readonly optimizer: 'SGD' | 'RMSprop' | 'Adam';
  /** Keras' full configuration: what an optimizer does not have is absent. */
  readonly config: OptimizerConfig;
  /** Two weights. */
  readonly parameters: readonly GoldenTensor[];
  /** Of each step, for each weight. */
  readonly gradients: readonly (readonly GoldenTensor[])[];
  /** The weights after each step. */
  readonly after: readonly (readonly GoldenTensor[])[];
}

const { cases } = readGolden<{ cases: OptimizerCase[] }>('optimizers');

describe.each(await availableBackends())('optimizers on $label move weights as Keras does', ({ backend }) => {
  test.each(cases)('$name', ({ optimizer, config, parameters, gradients, after }) => {
    const update = UPDATES[optimizer](backend, config);
    let values = joined(parameters);
    gradients.forEach((parts, step) => {
      values = update(values, clipped(backend, config, parts), step + 1);
      expectClose(values, joined(after[step]), goldenTolerance(backend), `parameters after step ${step + 1}`);
    });
  });
});

/**
 * The parameters `[P]` after a step, from those before it, the gradients and the number of the step
 * from 1.
 */
type Update = (parameters: Float64Array, gradients: Float64Array, step: number) => Float64Array;

const UPDATES: Record<OptimizerCase['optimizer'], (backend: Backend, config: OptimizerConfig) => Update> = {
  SGD(backend, { learningRate, momentum, nesterov }) {
    let velocity: Float64Array | null = null;
    return (parameters, gradients) => {
      if (momentum > 0) velocity ??= new Float64Array(parameters.length);
      const settings = Float64Array.of(learningRate);
      const args = { count: parameters.length, momentum, nesterov: nesterov ? 1 : 0, parameters, gradients, velocity, settings };
      const run = runKernel(backend, 'sgd', args);
      velocity = run.velocity ?? null;
      return run.parameters;
    };
  },

  RMSprop(backend, { learningRate, rho, momentum, centered, epsilon }) {
    let slots: { meanSquare: Float64Array; mean?: Float64Array | null; velocity?: Float64Array | null } | null = null;
    return (parameters, gradients) => {
      const count = parameters.length;
      const zeros = () => new Float64Array(count);
      slots ??= { meanSquare: zeros(), mean: centered ? zeros() : null, velocity: momentum > 0 ? zeros() : null };
      const settings = Float64Array.of(learningRate);
      const run = runKernel(backend, 'rmsProp', {
        count,
        oneMinusRho: 1 - rho,
        momentum,
        epsilon,
        parameters,
        gradients,
        ...slots,
        settings,
      });
      slots = { meanSquare: run.meanSquare, mean: run.mean, velocity: run.velocity };
      return run.parameters;
    };
  },

  Adam(backend, { learningRate, beta1, beta2, epsilon }) {
    let slots: { momentum: Float64Array; velocity: Float64Array } | null = null;
    return (parameters, gradients, step) => {
      const count = parameters.length;
      slots ??= { momentum: new Float64Array(count), velocity: new Float64Array(count) };
      const settings = Float64Array.of((learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step));
      const run = runKernel(backend, 'adam', {
        count,
        oneMinusBeta1: 1 - beta1,
        oneMinusBeta2: 1 - beta2,
        epsilon,
        parameters,
        gradients,
        ...slots,
        settings,
      });
      slots = { momentum: run.momentum, velocity: run.velocity };
      return run.parameters;
    };
  },
};

/** One flat gradient, clipped weight by weight or as a whole. */
function clipped(backend: Backend, config: OptimizerConfig, parts: readonly GoldenTensor[]): Float64Array {
  const byNorm = (gradients: Float64Array, limit: number) =>
    runKernel(backend, 'clipByNorm', { count: gradients.length, limit, gradients, norm: Float64Array.of(Number.NaN) }).gradients;
  if (config.clipnorm) return concatenated(parts.map((part) => byNorm(floatsOf(part), config.clipnorm as number)));
  const gradients = joined(parts);
  if (config.globalClipnorm) return byNorm(gradients, config.globalClipnorm);
  if (config.clipvalue) return runKernel(backend, 'clipByValue', { count: gradients.length, limit: config.clipvalue, gradients }).gradients;
  return gradients;
}

function joined(parts: readonly GoldenTensor[]): Float64Array {
  return concatenated(parts.map(floatsOf));
}

function concatenated(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}
