import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { noLogs } from '../../ts/callbacks/callback.ts';
import {
  LearningRateScheduler,
  type Logs,
  type Model,
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
  SGD,
  setWarningHandler,
  TerminateOnNaN,
  type TrainingPlan,
} from '../../ts/index.ts';
import { readGolden } from './goldenFiles.ts';

interface PlateauCase {
  readonly options: ReduceLROnPlateauOptions;
  readonly rate: number;
  /** The monitored numbers of the epochs; null where there is none. */
  readonly values: readonly (number | 'NaN' | null)[];
  /** The learning rate in the numbers of each epoch, and that after it. */
  readonly logged: readonly number[];
  readonly rates: readonly number[];
  readonly best: number | null;
}

interface ScheduleCase {
  readonly kind: 'decay' | 'steps';
  readonly rate: number;
  readonly initialEpoch: number;
  readonly epochs: number;
  readonly rates: readonly number[];
}

const { plateaus, schedules, terminations } = readGolden<{
  plateaus: PlateauCase[];
  schedules: ScheduleCase[];
  terminations: { losses: readonly (number | 'NaN' | 'Infinity')[]; stopped: readonly boolean[] }[];
}>('plateaus');

const SCHEDULES = {
  decay: (epoch: number, rate: number) => (epoch > 1 ? rate * 0.5 : rate),
  steps: (epoch: number) => 1 / (epoch + 1),
};

beforeEach(() => setWarningHandler(() => {}));
afterEach(() => setWarningHandler(null));

/** A model as far as these callbacks see it. */
const modelWith = (learningRate: number) =>
  ({ name: 'model', stopTraining: false, optimizer: new SGD({ learningRate }) }) as unknown as Model;

const PLAN: TrainingPlan = { epochs: 20, initialEpoch: 0, steps: 1, samples: 1, batchSize: 1, validationFreq: 1 };

test.each(plateaus)('ReduceLROnPlateau with $options of $values does what Keras’s does', ({ options, rate, values, ...golden }) => {
  const model = modelWith(rate);
  const callback = new ReduceLROnPlateau(options);
  callback.onTrainBegin(PLAN, model);
  const [logged, rates]: number[][] = [[], []];
  for (const [epoch, value] of values.entries()) {
    const logs: Logs = { ...noLogs(), ...(value !== null && { [callback.monitor]: Number(value) }) };
    callback.onEpochEnd(epoch, logs, model);
    logged.push(logs.learningRate as number);
    rates.push(model.optimizer.learningRate as number);
  }
  expect({ logged, rates, best: Number.isNaN(callback.best) ? null : callback.best }).toEqual(golden);
});

test.each(schedules)('LearningRateScheduler $kind from epoch $initialEpoch does what Keras’s does', (golden) => {
  const model = modelWith(golden.rate);
  const callback = new LearningRateScheduler(SCHEDULES[golden.kind]);
  const rates: number[] = [];
  for (let epoch = golden.initialEpoch; epoch < golden.epochs; epoch++) {
    callback.onEpochBegin(epoch, model);
    const logs = noLogs();
    callback.onEpochEnd(epoch, logs, model);
    rates.push(logs.learningRate as number);
  }
  for (const [index, rate] of golden.rates.entries()) expect(rates[index]).toBeCloseTo(rate, 7);
  expect(rates).toHaveLength(golden.rates.length);
});

test.each(terminations)('TerminateOnNaN after $losses does what Keras’s does', ({ losses, stopped }) => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const model = modelWith(0.1);
  const callback = new TerminateOnNaN();
  const after = losses.map((loss, batch) => {
    callback.onTrainBatchEnd(batch, { loss: Number(loss) }, model);
    return model.stopTraining;
  });
  vi.restoreAllMocks();
  expect(after).toEqual(stopped);
});
