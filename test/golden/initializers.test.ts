import { beforeAll, describe, expect, test } from 'vitest';
import { setBackend } from '../../ts/backend/select.ts';
import { setRandomSeed } from '../../ts/core/seed.ts';
import { Dense } from '../../ts/layers/dense.ts';
import { GRU } from '../../ts/layers/gru.ts';
import { type InitializerCall, type InitializerName, resolveInitializer, type WholeStart } from '../../ts/layers/initializers.ts';
import { LSTM } from '../../ts/layers/lstm.ts';
import { SimpleRNN } from '../../ts/layers/simpleRNN.ts';
import { Sequential } from '../../ts/model/sequential.ts';
import { availableBackends } from '../support/backends.ts';
import { type TestArguments, unwritten } from '../support/kernelRuns.ts';
import { runKernel } from '../support/runKernel.ts';
import { type GoldenTensor, product, readGolden } from './goldenFiles.ts';

interface Summary {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly standardDeviation: number;
}

interface Statistics extends Summary {
  readonly initializer: InitializerName;
  /** What the shape is for. */
  readonly use: string;
  readonly shape: readonly number[];
}

interface Default {
  readonly layer: keyof typeof LAYERS;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly bias: GoldenTensor;
}

const LAYERS = {
  SimpleRNN: () => new SimpleRNN(3),
  LSTM: () => new LSTM(3),
  'LSTM without unitForgetBias': () => new LSTM(3, { unitForgetBias: false }),
  GRU: () => new GRU(3),
  'GRU reset before': () => new GRU(3, { resetAfter: false }),
  Dense: () => new Dense(3),
};

interface ForgetBias {
  readonly initializer: InitializerName;
  readonly units: number;
  readonly parts: readonly Summary[];
}

const { statistics, defaults, forgetBias } = readGolden<{ statistics: Statistics[]; defaults: Default[]; forgetBias: ForgetBias[] }>(
  'initializers',
);

/**
 * Fails unless two samples come from the same distribution.
 * @param sharp whether no number lies beyond the edges, and thousands close to them
 */
function expectDistribution(values: Float64Array, expected: Summary, sharp: boolean): void {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const standardDeviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
  // Five standard errors of the difference between two samples of this size.
  const error = 5 * expected.standardDeviation * Math.sqrt(2 / count);
  expect(Math.abs(mean - expected.mean), 'mean').toBeLessThan(error);
  expect(Math.abs(standardDeviation - expected.standardDeviation), 'standard deviation').toBeLessThan(error);
  if (!sharp) return;
  const range = expected.maximum - expected.minimum;
  expect(Math.abs(Math.max(...values) - expected.maximum) / range, 'maximum').toBeLessThan(0.01);
  expect(Math.abs(Math.min(...values) - expected.minimum) / range, 'minimum').toBeLessThan(0.01);
}

describe.each(await availableBackends())('initial weights on $label are distributed as Keras’', ({ backend }) => {
  beforeAll(() => setBackend(backend.name, { deterministic: backend.build !== 'relaxed-simd' }));

  test.each(statistics)('$initializer for $use', ({ initializer, shape, ...expected }) => {
    const count = product(shape);
    const { start } = resolveInitializer(initializer, 2, 'initializer') as WholeStart;
    const call = start(shape, { seed: [17, 23], subsequence: 5 }, 'weight') as InitializerCall;
    const args = { ...call.args, y: unwritten(count) } as TestArguments<typeof call.kernel>;
    const { y } = runKernel(backend, call.kernel, args);
    expectDistribution(y, expected, initializer !== 'randomNormal');
  });

  test.each(forgetBias)("LSTM's bias from $initializer has ones for the forget gate", ({ initializer, units, parts }) => {
    // A uniform distribution has sharp edges also among so few numbers.
    const sharp = initializer === 'uniform' || initializer === 'glorotUniform';
    setRandomSeed(17);
    using model = new Sequential([
      new LSTM(units, { biasInitializer: initializer, kernelInitializer: 'zeros', recurrentInitializer: 'zeros' }),
    ]);
    model.build([null, 4, 1]);
    const bias = Float64Array.from(model.getWeights()[2].data);
    const [first, forget, rest] = [bias.slice(0, units), bias.slice(units, 2 * units), bias.slice(2 * units)];
    expect(forget.every((value) => value === 1)).toBe(true);
    expectDistribution(first, parts[0], sharp);
    expectDistribution(rest, parts[2], sharp);
    // Each part has numbers of its own.
    const scale = parts[2].standardDeviation / parts[0].standardDeviation;
    expect(first.some((value, index) => Math.abs(value * scale - rest[index]) > parts[2].standardDeviation)).toBe(true);
  });

  test.each(defaults)('$layer starts with the shapes and the bias of Keras', ({ layer, shapes, bias }) => {
    using model = new Sequential([LAYERS[layer]()]);
    model.build(layer === 'Dense' ? [null, 5] : [null, 4, 5]);
    const weights = model.getWeights();
    expect(weights.map(({ shape }) => shape)).toEqual(Object.values(shapes));
    expect([...(weights.at(-1)?.data ?? [])]).toEqual(bias.data);
  });
});
