import { expect, test } from 'vitest';
import { Constant, Dense, HeNormal, Identity, registerClass, Sequential, setRandomSeed } from '../../ts/index.ts';
import { flatWeights } from '../support/models.ts';

const x = { shape: [4, 3], data: Float64Array.from({ length: 12 }, (_, index) => (index % 5) / 4) };
const y = { shape: [4, 2], data: Float64Array.from({ length: 8 }, (_, index) => index % 2) };

test('a model with initializers trains in a worker as it does here', async () => {
  const trained = async (workers: 0 | 1) => {
    setRandomSeed(3);
    using model = new Sequential([
      new Dense(3, { kernelInitializer: new HeNormal({ seed: 1 }), biasInitializer: new Constant({ value: 0.5 }) }),
      new Dense(2, { kernelInitializer: new Identity({ gain: 2 }) }),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    await model.fit(x, y, { epochs: 2, shuffle: false, verbose: 0, workers });
    return flatWeights(model);
  };
  expect(await trained(1)).toEqual(await trained(0));
});

test('a function of one’s own needs a registered name to go to a worker', async () => {
  const kernelInitializer = ([rows = 0, columns = 0]: readonly number[]) => new Float64Array(rows * columns).fill(0.5);
  const model = () => {
    const made = new Sequential([new Dense(2, { kernelInitializer })]);
    made.compile({ optimizer: 'sgd', loss: 'mse' });
    return made;
  };
  using unregistered = model();
  await expect(unregistered.fit(x, y, { verbose: 0, workers: 1 })).rejects.toMatchObject({ code: expect.any(String) });
  registerClass(kernelInitializer, { package: 'test', name: 'halves' });
  using registered = model();
  registered.build([null, 3]);
  expect(registered.layers[0]?.getConfig().kernelInitializer).toBe('test>halves');
});
