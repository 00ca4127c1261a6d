import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { turn } from '../../ts/control/turn.ts';
import type { Callback } from '../../ts/index.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';
import { caught } from '../support/refusals.ts';
import { regression, regressionModel } from '../support/regression.ts';
import { type StartedWorkers, trackWorkers } from '../support/startedWorkers.ts';

const EVENTS = [
  'onTrainBegin',
  'onEpochBegin',
  'onTrainBatchEnd',
  'onProgress',
  'onTestBegin',
  'onTestEnd',
  'onEpochEnd',
  'onTrainEnd',
] as const satisfies readonly (keyof Callback)[];

/** More than fit waits for a callback after the signal. */
const LONG = 60_000;
/** Less than that. */
const SOON = 900;

const endless = new Promise<never>(() => {});

describe.each([0, 1, 2])('a signal ends fit with %i workers', (workers) => {
  let started: StartedWorkers;
  beforeEach(async () => {
    startOn(await loadBackend('reference'));
    started = trackWorkers();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await started.end();
    started.stop();
  });

  const { x, y } = regression(6);
  const options = { batchSize: 2, epochs: 1_000_000, validationData: [x, y] as const, verbose: 0 as const, workers };

  test.each(EVENTS)('while %s never ends', async (event) => {
    const warnings = givenWarnings();
    const model = regressionModel();
    const controller = new AbortController();
    const reason = new Error('enough');
    // Progress is told thirty times a second, so its epochs must be many.
    const epochs = event === 'onTrainEnd' ? 1 : options.epochs;
    let training: Promise<unknown> = endless;
    await new Promise<void>((called) => {
      const waits = () => {
        called();
        return endless;
      };
      training = caught(() => model.fit(x, y, { ...options, epochs, signal: controller.signal, callbacks: [{ [event]: waits }] }));
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    controller.abort(reason);
    vi.advanceTimersByTime(LONG);
    expect(await training).toBe(reason);
    expect(warnings).toEqual([{ code: 'CALLBACK_LEFT', message: expect.stringContaining(`fit: ${event} of a callback had not ended`) }]);
    // The model is free again.
    vi.useRealTimers();
    await model.fit(x, y, { ...options, epochs: 1 });
  });

  test('a callback that ends soon after the signal is waited for, also at the end of training', async () => {
    const warnings = givenWarnings();
    const controller = new AbortController();
    const reason = new Error('enough');
    const log: string[] = [];
    const waiting: (() => void)[] = [];
    const slow = (event: string) => async () => {
      await new Promise<void>((end) => waiting.push(end));
      log.push(event);
    };
    const callback: Callback = { onEpochEnd: slow('epoch end'), onTrainEnd: slow('train end') };
    const training = caught(() => regressionModel().fit(x, y, { ...options, signal: controller.signal, callbacks: [callback] }));
    while (waiting.length < 1) await turn();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    controller.abort(reason);
    for (let event = 0; event < 2; event++) {
      while (waiting.length <= event) await turn();
      vi.advanceTimersByTime(SOON);
      for (let turns = 0; turns < 5; turns++) await turn();
      waiting[event]?.();
    }
    expect(await training).toBe(reason);
    expect(log).toEqual(['epoch end', 'train end']);
    expect(warnings).toEqual([]);
  });

  test('a callback that ends in time leaves nothing behind at the signal', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const listening: number[] = [];
    let count = 0;
    vi.spyOn(signal, 'addEventListener').mockImplementation((...args) => {
      count++;
      EventTarget.prototype.addEventListener.apply(signal, args);
    });
    vi.spyOn(signal, 'removeEventListener').mockImplementation((...args) => {
      count--;
      EventTarget.prototype.removeEventListener.apply(signal, args);
    });
    const callback: Callback = { onEpochEnd: () => turn(), onEpochBegin: () => void listening.push(count) };
    await regressionModel().fit(x, y, { ...options, epochs: 5, signal, callbacks: [callback] });
    expect(listening).toEqual(new Array(5).fill(listening[0]));
  });
});

test('a callback that never ends after the signal, from its first function to its last, is left twice', async () => {
  startOn(await loadBackend('reference'));
  const warnings = givenWarnings();
  const { x, y } = regression(6);
  const controller = new AbortController();
  const reason = 'no error';
  const waitingFor: string[] = [];
  const waits = (event: string) => () => {
    waitingFor.push(event);
    return endless;
  };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const callback: Callback = { onEpochBegin: waits('onEpochBegin'), onTrainEnd: waits('onTrainEnd') };
    const training = caught(() => regressionModel().fit(x, y, { verbose: 0, signal: controller.signal, callbacks: [callback] }));
    for (const event of ['onEpochBegin', 'onTrainEnd']) {
      while (!waitingFor.includes(event)) await turn();
      controller.abort(reason);
      vi.advanceTimersByTime(LONG);
    }
    const error = await training;
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(error).not.toHaveProperty('suppressed');
    expect(warnings.map(({ code }) => code)).toEqual(['CALLBACK_LEFT', 'CALLBACK_LEFT']);
  } finally {
    vi.useRealTimers();
  }
});
