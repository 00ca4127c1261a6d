import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { setWorkerUrl, WorkerError } from '../../ts/index.ts';
import { getWorkerUrl } from '../../ts/model/workerOptions.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { regression, regressionModel } from '../support/regression.ts';
import { type StartedWorkers, trackWorkers } from '../support/startedWorkers.ts';

vi.mock('../../ts/model/autoWorkers.ts', () => ({ autoWorkers: () => 2 }));

const missingFile = pathToFileURL('/no/such/worker.js');
const url = getWorkerUrl();

let workers: StartedWorkers;
beforeEach(async () => {
  startOn(await loadBackend('reference'));
  workers = trackWorkers();
});
afterEach(async () => {
  setWorkerUrl(url);
  await workers.end();
  workers.stop();
  vi.restoreAllMocks();
});

describe('a worker that cannot start', () => {
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
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = regressionModel();
    const { x, y } = regression(6);
    const train = () => model.fit(x, y, { workers: 'auto', epochs: 2, verbose: 0 });

    setWorkerUrl(missingFile);
    expect((await train()).history.loss).toHaveLength(2);
    await train();
    expect(warn).toHaveBeenCalledOnce();
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('/no/such/worker.js'));

    setWorkerUrl(url);
    const before = workers.all.length;
    await train();
    // The one that tries trains, too.
    expect(workers.all.length - before).toBe(2);
  });
});

/** What Node has loaded of its web client. */
const LOADED = `process.moduleLoadList.filter((name) => name.includes('undici'))`;

describe("Node's web client, which takes as long to load as a thread to start, is loaded", () => {
  test('neither in the worker', async () => {
    const report = `setInterval(() => parentPort.postMessage(${LOADED}), 5)`;
    const code = `import '${url}'; import { parentPort } from 'node:worker_threads'; ${report}`;
    setWorkerUrl(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    let reported: unknown[] = [];
    const onEpochEnd = async () => {
      reported = await once(workers.all[0] as Worker, 'message');
    };
    const { x, y } = regression(6);
    await regressionModel().fit(x, y, { workers: 1, verbose: 0, callbacks: [{ onEpochEnd }] });
    expect(reported).toEqual([[]]);
  });

  test('nor by the caller', async () => {
    const library = new URL('../../dist/index.js', import.meta.url).href;
    const code = `
      import { Dense, Sequential } from '${library}';
      const model = new Sequential([new Dense(1)]);
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      await model.fit([[1], [2]], [1, 2], { workers: 1, verbose: 0, callbacks: [{ onTrainBatchEnd() {} }] });
      console.log(JSON.stringify(${LOADED}));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
    expect(JSON.parse(stdout)).toEqual([]);
  });
});
