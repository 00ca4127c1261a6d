import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { noLogs } from '../../ts/callbacks/callback.ts';
import {
  Adam,
  ArgumentError,
  BackendError,
  type BatchLike,
  type Callback,
  type CheckpointMoment,
  CSVLogger,
  loadModel,
  type Model,
  ModelCheckpoint,
  setWarningHandler,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { hideNode } from '../support/hideNode.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { caught, expectError } from '../support/refusals.ts';
import { regression, regressionModel, rows } from '../support/regression.ts';

describe.each(await availableBackends())('ModelCheckpoint and CSVLogger on $label', ({ backend }) => {
  let folder = '';
  beforeEach(async () => {
    startOn(backend);
    folder = await mkdtemp(join(tmpdir(), 'backtime-checkpoints-'));
  });
  afterEach(async () => {
    setWarningHandler(null);
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    await rm(folder, { recursive: true });
  });

  const { x, y } = regression(10);

  test('writes .keras files', async () => {
    const model = regressionModel(new Adam({ learningRate: 0.1, amsgrad: true }));
    const callbacks = [new ModelCheckpoint(join(folder, '{epoch}.keras'))];
    await model.fit(x, y, { epochs: 2, verbose: 0, callbacks });
    expect((await readdir(folder)).sort()).toEqual(['1.keras', '2.keras']);
    const loaded = await loadModel(join(folder, '2.keras'));
    expect(loaded.optimizer).toMatchObject({ className: 'Adam', amsgrad: true });
    // The file has float32s; what the optimizer keeps decides the next steps.
    for (const each of [model, loaded]) for (let step = 0; step < 3; step++) await each.trainOnBatch(x, y);
    expectClose(flatWeights(loaded), flatWeights(model), { relative: 1e-5 }, 'weights');
  });

  test.each([0, 1, 2])('within an epoch the model has the weights and the optimizer of the batch (%i workers)', async (workers) => {
    const fit = { epochs: 2, batchSize: 3, shuffle: false, verbose: 0, workers } as const;
    /** The model after so many steps. */
    async function after(steps: number): Promise<Model> {
      const model = regressionModel(new Adam({ learningRate: 0.1 }));
      const stop: Callback = {
        onTrainBatchBegin: (_batch, { optimizer }) => {
          if (model.iterations === steps) optimizer.learningRate = Number.NaN;
        },
      };
      await caught(() => model.fit(x, y, { ...fit, callbacks: [stop] }));
      expect(model.iterations).toBe(steps);
      model.optimizer.learningRate = 0.1;
      return model;
    }
    const model = regressionModel(new Adam({ learningRate: 0.1 }));
    const given: [Uint8Array, CheckpointMoment][] = [];
    const own: Float64Array[] = [];
    const checkpoint = new ModelCheckpoint((bytes, moment) => void given.push([bytes, moment]), { saveFreq: 3 });
    await model.fit(x, y, { ...fit, callbacks: [{ onTrainBatchEnd: () => void own.push(flatWeights(model)) }, checkpoint] });
    expect(given.map(([, { epoch, batch, logs }]) => [epoch, batch, Object.keys(logs)])).toEqual([
      [0, 2, ['loss', 'meanAbsoluteError']],
      [1, 1, ['loss', 'meanAbsoluteError']],
    ]);
    for (const [index, steps] of [3, 6].entries()) {
      const expected = await after(steps);
      const loaded = await loadModel((given[index] as [Uint8Array, unknown])[0]);
      expect(flatWeights(loaded)).toEqual(flatWeights(expected));
      expect(own[steps - 1]).toEqual(flatWeights(expected));
      const slots = (of: Model) => of.getState().compile?.slots.map(({ data }) => data);
      expect(slots(loaded)).toEqual(slots(expected));
      expect(loaded.iterations).toBe(steps);
    }
    // The saves have not changed the training.
    const plain = regressionModel(new Adam({ learningRate: 0.1 }));
    const { history } = await plain.fit(x, y, fit);
    expect(flatWeights(model)).toEqual(flatWeights(plain));
    expect(history.loss).toHaveLength(2);
  });

  test('an iterable goes on after a save, in workers too', async () => {
    const batches = () =>
      [0, 4, 8].map((from): BatchLike => [rows(x, from, Math.min(from + 4, 10)), rows(y, from, Math.min(from + 4, 10))]);
    const losses: unknown[] = [];
    for (const workers of [0, 1]) {
      for (const callbacks of [[], [new ModelCheckpoint(() => {}, { saveFreq: 2 })]]) {
        const model = regressionModel();
        const { history } = await model.fit(batches, { epochs: 2, verbose: 0, workers, callbacks });
        losses.push([history.loss, flatWeights(model)]);
      }
    }
    for (const loss of losses) expect(loss).toEqual(losses[0]);
  });

  test.each([0, 2])('what a callback does with the model at a batch counts, as without workers (%i workers)', async (workers) => {
    const fit = { epochs: 2, batchSize: 3, shuffle: false, verbose: 0, workers } as const;
    const zeros = (model: Model) => model.setWeights(model.getWeights().map(({ shape, data }) => ({ shape, data: data.map(() => 0) })));
    const model = regressionModel();
    const logs: unknown[] = [];
    const reset: Callback = {
      needsWeights: (batch) => batch === 1,
      onTrainBatchEnd: (batch, numbers) => {
        logs.push([batch, Object.keys(numbers).length]);
        if (batch === 1) zeros(model);
        model.stopTraining = batch === 1 && model.iterations > 4;
      },
    };
    const { epoch, history } = await model.fit(x, y, { ...fit, callbacks: [reset] });
    expect(epoch).toEqual([0, 1]);
    expect(logs).toEqual([0, 1, 2, 3, 0, 1].map((batch) => [batch, 2]));
    expect(flatWeights(model).every((value) => value === 0)).toBe(true);
    expect(history.loss.every((loss) => loss > 0)).toBe(true);

    const failing = regressionModel();
    const fail: Callback = {
      needsWeights: () => true,
      onTrainBatchEnd: (batch) => {
        if (batch === 1) throw new RangeError('mine');
      },
    };
    expect(await caught(() => failing.fit(x, y, { ...fit, callbacks: [fail] }))).toEqual(new RangeError('mine'));
    expect(failing.iterations).toBe(2);
    const aborting = regressionModel();
    const controller = new AbortController();
    const abort: Callback = { needsWeights: () => true, onTrainBatchEnd: (batch) => void (batch === 1 && controller.abort()) };
    const { signal } = controller;
    expect(await caught(() => aborting.fit(x, y, { ...fit, signal, callbacks: [abort] }))).toBe(signal.reason);
    expect(aborting.iterations).toBe(2);
    const asking: Callback = {
      needsWeights: () => {
        throw new RangeError('asked');
      },
      onTrainBatchEnd() {},
    };
    if (workers > 0)
      expect(await caught(() => regressionModel().fit(x, y, { ...fit, callbacks: [asking] }))).toEqual(new RangeError('asked'));
  });

  test('saves the best model to a file, in folders that it makes, and prints what it does', async () => {
    const print = vi.spyOn(console, 'log').mockImplementation(() => {});
    const model = regressionModel();
    const path = join(folder, 'a', 'b', '{epoch:02d}-{valLoss:.2f}.safetensors');
    const checkpoint = new ModelCheckpoint(path, { saveBestOnly: true, saveWeightsOnly: true, verbose: 1 });
    const { history } = await model.fit(x, y, { epochs: 2, validationSplit: 0.5, shuffle: false, verbose: 0, callbacks: [checkpoint] });
    const [first = 0, second = 0] = history.valLoss ?? [];
    expect(second).toBeGreaterThan(first);
    const name = `01-${first.toFixed(2)}.safetensors`;
    expect(await readdir(join(folder, 'a', 'b'))).toEqual([name]);
    expect(checkpoint.best).toBe(first);
    const saved = join(folder, 'a', 'b', name);
    expect(print.mock.calls).toEqual([
      [`Epoch 1: valLoss improved from none to ${first}, saving the model to ${saved}`],
      [`Epoch 2: valLoss did not improve from ${first}`],
    ]);
    const loaded = await loadModel(saved);
    expect(loaded.getState().compile).toBeNull();
    expect(flatWeights(loaded)).not.toEqual(flatWeights(model));
    // The best value stays in the next run, as in Keras.
    await model.fit(x, y, { validationSplit: 0.5, shuffle: false, verbose: 0, callbacks: [checkpoint] });
    expect(await readdir(join(folder, 'a', 'b'))).toEqual([name]);
  });

  test('an epoch between two validations is not the best; a number that never comes saves always, with a warning', async () => {
    const warnings: string[] = [];
    setWarningHandler((message, code) => warnings.push(`${code}: ${message}`));
    const epochs: number[] = [];
    const make = (monitor: string) =>
      new ModelCheckpoint((_bytes, { epoch }) => void epochs.push(epoch), { saveBestOnly: true, monitor, mode: 'max' });
    const fit = { epochs: 4, verbose: 0, validationSplit: 0.5, validationFreq: 2 } as const;
    await regressionModel().fit(x, y, { ...fit, callbacks: [make('valLoss')] });
    expect(epochs).toEqual([1, 3]);
    expect(warnings).toEqual([]);
    epochs.length = 0;
    await regressionModel().fit(x, y, { ...fit, validationFreq: 1, callbacks: [make('valLos')] });
    expect(epochs).toEqual([0, 1, 2, 3]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^NOTHING_MONITORED: ModelCheckpoint: fit gives no 'valLos' \(did you mean 'valLoss'\?\), so it saves whatever the number is/,
      ),
    ]);
  });

  test('a placeholder without a number, a wrong format and a path without a file system are refused', async () => {
    const refused = async (path: string, message: RegExp, errorClass: new (message: string) => never = ArgumentError as never) => {
      const model = regressionModel();
      expectError(await caught(() => model.fit(x, y, { verbose: 0, callbacks: [new ModelCheckpoint(path)] })), errorClass, message);
      return model.iterations;
    };
    const path = join(folder, '{valLoss}.safetensors');
    expect(await refused(path, /\{valLoss\} has no number.*; there are loss, meanAbsoluteError, epoch$/)).toBe(1);
    expect(await refused(join(folder, '{epoch:x}.safetensors'), /\{epoch:x\} must have a format such as :02d or :\.3f$/)).toBe(0);
    expect(await readdir(folder)).toEqual([]);
    hideNode();
    const error = BackendError as never;
    expect(
      await refused(
        'model.safetensors',
        /^ModelCheckpoint: there is no file system here to write model\.safetensors to: give it a function of the bytes, new ModelCheckpoint\(\(bytes\) => …\)$/,
        error,
      ),
    ).toBe(0);
    const logger = new CSVLogger('log.csv');
    const failure = await caught(() => regressionModel().fit(x, y, { verbose: 0, callbacks: [logger] }));
    vi.unstubAllGlobals();
    expectError(failure, BackendError, /^CSVLogger: there is no file system here to write log\.csv to: give it a function of the text/);
  });

  test.each([0, 2])('CSVLogger writes a row for each epoch, to a path or to a function (%i workers)', async (workers) => {
    const path = join(folder, 'logs', 'log.csv');
    const texts: string[] = [];
    const fit = { epochs: 2, verbose: 0, validationData: [x, y], validationFreq: 2, workers } as const;
    const model = regressionModel();
    const { history } = await model.fit(x, y, {
      ...fit,
      callbacks: [new CSVLogger(pathToFileURL(path)), new CSVLogger((text) => void texts.push(text))],
    });
    const [loss, mae] = [history.loss, history.meanAbsoluteError as number[]];
    const written = [
      'epoch,loss,meanAbsoluteError,valLoss,valMeanAbsoluteError',
      `0,${loss[0]},${mae[0]},NA,NA`,
      `1,${loss[1]},${mae[1]},${history.valLoss?.[0]},${history.valMeanAbsoluteError?.[0]}`,
      '',
    ];
    expect(texts).toEqual([`${written.slice(0, 2).join('\r\n')}\r\n`, written.join('\r\n')]);
    expect(await readFile(path, 'utf8')).toBe(texts[1]);
    const more = new CSVLogger(path, { append: true });
    await model.fit(x, y, { ...fit, initialEpoch: 1, callbacks: [more] });
    const lines = (await readFile(path, 'utf8')).split('\r\n');
    expect(lines.slice(0, 3)).toEqual(written.slice(0, 3));
    expect(lines[3]).toMatch(/^1,/);
    expect(lines).toHaveLength(5);
    const other = await caught(() => model.fit(x, y, { verbose: 0, callbacks: [more] }));
    expectError(
      other,
      ArgumentError,
      /has the columns epoch,loss,meanAbsoluteError,valLoss,valMeanAbsoluteError, and this run epoch,loss,meanAbsoluteError: give another file, or append: false/,
    );
    // Without append the file begins anew.
    await model.fit(x, y, { verbose: 0, callbacks: [new CSVLogger(path, { separator: '\t' })] });
    expect((await readFile(path, 'utf8')).split('\r\n')).toHaveLength(3);
    expect(await readFile(path, 'utf8')).toMatch(/^epoch\tloss\tmeanAbsoluteError\r\n0\t/);
  });

  test('names with the separator or a quote are quoted', async () => {
    const texts: string[] = [];
    const logger = new CSVLogger((text) => void texts.push(text));
    await logger.onTrainBegin({ epochs: 1, initialEpoch: 0, steps: 1, samples: 1, batchSize: 1, validationFreq: null });
    await logger.onEpochEnd(0, { ...noLogs(), 'a,b': 1, 'c"d': Number.NaN });
    expect(texts).toEqual(['epoch,"a,b","c""d"\r\n0,1,NaN\r\n']);
  });
});

test.each<[RegExp, () => unknown]>([
  [
    /^ModelCheckpoint takes a path that ends in \.safetensors or \.keras, or a function of the bytes, got 'model\.h5'$/,
    () => new ModelCheckpoint('model.h5'),
  ],
  [/takes a path that ends in/, () => new ModelCheckpoint({ filepath: 'x' } as never)],
  [/did you mean 'saveBestOnly'/, () => new ModelCheckpoint('m.safetensors', { savebestonly: true } as never)],
  [/^ModelCheckpoint: saveFreq/, () => new ModelCheckpoint('m.safetensors', { saveFreq: 0 })],
  [
    /^ModelCheckpoint: initialValueThreshold must be a finite number/,
    () => new ModelCheckpoint('m.safetensors', { initialValueThreshold: Number.NaN }),
  ],
  [/^ModelCheckpoint: monitor must be/, () => new ModelCheckpoint('m.safetensors', { monitor: '' })],
  [/^CSVLogger takes a path, or a function of the text, got ''$/, () => new CSVLogger('')],
  [/^CSVLogger: separator must be one character/, () => new CSVLogger('log.csv', { separator: '\n' })],
  [/^CSVLogger: separator must be one character/, () => new CSVLogger('log.csv', { separator: ', ' })],
  [/^CSVLogger: append is for files/, () => new CSVLogger(() => {}, { append: true })],
])('wrong arguments are refused: %s', async (message, make) => {
  expectError(await caught(make), ArgumentError, message);
});
