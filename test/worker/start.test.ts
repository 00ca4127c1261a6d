import os from 'node:os';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { Dense, LSTM, Sequential, setWorkerUrl, WorkerError } from '../../ts/index.ts';
import { getWorkerUrl } from '../../ts/training/workerOptions.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { regression, regressionModel } from '../support/regression.ts';
import { type StartedWorkers, trackWorkers } from '../support/startedWorkers.ts';

const missingFile = pathToFileURL('/no/such/worker.js');
/** Enough for workers to pay. */
const EPOCHS = 100;

describe('a worker that cannot start', () => {
  const url = getWorkerUrl();
  let workers: StartedWorkers;
  beforeEach(async () => {
    startOn(await loadBackend('reference'));
    workers = trackWorkers();
  });
  afterEach(async () => {
    setWorkerUrl(url);
    await workers.settle(0);
    workers.stop();
    vi.restoreAllMocks();
  });

  test.each([
    ['has no file', missingFile.href, /\/no\/such\/worker\.js/],
    ['has a file that throws', `data:text/javascript,throw new Error('not today')`, /not today/],
    ['ends at once', 'data:text/javascript,process.exit(3)', /exited with code 3/],
  ])('%s: a WorkerError, and the model is as before', async (_name, address, message) => {
    setWorkerUrl(new URL(address));
    const { x, y } = regression(6);
    const model = regressionModel();
    const before = flatWeights(model);
    for (const count of [1, 2]) {
      const error = await model.fit(x, y, { workers: count, verbose: 0 }).catch((reason) => reason);
      expect(error).toBeInstanceOf(WorkerError);
      expect(error).toMatchObject({ code: 'WORKER', message: expect.stringMatching(message) });
      await expect(model.predict(x, { workers: count })).rejects.toBeInstanceOf(WorkerError);
    }
    expect(flatWeights(model)).toEqual(before);
    setWorkerUrl(url);
    await model.fit(x, y, { workers: 2, verbose: 0 });
  });

  test("with 'auto', this thread goes on, the console says why once, and the next call tries again", async () => {
    vi.spyOn(os, 'availableParallelism').mockReturnValue(2);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    startOn(await loadBackend('wasm'));
    const model = new Sequential([new LSTM(64), new Dense(1)]);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const x = { shape: [32, 100, 32], data: new Float32Array(32 * 100 * 32) };
    const train = () => model.fit(x, new Float32Array(32), { workers: 'auto', epochs: EPOCHS, verbose: 0 });

    setWorkerUrl(missingFile);
    expect((await train()).history.loss).toHaveLength(EPOCHS);
    await train();
    expect(warn).toHaveBeenCalledOnce();
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('/no/such/worker.js'));

    setWorkerUrl(url);
    const before = workers.all.length;
    await train();
    // One to try, two that train.
    expect(workers.all.length - before).toBe(3);
  });
});
