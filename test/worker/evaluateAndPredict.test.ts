import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { nextIdModel, nextIds } from '../support/workerCases.ts';

describe.each(await availableBackends())('evaluate and predict in workers on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => vi.unstubAllGlobals());

  test.each([true, false])('give the same bits for any number of workers (shared memory: %s)', async (isolated) => {
    vi.stubGlobal('crossOriginIsolated', isolated);
    const { x, y } = nextIds(11);
    const sampleWeight = new RandomArrays(8).float32s(11, 0, 2);
    const model = nextIdModel();
    for (const batchSize of [3, 32]) {
      const expected = await model.evaluate(x, y, { batchSize, sampleWeight });
      const outputs = await model.predict(x, { batchSize });
      expect(outputs.shape).toEqual([11, 6, 12]);
      for (const workers of [1, 2, 3]) {
        expect(await model.evaluate(x, y, { batchSize, sampleWeight, workers })).toEqual(expected);
        expect(await model.predict(x, { batchSize, workers })).toEqual(outputs);
      }
    }
    expect(x.data.length).toBe(66);
  });

  test('weights that were never drawn are those that the caller draws later', async () => {
    const { x } = nextIds(5);
    const model = nextIdModel();
    const there = await model.predict(x, { workers: 1 });
    expect(await model.predict(x)).toEqual(there);
  });

  test('errors keep their class', async () => {
    const model = nextIdModel();
    const { x, y } = nextIds(5);
    await expect(model.predict(x, { workers: -1 })).rejects.toMatchObject({ name: 'ArgumentError', code: 'ARGUMENT' });
    await expect(model.evaluate(x, { ...y, shape: [3, 10] }, { workers: 1 })).rejects.toMatchObject({ name: 'ShapeError' });
  });

  test('no memory for a copy of the data is an OutOfMemoryError that says what needs none', async () => {
    const Full = class {
      constructor() {
        throw new RangeError('Array buffer allocation failed');
      }
    };
    // More than any call before it gave back.
    const { x } = nextIds(3000);
    vi.stubGlobal('SharedArrayBuffer', Full);
    await expect(nextIdModel().predict(x, { workers: 2 })).rejects.toMatchObject({
      name: 'OutOfMemoryError',
      message: expect.stringMatching(/^x: copies for workers \(workers: 0 needs none\), .* need \d+ bytes/),
    });
  });
});
