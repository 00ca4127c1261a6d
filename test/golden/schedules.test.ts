import { describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import '../../ts/formats/entry.ts';
import {
  Adam,
  ArgumentError,
  CosineDecay,
  CosineDecayRestarts,
  Dense,
  ExponentialDecay,
  FormatError,
  LearningRateSchedule,
  LearningRateScheduler,
  loadModel,
  Model,
  modelToBytes,
  PiecewiseConstantDecay,
  PolynomialDecay,
  registerClass,
  Sequential,
  SGD,
} from '../../ts/index.ts';
import { expectClose } from '../support/differences.ts';
import { flatWeights } from '../support/models.ts';
import { readGolden } from './goldenFiles.ts';

interface ScheduleCase {
  readonly name: string;
  readonly schedule: 'ExponentialDecay';
  readonly options: backtime.DecayOptions;
  readonly steps: readonly number[];
  readonly rates: readonly number[];
}

const { cases } = readGolden<{ cases: ScheduleCase[] }>('schedules');

// biome-ignore lint/performance/noDynamicNamespaceImportAccess: the golden file names the classes
const scheduleOf = ({ schedule, options }: ScheduleCase) => new backtime[schedule](options);
const x = [[1], [2], [3], [4]];
const y = [2, 4, 6, 7];

function modelOf(learningRate: backtime.LearningRate): Sequential {
  const model = new Sequential([new Dense(1, { kernelInitializer: 'ones', inputShape: [1] })]);
  model.compile({ optimizer: new SGD({ learningRate }), loss: 'mse' });
  return model;
}

const options = { batchSize: 1, shuffle: false, verbose: 0 as const };

describe('learning rate schedules', () => {
  test.each(cases)('$name: the rates are those of Keras', (golden) => {
    const schedule = scheduleOf(golden);
    const rates = golden.steps.map((step) => schedule.call(step));
    expectClose(rates, golden.rates, { relative: 1e-12 }, 'rates');
  });

  test.each(cases)('$name: files keep it, and training goes on with its rates', async (golden) => {
    const model = modelOf(scheduleOf(golden));
    await model.fit(x, y, { ...options, epochs: 2 });
    const loaded = await loadModel(await modelToBytes(model));
    const schedule = loaded.optimizer?.learningRate as LearningRateSchedule;
    expect(schedule.constructor).toBe(scheduleOf(golden).constructor);
    expect(schedule.getConfig()).toEqual(golden.options);
    for (const each of [model, loaded]) await each.fit(x, y, options);
    expect(flatWeights(loaded as Sequential)).toEqual(flatWeights(model));
  });

  test('are those of steps, in workers too, and of steps of several batches', async () => {
    const schedule = new ExponentialDecay({ initialLearningRate: 0.0625, decaySteps: 2, decayRate: 0.5 });
    const byFunction = modelOf((step) => 0.0625 * 0.5 ** (step / 2));
    const weights: Float64Array[] = [];
    await byFunction.fit(x, y, { ...options, epochs: 3 });
    for (const workers of [0, 1]) {
      const model = modelOf(schedule);
      await model.fit(x, y, { ...options, epochs: 3, workers });
      weights.push(flatWeights(model));
    }
    expect(weights).toEqual([flatWeights(byFunction), flatWeights(byFunction)]);
    const optimizer = new Adam({ learningRate: schedule, gradientAccumulationSteps: 4 });
    expect(optimizer.learningRateAt(optimizer.updatesAfter(11))).toBe(schedule.call(2));
  });

  test('of one’s own are found by registered names', async () => {
    class Halving extends LearningRateSchedule {
      call(step: number) {
        return 0.5 ** (step + 4);
      }
    }
    const model = modelOf(new Halving());
    model.build([null, 1]);
    expect(() => model.getState()).toThrow(/learningRate is of .* which has no registered name/);
    registerClass(Halving, { package: 'test', name: 'Halving' });
    const state = JSON.parse(JSON.stringify(model.getState()));
    expect(state.compile.optimizer.config.learningRate).toEqual({ className: 'test>Halving', config: {} });
    const loaded = await loadModel(await modelToBytes(model));
    expect(loaded.optimizer?.learningRateAt(1)).toBe(0.5 ** 5);
    state.compile.optimizer.config.learningRate = { className: 'Rising', config: {} };
    expect(() => Model.fromState(state)).toThrow(FormatError);
    await expect(model.fit(x, y, { ...options, callbacks: [new LearningRateScheduler(() => 0.1)] })).rejects.toThrow(
      /is a function of the step or a schedule/,
    );
  });

  test.each([
    [() => new ExponentialDecay(undefined as never), /ExponentialDecay takes an object of options: initialLearningRate/],
    [() => new ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 0, decayRate: 0.5 }), /decaySteps must be a number above 0, got 0/],
    [() => new ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 5 } as never), /decayRate must be a number/],
    [() => new PiecewiseConstantDecay({ boundaries: [1], values: [1] }), /one value more than boundaries/],
    [() => new PiecewiseConstantDecay({ boundaries: [2, 1], values: [1, 2, 3] }), /boundaries must be increasing/],
    [() => new PolynomialDecay({ initialLearningRate: 0.1, decaySteps: 5, cycle: 1 as never }), /cycle must be one of true, false/],
    [() => new CosineDecay({ initialLearningRate: -1, decaySteps: 5 }), /initialLearningRate must be a number of at least 0/],
    [
      () => new CosineDecay({ initialLearningRate: 1, warmupTarget: 2, warmupSteps: 3 } as never),
      /decaySteps \(the number of batches after warmupSteps; an epoch has Math\.ceil\(samples \/ batchSize\)\) must be a number above 0, got undefined/,
    ],
    [() => new CosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 5, tMul: 0.5 }), /tMul must be a number of at least 1/],
    [() => new CosineDecay({ initialLearningRate: 1, decaySteps: 5, warmup: 1 } as never), /unknown option 'warmup'/],
  ])('refuse wrong options: %#', (make: () => unknown, message) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });
});
