import { beforeEach, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { Dense, Sequential, ShapeError } from '../../ts/index.ts';
import { startOn } from '../support/modelBackends.ts';
import { caught, expectError } from '../support/refusals.ts';

beforeEach(async () => startOn(await loadBackend('wasm', { build: 'simd128' })));

const x = [
  [1, 2],
  [3, 4],
];
const yes = [0, 1];

describe('a loss of classes on one output', () => {
  const LOSSES = ['categoricalCrossentropy', 'sparseCategoricalCrossentropy'] as const;
  const message = (loss: string) => new RegExp(`^loss '${loss}' compares classes .* use 'binaryCrossentropy'$`);

  test.each(LOSSES)('%s is refused by compile of a built model, which stays as it was', async (loss) => {
    const model = new Sequential([new Dense(1, { inputShape: [2], activation: 'sigmoid' })]);
    model.compile({ loss: 'binaryCrossentropy', optimizer: 'sgd' });
    await model.fit(x, yes, { verbose: 0 });
    const { optimizer } = model;
    expectError(await caught(() => model.compile({ loss })), ShapeError, message(loss));
    expect(model.optimizer).toBe(optimizer);
    expect(model.iterations).toBe(1);
    await model.fit(x, yes, { verbose: 0 });
    expect(model.iterations).toBe(2);
  });

  const CALLS: [string, (model: Sequential) => unknown][] = [
    ['fit', (model) => model.fit(x, yes, { verbose: 0 })],
    ['fit in a worker', (model) => model.fit(x, yes, { verbose: 0, workers: 1 })],
    ['evaluate', (model) => model.evaluate(x, yes)],
    ['trainOnBatch', (model) => model.trainOnBatch(x, yes)],
    ['testOnBatch', (model) => model.testOnBatch(x, yes)],
  ];

  test.each(CALLS)('is refused by %s, before its targets are looked at', async (_name, call) => {
    for (const loss of LOSSES) {
      const model = new Sequential([new Dense(1, { activation: 'softmax' })]);
      model.compile({ loss });
      expectError(await caught(() => call(model)), ShapeError, message(loss));
      expect(model.built).toBe(false);
    }
  });

  test('a metric that does not fit is refused there too', async () => {
    const model = new Sequential([new Dense(1)]);
    model.compile({ loss: 'mse', metrics: ['categoricalCrossentropy'] });
    await expect(model.fit(x, [Number.NaN, 1], { verbose: 0 })).rejects.toMatchObject({
      code: 'SHAPE',
      message: expect.stringContaining("metric 'categoricalCrossentropy' compares classes"),
    });
  });
});
