import { setTimeout as wait } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { type Callback, KernelPanicError, setWorkerUrl, TrainingControl, WorkerError } from '../../ts/index.ts';
import { getWorkerUrl } from '../../ts/model/workerOptions.ts';
import { activeResources, resourcesSince } from '../support/activeResources.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { exhaustMemory, mortalWorkerUrl } from '../support/mortalWorker.ts';
import { regression, regressionModel, rows } from '../support/regression.ts';
import { type StartedWorkers, trackWorkers } from '../support/startedWorkers.ts';
import { sharedLabels } from '../support/workerCases.ts';

// Labels that nobody checked: no other way to make a kernel panic.
vi.mock('../../ts/feed/checkValues.ts', async (load) => ({ ...(await load<object>()), integerCheck: () => () => {} }));

/** Epochs that would take minutes. */
const ENDLESS = 1_000_000;
/**
 * Milliseconds in which a call must fail. Users are promised a second; on a machine that is busy
 * with other programs it may take longer, but never as long as the epochs.
 */
const PROMPT = 20_000;

/**
 * A worker's end: how it is brought about, what tells that it comes now, and what the error says.
 */
const ENDS: readonly [string, (worker: Worker, now: () => void) => void, RegExp][] = [
  [
    'is killed',
    (worker, now) => {
      now();
      void worker.terminate();
    },
    /a worker failed: it exited with code 1/,
  ],
  ['runs out of memory', exhaustMemory, /a worker failed: .*heap.* fewer workers.*batchSize.*--max-old-space-size/s],
];

describe.each([
  ['shared memory', true],
  ['messages', false],
])('workers that meet by %s', (_name, shared) => {
  const url = getWorkerUrl();
  let workers: StartedWorkers;
  let resources: string[];
  beforeEach(async () => {
    startOn(await loadBackend('wasm', { build: 'simd128' }));
    if (!shared) vi.stubGlobal('crossOriginIsolated', false);
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    setWorkerUrl(mortalWorkerUrl());
    resources = activeResources();
    workers = trackWorkers({ resourceLimits: { maxOldGenerationSizeMb: 32 } });
  });
  afterEach(async () => {
    await workers.end();
    workers.stop();
    setWorkerUrl(url);
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    // Nothing keeps the process from ending. A dead thread's ports close a little after it.
    await expect.poll(() => resourcesSince(resources), { timeout: 60_000 }).toEqual([]);
  });

  const { x, y } = regression(6);

  /**
   * Fails unless the call does, promptly: `since` tells when its worker's end came.
   * @returns its error
   */
  async function failure(call: Promise<unknown>, since: () => number): Promise<Error> {
    const error = await call.then(
      () => expect.unreachable('the call did not fail'),
      (reason) => reason,
    );
    expect(since()).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(performance.now() - since()).toBeLessThan(PROMPT);
    // The others end too, wherever they wait.
    await workers.settle(0);
    return error;
  }

  describe.each([1, 2, 3])('of %i workers', (count) => {
    const victims = Array.from({ length: count }, (_, rank) => rank);

    test.each(ENDS)('one %s: a WorkerError within a second, and the weights of the last whole epoch', async (_end, bringAbout, message) => {
      for (const victim of victims) {
        const model = regressionModel();
        const before = workers.all.length;
        let kept = flatWeights(model);
        let at = Number.POSITIVE_INFINITY;
        const ending: Callback = {
          onEpochEnd(epoch) {
            kept = flatWeights(model);
            if (epoch !== 3) return;
            bringAbout(workers.all[before + victim], () => {
              at = performance.now();
            });
          },
        };
        const error = await failure(model.fit(x, y, { epochs: ENDLESS, verbose: 0, workers: count, callbacks: [ending] }), () => at);
        expect(error).toBeInstanceOf(WorkerError);
        expect(error).toMatchObject({ code: 'WORKER', message: expect.stringMatching(message) });
        expect(flatWeights(model)).toEqual(kept);
        expect(model.iterations).toBeGreaterThanOrEqual(4);
        await model.fit(x, y, { verbose: 0, workers: count });
        await workers.end();
      }
    });

    test('one is killed while all wait: for the caller, or for each other', async () => {
      for (const victim of victims) {
        const model = regressionModel();
        const before = workers.all.length;
        const kept = flatWeights(model);
        const control = new TrainingControl();
        let reported = false;
        // The first worker waits to go on, the others for its next step.
        const pausing: Callback = {
          onTrainBatchEnd() {
            control.pause();
            reported = true;
          },
        };
        const call = model.fit(x, y, { batchSize: 1, verbose: 0, workers: count, control, callbacks: [pausing] });
        while (!reported) await wait(1);
        await wait(50);
        const at = performance.now();
        void workers.all[before + victim].terminate();
        expect(await failure(call, () => at)).toBeInstanceOf(WorkerError);
        expect(flatWeights(model)).toEqual(kept);
      }
    });

    test('one is killed while all wait for a batch of an iterable, or train on one', async () => {
      const batch = [rows(x, 0, 3), rows(y, 0, 3)] as const;
      // The last one waits for a batch that never comes, the others are read as fast as they train.
      for (const [victim, last] of [...victims, ...victims].map((rank, index) => [rank, index < victims.length ? 2 : ENDLESS] as const)) {
        const model = regressionModel();
        const before = workers.all.length;
        const kept = flatWeights(model);
        let given = 0;
        const batches = async function* () {
          for (; given < last; given++) yield batch;
          await new Promise(() => {});
        };
        const call = model.fit(batches, { verbose: 0, workers: count });
        while (given < Math.min(last, 5)) await wait(1);
        await wait(50);
        const at = performance.now();
        void workers.all[before + victim].terminate();
        expect(await failure(call, () => at)).toBeInstanceOf(WorkerError);
        expect(flatWeights(model)).toEqual(kept);
      }
    });

    test('a kernel of one panics while the others wait: a KernelPanicError within a second', async () => {
      // The first and the last worker's row.
      for (const row of [0, 5]) {
        const { model, ids, labels } = sharedLabels();
        const kept = flatWeights(model);
        let at = Number.POSITIVE_INFINITY;
        const started: Callback = {
          onEpochBegin() {
            at = performance.now();
          },
        };
        labels.data[row] = 99;
        const call = model.fit(ids, labels, { batchSize: 6, shuffle: false, verbose: 0, workers: count, callbacks: [started] });
        const error = await failure(call, () => at);
        expect(error).toBeInstanceOf(KernelPanicError);
        expect(error).toMatchObject({ code: 'KERNEL_PANIC', message: expect.stringContaining('99') });
        expect(flatWeights(model)).toEqual(kept);
      }
    });
  });
});
