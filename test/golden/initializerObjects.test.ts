import { beforeAll, describe, expect, test } from 'vitest';
import { Dense, Sequential } from '../../ts/index.ts';
import * as initializerClasses from '../../ts/layers/initializerClasses.ts';
import { type InitializerCall, resolveInitializer, type Start, type WholeStart } from '../../ts/layers/initializers.ts';
import { availableBackends } from '../support/backends.ts';
import { type TestArguments, unwritten } from '../support/kernelRuns.ts';
import { selectBackend } from '../support/modelBackends.ts';
import { runKernel } from '../support/runKernel.ts';
import { type GoldenTensor, product, readGolden } from './goldenFiles.ts';

interface Drawn {
  readonly initializer: 'VarianceScaling';
  readonly arguments: Readonly<Record<string, never>>;
  readonly use: string;
  readonly shape: readonly number[];
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly standardDeviation: number;
}

interface Fixed {
  readonly initializer: 'Identity';
  readonly arguments: Readonly<Record<string, never>>;
  readonly values: GoldenTensor;
}

interface Gram {
  readonly gain: number;
  readonly shape: readonly number[];
  readonly gram: GoldenTensor;
}

const { drawn, fixed, orthogonal } = readGolden<{ drawn: Drawn[]; fixed: Fixed[]; orthogonal: Gram[] }>('initializerObjects');

const CLASSES = { ...initializerClasses };

/** What an initializer makes of a shape, before any kernel runs. */
function startOf(value: unknown, shape: readonly number[]): Start {
  return (resolveInitializer(value, 2, 'initializer') as WholeStart).start(shape, { seed: [17, 23], subsequence: 5 }, 'weight');
}

describe.each(await availableBackends())('initializers with arguments on $label are those of Keras', ({ backend }) => {
  beforeAll(() => selectBackend(backend));

  const valuesOf = (value: unknown, shape: readonly number[]) => {
    const call = startOf(value, shape) as InitializerCall;
    const args = { ...call.args, y: unwritten(product(shape)) } as TestArguments<typeof call.kernel>;
    return runKernel(backend, call.kernel, args).y;
  };

  test.each(drawn)('$initializer $arguments for a $use', ({ initializer, arguments: given, shape, use: _use, ...expected }) => {
    const values = valuesOf(new CLASSES[initializer](given), shape);
    const count = values.length;
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const standardDeviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
    // Five standard errors of the difference between two samples of this size.
    const error = 5 * expected.standardDeviation * Math.sqrt(2 / count);
    expect(Math.abs(mean - expected.mean), 'mean').toBeLessThan(error);
    expect(Math.abs(standardDeviation - expected.standardDeviation), 'standard deviation').toBeLessThan(error);
    const range = (expected.maximum - expected.minimum) / expected.standardDeviation;
    // A normal distribution that is not truncated reaches beyond three standard deviations.
    if (range > 5) expect((Math.max(...values) - Math.min(...values)) / standardDeviation).toBeGreaterThan(5);
    else {
      expect(Math.abs(Math.max(...values) - expected.maximum) / expected.standardDeviation, 'maximum').toBeLessThan(0.06);
      expect(Math.abs(Math.min(...values) - expected.minimum) / expected.standardDeviation, 'minimum').toBeLessThan(0.06);
    }
  });

  test.each(orthogonal)('Orthogonal with gain $gain for shape $shape', ({ gain, shape, gram }) => {
    const values = valuesOf(new initializerClasses.Orthogonal({ gain }), shape);
    const [size = 0] = gram.shape;
    const columns = shape.at(-1) as number;
    const rows = product(shape) / columns;
    const at = (row: number, column: number) => values[row * columns + column] as number;
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        let sum = 0;
        for (let k = 0; k < Math.max(rows, columns); k++) sum += rows >= columns ? at(k, i) * at(k, j) : at(i, k) * at(j, k);
        expect(sum).toBeCloseTo(gram.data[i * size + j] as number, 4);
      }
  });

  test.each(fixed)('$initializer $arguments', ({ initializer, arguments: given, values }) => {
    const made = startOf(new CLASSES[initializer](given), values.shape);
    const data = 'value' in made ? new Array(product(values.shape)).fill(made.value) : (made as { values: Float64Array }).values;
    const golden = Array.from(values.data);
    for (const [place, value] of Array.from(data as ArrayLike<number>).entries()) expect(value).toBeCloseTo(golden[place] as number, 6);
    expect(data.length).toBe(golden.length);
  });

  test('a model gets the values of Identity', () => {
    using model = new Sequential([
      new Dense(3, { kernelInitializer: new initializerClasses.Identity({ gain: 2 }), biasInitializer: 'ones' }),
    ]);
    model.build([null, 2]);
    expect(model.getWeights().map(({ data }) => [...data])).toEqual([
      [2, 0, 0, 0, 2, 0],
      [1, 1, 1],
    ]);
  });
});

test('names are those of the classes with their defaults', () => {
  for (const [name, className] of [
    ['heNormal', 'HeNormal'],
    ['heUniform', 'HeUniform'],
    ['lecunNormal', 'LecunNormal'],
    ['lecunUniform', 'LecunUniform'],
    ['glorotNormal', 'GlorotNormal'],
    ['glorotUniform', 'GlorotUniform'],
    ['randomUniform', 'RandomUniform'],
    ['uniform', 'RandomUniform'],
    ['randomNormal', 'RandomNormal'],
    ['truncatedNormal', 'TruncatedNormal'],
    ['orthogonal', 'Orthogonal'],
    ['identity', 'Identity'],
    ['zeros', 'Zeros'],
    ['ones', 'Ones'],
  ] as const)
    expect(startOf(name, [3, 5]), name).toEqual(startOf(new CLASSES[className](), [3, 5]));
});
