import { beforeEach, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import type { CompileOptions, Layer } from '../../ts/index.ts';
import * as backtime from '../../ts/index.ts';
import { Dense, Nadam, Sequential } from '../../ts/index.ts';
import { MORE_CLASSES } from '../../ts/model/moreClasses.ts';
import { Loss } from '../../ts/objective/loss.ts';
import { Metric } from '../../ts/objective/ownMetric.ts';
import { Optimizer } from '../../ts/optimizers/optimizer.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';

const backends = await availableBackends();

// `../../ts/index.ts` is what a page imports: there the classes that `compile` names have not loaded.

const x = [
  [1, 0],
  [0, 1],
  [1, 1],
];
const y = [[1], [0], [1]];

const dense = (): Layer[] => [new Dense(1, { inputShape: [2], activation: 'sigmoid', kernelInitializer: 'ones' })];

function compiled(options: CompileOptions): Sequential {
  const model = new Sequential(dense());
  model.compile(options);
  return model;
}

/** Classes that have names in `compile`, whose first letter is small. */
const namesOf = (base: { readonly prototype: object }) =>
  Object.entries(MORE_CLASSES)
    .filter(([, found]) => found.prototype instanceof (base as new () => object))
    .map(([name]) => name);

// First in the file: afterwards the classes have loaded.
describe('before the classes have loaded', () => {
  beforeEach(async () => startOn(await loadBackend('reference')));

  test('a wrong option beside such a name is refused at once', () => {
    expect(() => compiled({ optimizer: 'nadam', loss: 'mse', metrics: ['acuracy' as never] })).toThrow(/did you mean 'accuracy'/);
    expect(() => compiled({ optimizer: 'nadam', loss: 'mse', learningRate: 1 } as never)).toThrow(/unknown option 'learningRate'/);
    expect(() => compiled({ optimizer: 'nadan' as never, loss: 'mse' })).toThrow(/did you mean 'nadam'/);
  });

  test('what may not be awaited says what to do', () => {
    const model = compiled({ optimizer: 'nadam', loss: 'mse' });
    expect(() => model.optimizer).toThrow(/^the class Nadam loads with fit: until then import Nadam and give new Nadam\(\)$/);
    expect(() => model.getState()).toThrow(/import Nadam/);
    expect(model.getState(false).compile).toBeNull();
  });

  test('compile again replaces what waits', async () => {
    const model = compiled({ optimizer: 'nadam', loss: 'mse' });
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    expect(model.optimizer.className).toBe('SGD');
  });

  test('the first call loads them, for every model that waits', async () => {
    const [model, wrong, changed] = [
      compiled({ optimizer: 'nadam', loss: 'cosineSimilarity', metrics: ['auc', 'precision'] }),
      compiled({ optimizer: 'nadam', loss: 'categoricalHinge' }),
      compiled({ optimizer: 'nadam', loss: 'mse' }),
    ] as const;
    // What is trainable counts from compile; a layer that is added later is trained.
    (changed.layers[0] as Layer).trainable = false;
    changed.add(new Dense(1));
    const before = changed.getWeights().map(({ data }) => [...data]);
    const calls = [wrong.fit(x, y, { verbose: 0 }), model.fit(x, y, { verbose: 0 }), model.predict(x), changed.fit(x, y, { verbose: 0 })];
    const [refused, ...done] = await Promise.allSettled(calls);
    expect(String(refused.status === 'rejected' && refused.reason)).toMatch(/loss 'categoricalHinge' compares classes/);
    expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(model.optimizer).toBeInstanceOf(Nadam);
    for (const [index, { data }] of changed.getWeights().entries()) expect([...data]).not.toEqual(before[index]);
    await expect(wrong.fit(x, y, { verbose: 0 })).rejects.toThrow(/loss 'categoricalHinge' compares classes/);
  });
});

describe.each(backends)('names in compile on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each(namesOf(Optimizer))('optimizer %s trains as its class with its defaults', async (name) => {
    const [byName, byClass] = [name.toLowerCase(), new (MORE_CLASSES[name] as new () => Optimizer)()].map((optimizer) =>
      compiled({ optimizer: optimizer as 'nadam', loss: 'mse' }),
    ) as [Sequential, Sequential];
    for (const model of [byName, byClass]) await model.fit(x, y, { epochs: 3, shuffle: false, verbose: 0 });
    expect(byName.optimizer.className).toBe(name);
    expect(byName.getWeights()).toEqual(byClass.getWeights());
  });

  test.each(['auc', 'precision', 'recall', 'f1Score', 'r2Score', 'trueNegatives', 'TruePositives'] as const)('metric %s', async (name) => {
    const found = namesOf(Metric).find((known) => known.toLowerCase() === name.toLowerCase()) as string;
    const made = new (MORE_CLASSES[found] as new () => Metric)();
    const results = [];
    for (const metric of [name, made]) results.push(await compiled({ loss: 'mse', metrics: [metric as 'auc'] }).evaluate(x, y));
    expect(results[0]).toEqual(results[1]);
    expect(Object.keys(results[0] ?? {})).toEqual(['loss', made.name]);
  });

  test('loss names train, in workers too', async () => {
    const results = [];
    for (const workers of [0, 1]) {
      const model = compiled({ optimizer: 'Adamax', loss: 'cosineSimilarity', metrics: ['auc'] });
      results.push((await model.fit(x, y, { epochs: 2, shuffle: false, verbose: 0, workers })).history);
    }
    expect(results[0]).toEqual(results[1]);
  });
});

// Every class that users can import can be named; those whose options have no defaults say which.
test.each([
  ['optimizer', Optimizer],
  ['loss', Loss],
  ['metrics', Metric],
] as const)('every %s has a name', (option, base) => {
  for (const name of namesOf(base)) {
    const given = option === 'metrics' ? [name] : name[0]?.toLowerCase() + name.slice(1);
    const compile = () => compiled({ loss: 'mse', [option]: given } as never);
    try {
      compile();
    } catch (error) {
      expect(String(error), name).not.toMatch(/must be (one of|'accuracy')/);
    }
    expect(Object.keys(backtime)).toContain(name);
  }
});
