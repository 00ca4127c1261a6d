import { beforeEach, describe, expect, test } from 'vitest';
import { Dense, Dropout, GRU, type Layer, LSTM, Sequential, SGD, SimpleRNN, setRandomSeed } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights, samples, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

describe.each(await availableBackends())('dropout on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const x = samples({ shape: [4, 8] }, 6, new RandomArrays(1));
  const y = tensor([6, 2], new RandomArrays(2));
  const kinds: [string, (rate: number) => Layer[]][] = [
    ['Dropout', (rate) => [new Dropout(rate), new SimpleRNN(3), new Dense(2)]],
    ['Dropout above', (rate) => [new SimpleRNN(3), new Dropout(rate), new Dense(2)]],
    ['SimpleRNN', (dropout) => [new SimpleRNN(3, { dropout }), new Dense(2)]],
    ['LSTM', (dropout) => [new LSTM(3, { dropout }), new Dense(2)]],
    ['GRU', (dropout) => [new GRU(3, { dropout }), new Dense(2)]],
  ];
  const make = (layers: Layer[], seed = 5, learningRate = 0) => {
    setRandomSeed(seed);
    const model = new Sequential(layers);
    model.compile({ optimizer: new SGD({ learningRate }), loss: 'mse' });
    return model;
  };

  test.each(kinds)('%s drops while training and in no other case', async (_kind, layers) => {
    const dropping = make(layers(0.5));
    const plain = make(layers(0));
    const trained = (await dropping.trainOnBatch(x, y)).loss;
    expect(trained).not.toBe((await plain.trainOnBatch(x, y)).loss);
    expect(await dropping.evaluate(x, y)).toEqual(await plain.evaluate(x, y));
    expect((await dropping.predict(x)).data).toEqual((await plain.predict(x)).data);
    expect(await dropping.evaluate(x, y)).not.toEqual({ loss: trained });
  });

  test.each(kinds)('%s drops others at every step, the same ones for the same seed', async (_kind, layers) => {
    const losses = async (seed: number) => {
      const model = make(layers(0.5), seed);
      const start = make(layers(0.5), 5);
      start.build([null, 4, 8]);
      model.build([null, 4, 8]);
      model.setWeights(start.getWeights());
      const all: number[] = [];
      for (let step = 0; step < 6; step++) all.push((await model.trainOnBatch(x, y)).loss);
      return all;
    };
    const first = await losses(5);
    expect(new Set(first).size).toBeGreaterThan(3);
    expect(await losses(5)).toEqual(first);
    expect(await losses(6)).not.toEqual(first);
  });

  test('two layers of one model drop different elements', async () => {
    const ones = { shape: [1, 64], data: new Float32Array(64).fill(1) };
    // With weights of ones, the output is the sum of what both kept.
    const kept = async (layers: Layer[]) => {
      const model = make(layers);
      model.build([null, 64]);
      model.setWeights([new Float32Array(64).fill(1)].map((data) => ({ shape: [64, 1], data })));
      return (await model.trainOnBatch(ones, [[0]])).loss;
    };
    const bare = () => new Dense(1, { useBias: false });
    const once = await kept([new Dropout(0.5), bare()]);
    const twice = await kept([new Dropout(0.5), new Dropout(0.5), bare()]);
    const elements = (loss: number, scale: number) => Math.round(Math.sqrt(loss) / scale);
    expect(elements(once, 2)).toBeGreaterThan(20);
    expect(elements(twice, 4)).toBeLessThan(elements(once, 2));
    expect(elements(twice, 4)).toBeGreaterThan(4);
  });

  test('training with it gives the same bytes twice', async () => {
    const train = async () => {
      const model = make([new Dropout(0.3), new LSTM(4, { dropout: 0.2 }), new Dropout(0.3), new Dense(2)], 8, 0.3);
      await model.fit(x, y, { epochs: 3, batchSize: 4, verbose: 0 });
      return flatWeights(model);
    };
    expect(await train()).toEqual(await train());
  });
});
