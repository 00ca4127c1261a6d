import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { Dense, LSTM, Sequential, setWorkerUrl, WorkerError } from '../../ts/index.ts';
import { getWorkerUrl } from '../../ts/training/workerOptions.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { regression, regressionModel } from '../support/regression.ts';
import { type StartedWorkers, trackWorkers } from '../support/startedWorkers.ts';

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
  });

  test.each([
    ['has no file', pathToFileURL('/no/such/worker.js').href, /\/no\/such\/worker\.js/],
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

  test("with 'auto', this thread goes on, and the console says why", async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    startOn(await loadBackend('wasm'));
    setWorkerUrl(pathToFileURL('/no/such/worker.js'));
    const model = new Sequential([new LSTM(64), new Dense(1)]);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const x = { shape: [32, 100, 32], data: new Float32Array(32 * 100 * 32) };
    const { history } = await model.fit(x, new Float32Array(32), { workers: 'auto', verbose: 0 });
    expect(history.loss).toHaveLength(1);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('/no/such/worker.js'));
    warn.mockRestore();
  });
});
