import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { cores } from '../../ts/core/cores.ts';
import type { Dataset } from '../../ts/feed/dataset.ts';
import type { Graph } from '../../ts/graph/graph.ts';
import {
  Adam,
  BatchNormalization,
  Bidirectional,
  Conv1D,
  Dense,
  Dropout,
  GlobalAveragePooling1D,
  GRU,
  Input,
  type Layer,
  LayerNormalization,
  LSTM,
  Masking,
  Model,
  Sequential,
  SGD,
  setRandomSeed,
  setWorkerUrl,
  type Tensor,
  WorkerError,
} from '../../ts/index.ts';
import { Session } from '../../ts/model/session.ts';
import { getWorkerUrl } from '../../ts/model/workerOptions.ts';
import { predictParts } from '../../ts/worker/predictParts.ts';
import { IDLE_MILLISECONDS, releaseWorkers } from '../../ts/worker/workerPool.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { regression, regressionModel } from '../support/regression.ts';
import { type StartedWorkers, trackWorkers } from '../support/startedWorkers.ts';
import { collectGarbage } from '../support/steadyHeap.ts';

/** Milliseconds that a test with many workers may take on a busy machine. */
const LONG = 600_000;

const { x, y } = regression(12);
const url = getWorkerUrl();
let workers: StartedWorkers;
beforeEach(async () => {
  startOn(await loadBackend('wasm', { build: 'simd128' }));
  workers = trackWorkers();
});
afterEach(async () => {
  await workers.end();
  workers.stop();
  setWorkerUrl(url);
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Fails unless workers and this thread predict the same bits. */
async function expectSamePredictions(model: Model, count = 2): Promise<void> {
  const there = (await model.predict(x, { batchSize: 4, workers: count })) as Tensor;
  expect(there).toEqual(await model.predict(x, { batchSize: 4 }));
}

describe('workers that are kept between calls', () => {
  test('serve fit, evaluate and predict, of several models', async () => {
    const [first, second] = [regressionModel(), regressionModel(new Adam(), 10)];
    for (const model of [first, second, first]) {
      await expectSamePredictions(model);
      expect(await model.evaluate(x, y, { workers: 2, batchSize: 4 })).toEqual(await model.evaluate(x, y, { batchSize: 4 }));
      await model.fit(x, y, { workers: 2, verbose: 0 });
      await expectSamePredictions(model, 1);
    }
    expect(workers.all).toHaveLength(2);
    expect(workers.running).toHaveLength(2);
  });

  test('get a model once, and its weights when they have changed', async () => {
    const model = regressionModel();
    const states = vi.spyOn(Session.prototype, 'workersState');
    const weights = vi.spyOn(Session.prototype, 'readWeights');
    for (let call = 0; call < 3; call++) await expectSamePredictions(model);
    expect(states).toHaveBeenCalledTimes(1);
    expect(weights).toHaveBeenCalledTimes(1);
    model.setWeights(model.getWeights().map(({ shape, data }) => ({ shape, data: data.map((value) => value + 1) })));
    for (let call = 0; call < 3; call++) await expectSamePredictions(model);
    expect(states).toHaveBeenCalledTimes(1);
    expect(weights).toHaveBeenCalledTimes(2);
  });

  test('forget the models that were longest unused', async () => {
    const models = Array.from({ length: 6 }, (_, index) => regressionModel(new SGD(), index + 1));
    for (const model of [...models, ...models]) await expectSamePredictions(model);
    const states = vi.spyOn(Session.prototype, 'workersState');
    for (const model of models.slice(2).reverse()) await expectSamePredictions(model);
    expect(states).not.toHaveBeenCalled();
    await expectSamePredictions(models[1] as Model);
    expect(states).toHaveBeenCalledTimes(1);
  });

  test('have the weights after everything that changes them', async () => {
    const shared = new Dense(4);
    const model = new Sequential([shared, new BatchNormalization(), new Dense(1)]);
    model.compile({ optimizer: new SGD({ learningRate: 0.1, useEma: true, emaOverwriteFrequency: 1 }), loss: 'mse' });
    const other = new Sequential([shared, new Dense(1)]);
    other.compile({ optimizer: 'sgd', loss: 'mse' });
    const [second] = model.layers.slice(-1);
    const changes: [string, () => unknown][] = [
      ['nothing: start values that workers draw', () => {}],
      ['the start values of a model that shares a layer', () => other.predict(x)],
      ['fit', () => model.fit(x, y, { verbose: 0 })],
      ['fit in workers', () => model.fit(x, y, { verbose: 0, workers: 2 })],
      ['fit of a model that shares a layer', () => other.fit(x, y, { verbose: 0 })],
      ['fit of that model in workers', () => other.fit(x, y, { verbose: 0, workers: 1 })],
      ['trainOnBatch', () => model.trainOnBatch(x, y)],
      ['a forward pass of training, which writes moving averages', async () => (await model.forward(x, { training: true })).dispose()],
      [
        'applyGradients',
        async () => {
          const pass = await model.forward(x, { training: true });
          pass.backward({ shape: [12, 1], data: new Float32Array(12).fill(1) });
          model.applyGradients();
        },
      ],
      ['setWeights of a layer', () => second?.setWeights(second.getWeights().map((each) => ({ ...each, data: each.data.map(() => 0.5) })))],
      ['compile', () => model.compile({ optimizer: 'adam', loss: 'mae' })],
      ['another training step after compile', () => model.trainOnBatch(x, y)],
      ['add', () => model.add(new Dense(2))],
      ['pop', () => model.pop()],
    ];
    for (const [change, make] of changes) {
      await make();
      const there = await model.predict(x, { workers: 1 });
      expect(there, change).toEqual(await model.predict(x));
    }
    expect(await model.evaluate(x, y, { workers: 1 })).toEqual(await model.evaluate(x, y));
  });

  test('end after half a minute without a call, and at once by releaseWorkers', async () => {
    const model = regressionModel();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await expectSamePredictions(model);
    vi.advanceTimersByTime(IDLE_MILLISECONDS - 1);
    await expectSamePredictions(model);
    vi.advanceTimersByTime(IDLE_MILLISECONDS - 1);
    expect(workers.running).toHaveLength(2);
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    await workers.settle(0);
    await expectSamePredictions(model, 1);
    await releaseWorkers();
    expect(workers.running).toHaveLength(0);
    await expectSamePredictions(model, 1);
    expect(workers.all).toHaveLength(4);
  });

  test('are those of the file that setWorkerUrl names at the time of a call', async () => {
    const model = regressionModel();
    await expectSamePredictions(model, 1);
    setWorkerUrl(new URL(`data:text/javascript,import '${url}'; globalThis.other = true`));
    await expectSamePredictions(model, 1);
    expect(workers.all).toHaveLength(2);
    await workers.settle(1);
  });

  test('are not more than cores, or than a call had', async () => {
    const model = regressionModel();
    await Promise.all(Array.from({ length: 8 }, () => expectSamePredictions(model, 1)));
    await workers.settle(Math.min(cores(), 8));
    await model.predict(x, { batchSize: 1, workers: 9 });
    await workers.settle(9);
  });

  test('do not keep a process from ending', async () => {
    const code = `
      import { Dense, Sequential } from '${new URL('../../dist/node.js', import.meta.url)}';
      const model = new Sequential([new Dense(1)]);
      console.log((await model.predict([[1], [2], [3]], { workers: 2, batchSize: 1 })).shape);
      process.on('exit', () => console.log('ended by itself'));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
      timeout: IDLE_MILLISECONDS - 1000,
    });
    expect(stdout).toBe('[ 3, 1 ]\nended by itself\n');
  });

  test(
    '300 calls leave nothing behind',
    async () => {
      const model = regressionModel();
      const calls = async (count: number) => {
        for (let call = 0; call < count; call++) {
          await model.predict(x, { batchSize: 4, workers: 1 + (call % 2) });
          if (call % 3 === 0) await model.evaluate(x, y, { batchSize: 4, workers: 2 });
          if (call % 10 === 0) await model.fit(x, y, { verbose: 0, workers: 1 + (call % 2) });
        }
        collectGarbage();
        await new Promise((resolve) => setTimeout(resolve, 20));
        collectGarbage();
        return process.memoryUsage();
      };
      const before = await calls(30);
      const after = await calls(300);
      expect(workers.all).toHaveLength(2);
      expect(after.heapUsed - before.heapUsed).toBeLessThan(2e6);
      expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1e6);
    },
    LONG,
  );
});

/** The worker's file, which does as it is told between two of its messages. */
function obedientWorkerUrl(): URL {
  const script = `
    import { parentPort } from 'node:worker_threads';
    await import('${url}');
    // Only now does it listen to its first message, which must not be lost.
    await new Promise((resolve) => setImmediate(resolve));
    parentPort.on('message', ({ exit, until }) => {
      if (!exit && !until) return;
      // From here on it answers no command.
      parentPort.postMessage('begins');
      if (exit) process.exit(7);
      Atomics.wait(until, 0, 0);
    });`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}

describe('a worker that ends or hangs', () => {
  beforeEach(() => setWorkerUrl(obedientWorkerUrl()));

  /** What a worker that hangs waits for. */
  const lock = () => new Int32Array(new SharedArrayBuffer(4));
  const free = (until: Int32Array) => {
    Atomics.store(until, 0, 1);
    Atomics.notify(until, 0);
  };
  const hang = (worker: Worker, until: Int32Array) => worker.postMessage({ until });
  const exit = (worker: Worker) => worker.postMessage({ exit: true });

  test.each([
    ['is terminated', async (worker: Worker) => void worker.terminate()],
    [
      'has exited',
      async (worker: Worker) => {
        exit(worker);
        await once(worker, 'exit');
      },
    ],
    [
      'exits',
      async (worker: Worker) => {
        exit(worker);
        await once(worker, 'message');
      },
    ],
    [
      'hangs',
      async (worker: Worker) => {
        hang(worker, lock());
        await once(worker, 'message');
      },
    ],
  ])('between two calls (%s) is replaced: the next call does not notice', async (_end, bringAbout) => {
    const model = regressionModel();
    await expectSamePredictions(model);
    const [victim] = workers.all as [Worker];
    await bringAbout(victim);
    await expectSamePredictions(model);
    // The other worker has ended too, unless the end was noticed before the call.
    await workers.settle(2);
    expect(workers.running).not.toContain(victim);
    const error = await model.fit(x, y, { workers: 2, verbose: 0 }).catch((reason) => reason);
    expect(error).not.toBeInstanceOf(Error);
  });

  /** The messages of this thread to its workers at which something happens to one of them. */
  const MOMENTS = 40;

  test(
    `at ${MOMENTS} random moments: a WorkerError or the right result, and the weights of the last whole epoch`,
    async () => {
      const random = new RandomArrays(17);
      const below = (limit: number) => random.integers(1, limit)[0] as number;
      const ends: string[] = [];
      for (let moment = 0; moment < MOMENTS; moment++) {
        const model = regressionModel();
        const expected = await model.predict(x);
        const count = 1 + below(2);
        const [call, end] = [below(3), ['terminate', 'exit', 'hang'][below(3)] as string];
        let left = below(call === 0 ? 24 : 6);
        let victim: Worker | null = null;
        const post = MessagePort.prototype.postMessage;
        const spy = vi.spyOn(MessagePort.prototype, 'postMessage').mockImplementation(function (this: MessagePort, ...message) {
          post.apply(this, message as Parameters<typeof post>);
          const { running } = workers;
          // Node's own messages have no id.
          if (!Object.hasOwn(Object(message[0]), 'id')) return;
          if (left-- > 0 || victim || running.length === 0) return;
          victim = running[below(running.length)] as Worker;
          if (end === 'terminate') void victim.terminate();
          else if (end === 'exit') exit(victim);
          else {
            const until = lock();
            hang(victim, until);
            // As long as it hangs, others wait for it, or do without it.
            setTimeout(free, 5, until);
          }
        });
        let kept = flatWeights(model);
        const onEpochEnd = () => {
          kept = flatWeights(model);
        };
        const calls = [
          () => model.fit(x, y, { epochs: 4, batchSize: 4, verbose: 0, workers: count, callbacks: [{ onEpochEnd, onTrainBatchEnd() {} }] }),
          () => model.evaluate(x, y, { batchSize: 4, workers: count }),
          () => model.predict(x, { batchSize: 4, workers: count }),
        ];
        const result = await (calls[call] as () => Promise<unknown>)().catch((reason) => reason);
        spy.mockRestore();
        ends.push(`${end} ${result instanceof Error}`);
        if (result instanceof Error) {
          expect(result).toBeInstanceOf(WorkerError);
          expect(result).toMatchObject({ code: 'WORKER', message: expect.stringMatching(/a worker failed: /) });
        } else if (call === 2) expect(result).toEqual(expected);
        expect(flatWeights(model)).toEqual(kept);
        // A quicker call leaves the worker its end, which must not fall into the next call.
        const ending = end === 'hang' ? null : (victim as Worker | null);
        if (ending && ending.threadId !== -1) await once(ending, 'exit');
        await expectSamePredictions(model, count);
      }
      // All happened, or the moments were badly chosen.
      expect(ends).toContain('terminate true');
      expect(ends).toContain('exit true');
      expect(ends).toContain('hang false');
      expect(ends).not.toContain('hang true');
    },
    LONG,
  );
});

describe('a batch whose samples workers divide', () => {
  const random = new RandomArrays(31);
  const series = (count: number) => ({ shape: [count, 6, 5], data: random.float32s(count * 30) });
  /** Products of one to three rows are summed in another order when they are as deep as this. */
  const DEEP = 400;

  test.each<[string, () => Layer[]]>([
    ['recurrent layers', () => [new LSTM(8, { returnSequences: true }), new Bidirectional(new GRU(DEEP)), new Dense(2)]],
    ['convolution and attention to steps', () => [new Conv1D(8, 3), new LayerNormalization(), new GlobalAveragePooling1D(), new Dense(2)]],
    ['a mask, which leaves some steps few rows', () => [new Masking(), new LSTM(DEEP), new Dense(2)]],
  ])('gives the same bits as this thread: %s', async (_name, layers) => {
    const model = new Sequential(layers());
    for (const count of [3, 8, 9, 17]) {
      const given = series(count);
      for (let row = 0; row < count; row++) given.data.fill(0, row * 30, row * 30 + 5 * (row % 6));
      for (const batchSize of [2, 5, 32]) {
        const expected = await model.predict(given, { batchSize });
        for (const workers of [2, 3]) expect(await model.predict(given, { batchSize, workers }), `${count} ${batchSize}`).toEqual(expected);
      }
    }
  });

  test('where rows draw random numbers, whole batches do', async () => {
    const twin = () => {
      setRandomSeed(4);
      const input = Input({ shape: [3] });
      return new Model({ inputs: input, outputs: new Dropout(0.5).apply(input, { training: true }) });
    };
    expect(await twin().predict(x, { batchSize: 12, workers: 2 })).toEqual(await twin().predict(x, { batchSize: 12 }));
  });

  test('so they do where a layer of a model inside takes the moments of the batch', async () => {
    const twin = () => {
      setRandomSeed(4);
      const [input, own] = [Input({ shape: [3] }), Input({ shape: [3] })];
      const inside = new Model({ inputs: own, outputs: new BatchNormalization().apply(own, { training: true }) });
      return new Model({ inputs: input, outputs: inside.apply(input) });
    };
    expect(await twin().predict(x, { batchSize: 12, workers: 2 })).toEqual(await twin().predict(x, { batchSize: 12 }));
  });

  test('all workers have a part of a single batch', () => {
    const parts = (count: number, batchSize: number, size: number) =>
      predictParts(graph, { ...dataset, count }, batchSize, size).map((part) => [part.dataset.count, part.batchSize]);
    const graph = { allLayers: [], nodes: [] } as unknown as Graph;
    const dataset = { x: [], y: [], weight: [] } as unknown as Dataset;
    expect(parts(32, 32, 2)).toEqual([
      [16, 16],
      [16, 16],
    ]);
    expect(parts(96, 32, 2)).toEqual([
      [48, 24],
      [48, 24],
    ]);
    expect(parts(9, 32, 2)).toEqual([
      [4, 4],
      [5, 5],
    ]);
    expect(parts(7, 32, 2)).toEqual([[7, 7]]);
    // A mask may leave some steps of a part fewer rows.
    const masked = { allLayers: [new Masking()], nodes: [] } as unknown as Graph;
    expect(predictParts(masked, { ...dataset, count: 32 }, 32, 2)).toHaveLength(1);
    // Whole batches: a last one of fewer than four rows stays by itself.
    expect(parts(67, 32, 2)).toEqual([
      [32, 32],
      [35, 32],
    ]);
    expect(parts(64, 32, 2)).toEqual([
      [32, 32],
      [32, 32],
    ]);
  });
});

test('a worker of the user’s own imports releaseWorkers and gets its own messages', async () => {
  const own = new Worker(
    `import(${JSON.stringify(new URL('../../dist/worker/entry.js', import.meta.url))}).then(({ releaseWorkers }) => {
      const { parentPort } = require('node:worker_threads');
      parentPort.on('message', async (message) => {
        await releaseWorkers();
        parentPort.postMessage(message + ' back');
      });
      parentPort.postMessage('ready');
    })`,
    { eval: true },
  );
  const answers: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    own.on('error', reject);
    own.on('message', (message) => {
      answers.push(message);
      if (answers.length === 1) for (const text of ['hello', 'again']) own.postMessage(text);
      if (answers.length === 3) resolve();
    });
  });
  expect(answers).toEqual(['ready', 'hello back', 'again back']);
  await own.terminate();
});
