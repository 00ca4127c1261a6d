import { describe, expect, test } from 'vitest';
import { loadBackend, loadModel, type Model, modelToBytes, SGD, type Tensor } from '../../ts/index.ts';
import { availableBackends, everyBackend, isRelaxedRun } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { flatWeights } from '../support/models.ts';
import { GRAPH_STEPS, graphData, randomGraph } from '../support/randomGraph.ts';
import { streamTolerance, WORKERS_FLOAT32, WORKERS_FLOAT64 } from '../support/tolerances.ts';

const seeds = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe.runIf(!isRelaxedRun)('random graphs on the reference', () => {
  test.each(seeds(10))('graph %i: the gradient of every weight is the derivative of the loss', async (seed) => {
    startOn(await loadBackend('reference'));
    const { model } = randomGraph(seed);
    const { x, y } = graphData(3, seed, seed % 4 === 0);
    await expectGradient(model, x, y as never);
  });
});

describe.each(await availableBackends())('random graphs on $label', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? WORKERS_FLOAT64 : WORKERS_FLOAT32;
  const compiled = (seed: number): Model => {
    startOn(backend, 3);
    const { model } = randomGraph(seed);
    model.compile({ optimizer: new SGD({ learningRate: 0.1, momentum: 0.9 }), loss: 'mse', metrics: ['mae'] });
    return model;
  };

  test.each(seeds(5))('graph %i: workers train as this thread', async (seed) => {
    // Three workers have one or two of the rows of a batch, six have one or none.
    const { x, y } = graphData(8, seed, seed % 4 === 0);
    const train = async (workers: number) => {
      const model = compiled(seed);
      const { history } = await model.fit(x, y, { batchSize: 4, epochs: 2, verbose: 0, workers });
      return { weights: flatWeights(model), history };
    };
    const here = await train(0);
    for (const workers of [3, 6]) {
      const there = await train(workers);
      expectClose(there.weights, here.weights, { absolute: 1e-6, ...tolerance }, `weights of ${workers} workers`);
      for (const [name, values] of Object.entries(here.history))
        expectClose(there.history[name] as number[], values, { absolute: 1e-6, ...tolerance }, `${name} of ${workers} workers`);
    }
  });

  test.each(seeds(8))('graph %i: a saved model predicts and trains the same bits', async (seed) => {
    const model = compiled(seed);
    const { x, y } = graphData(4, seed);
    const loaded = (await loadModel(await modelToBytes(model))) as Model;
    expect(await loaded.predict(x)).toEqual(await model.predict(x));
    for (const each of [model, loaded]) await each.trainOnBatch(x, y);
    expect(flatWeights(loaded)).toEqual(flatWeights(model));
  });

  test.each(seeds(20))('graph %i: a stream gives what predict gives, or is refused', async (seed) => {
    startOn(backend);
    const { model, whole } = randomGraph(seed);
    if (whole) {
      expect(() => model.stream()).toThrow(/cannot run step by step/);
      return;
    }
    const { x } = graphData(2, seed);
    const stream = model.stream({ batchSize: 2 });
    const until = ({ shape: [count, all, ...rest], data }: Tensor, end: number, start = 0): Tensor => {
      const width = rest[0] ?? 1;
      const rows = Array.from({ length: count }, (_, row) =>
        Array.from(data.slice((row * all + start) * width, (row * all + end) * width)),
      );
      return { shape: [count, end - start, ...rest], data: Float64Array.from(rows.flat()) };
    };
    for (let step = 1; step <= GRAPH_STEPS; step++) {
      const part = (start: number) => Object.fromEntries(Object.entries(x).map(([name, values]) => [name, until(values, step, start)]));
      const now = Object.fromEntries(Object.entries(part(step - 1)).map(([name, { data }]) => [name, { shape: [data.length], data }]));
      const outputs = stream.step(now);
      const predicted = await model.predict(part(0));
      const allowed = backend.name === 'reference' ? { absolute: 1e-13 } : streamTolerance(backend);
      expectClose(outputs.each, until(predicted.each, step, step - 1).data, allowed, `each step, at ${step}`);
      expectClose(outputs.last, predicted.last.data, allowed, `the last step, at ${step}`);
    }
  });
});

test('training computes the same on all backends', async () => {
  const backends = await everyBackend();
  for (const seed of seeds(8)) {
    const all: Float64Array[] = [];
    for (const { backend } of backends) {
      startOn(backend);
      const { model } = randomGraph(seed);
      model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: 'mse' });
      const { x, y } = graphData(4, seed);
      await model.trainOnBatch(x, y);
      all.push(flatWeights(model));
    }
    for (const other of all.slice(1)) expectClose(other, all[0], { absolute: 2e-6, relative: 4e-6 }, `weights of graph ${seed}`);
  }
});
