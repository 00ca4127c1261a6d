import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { type Callback, Embedding, type FitOptions, Sequential, SGD, SimpleRNN, type Tensor, type TensorLike } from '../../ts/index.ts';
import { startOn } from '../support/modelBackends.ts';

/** Values that are visited between two looks at the clock. */
const PIECE = 2 ** 15;
const PIECES = 6;
/** Looks at the clock while an array is read: between its pieces. */
const LOOKS = PIECES - 1;
/** N: {@link PIECES} pieces of a sample's one value. */
const COUNT = PIECES * PIECE;
const IDS = 10;
const options = { batchSize: COUNT / 2, verbose: 0 } as const;

const ids = Int32Array.from({ length: COUNT }, (_, index) => index % IDS);
const halves = new Float32Array(COUNT).fill(0.5);
const ones = new Float32Array(COUNT).fill(1);

function idModel(): Sequential {
  const model = new Sequential([new Embedding(IDS, 1), new SimpleRNN(1)]);
  model.compile({ optimizer: new SGD(), loss: 'meanSquaredError' });
  return model;
}

const column = (data: Int32Array): Tensor => ({ shape: [COUNT, 1], data });

/** How often loops have let the thread do other work since the test began. */
let turns: () => number;

beforeEach(async () => {
  startOn(await loadBackend('wasm', { build: 'simd128' }));
  // Every look at the clock comes 25 ms after the last, so that each loop that looks gives way.
  let seconds = 0;
  vi.spyOn(process, 'uptime').mockImplementation(() => {
    seconds += 0.025;
    return seconds;
  });
  const given = vi.spyOn(globalThis, 'setImmediate');
  turns = () => given.mock.calls.length;
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Turns until everything that `fit` was given is read; it does not train. */
async function turnsOfReading(x: TensorLike, y: TensorLike, more: FitOptions): Promise<number> {
  let count = 0;
  const readOnly: Callback = {
    onTrainBegin(_plan, model) {
      count = turns();
      model.stopTraining = true;
    },
  };
  await idModel().fit(x, y, { ...options, ...more, callbacks: [readOnly] });
  return count;
}

describe.each([0, 1, 2])('long data gives the thread its turns (%i workers)', (workers) => {
  test.each<[string, TensorLike, TensorLike, object, number]>([
    ['ids and targets', column(ids), halves, {}, 2 * LOOKS],
    ['a weight for each sample', column(ids), halves, { sampleWeight: ones }, 3 * LOOKS],
    ['weights of classes', column(ids), ones, { classWeight: { 1: 2 } }, 3 * LOOKS],
    ['data to validate on', column(ids), halves, { validationData: [column(ids), halves] }, 4 * LOOKS],
    ['nested arrays', Array.from(ids, (id) => [id]), Array.from(halves), {}, 2 * LOOKS],
  ])('fit: %s', async (_name, x, y, more, pieces) => {
    expect(await turnsOfReading(x, y, { ...more, workers })).toBeGreaterThanOrEqual(pieces);
  });

  test('evaluate', async () => {
    await idModel().evaluate(column(ids), halves, { ...options, workers });
    expect(turns()).toBeGreaterThanOrEqual(2 * LOOKS);
  });

  test('predict, and collecting what workers predicted', async () => {
    await idModel().predict(column(ids), { ...options, workers });
    expect(turns()).toBeGreaterThanOrEqual(workers > 1 ? 2 * LOOKS : LOOKS);
  });
});

test('copies for workers that share no memory are made in pieces', async () => {
  vi.stubGlobal('crossOriginIsolated', false);
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const counted = await turnsOfReading(column(ids), halves, { workers: 2 });
  // Read, then copied for the first of the two.
  expect(counted).toBeGreaterThanOrEqual(4 * LOOKS);
});

describe('nested arrays, which are read in pieces that end within rows', () => {
  const STEPS = 12;
  const rows = Array.from({ length: COUNT / STEPS }, (_, row) => Array.from(ids.subarray(STEPS * row, STEPS * (row + 1))));

  test('are the same data as flat', async () => {
    const model = idModel();
    const flat = await model.predict({ shape: [COUNT / STEPS, STEPS], data: ids }, { batchSize: 1024 });
    expect(await model.predict(rows, { batchSize: 1024 })).toEqual(flat);
  });

  test.each<[string, unknown, string]>([
    ['x[12000] has 2 elements where x[0] has 12', [1, 2], 'SHAPE'],
    ["x[12000][3] must be a number, got 'text'", [0, 0, 0, 'text', 0, 0, 0, 0, 0, 0, 0, 0], 'ARGUMENT'],
    ['x[12000][3] is 10, expected an id', [0, 0, 0, IDS, 0, 0, 0, 0, 0, 0, 0, 0], 'DATA'],
  ])('are refused where they are wrong: %s', async (message, row, code) => {
    const wrong = rows.map((right, index) => (index === 12_000 ? row : right));
    await expect(idModel().predict(wrong as TensorLike)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe.each([true, false])('data that changes while it is read for a worker (shared memory: %s)', (shared) => {
  /** Predicts for ids of which one changes at the first turn. */
  function predictChanging(model: Sequential, at: number, id: number): Promise<Tensor> {
    vi.stubGlobal('crossOriginIsolated', shared);
    const changing = ids.slice();
    const prediction = model.predict(column(changing), { ...options, workers: 1 });
    setImmediate(() => {
      changing[at] = id;
    });
    return prediction;
  }

  test('is used as it was checked', async () => {
    const model = idModel();
    const expected = await model.predict(column(ids), options);
    expect(await predictChanging(model, 0, 99)).toEqual(expected);
  });

  test('is checked as it is used', async () => {
    const message = expect.stringContaining(`x[${COUNT - 1}][0] is 99`);
    await expect(predictChanging(idModel(), COUNT - 1, 99)).rejects.toMatchObject({ code: 'DATA', message });
  });
});
