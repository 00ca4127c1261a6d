import { beforeEach, describe, expect, test } from 'vitest';
import {
  Adadelta,
  Adagrad,
  Adam,
  AdamW,
  ArgumentError,
  Bidirectional,
  Dense,
  Ftrl,
  GRU,
  Input,
  Lion,
  Model,
  Nadam,
  registerClass,
  Sequential,
  SGD,
  type SymbolicTensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

test.each([
  [() => new SGD({ weightDecay: -1 }), /SGD: weightDecay must be a number of at least 0, got -1/],
  [() => new SGD({ excludeFromWeightDecay: 'bias' as never }), /excludeFromWeightDecay must be an array of strings, got 'bias'/],
  [() => new SGD({ useEma: 1 as never }), /useEma must be one of true, false/],
  [() => new SGD({ useEma: true, emaMomentum: 1.5 }), /emaMomentum must be a number from 0 to 1/],
  [() => new SGD({ emaOverwriteFrequency: 0 }), /emaOverwriteFrequency must be an integer of at least 1/],
  [() => new SGD({ gradientAccumulationSteps: 0.5 }), /gradientAccumulationSteps must be an integer of at least 1/],
  [() => new AdamW({ amsgrad: 'yes' as never }), /AdamW: amsgrad must be one of true, false/],
  [() => new Nadam({ amsgrad: true } as never), /Nadam: unknown option 'amsgrad'/],
  [() => new Adam({ amsgrad: 1 as never }), /Adam: amsgrad must be one of true, false/],
  [() => new Nadam({ beta1: 1 }), /Nadam: beta1 must be a number of at least 0 and below 1/],
  [() => new Adagrad({ initialAccumulatorValue: -1 }), /initialAccumulatorValue/],
  [() => new Adadelta({ rho: 2 }), /rho must be a number from 0 to 1/],
  [() => new Lion({ beta2: -1 }), /beta2 must be a number from 0 to 1/],
  [() => new Ftrl({ learningRatePower: 1 }), /Ftrl: learningRatePower must be a number of at most 0, got 1/],
  [() => new Ftrl({ l1RegularizationStrength: -1 }), /Ftrl: l1RegularizationStrength must be a number/],
])('wrong options are refused: %#', (make: () => unknown, message) => {
  expect(make).toThrow(ArgumentError);
  expect(make).toThrow(message);
});

test('an optimizer of a class of one’s own is saved under its registered name', () => {
  const model = new Sequential([new Dense(1, { inputShape: [1] })]);
  class Own extends Nadam {}
  model.compile({ optimizer: new Own(), loss: 'mse' });
  model.build([null, 1]);
  expect(() => model.getState()).toThrow(/has no registered name/);
  registerClass(Own, { name: 'Own' });
  expect(model.getState().compile?.optimizer.className).toBe('Custom>Own');
});

describe.each(await availableBackends())('Ftrl on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each([-0.75, -0.5, 0])('a sum of squares of 0, to the power %d, makes weights 0 and not NaN', async (learningRatePower) => {
    const model = new Sequential([new Dense(2, { inputShape: [1] })]);
    model.compile({ optimizer: new Ftrl({ learningRatePower, initialAccumulatorValue: 0 }), loss: 'mse' });
    const zero = { shape: [1, 1], data: Float64Array.of(0) };
    await model.fit(zero, await model.predict(zero), { verbose: 0 });
    for (const { data } of model.getWeights()) expect([...data].map(Math.abs)).toEqual([0, 0]);
  });
});

describe.each(await availableBackends())('gradientAccumulationSteps on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each([
    ['whole sequences', undefined],
    ['windows', 100],
  ])('two batches are as one of both: %s', async (_, truncate) => {
    const [x, y] = [tensor([4, 600, 1], new RandomArrays(8)), tensor([4, 600, 2], new RandomArrays(9))];
    const weights: Float64Array[] = [];
    for (const [batchSize, steps] of [
      [4, 1],
      [2, 2],
    ] as const) {
      const rate: number[] = [];
      const learningRate = (step: number) => {
        rate.push(step);
        return 0.125;
      };
      const optimizer = new SGD({ learningRate, momentum: 0.5, gradientAccumulationSteps: steps });
      const model = builtModel([new GRU(2, { returnSequences: true, ...(truncate ? { truncate } : {}) })], [600, 1], new RandomArrays(7));
      model.compile({ optimizer, loss: 'mse' });
      await model.fit(x, y, { batchSize, epochs: 3, shuffle: false, verbose: 0 });
      weights.push(flatWeights(model));
      expect(Math.max(...rate)).toBe(2);
    }
    expectClose(weights[1] as Float64Array, weights[0] as Float64Array, { relative: backend.floatBytes === 8 ? 1e-12 : 5e-6 }, 'weights');
  });
});

describe.each(await availableBackends())('weights without a gradient on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  // Keras leaves out variables without a gradient, with a warning.
  test.each([
    ['a decay', { weightDecay: 0.1 }, {}, false],
    ['a constraint', {}, { kernelConstraint: 'unitNorm' as const }, false],
    [
      'a constraint beside a penalty, which has a gradient',
      {},
      { kernelConstraint: 'unitNorm' as const, kernelRegularizer: 'l2' as const },
      true,
    ],
  ])('leaves weights alone that no gradient reaches: %s', async (_name, options, rules, isKernelMoved) => {
    const input = Input({ shape: [5, 3] });
    const both = new Bidirectional(new GRU(2, rules), { mergeMode: null });
    const [, backward] = both.apply(input) as unknown as SymbolicTensor[];
    const model = new Model({ inputs: input, outputs: backward as SymbolicTensor });
    model.compile({ optimizer: new SGD({ learningRate: 0.1, ...options }), loss: 'meanSquaredError' });
    const x = tensor([4, 5, 3], new RandomArrays(5));
    const y = tensor([4, 2], new RandomArrays(6));
    const before = model.getWeights();
    await model.trainOnBatch(x, y);
    const after = model.getWeights();
    const moved = after.map(({ data }, index) => data.some((value, place) => value !== before[index]?.data[place]));
    expect(moved).toEqual([isKernelMoved, false, false, true, true, true]);
  });
});
