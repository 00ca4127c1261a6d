import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventWriter } from '../../ts/formats/callbacks/eventFile.ts';
import {
  ArgumentError,
  BackendError,
  BackupAndRestore,
  type Callback,
  FileError,
  LearningRateScheduler,
  SGD,
  setRandomSeed,
  TensorBoard,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { hideNode } from '../support/hideNode.ts';
import { startOn } from '../support/modelBackends.ts';
import { caught, expectError } from '../support/refusals.ts';
import { regression, regressionModel } from '../support/regression.ts';

/** CRC-32C bit by bit, as RFC 3720 defines it: another way than the tables under test. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = ((crc ^ (byte >> bit)) & 1) === 1;
      crc = (crc >>> 1) ^ (isOdd ? 0x82f63b78 : 0);
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const masked = (bytes: Uint8Array) => {
  const crc = BigInt(crc32c(bytes));
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
};

type Field = { number: number; value: number | Uint8Array };

/** The fields of a protocol buffer, one after the other. */
function fieldsOf(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const digit = bytes[at++] as number;
      value += (digit & 127) * scale;
      if (digit < 128) return value;
      scale *= 128;
    }
  };
  const fields: Field[] = [];
  while (at < bytes.length) {
    const key = varint();
    const [number, type] = [key >> 3, key & 7];
    if (type === 0) fields.push({ number, value: varint() });
    else {
      const length = type === 1 ? 8 : type === 5 ? 4 : type === 2 ? varint() : expect.fail(`a field of type ${type}`);
      const value = type === 1 ? view.getFloat64(at, true) : type === 5 ? view.getFloat32(at, true) : bytes.subarray(at, at + length);
      fields.push({ number, value });
      at += length;
    }
  }
  expect(at).toBe(bytes.length);
  return fields;
}

const text = (bytes: number | Uint8Array | undefined) => new TextDecoder().decode(bytes as Uint8Array);

interface Event {
  readonly wallTime: number;
  readonly step: number;
  readonly scalars: Record<string, number>;
}

/** Reads an event file, with all its checks. */
function eventsIn(bytes: Uint8Array): Event[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: Event[] = [];
  let versions = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(masked(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(masked(data));
    at += length + 16;
    const fields = fieldsOf(data);
    const field = (number: number) => fields.find((each) => each.number === number)?.value;
    const wallTime = field(1) as number;
    expect(Math.abs(wallTime - Date.now() / 1000)).toBeLessThan(600);
    if (field(3) !== undefined) {
      expect(text(field(3))).toBe('brain.Event:2');
      expect(events).toHaveLength(0);
      versions++;
      continue;
    }
    const scalars: Record<string, number> = {};
    for (const { number, value } of fieldsOf(field(5) as Uint8Array)) {
      expect(number).toBe(1);
      const [tag, simple] = fieldsOf(value as Uint8Array);
      expect([tag?.number, simple?.number]).toEqual([1, 2]);
      scalars[text(tag?.value)] = simple?.value as number;
    }
    events.push({ wallTime, step: field(2) as number, scalars });
  }
  expect(versions).toBe(1);
  return events;
}

const withoutTimes = (events: readonly Event[]) => events.map(({ step, scalars }) => ({ step, scalars }));

/** Files in memory, as a function that writes gives them. */
function memoryFiles() {
  const files = new Map<string, Uint8Array>();
  const write = (file: string, bytes: Uint8Array, position: number) => {
    const before = files.get(file) ?? new Uint8Array(0);
    expect(position).toBeLessThanOrEqual(before.length);
    const after = new Uint8Array(position + bytes.length);
    after.set(before.subarray(0, position));
    after.set(bytes, position);
    files.set(file, after);
  };
  const events = (folder: string) =>
    [...files].filter(([name]) => name.startsWith(`${folder}/`)).flatMap(([, bytes]) => withoutTimes(eventsIn(bytes)));
  return { files, write, events };
}

test('the check of the decoder is CRC-32C', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

describe.each(await availableBackends())('TensorBoard on $label', ({ backend }) => {
  let folder = '';
  beforeEach(async () => {
    startOn(backend);
    folder = await mkdtemp(join(tmpdir(), 'backtime-events-'));
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    await rm(folder, { recursive: true });
  });

  const { x, y } = regression(10);
  const f = Math.fround;

  test.each([0, 2])('writes the numbers of epochs and batches, to train and validation (%i workers)', async (workers) => {
    const logs = join(folder, 'deep', 'logs');
    const batches: unknown[] = [];
    const recorder: Callback = {
      onTrainBatchEnd: (batch, { loss, meanAbsoluteError }) =>
        void batches.push({ batch, scalars: { batch_loss: f(loss), batch_meanAbsoluteError: f(meanAbsoluteError as number) } }),
    };
    const model = regressionModel(new SGD({ learningRate: 0.1 }));
    const { history } = await model.fit(x, y, {
      epochs: 2,
      batchSize: 4,
      verbose: 0,
      workers,
      validationData: [x, y],
      validationFreq: 2,
      callbacks: [recorder, new LearningRateScheduler((epoch) => 0.1 / (1 + epoch)), new TensorBoard(logs, { updateFreq: 2 })],
    });
    const read = async (name: string) => {
      const [file, ...others] = await readdir(join(logs, name));
      expect(others).toEqual([]);
      expect(file).toMatch(/^events\.out\.tfevents\.\d{10}\..+\.\d+\.\d+\.v2$/);
      return withoutTimes(eventsIn(await readFile(join(logs, name, file as string))));
    };
    const [loss, mae] = [history.loss, history.meanAbsoluteError as number[]];
    const epoch = (number: number) => ({
      step: number,
      scalars: {
        epoch_loss: f(loss[number] as number),
        epoch_meanAbsoluteError: f(mae[number] as number),
        epoch_learningRate: f(0.1 / (1 + number)),
      },
    });
    const batch = (index: number) => ({ step: index + 1, scalars: (batches[index] as { scalars: object }).scalars });
    expect(await read('train')).toEqual([batch(1), epoch(0), batch(3), batch(5), epoch(1)]);
    const [valLoss, valMae] = [f(history.valLoss?.[0] as number), f(history.valMeanAbsoluteError?.[0] as number)];
    expect(await read('validation')).toEqual([
      { step: 6, scalars: { evaluation_loss_vs_iterations: valLoss, evaluation_meanAbsoluteError_vs_iterations: valMae } },
      { step: 1, scalars: { epoch_loss: valLoss, epoch_meanAbsoluteError: valMae } },
    ]);
    // Another run has files of its own.
    await model.fit(x, y, { verbose: 0, callbacks: [new TensorBoard(pathToFileURL(logs))] });
    expect(await readdir(join(logs, 'train'))).toHaveLength(2);
    expect(await readdir(join(logs, 'validation'))).toHaveLength(1);
  });

  test('a rate that is a function is that of the last step; numbers that are not finite are written', async () => {
    const { write, events } = memoryFiles();
    const model = regressionModel(new SGD({ learningRate: (step) => 1 / (1 + step) }));
    const spoil: Callback = {
      onEpochEnd: (_epoch, logs) => {
        logs.spoilt = Number.NaN;
      },
    };
    await model.fit(x, y, { batchSize: 5, verbose: 0, callbacks: [spoil, new TensorBoard(write)] });
    const [epoch] = events('train');
    expect(epoch?.scalars).toMatchObject({ epoch_learningRate: 0.5, epoch_spoilt: Number.NaN });
    expect(events('validation')).toEqual([]);
  });

  test.each(['a folder', 'a function'])('a run that continues has every step once, in %s', async (where) => {
    const memory = memoryFiles();
    const logs = join(folder, 'logs');
    const board = () => new TensorBoard(where === 'a folder' ? logs : memory.write, { updateFreq: 'batch' });
    const steps = async (name: string) => {
      if (where === 'a function') return memory.events(name);
      const all = await Promise.all(
        (await readdir(join(logs, name))).map(async (file) => withoutTimes(eventsIn(await readFile(join(logs, name, file))))),
      );
      return all.flat();
    };
    const fit = { epochs: 3, batchSize: 4, verbose: 0, validationData: [x, y] } as const;
    const whole = memoryFiles();
    setRandomSeed(5);
    await regressionModel().fit(x, y, { ...fit, callbacks: [new TensorBoard(whole.write, { updateFreq: 'batch' })] });
    const kept: Uint8Array[] = [];
    const storage = { save: (bytes: Uint8Array) => void kept.push(bytes), load: () => kept.at(-1), delete() {} };
    const keeper = () => new BackupAndRestore(storage, { saveFreq: 2 });
    const crash: Callback = {
      onEpochEnd: (epoch) => {
        if (epoch === 1) throw new RangeError('crash');
      },
    };
    setRandomSeed(5);
    await caught(() => regressionModel().fit(x, y, { ...fit, callbacks: [board(), crash, keeper()] }));
    // The crash came after an epoch that the backup does not have.
    expect((await steps('train')).length).toBeGreaterThan(7);
    await regressionModel().fit(x, y, { ...fit, callbacks: [board(), keeper()] });
    for (const name of ['train', 'validation']) expect(await steps(name)).toEqual(whole.events(name));
    expect(whole.events('train')).toHaveLength(12);
  });

  test('steps and lengths of more than seven bits', async () => {
    const { write, events } = memoryFiles();
    const many = regression(300);
    const long = 'n'.repeat(20_000);
    const name: Callback = {
      onEpochEnd: (_epoch, logs) => {
        logs[long] = 1;
      },
    };
    const board = new TensorBoard(write, { updateFreq: 100 });
    await regressionModel().fit(many.x, many.y, { batchSize: 1, verbose: 0, callbacks: [name, board] });
    const written = events('train');
    expect(written.map(({ step }) => step)).toEqual([100, 200, 300, 0]);
    expect(written[3]?.scalars).toMatchObject({ [`epoch_${long}`]: 1 });
  });

  test('what a file has behind the position of a part is cut off', async () => {
    const write = eventWriter(folder);
    await write('train/events', Uint8Array.of(1, 2, 3, 4, 5), 0);
    await write('train/events', Uint8Array.of(6), 2);
    expect([...(await readFile(join(folder, 'train', 'events')))]).toEqual([1, 2, 6]);
    await write('train/events', Uint8Array.of(7), 0);
    expect([...(await readFile(join(folder, 'train', 'events')))]).toEqual([7]);
  });

  test('a folder that cannot be written, and one without a file system, are refused', async () => {
    const fails = new TensorBoard(join('/dev/null', 'logs'));
    expectError(await caught(() => regressionModel().fit(x, y, { verbose: 0, callbacks: [fails] })), FileError, /\/dev\/null\/logs/);
    const model = regressionModel();
    hideNode();
    const error = await caught(() => model.fit(x, y, { verbose: 0, callbacks: [new TensorBoard()] }));
    vi.unstubAllGlobals();
    expectError(
      error,
      BackendError,
      /^TensorBoard: there is no file system here to write logs to: give it a function, new TensorBoard\(\(file, bytes, position\) => …\)$/,
    );
    expect(model.iterations).toBe(0);
  });
});

test.each<[RegExp, () => unknown]>([
  [/^TensorBoard takes a folder, or a function that writes, got ''$/, () => new TensorBoard('')],
  [/TensorBoard takes a folder/, () => new TensorBoard({ logDir: 'logs' } as never)],
  [/^TensorBoard: updateFreq/, () => new TensorBoard('logs', { updateFreq: 0 })],
  [/unknown option 'histogramFreq'/, () => new TensorBoard('logs', { histogramFreq: 1 } as never)],
])('wrong arguments are refused: %s', async (message, make) => {
  expectError(await caught(make), ArgumentError, message);
});
