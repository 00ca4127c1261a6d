import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  Adam,
  ArgumentError,
  BackendError,
  BackupAndRestore,
  type BackupStorage,
  type BatchLike,
  type Callback,
  type CallbackState,
  Dense,
  Dropout,
  EarlyStopping,
  type FitOptions,
  FormatError,
  LearningRateScheduler,
  LSTM,
  Masking,
  ReduceLROnPlateau,
  Sequential,
  SGD,
  StateError,
  setRandomSeed,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { hideNode } from '../support/hideNode.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { caught, expectError } from '../support/refusals.ts';
import { regression, regressionModel, rows } from '../support/regression.ts';

/** Keeps a backup in memory. */
function memory(): BackupStorage & { bytes: Uint8Array | null; saves: number } {
  return {
    bytes: null,
    saves: 0,
    save(bytes) {
      this.bytes = bytes;
      this.saves++;
    },
    load() {
      return this.bytes;
    },
    delete() {
      this.bytes = null;
    },
  };
}

class Crash extends Error {}

/** Throws at the n-th of the calls of its functions: what a kill does, in one process. */
function crashAt(call: number): Callback & { calls: number } {
  const crash = {
    calls: 0,
  } as Callback & { calls: number };
  const count = () => {
    if (crash.calls++ === call) throw new Crash(`at call ${call}`);
  };
  return Object.assign(crash, {
    onTrainBegin: count,
    onEpochBegin: count,
    onTrainBatchBegin: count,
    onTrainBatchEnd: count,
    onTestBegin: count,
    onTestBatchEnd: count,
    onEpochEnd: count,
  });
}

describe.each(await availableBackends())('BackupAndRestore on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => vi.restoreAllMocks());

  const count = 12;
  const x = { shape: [count, 4, 2], data: Float32Array.from({ length: count * 8 }, (_, index) => Math.sin(index)) };
  const y = Float32Array.from({ length: count }, (_, row) => Math.cos(3 * row));

  function sequenceModel(stateful = false): Sequential {
    setRandomSeed(3);
    const model = new Sequential([new Masking({ maskValue: 9 }), new LSTM(3, { dropout: 0.2, stateful }), new Dropout(0.3), new Dense(1)]);
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'mse', metrics: ['meanAbsoluteError'] });
    return model;
  }

  /** What a run leaves, bit by bit. */
  function left(model: Sequential, { history, epoch }: { history: object; epoch: readonly number[] }) {
    const { weights, compile } = model.getState();
    const slots = compile?.slots.map(({ name, data }) => [name, data]);
    return {
      weights: weights.map(({ data }) => data),
      slots,
      iteration: compile?.iteration,
      epochsDone: compile?.epochsDone,
      learningRate: model.optimizer.learningRate,
      history,
      epoch,
    };
  }

  /** Callbacks with states: each of them changes what follows. */
  const stateCallbacks = (): Callback[] => [
    new ReduceLROnPlateau({ monitor: 'loss', mode: 'max', factor: 0.5, patience: 1 }),
    new LearningRateScheduler((_epoch, rate) => rate * 0.9),
    new EarlyStopping({ monitor: 'loss', mode: 'max', patience: 2, restoreBestWeights: true }),
  ];

  /** Crashes a run at every call of a callback in turn, and continues it with another model. */
  async function expectSameAfterCrashes(
    options: FitOptions,
    saveFreq: 'epoch' | number,
    make = () => sequenceModel(),
    every = 1,
    batches: ((epoch: number) => BatchLike[]) | null = null,
  ) {
    const fit = { epochs: 4, verbose: 0, validationData: [x, y], ...options } as const;
    const train = (model: Sequential, callbacks: Callback[]) =>
      batches ? model.fit(batches, { ...fit, callbacks }) : model.fit(x, y, { batchSize: 5, ...fit, callbacks });
    const uninterrupted = make();
    const counter = crashAt(-1);
    const history = await train(uninterrupted, [...stateCallbacks(), counter]);
    const whole = left(uninterrupted, history);
    expect(whole.epoch.length).toBeGreaterThan(2);
    for (let call = 0; call < counter.calls; call += every) {
      const storage = memory();
      const crashed = make();
      const keeper = () => new BackupAndRestore(storage, { saveFreq });
      await expect(train(crashed, [keeper(), crashAt(call), ...stateCallbacks()])).rejects.toThrow(Crash);
      const continued = make();
      const resumed = await train(continued, [keeper(), crashAt(-1), ...stateCallbacks()]);
      const { history: after, epoch, ...rest } = left(continued, resumed);
      const { history: before, epoch: epochs, ...expected } = whole;
      expect(rest, `after a crash at call ${call}`).toEqual(expected);
      const missed = epochs.length - epoch.length;
      expect(epoch).toEqual(epochs.slice(missed));
      for (const [name, values] of Object.entries(after)) expect(values).toEqual((before as Record<string, number[]>)[name]?.slice(missed));
      expect(storage.bytes).toBeNull();
    }
  }

  test.each(['epoch', 1, 2, 5] as const)('a run that ends anywhere continues with the same bits, saveFreq %s', async (saveFreq) => {
    await expectSameAfterCrashes({}, saveFreq, undefined, saveFreq === 2 ? 1 : 3);
  });

  // Workers take long to start, and what they do is the same on all backends: fewer moments there.
  const everyWithWorkers = backend.name === 'reference' ? 13 : 7;

  test.each([1, 2])('the same with %i workers', async (workers) => {
    await expectSameAfterCrashes({ workers }, 2, undefined, everyWithWorkers);
  });

  test.each([0, 2])('stateful layers go on with the states of the batch (%i workers)', async (workers) => {
    const fit = { shuffle: false, batchSize: 4, epochs: 4, workers };
    const onlyFullBatches = () => sequenceModel(true);
    await expectSameAfterCrashes({ ...fit, validationData: undefined }, 1, onlyFullBatches, workers === 0 ? 3 : everyWithWorkers);
  });

  test.each([0, 2])('an iterable goes on with the batch after the backup (%i workers)', async (workers) => {
    const batches = () =>
      [0, 4, 8].map((from): BatchLike => [rows(x, from, from + 4), rows({ shape: [count, 1], data: y }, from, from + 4)]);
    await expectSameAfterCrashes({ workers }, 2, undefined, workers === 0 ? 2 : everyWithWorkers, batches);
    // The function is given the epoch that continues.
    const turned = (epoch: number) => batches().map((_, place, items) => items[(place + epoch) % items.length] as BatchLike);
    await expectSameAfterCrashes({ workers }, 2, undefined, workers === 0 ? 2 : everyWithWorkers, turned);
    for (const [options, name] of [
      [{ stepsPerEpoch: 2 }, 'stepsPerEpoch'],
      [{ shuffleBuffer: 2 }, 'shuffleBuffer'],
    ] as const) {
      const error = await caught(() =>
        sequenceModel().fit(batches, { ...options, verbose: 0, callbacks: [new BackupAndRestore(memory())] }),
      );
      expectError(error, ArgumentError, new RegExp(`BackupAndRestore continues an iterable only from its beginning: leave out ${name}$`));
    }
  });

  test('the seed comes with the backup, so another program continues the same shuffles and dropout', async () => {
    const storage = memory();
    const fit = { epochs: 3, batchSize: 4, verbose: 0 } as const;
    const whole = sequenceModel();
    const first = whole.fit(x, y, { ...fit, callbacks: [] });
    await first;
    const crashed = sequenceModel();
    await caught(() => crashed.fit(x, y, { ...fit, callbacks: [new BackupAndRestore(storage, { saveFreq: 2 }), crashAt(14)] }));
    expect(storage.saves).toBe(2);
    setRandomSeed(1234);
    const other = new Sequential([new Masking({ maskValue: 9 }), new LSTM(3, { dropout: 0.2 }), new Dropout(0.3), new Dense(1)]);
    other.compile({ optimizer: new Adam({ learningRate: 0.5 }), loss: 'mse', metrics: ['meanAbsoluteError'] });
    await other.predict(x);
    await other.fit(x, y, { ...fit, callbacks: [new BackupAndRestore(storage)] });
    expect(flatWeights(other)).toEqual(flatWeights(whole));
    expect(other.optimizer.learningRate).toBe(0.01);
  });

  test('a backup stays when a signal or an error ends the run, and with deleteCheckpoint: false', async () => {
    const { x: few, y: targets } = regression(6);
    const fit = { epochs: 3, batchSize: 3, verbose: 0 } as const;
    const storage = memory();
    const model = regressionModel();
    const controller = new AbortController();
    const abort: Callback = { onEpochEnd: (epoch) => void (epoch === 1 && controller.abort()) };
    const callbacks = [new BackupAndRestore(storage), abort];
    const { signal } = controller;
    expect(await caught(() => model.fit(few, targets, { ...fit, signal, callbacks }))).toBe(signal.reason);
    expect(storage.bytes).not.toBeNull();
    const { epoch } = await regressionModel().fit(few, targets, { ...fit, callbacks: [new BackupAndRestore(storage)] });
    expect(epoch).toEqual([2]);
    expect(storage.bytes).toBeNull();
    const keeping = new BackupAndRestore(storage, { deleteCheckpoint: false });
    await regressionModel().fit(few, targets, { ...fit, callbacks: [keeping] });
    expect(storage.bytes).not.toBeNull();
    const again = await regressionModel().fit(few, targets, { ...fit, callbacks: [keeping] });
    expect(again.epoch).toEqual([]);
    const more = await regressionModel().fit(few, targets, { ...fit, epochs: 5, callbacks: [keeping] });
    expect(more.epoch).toEqual([3, 4]);
  });

  test('an onTrainEnd that fails leaves the backup, and the run ends again', async () => {
    const { x: few, y: targets } = regression(6);
    const storage = memory();
    const fails: Callback = {
      onTrainEnd: () => {
        throw new Crash('at the end');
      },
    };
    const keeper = new BackupAndRestore(storage);
    await expect(regressionModel().fit(few, targets, { verbose: 0, callbacks: [keeper, fails] })).rejects.toThrow(Crash);
    expect(storage.bytes).not.toBeNull();
  });

  test('a run that a callback has stopped stays stopped, also within an epoch', async () => {
    const { x: few, y: targets } = regression(6);
    for (const saveFreq of ['epoch', 1] as const) {
      const storage = memory();
      const stop: Callback = {
        onTrainBatchEnd: (batch, _logs, model) => {
          model.stopTraining = batch === 1;
        },
        onTrainEnd: () => {
          throw new Crash('at the end');
        },
      };
      const fit = { epochs: 5, batchSize: 2, verbose: 0 } as const;
      const stopped = regressionModel();
      const keeper = () => new BackupAndRestore(storage, { saveFreq });
      await caught(() => stopped.fit(few, targets, { ...fit, callbacks: [keeper(), stop] }));
      const continued = regressionModel();
      const { epoch } = await continued.fit(few, targets, { ...fit, callbacks: [keeper()] });
      expect(epoch).toEqual(saveFreq === 1 ? [0] : []);
      expect(continued.iterations).toBe(2);
      expect(flatWeights(continued)).toEqual(flatWeights(stopped));
    }
  });

  test('the plan says where an epoch goes on, which does not begin again', async () => {
    const { x: few, y: targets } = regression(6);
    const storage = memory();
    const fit = { epochs: 2, batchSize: 2, verbose: 0 } as const;
    const keeper = () => new BackupAndRestore(storage, { saveFreq: 5 });
    await caught(() =>
      regressionModel().fit(few, targets, {
        ...fit,
        callbacks: [
          keeper(),
          {
            onEpochEnd: (epoch) => {
              if (epoch === 1) throw new Crash('');
            },
          },
        ],
      }),
    );
    const log: unknown[] = [];
    const listener: Callback = {
      onTrainBegin: ({ initialEpoch, initialBatch }) => void log.push([initialEpoch, initialBatch]),
      onEpochBegin: (epoch) => void log.push(`begin ${epoch}`),
      onTrainBatchEnd: (batch) => void log.push(batch),
      onEpochEnd: (epoch) => void log.push(`end ${epoch}`),
    };
    const print = vi.spyOn(console, 'log').mockImplementation(() => {});
    await regressionModel().fit(few, targets, { ...fit, verbose: 2, callbacks: [keeper(), listener] });
    expect(log).toEqual([[1, 2], 2, 'end 1']);
    expect(print.mock.calls).toEqual([[expect.stringMatching(/^Epoch 2\/2 {2}0\.\d s {2}loss/)]]);
  });

  test('callbacks of one’s own keep any plain data: numbers of every kind, arrays of floats, and what holds them', async () => {
    const { x: few, y: targets } = regression(6);
    const storage = memory();
    const state: CallbackState = {
      numbers: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-300, 7],
      text: 'é',
      nothing: null,
      flags: { yes: true, no: false },
      floats: [Float32Array.of(1.5, Number.NaN), { more: Float64Array.of(0.1) }, Int32Array.of(-3)],
      empty: new Float32Array(0),
    };
    const given: CallbackState[] = [];
    const own = (): Callback => ({ onEpochEnd() {}, getState: () => state, setState: (kept) => void given.push(kept) });
    const fit = { epochs: 2, verbose: 0 } as const;
    await caught(() => regressionModel().fit(few, targets, { ...fit, callbacks: [new BackupAndRestore(storage), own(), crashAt(7)] }));
    expect(given).toEqual([]);
    await regressionModel().fit(few, targets, { ...fit, callbacks: [own(), new BackupAndRestore(storage)] });
    expect(given).toEqual([state]);
    expect(Object.is((given[0] as { numbers: number[] }).numbers[3], -0)).toBe(true);
  });

  test.each<[string, unknown, RegExp]>([
    ['a function', { f: () => {} }, /^backtime backup: data\.callbacks\.0\.state\.f must be a string, .*, got /],
    ['undefined', { f: undefined }, /data\.callbacks\.0\.state\.f must be/],
    ['a Map', { f: new Map() }, /data\.callbacks\.0\.state\.f must be/],
    ['a reserved key', { f: { $array: 1 } }, /has the key '\$array', which is reserved/],
  ])('a state with %s is refused', async (_name, state, message) => {
    const { x: few, y: targets } = regression(6);
    const own = { onEpochEnd() {}, getState: () => state, setState() {} } as Callback;
    const error = await caught(() => regressionModel().fit(few, targets, { verbose: 0, callbacks: [new BackupAndRestore(memory()), own] }));
    expectError(error, ArgumentError, message);
  });

  test('what does not fit is refused, and nothing has changed', async () => {
    const { x: few, y: targets } = regression(6);
    const storage = memory();
    const fit = { epochs: 3, batchSize: 2, verbose: 0 } as const;
    const keeper = (saveFreq: 'epoch' | number = 2) => new BackupAndRestore(storage, { saveFreq });
    await caught(() => regressionModel().fit(few, targets, { ...fit, callbacks: [keeper(), crashAt(10)] }));
    const refused = async (model: Sequential, options: FitOptions, errorClass: new (message: string) => never, message: RegExp) => {
      const before = flatWeights(model);
      const error = await caught(() => model.fit(few, targets, { ...fit, callbacks: [keeper()], ...options }));
      expectError(error, errorClass, message);
      expect(flatWeights(model)).toEqual(before);
      expect(model.iterations).toBe(0);
    };
    const error = ArgumentError as never;
    await refused(
      regressionModel(),
      { batchSize: 3 },
      error,
      /had trained 2 batches of epoch 0 with 6 samples, batchSize 2 and shuffle true; this one has 6 samples, batchSize 3 and shuffle true: give fit the same, or delete the backup/,
    );
    await refused(regressionModel(), { shuffle: false }, error, /this one has 6 samples, batchSize 2 and shuffle false/);
    await refused(regressionModel(), { validationSplit: 0.5 }, error, /this one has 3 samples/);
    await refused(regressionModel(), { callbacks: [keeper(), keeper()] }, error, /fit takes one BackupAndRestore, got 2/);
    const metrics = regressionModel();
    metrics.compile({ optimizer: new SGD(), loss: 'mse' });
    await refused(metrics, {}, error, /with other metrics: compile with the same, or delete the backup/);
    const format = FormatError as never;
    await refused(
      regressionModel(undefined, 9, [new Dense(1)]),
      {},
      format,
      /^BackupAndRestore: the backup does not fit this run: .*To start again, delete the backup; another model needs a separate one$/,
    );
    await refused(regressionModel(new Adam()), {}, format, /does not fit this run: the saved model has no array 'dense\/kernel\/momentum'/);
    const bytes = storage.bytes as Uint8Array;
    for (const [change, message] of [
      [(copy: Uint8Array) => copy.subarray(0, copy.length - 1), /is truncated/],
      [(copy: Uint8Array) => copy.fill((copy.at(-1) as number) ^ 1, copy.length - 1), /the backup is corrupt/],
      [() => new TextEncoder().encode('not one'), /is not a(?: whole)? safetensors file/],
    ] as const) {
      storage.bytes = change(bytes.slice());
      await refused(regressionModel(), {}, format, message);
    }
    storage.bytes = 'text' as never;
    await refused(regressionModel(), {}, error, /load must give the bytes that were saved, or null, got 'text'/);
    storage.bytes = bytes;
    const busy = regressionModel();
    const predicting = busy.predict(regression(100_000).x, { verbose: 0 });
    await refused(busy, {}, StateError as never, /runs another call: await it before a training continues/);
    await predicting;
    // The bytes may also come as an ArrayBuffer.
    storage.load = () => bytes.slice().buffer;
    const continued = regressionModel();
    await continued.fit(few, targets, { ...fit, callbacks: [keeper()] });
    expect(continued.iterations).toBe(9);
  });

  test('callbacks with other states are refused', async () => {
    const { x: few, y: targets } = regression(6);
    const storage = memory();
    const fit = { epochs: 3, verbose: 0 } as const;
    const keeper = new BackupAndRestore(storage);
    const stopping = new EarlyStopping({ monitor: 'loss', patience: 9 });
    await caught(() => regressionModel().fit(few, targets, { ...fit, callbacks: [keeper, stopping, crashAt(6)] }));
    const error = await caught(() =>
      regressionModel().fit(few, targets, { ...fit, callbacks: [keeper, new ReduceLROnPlateau({ monitor: 'loss' }), stopping] }),
    );
    expectError(
      error,
      ArgumentError,
      /had callbacks with a state: EarlyStopping; this one has ReduceLROnPlateau, EarlyStopping: give fit the same/,
    );
  });
});

describe('files', () => {
  let folder = '';
  beforeEach(async () => {
    startOn(await loadBackend('reference'));
    folder = await mkdtemp(join(tmpdir(), 'backtime-backup-'));
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    await rm(folder, { recursive: true, force: true });
  });

  const { x, y } = regression(6);

  test('a folder is made, and deleted with the backup unless it has other files', async () => {
    const where = join(folder, 'a', 'b');
    for (const given of [where, pathToFileURL(where)]) {
      const crashed = { onEpochEnd: (epoch: number) => void (epoch === 1 && expect.fail()) };
      await caught(() => regressionModel().fit(x, y, { epochs: 3, verbose: 0, callbacks: [new BackupAndRestore(given), crashed] }));
      expect(await readdir(where)).toEqual(['backup.safetensors']);
      const { epoch } = await regressionModel().fit(x, y, { epochs: 3, verbose: 0, callbacks: [new BackupAndRestore(given)] });
      expect(epoch).toEqual([1, 2]);
      expect(await readdir(join(folder, 'a'))).toEqual([]);
    }
    await writeFile(join(folder, 'other'), '');
    await regressionModel().fit(x, y, { verbose: 0, callbacks: [new BackupAndRestore(folder)] });
    expect(await readdir(folder)).toEqual(['a', 'other']);
  });

  test('a corrupt file is named', async () => {
    await writeFile(join(folder, 'backup.safetensors'), 'no backup');
    const error = await caught(() => regressionModel().fit(x, y, { verbose: 0, callbacks: [new BackupAndRestore(folder)] }));
    expectError(error, FormatError, new RegExp(`^BackupAndRestore: the backup in ${folder} is not a (whole )?safetensors file`));
    expect(await readFile(join(folder, 'backup.safetensors'), 'utf8')).toBe('no backup');
  });

  test('without a file system a folder is refused with the form that works there', async () => {
    const model = regressionModel();
    hideNode();
    const error = await caught(() => model.fit(x, y, { verbose: 0, callbacks: [new BackupAndRestore('backup')] }));
    vi.unstubAllGlobals();
    expectError(
      error,
      BackendError,
      /^BackupAndRestore: there is no file system here to write backup to: give it an object with the functions save/,
    );
  });
});

test.each<[RegExp, () => unknown]>([
  [/^BackupAndRestore takes a folder, or an object with the functions save, load and delete, got ''$/, () => new BackupAndRestore('')],
  [/takes a folder, or an object/, () => new BackupAndRestore({ save() {}, load: () => null } as never)],
  [/takes a folder, or an object/, () => new BackupAndRestore(undefined as never)],
  [/unknown option 'doubleCheckpoint'/, () => new BackupAndRestore('x', { doubleCheckpoint: true } as never)],
  [/^BackupAndRestore: saveFreq/, () => new BackupAndRestore('x', { saveFreq: 0 })],
  [/^BackupAndRestore: saveFreq/, () => new BackupAndRestore('x', { saveFreq: 'batch' as never })],
  [/^BackupAndRestore: deleteCheckpoint/, () => new BackupAndRestore('x', { deleteCheckpoint: 1 as never })],
])('wrong arguments are refused: %s', async (message, make) => {
  expectError(await caught(make), ArgumentError, message);
});
