import { afterEach, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { Dense, GRU, type Layer, LSTM, Sequential } from '../../ts/index.ts';
import { startOn } from '../support/modelBackends.ts';

afterEach(() => vi.restoreAllMocks());

const window = { truncate: 100, returnSequences: true } as const;

const WIRINGS: [string, () => Layer[], boolean][] = [
  ['the last output', () => [new LSTM(8, { truncate: 100 }), new Dense(1)], false],
  ['every output', () => [new LSTM(8, window), new Dense(1)], true],
  ['two layers', () => [new LSTM(8, window), new GRU(4, { truncate: 50 }), new Dense(1)], false],
];

/** The most bytes of the backend that training on a sequence takes at once, and its loss. */
async function train(layers: Layer[], steps: number, everyStep: boolean) {
  const backend = await loadBackend();
  startOn(backend);
  let [bytes, most] = [0, 0];
  const { allocate, free } = backend;
  vi.spyOn(backend, 'allocate').mockImplementation((size, purpose) => {
    const block = allocate.call(backend, size, purpose);
    bytes += block.bytes;
    most = Math.max(most, bytes);
    return block;
  });
  vi.spyOn(backend, 'free').mockImplementation((block) => {
    bytes -= block.bytes;
    free.call(backend, block);
  });
  const wave = Float32Array.from({ length: steps + 1 }, (_, step) => Math.sin(step / 5));
  const model = new Sequential(layers);
  model.compile({ optimizer: 'adam', loss: 'mse' });
  const y = everyStep ? { shape: [1, steps, 1], data: wave.subarray(1) } : { shape: [1, 1], data: wave.subarray(steps) };
  const x = { shape: [1, steps, 1], data: wave.subarray(0, steps) };
  const { loss } = await model.trainOnBatch(x, y);
  await model.evaluate(x, y);
  await model.predict(x);
  model.dispose();
  vi.restoreAllMocks();
  return { most, loss: loss as number };
}

test.each(WIRINGS)('%s: with truncate, memory does not grow with the length of sequences', async (_label, layers, everyStep) => {
  const [short, long] = [await train(layers(), 100_000, everyStep), await train(layers(), 1_000_000, everyStep)];
  expect(long.most).toBe(short.most);
  expect(long.most).toBeLessThan(600_000);
  expect(long.loss).toBeGreaterThan(0);
});
