import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { TURN, turn } from '../../ts/control/turn.ts';
import { Dense, Embedding, GRU, generate, loadModel, type Model, modelToBytes, Sequential } from '../../ts/index.ts';
import { startOn } from '../support/modelBackends.ts';
import { regression, regressionModel } from '../support/regression.ts';

const { x, y } = regression(6);

/** What a frame has. */
const FRAME = 16;

type Call = (model: Model) => Promise<unknown>;

const CALLS: [string, Call][] = [
  ['trainOnBatch', (model) => model.trainOnBatch(x, y)],
  ['testOnBatch', (model) => model.testOnBatch(x, y)],
  ['predictOnBatch', (model) => model.predictOnBatch(x)],
  ['evaluate', (model) => model.evaluate(x, y)],
  ['predict', (model) => model.predict(x)],
  ['fit', (model) => model.fit(x, y, { verbose: 0 })],
  ['a fit that fails', (model) => model.fit(x, [1, 2], { verbose: 0 }).catch(() => {})],
  ['modelToBytes', (model) => modelToBytes(model)],
];

beforeEach(async () => startOn(await loadBackend('reference')));
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  // The last turn may have been on a clock that was ahead.
  await turn();
});

function idModel(): Sequential {
  const model = new Sequential([new Embedding(3, 2), new GRU(2), new Dense(3, { activation: 'softmax' })]);
  model.build([null, null]);
  return model;
}

/** A clock that stands still until it is set: no call is slow by chance. */
function stoppedClock(): { now: number } {
  const clock = { now: Math.ceil(process.uptime() * 1000) };
  vi.spyOn(process, 'uptime').mockImplementation(() => clock.now / 1000);
  return clock;
}

/**
 * Ends a loop that nothing else can end: it holds the thread, so no timer of a test runner runs
 * either.
 */
const MOST_CALLS = 20_000;

/** Repeats a call that takes a millisecond until a condition holds. */
async function repeat(call: () => Promise<unknown>, until: () => boolean): Promise<void> {
  const clock = stoppedClock();
  for (let calls = 0; !until(); calls++) {
    if (calls === MOST_CALLS) throw new Error('nothing else ran');
    clock.now++;
    await call();
  }
}

describe.each(CALLS)('%s, awaited in a loop', (_name, call) => {
  test('lets timers, immediates and signals run', async () => {
    const model = regressionModel();
    const ran = new Set<string>();
    setTimeout(() => ran.add('timer'), 1);
    setImmediate(() => ran.add('immediate'));
    const signal = AbortSignal.timeout(1);
    await repeat(
      () => call(model),
      () => ran.size === 2 && signal.aborted,
    );
  });

  test.each([1, 3, 7.5, 8, 30])('gives turns within a frame, and no more than it needs, when a call takes %d ms', async (milliseconds) => {
    const model = regressionModel();
    await call(model);
    await turn();
    const clock = stoppedClock();
    await turn();
    const start = clock.now;
    const turns = [start];
    let stopped = false;
    const tick = () => {
      if (turns.at(-1) !== clock.now) turns.push(clock.now);
      if (!stopped) setImmediate(tick);
    };
    setImmediate(tick);
    for (let count = 0; count < 40; count++) {
      // What the call does begins at once and takes this long.
      clock.now += milliseconds;
      await call(model);
    }
    stopped = true;
    const longest = Math.max(...turns.slice(1).map((time, index) => time - (turns[index] as number)));
    expect(longest).toBeLessThanOrEqual(Math.max(FRAME, milliseconds));
    expect(turns.length).toBeGreaterThan(1);
    expect(turns.length).toBeLessThanOrEqual(2 + (clock.now - start) / TURN);
  });
});

test('what runs between two awaited calls finds the model free', async () => {
  const model = regressionModel();
  const clock = stoppedClock();
  for (const call of [() => model.trainOnBatch(x, y), () => model.fit(x, y, { verbose: 0 })]) {
    let other: Promise<unknown> | null = null;
    setImmediate(() => {
      model.compile({ loss: 'mse' });
      other = model.fit(x, y, { epochs: 2, verbose: 0 });
    });
    clock.now += 2 * TURN;
    await call();
    expect(other).not.toBeNull();
    await other;
    expect(model.iterations).toBe(2);
  }
});

describe('a turn', () => {
  test('is a message where there are no immediates, and never a timer, which would be delayed', async () => {
    const timer = vi.spyOn(globalThis, 'setTimeout');
    vi.stubGlobal('setImmediate', undefined);
    let ran = false;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      ran = true;
    };
    port2.postMessage(null);
    while (!ran) await turn();
    port1.close();
    expect(timer).not.toHaveBeenCalled();
  });

  test('is a timer where there is nothing else', async () => {
    vi.stubGlobal('setImmediate', undefined);
    vi.stubGlobal('MessageChannel', undefined);
    let ran = false;
    setTimeout(() => {
      ran = true;
    });
    while (!ran) await turn();
  });
});

test('loadModel, awaited in a loop, lets timers run', async () => {
  const bytes = await modelToBytes(regressionModel());
  let ran = false;
  setTimeout(() => {
    ran = true;
  }, 1);
  await repeat(
    async () => (await loadModel(bytes)).dispose(),
    () => ran,
  );
});

describe('for await of generate', () => {
  test('lets timers run', async () => {
    let ran = false;
    setTimeout(() => {
      ran = true;
    }, 1);
    const ids = generate(idModel(), [0], { length: Number.POSITIVE_INFINITY, seed: 1 })[Symbol.asyncIterator]();
    await repeat(
      () => ids.next(),
      () => ran,
    );
    await ids.return?.();
  });

  test('gives the ids that come without awaiting, and ends its stream when it is left', async () => {
    const model = idModel();
    const options = { length: 20, seed: 3 };
    const ids: number[] = [];
    for await (const id of generate(model, [0, 1], options)) ids.push(id);
    expect(ids).toEqual([...generate(model, [0, 1], options)]);
    const left = generate(model, [0], options);
    for await (const _id of left) break;
    expect([...left]).toEqual([]);
  });
});
