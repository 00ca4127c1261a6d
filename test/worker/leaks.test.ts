import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { type Callback, type Sequential, TrainingControl } from '../../ts/index.ts';
import { activeResources, resourcesSince } from '../support/activeResources.ts';
import { startOn } from '../support/modelBackends.ts';
import { FEATURES, type Regression, regression, regressionModel } from '../support/regression.ts';
import { type StartedWorkers, trackWorkers } from '../support/startedWorkers.ts';
import { collectGarbage } from '../support/steadyHeap.ts';

/** Milliseconds that a test with many workers may take on a busy machine. */
const LONG = 600_000;

let workers: StartedWorkers;
beforeEach(async () => {
  startOn(await loadBackend('wasm', { build: 'simd128' }));
  workers = trackWorkers();
});
afterEach(async () => {
  await workers.end();
  workers.stop();
});

test(
  'forty fits leave nothing behind: no workers, ports, listeners or memory',
  async () => {
    // 80 kB: forty copies of it would show.
    const { x, y } = regression(5000);
    const model = regressionModel();
    const control = new TrainingControl();
    const { signal } = new AbortController();
    const listeners = { added: 0, removed: 0 };
    for (const target of [control, signal]) {
      const add = target.addEventListener.bind(target);
      target.addEventListener = ((type: string, listener: EventListener, options?: AddEventListenerOptions) => {
        listeners.added++;
        options?.signal?.addEventListener('abort', () => listeners.removed++);
        add(type, listener, options);
      }) as typeof target.addEventListener;
    }
    const callbacks = [{ onTrainBatchEnd() {}, onProgress() {} }];
    /** The data of every run, a copy of its own. */
    const given: WeakRef<object>[] = [];
    const fits = async (count: number) => {
      for (let fit = 0; fit < count; fit++) {
        const data = x.data.slice();
        given.push(new WeakRef(data));
        await model.fit({ ...x, data }, y, { batchSize: 2500, verbose: 0, workers: 1 + (fit % 2), control, signal, callbacks });
      }
      await workers.end();
    };
    const memory = async () => {
      // The list holds workers that have ended.
      workers.forget();
      // Ports and threads give back what they hold in turns of their own.
      for (let turn = 0; turn < 3; turn++) {
        collectGarbage();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return process.memoryUsage();
    };
    await fits(4);
    const before = { resources: activeResources(), ...(await memory()) };
    await fits(40);
    // One and two take turns, and all calls have the same two.
    expect(workers.all).toHaveLength(2);
    await expect.poll(() => resourcesSince(before.resources), { timeout: 60_000 }).toEqual([]);
    expect(listeners.removed).toBe(listeners.added);
    const { arrayBuffers, rss } = await memory();
    // The last runs may still be on their way out; a leak keeps those of a kind, which are twenty.
    expect(given.filter((data) => data.deref()).length).toBeLessThan(10);
    expect(arrayBuffers - before.arrayBuffers).toBeLessThan(1e6);
    expect(rss - before.rss).toBeLessThan(100e6);
  },
  LONG,
);

test('calls that fail leave nothing behind either', async () => {
  const { x, y } = regression(6);
  const model = regressionModel();
  const fail = async () => {
    await expect(
      model.fit(x, y, {
        verbose: 0,
        workers: 2,
        callbacks: [
          {
            onEpochEnd() {
              throw new RangeError('mine');
            },
          },
        ],
      }),
    ).rejects.toThrow('mine');
    await workers.end();
  };
  await fail();
  const before = activeResources();
  for (let failure = 0; failure < 5; failure++) await fail();
  await expect.poll(() => resourcesSince(before), { timeout: 60_000 }).toEqual([]);
});

describe('shared memory, whose size the garbage collector does not see', () => {
  const ROWS = 50_000;
  /** What a call copies: samples and targets in float64. */
  const BYTES = ROWS * (FEATURES + 1) * 8;
  const data = () => regression(ROWS);
  const options = { batchSize: ROWS, verbose: 0 as const };

  /** Bytes of shared memory that were made while a task ran. */
  async function sharedBytesOf(task: () => Promise<unknown>): Promise<number> {
    let bytes = 0;
    class Counted extends SharedArrayBuffer {
      constructor(length: number) {
        super(length);
        bytes += length;
      }
    }
    vi.stubGlobal('SharedArrayBuffer', Counted);
    try {
      await task();
    } finally {
      vi.unstubAllGlobals();
    }
    return bytes;
  }

  test.each([
    ['fit', async (model: Sequential, { x, y }: Regression) => model.fit(x, y, { ...options, workers: 2, validationSplit: 0.1 })],
    ['evaluate', async (model: Sequential, { x, y }: Regression) => model.evaluate(x, y, { ...options, workers: 2 })],
    ['predict', async (model: Sequential, { x }: Regression) => model.predict(x, { ...options, workers: 2 })],
    [
      'a fit that a callback ends by an error',
      (model: Sequential, { x, y }: Regression) => {
        const onEpochEnd = () => {
          throw new RangeError('mine');
        };
        return expect(model.fit(x, y, { ...options, workers: 2, callbacks: [{ onEpochEnd }] })).rejects.toThrow('mine');
      },
    ],
    [
      'a fit whose data is refused',
      (model: Sequential, { x, y }: Regression) => {
        const bad = { ...y, data: Float64Array.from(y.data, (value, index) => (index === ROWS - 1 ? Number.NaN : value)) };
        return expect(model.fit(x, bad, { ...options, workers: 2 })).rejects.toThrow('NaN');
      },
    ],
  ])('that of %s is used again by the next one', async (_name, call) => {
    const model = regressionModel();
    const given = data();
    await call(model, given);
    // A collection may free the memory between two calls, but not between all of them.
    const bytes = await sharedBytesOf(async () => {
      for (let count = 0; count < 8; count++) await call(model, given);
    });
    expect(bytes).toBeLessThan(4 * BYTES);
  });

  test('one worker needs none: it is given the copies', async () => {
    const model = regressionModel();
    const { x, y } = data();
    const bytes = await sharedBytesOf(async () => {
      await model.fit(x, y, { ...options, workers: 1, validationSplit: 0.1 });
      await model.evaluate(x, y, { ...options, workers: 1 });
      await model.predict(x, { ...options, workers: 1 });
    });
    expect(bytes).toBe(0);
    expect(x.data.length).toBe(ROWS * FEATURES);
  });

  test('is not used again after a worker failed, which may still be writing there', async () => {
    const model = regressionModel();
    const given = data();
    const train = (callbacks: Callback[] = []) => model.fit(given.x, given.y, { ...options, workers: 2, callbacks });
    await train();
    const onEpochBegin = () => void workers.running[1].terminate();
    await expect(train([{ onEpochBegin }])).rejects.toMatchObject({ code: 'WORKER' });
    expect(await sharedBytesOf(() => train())).toBeGreaterThanOrEqual(BYTES);
  });

  test(
    'eighty fits with two workers do not add up, without a forced collection',
    async () => {
      // Eighty copies would be 320 MB.
      const rows = 125_000;
      const model = regressionModel();
      const given = regression(rows);
      const fits = async (count: number) => {
        for (let fit = 0; fit < count; fit++) await model.fit(given.x, given.y, { batchSize: rows, verbose: 0, workers: 2 });
        return process.memoryUsage().rss;
      };
      const before = await fits(10);
      expect((await fits(80)) - before).toBeLessThan(100e6);
    },
    LONG,
  );
});
