import { beforeEach, describe, expect, test } from 'vitest';
import { type Callback, type Model, type Tensor, toCategorical } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { regression, regressionModel } from '../support/regression.ts';

const { x, y } = regression(6);

/** An object of getters, and how often each was called. */
function counted<T extends object>(values: T): { readonly object: T; readonly reads: Record<string, number> } {
  const reads: Record<string, number> = {};
  const object = {} as T;
  for (const name of Object.keys(values)) {
    reads[name] = 0;
    Object.defineProperty(object, name, {
      enumerable: true,
      get: () => {
        reads[name] = (reads[name] ?? 0) + 1;
        return values[name as keyof T];
      },
    });
  }
  return { object, reads };
}

const weight: Tensor = { shape: [6], data: new Float32Array(6).fill(1) };

type Call = (model: Model, wrap: <T extends object>(value: T) => T) => unknown;

const CALLS: [string, Call][] = [
  ['fit', (model, wrap) => model.fit(wrap(x), wrap(y), { sampleWeight: wrap(weight), verbose: 0 })],
  ['fit with validation', (model, wrap) => model.fit(x, y, { validationData: [wrap(x), wrap(y), wrap(weight)], verbose: 0 })],
  ['evaluate', (model, wrap) => model.evaluate(wrap(x), wrap(y), { sampleWeight: wrap(weight) })],
  ['predict', (model, wrap) => model.predict(wrap(x))],
  ['trainOnBatch', (model, wrap) => model.trainOnBatch(wrap(x), wrap(y), wrap(weight))],
  ['testOnBatch', (model, wrap) => model.testOnBatch(wrap(x), wrap(y), wrap(weight))],
  ['predictOnBatch', (model, wrap) => model.predictOnBatch(wrap(x))],
  ['setWeights', (model, wrap) => model.setWeights(model.getWeights().map(wrap))],
  ['toCategorical', (_model, wrap) => toCategorical(wrap({ shape: [2], data: Int32Array.of(0, 1) }))],
];

describe.each(await availableBackends())('what is given is read once on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each(CALLS)('%s reads the shape and the data of each tensor once', async (_name, call) => {
    const wrapped: Record<string, number>[] = [];
    const wrap = <T extends object>(value: T) => {
      const { object, reads } = counted(value);
      wrapped.push(reads);
      return object;
    };
    const model = regressionModel();
    model.build([null, 3]);
    await call(model, wrap);
    expect(wrapped.length).toBeGreaterThan(0);
    for (const reads of wrapped) expect(reads).toEqual({ shape: 1, data: 1 });
  });

  test('fit reads each option once', async () => {
    const given = { batchSize: 2, epochs: 1, validationData: [x, y] as const, sampleWeight: weight, verbose: 0 as const, callbacks: [] };
    const { object, reads } = counted({ ...given, workers: 0, shuffle: true, validationBatchSize: 2 });
    await regressionModel().fit(x, y, object);
    expect(new Set(Object.values(reads))).toEqual(new Set([1]));
  });

  test('what changes while fit runs does not change the run', async () => {
    const heard: string[] = [];
    const options = { epochs: 2, verbose: 0 as 0 | 1, callbacks: [{ onEpochEnd: () => void heard.push('first') }] as Callback[] };
    const model = regressionModel();
    const training = model.fit(x, y, options);
    options.epochs = 9;
    options.verbose = 1;
    options.callbacks.push({ onEpochEnd: () => void heard.push('second') });
    await training;
    expect(heard).toEqual(['first', 'first']);
    expect(model.iterations).toBe(2);
  });
});
