import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { noLogs } from '../../ts/callbacks/callback.ts';
import {
  ArgumentError,
  type Callback,
  Dense,
  EarlyStopping,
  type EarlyStoppingOptions,
  type FitOptions,
  type Sequential,
  SGD,
  setWarningHandler,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, flatWeights } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { caught, expectError, expectRefused } from '../support/refusals.ts';

/**
 * One weight that trains from 0 to 2; the validation is best where it is 1, in the middle of the
 * run.
 */
const x = Array.from({ length: 8 }, (_, row) => [row % 2 === 0 ? 1 : -1]);
const y = x.map(([value = 0]) => [2 * value]);
const validationData = [x, x] as const;

function lineModel(): Sequential {
  const model = builtModel([new Dense(1, { useBias: false })], [1], new RandomArrays(1));
  model.setWeights([[[0]]]);
  model.compile({ optimizer: new SGD({ learningRate: 0.02 }), loss: 'mse', metrics: ['mae'] });
  return model;
}

describe.each(await availableBackends())('EarlyStopping on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => setWarningHandler(null));

  /** A run, with the weights after each of its epochs. */
  async function run(stopping: EarlyStopping, options: FitOptions = {}, model = lineModel()) {
    const after: Float64Array[] = [];
    const recorder: Callback = { onEpochEnd: () => void after.push(flatWeights(model)) };
    const fit = { epochs: 30, batchSize: 4, verbose: 0, validationData, ...options } as const;
    const { history } = await model.fit(x, y, { ...fit, callbacks: [recorder, stopping] });
    return { model, history, after };
  }

  test.each([0, 1, 2])('ends training and gives back the best epoch’s weights, with workers: %i', async (workers) => {
    const stopping = new EarlyStopping({ patience: 3, restoreBestWeights: true });
    const { model, history, after } = await run(stopping, { workers });
    const losses = history.valLoss as number[];
    const best = losses.indexOf(Math.min(...losses));
    expect(best).toBeGreaterThan(2);
    expect(losses.length).toBe(best + 4);
    expect(stopping).toMatchObject({ best: losses[best], bestEpoch: best, stoppedEpoch: best + 3 });
    expect(flatWeights(model)).toEqual(after[best]);
    expect(after[best]).not.toEqual(after.at(-1));
    // It trains on from there, and the callback begins anew.
    await run(stopping, { workers, epochs: 2 }, model);
    expect(stopping).toMatchObject({ bestEpoch: 0, stoppedEpoch: null });
  });

  test('keeps the last weights unless told otherwise; minDelta, mode, patience and startFromEpoch are heeded', async () => {
    const { history: whole } = await run(new EarlyStopping({ patience: 30 }));
    const losses = whole.valLoss as number[];
    const best = losses.indexOf(Math.min(...losses));
    const epochs = async (options: EarlyStoppingOptions) => {
      const { model, history, after } = await run(new EarlyStopping(options));
      expect(flatWeights(model)).toEqual(after.at(-1));
      return history.loss.length;
    };
    expect(await epochs({})).toBe(best + 2);
    expect(await epochs({ monitor: 'valMae', mode: 'min', patience: 2 })).toBe(best + 3);
    expect(await epochs({ mode: 'max' })).toBe(2);
    expect(await epochs({ mode: 'max', startFromEpoch: 2 })).toBe(4);
    expect(await epochs({ minDelta: 10, patience: 2 })).toBe(3);
    expect(await epochs({ patience: 4 })).toBe(best + 5);
    // No epoch that is not better than the baseline starts the count of patience anew.
    expect(await epochs({ baseline: -1, patience: 4 })).toBe(best + 2);
    expect(await epochs({ monitor: 'loss' })).toBe(30);
  });

  test('counts anew in each run, also the epochs that were better than before and not than the baseline', async () => {
    const stopping = new EarlyStopping({ baseline: -1, patience: 10 });
    const lengths = [];
    for (let time = 0; time < 3; time++) lengths.push((await run(stopping, { validationFreq: 2 })).history.loss.length);
    const { history } = await run(new EarlyStopping({ baseline: -1, patience: 10 }), { validationFreq: 2 });
    expect(lengths).toEqual(new Array(3).fill(history.loss.length));
    expect(history.loss.length).toBeGreaterThan(10);
    expect(history.loss.length).toBeLessThan(30);
  });

  test('the best weights also come back when the last epoch, the signal or an error ends training', async () => {
    const stopping = new EarlyStopping({ patience: 30, restoreBestWeights: true });
    const { model, history, after } = await run(stopping);
    const best = (history.valLoss as number[]).indexOf(Math.min(...(history.valLoss as number[])));
    expect(stopping.stoppedEpoch).toBeNull();
    expect(flatWeights(model)).toEqual(after[best]);

    const abort = new AbortController();
    const failure = new Error('the user’s callback failed');
    const ends: Record<string, Callback> = {
      signal: { onEpochEnd: (epoch) => (epoch === best + 2 ? abort.abort() : undefined) },
      error: {
        onEpochEnd(epoch) {
          if (epoch === best + 2) throw failure;
        },
      },
    };
    for (const end of Object.values(ends)) {
      const ended = lineModel();
      const callbacks = [stopping, end];
      const fit = () =>
        ended.fit(x, y, {
          epochs: 30,
          batchSize: 4,
          verbose: 0,
          validationData,
          callbacks,
          signal: end === ends.signal ? abort.signal : undefined,
        });
      expect(await caught(fit)).toBe(end === ends.signal ? abort.signal.reason : failure);
      expect(flatWeights(ended)).toEqual(after[best]);
    }
  });

  test('warns once when fit does not give what it monitors, and says what there is', async () => {
    const warnings: string[] = [];
    setWarningHandler((message, code) => warnings.push(`${code}: ${message}`));
    const model = lineModel();
    const train = (stopping: EarlyStopping, options: FitOptions = {}) =>
      model.fit(x, y, { epochs: 4, verbose: 0, callbacks: [stopping], ...options });
    const { history } = await train(new EarlyStopping());
    expect(history.loss).toHaveLength(4);
    expect(warnings).toEqual([
      "NOTHING_MONITORED: EarlyStopping: fit gives no 'valLoss', so it never ends early; pass validationData or validationSplit. It gives loss, mae.",
    ]);
    await train(new EarlyStopping({ monitor: 'valAccuracy' }), { validationData });
    expect(warnings.slice(1)).toEqual([
      "NOTHING_MONITORED: EarlyStopping: fit gives no 'valAccuracy', so it never ends early. It gives loss, mae, valLoss, valMae.",
    ]);
    await train(new EarlyStopping({ monitor: 'valMAE', mode: 'min' }), { validationData });
    expect(warnings.slice(2)).toEqual([expect.stringContaining("fit gives no 'valMAE' (did you mean 'valMae'?)")]);
    await train(new EarlyStopping({ monitor: 'toString', mode: 'min' }), { validationData });
    expect(warnings.slice(3)).toEqual([expect.stringContaining("fit gives no 'toString'")]);
  });

  test('epochs between two validations are neither better nor worse, and no reason to warn', async () => {
    const warned = vi.fn();
    setWarningHandler(warned);
    const stopping = new EarlyStopping({ mode: 'max', patience: 2 });
    const { history } = await run(stopping, { validationFreq: 3 });
    expect(history.loss).toHaveLength(9);
    expect(stopping).toMatchObject({ bestEpoch: 2, stoppedEpoch: 8 });
    expect(warned).not.toHaveBeenCalled();
  });

  test('a name of which nobody knows whether low or high is better is refused before any weight changes', async () => {
    const model = lineModel();
    const refused = (monitor: string) => () =>
      model.fit(x, y, { epochs: 2, verbose: 0, validationData, callbacks: [new EarlyStopping({ monitor })] });
    const train = () => model.trainOnBatch(x, y);
    const message = /^EarlyStopping: 'val_loss' is called 'valLoss' in the history: monitor: 'valLoss'$/;
    await expectRefused(model, refused('val_loss'), ArgumentError, message, train);
    for (const monitor of ['lossOfAnother', 'val', 'valloss', 'ValLoss', '__proto__'])
      expectError(await caught(refused(monitor)), ArgumentError, /no metric is called .*so give mode: 'min' or 'max'$/);
    const own: Callback = { onEpochEnd: (epoch, logs) => void Object.assign(logs, { mine: epoch }) };
    const callbacks = [own, new EarlyStopping({ monitor: 'mine', mode: 'min', patience: 2 })];
    expect((await model.fit(x, y, { epochs: 9, verbose: 0, callbacks })).history.loss).toHaveLength(3);
  });

  test.each<[monitor: string, better: 'low' | 'high']>([
    ['valLoss', 'low'],
    ['mae', 'low'],
    ['valRootMeanSquaredError', 'low'],
    ['valWeightedMse', 'low'],
    ['acc', 'high'],
    ['valSparseCategoricalAccuracy', 'high'],
    ['weightedAccuracy', 'high'],
    ['valWeightedAccuracy', 'high'],
  ])('knows that of %s the %s is better', (monitor, better) => {
    const stopping = new EarlyStopping({ monitor });
    const model = { stopTraining: false };
    stopping.onTrainBegin({ epochs: 9, initialEpoch: 0, steps: 1, samples: 1, batchSize: 1, validationFreq: 1 });
    for (const [epoch, value] of [2, better === 'low' ? 1 : 3].entries())
      stopping.onEpochEnd(epoch, { ...noLogs(), [monitor]: value }, model as Sequential);
    expect(model.stopTraining).toBe(false);
    stopping.onEpochEnd(2, { ...noLogs(), [monitor]: 2 }, model as Sequential);
    expect(model.stopTraining).toBe(true);
  });

  test('weights that diverged in the best epoch are not restored, which is no error but a warning', async () => {
    const warnings: string[] = [];
    setWarningHandler((message, code) => warnings.push(`${code}: ${message}`));
    const model = lineModel();
    model.optimizer.learningRate = Number.MAX_VALUE;
    const callbacks = [new EarlyStopping({ monitor: 'loss', patience: 2, restoreBestWeights: true })];
    const { history } = await model.fit(x, y, { epochs: 9, verbose: 0, callbacks });
    expect(history.loss.length).toBeLessThan(9);
    expect(flatWeights(model).every(Number.isFinite)).toBe(false);
    expect(warnings).toContainEqual(expect.stringMatching(/^DIVERGED: EarlyStopping: the weights of the best epoch, 1, are not finite/));
  });

  test('verbose: 1 prints what it does', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    await run(new EarlyStopping({ mode: 'max', patience: 2, restoreBestWeights: true, verbose: 1 }));
    await run(new EarlyStopping({ mode: 'max', patience: 2, restoreBestWeights: true }));
    const printed = log.mock.calls.map(([line]) => line);
    log.mockRestore();
    expect(printed).toEqual(['Epoch 3: early stopping', 'Restoring model weights from the end of the best epoch: 1.']);
  });
});

test.each<[string, object, string]>([
  ['an unknown option', { patiance: 3 }, "EarlyStopping: unknown option 'patiance' (did you mean 'patience'?)"],
  ['Keras’s spelling', { restore_best_weights: true }, "(did you mean 'restoreBestWeights'?)"],
  ['a monitor that is no name', { monitor: 5 }, 'EarlyStopping: monitor must be the name of a number in the history, got 5'],
  ['an empty monitor', { monitor: '' }, 'monitor must be'],
  ['a minDelta that is NaN', { minDelta: Number.NaN }, 'EarlyStopping: minDelta must be a finite number, got NaN'],
  ['a patience that is not whole', { patience: 1.5 }, 'EarlyStopping: patience must be an integer of at least 0, got 1.5'],
  ['a negative patience', { patience: -1 }, 'patience must be'],
  ['an unknown mode', { mode: 'low' }, "EarlyStopping: mode must be one of 'auto', 'min', 'max', got 'low'"],
  ['a baseline that is no number', { baseline: '1' }, 'EarlyStopping: baseline must be a finite number'],
  ['restoreBestWeights that is no boolean', { restoreBestWeights: 1 }, 'EarlyStopping: restoreBestWeights must be one of true, false'],
  ['startFromEpoch below 0', { startFromEpoch: -1 }, 'EarlyStopping: startFromEpoch must be an integer'],
  ['a verbosity that is none', { verbose: 2 }, 'EarlyStopping: verbose must be one of 0, 1'],
  ['no object', [3], 'EarlyStopping: options must be an object'],
])('EarlyStopping refuses %s', (_label, options, message) => {
  expect(() => new EarlyStopping(options as EarlyStoppingOptions)).toThrow(ArgumentError);
  expect(() => new EarlyStopping(options as EarlyStoppingOptions)).toThrow(message);
});
