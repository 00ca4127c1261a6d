import { describe, expect, it } from 'vitest';
import { RecurrentNetwork } from '../../ts/article/recurrentNetwork.ts';
import type { WeightTensors } from '../../ts/article/weights.ts';
import { ArgumentError, DataError, ShapeError, StateError } from '../../ts/core/errors.ts';
import { RandomSequence } from '../../ts/core/random.ts';
import type { Tensor } from '../../ts/core/tensor.ts';
import { toCategorical } from '../../ts/data/toCategorical.ts';
import { givenWarnings } from '../support/givenWarnings.ts';

const NAMES = ['w1x', 'w1h', 'b1', 'w2', 'b2'] as const;

function randomTensor(shape: number[], random: RandomSequence, scale = 1): Tensor<Float64Array> {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: Float64Array.from({ length: size }, () => scale * (2 * random.uniform() - 1)) };
}

function randomWeights(features: number, cells: number, random: RandomSequence): WeightTensors {
  return {
    w1x: randomTensor([features, cells], random),
    w1h: randomTensor([cells, cells], random),
    b1: randomTensor([cells], random),
    w2: randomTensor([cells, 1], random),
    b2: randomTensor([1], random),
  };
}

/**
 * The loss, from the equations, one number at a time. Steps before `firstStep` use `past` instead
 * of `weights`.
 */
function lossByDefinition(weights: WeightTensors, past: WeightTensors, firstStep: number, x: Tensor, labels: number[]): number {
  const [samples, steps, features] = x.shape;
  const cells = weights.b1.data.length;
  let loss = 0;
  for (let n = 0; n < samples; n++) {
    let h = new Array<number>(cells).fill(0);
    for (let t = 0; t < steps; t++) {
      const used = t < firstStep ? past : weights;
      h = h.map((_, cell) => {
        let z = used.b1.data[cell];
        for (let d = 0; d < features; d++) z += x.data[(n * steps + t) * features + d] * used.w1x.data[d * cells + cell];
        for (let from = 0; from < cells; from++) z += h[from] * used.w1h.data[from * cells + cell];
        return Math.tanh(z);
      });
    }
    const z2 = h.reduce((sum, value, cell) => sum + value * weights.w2.data[cell], weights.b2.data[0]);
    const a = 1 / (1 + Math.exp(-z2));
    loss -= labels[n] * Math.log(a) + (1 - labels[n]) * Math.log(1 - a);
  }
  return loss / samples;
}

/** The same weights with one of them moved. */
function moved(weights: WeightTensors, name: keyof WeightTensors, index: number, by: number): WeightTensors {
  const data = weights[name].data.slice();
  data[index] += by;
  return { ...weights, [name]: { shape: weights[name].shape, data } };
}

describe('RecurrentNetwork gradients', () => {
  // Truncated back-propagation is the derivative of the loss when the weights of all steps before
  // the last `truncate` are other weights, which happen to have the same values and do not move.
  it.each([
    ['all steps', null, 7],
    ['the last 3 of 7 steps', 3, 7],
    ['1 step', 1, 5],
    ['more steps than there are', 10, 4],
  ])('are the central differences of the loss over %s', (_, truncate, steps) => {
    const random = new RandomSequence(1, 0);
    const [samples, features, cells] = [5, 3, 4];
    const x = randomTensor([samples, steps, features], random);
    const labels = [1, 0, 1, 1, 0];
    const weights = randomWeights(features, cells, random);
    const network = new RecurrentNetwork({ nCells: cells, truncate });
    network.setWeights(weights);
    const firstStep = truncate === null ? 0 : Math.max(0, steps - truncate);

    const { loss, gradients } = network.lossAndGradients(x, labels);
    expect(loss).toBeCloseTo(lossByDefinition(weights, weights, firstStep, x, labels), 12);
    const step = 1e-5;
    for (const name of NAMES) {
      expect(gradients[name].shape).toEqual(weights[name].shape);
      for (let index = 0; index < weights[name].data.length; index++) {
        const above = lossByDefinition(moved(weights, name, index, step), weights, firstStep, x, labels);
        const below = lossByDefinition(moved(weights, name, index, -step), weights, firstStep, x, labels);
        const difference = (above - below) / (2 * step);
        expect(Math.abs(gradients[name].data[index] - difference), `d${name}[${index}]`).toBeLessThan(1e-9);
      }
    }
  });

  it('are the same for ids as for the one-hot rows they stand for', () => {
    const ids = { shape: [6, 5], data: Int32Array.from({ length: 30 }, (_, index) => (index * 7) % 4) };
    const labels = [0, 1, 0, 0, 1, 1];
    const network = new RecurrentNetwork({ nCells: 3, truncate: null });
    network.setWeights(randomWeights(4, 3, new RandomSequence(2, 0)));
    const fromIds = network.lossAndGradients({ ids, depth: 4 }, labels);
    const fromRows = network.lossAndGradients(toCategorical(ids, 4), labels);
    expect(fromIds.loss).toBeCloseTo(fromRows.loss, 14);
    for (const name of NAMES) {
      fromIds.gradients[name].data.forEach((value, index) => {
        expect(value).toBeCloseTo(fromRows.gradients[name].data[index], 14);
      });
    }
    expect(network.predict({ ids, depth: 4 })).toEqual(network.predict(toCategorical(ids, 4)));
  });
});

/** Sequences of 8 ids below 4; the label says whether id 3 is among the last 5. */
function findThree(samples: number, seed: number): { ids: Tensor<Int32Array>; labels: number[] } {
  const random = new RandomSequence(seed, 0);
  const rows = Array.from({ length: samples }, () =>
    Array.from({ length: 8 }, () => (random.uniform() < 0.13 ? 3 : Math.floor(random.uniform() * 3))),
  );
  return {
    ids: { shape: [samples, 8], data: Int32Array.from(rows.flat()) },
    labels: rows.map((row) => (row.slice(3).includes(3) ? 1 : 0)),
  };
}

describe('RecurrentNetwork learning', () => {
  it('learns to remember over several steps', () => {
    const train = findThree(400, 1);
    const validation = findThree(200, 2);
    const network = new RecurrentNetwork({ nCells: 8, learningRate: 0.3 });
    const epochs: number[] = [];
    let batches = 0;
    network.fit({ ids: train.ids, depth: 4 }, train.labels, {
      epochs: 40,
      xVal: { ids: validation.ids, depth: 4 },
      yVal: validation.labels,
      onBatch: () => batches++,
      onEpoch: ({ epoch }) => epochs.push(epoch),
    });
    expect(epochs).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(batches).toBe(40 * 13);
    expect(network.losses).toHaveLength(40);
    expect(network.valLosses).toHaveLength(40);
    expect(network.losses[39]).toBeLessThan(network.losses[0] / 3);
    const common = Math.max(...[0, 1].map((label) => validation.labels.filter((y) => y === label).length)) / 200;
    expect(common).toBeLessThan(0.65);
    expect(network.score({ ids: validation.ids, depth: 4 }, validation.labels)).toBeGreaterThan(0.95);
    expect(network.countParams()).toBe(4 * 8 + 64 + 8 + 8 + 1);
  });

  it('gives the same bits for the same seed, and goes on from where it was', () => {
    const { ids, labels } = findThree(70, 3);
    const run = (seed: number, parts: number[]) => {
      const network = new RecurrentNetwork({ nCells: 5, seed });
      for (const epochs of parts) network.fit({ ids, depth: 4 }, labels, { epochs });
      return network;
    };
    expect(run(1, [3]).getWeights()).toEqual(run(1, [3]).getWeights());
    expect(run(1, [1, 2]).getWeights()).toEqual(run(1, [3]).getWeights());
    expect(run(1, [1, 2]).losses).toEqual(run(1, [3]).losses);
    expect(run(2, [3]).losses).not.toEqual(run(1, [3]).losses);
  });

  it('starts from an orthogonal w1h and small w1x and w2', () => {
    const network = new RecurrentNetwork({ nCells: 6, learningRate: 1e-300 }).fit(toCategorical([[0, 1]], 2), [1], { epochs: 1 });
    const { w1x, w1h, b1, w2 } = network.getWeights();
    for (let row = 0; row < 6; row++) {
      for (let other = 0; other < 6; other++) {
        let dot = 0;
        for (let column = 0; column < 6; column++) dot += w1h.data[row * 6 + column] * w1h.data[other * 6 + column];
        expect(dot).toBeCloseTo(row === other ? 1 : 0, 12);
      }
    }
    expect(Math.max(...w1x.data.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / 8));
    expect(Math.max(...w2.data.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / 7));
    expect(b1.data.every((value) => Math.abs(value) < 1e-200)).toBe(true);
  });

  it('clips the loss of outputs that are certain and wrong', () => {
    const network = new RecurrentNetwork({ nCells: 1 });
    network.setWeights({ w1x: [[0]], w1h: [[0]], b1: [0], w2: [[0]], b2: [-1e6] });
    const { loss, gradients } = network.lossAndGradients([[[1]]], [1]);
    expect(loss).toBeCloseTo(-Math.log(1e-10), 10);
    expect(gradients.b2.data[0]).toBe(-1);
    expect(network.predictProbabilities([[[1]]])).toEqual({ shape: [1, 1], data: Float64Array.of(0) });
  });
});

describe('RecurrentNetwork refuses', () => {
  const x = [
    [
      [1, 0],
      [0, 1],
    ],
    [
      [0, 1],
      [1, 0],
    ],
  ];
  const bad: [string, new (message: string) => Error, string, (network: RecurrentNetwork) => unknown][] = [
    [
      'NaN in x',
      DataError,
      'x must be finite numbers, got NaN in sample 1',
      (n) =>
        n.fit(
          [
            x[0],
            [
              [0, Number.NaN],
              [1, 0],
            ],
          ],
          [0, 1],
        ),
    ],
    ['ragged x', ShapeError, 'ragged', (n) => n.fit([x[0], [[0, 1]]], [0, 1])],
    ['x with two axes', ShapeError, '[samples, steps, features]', (n) => n.fit(x[0], [0, 1])],
    ['no samples', ShapeError, 'none of them 0, got [0', (n) => n.fit({ shape: [0, 2, 2], data: new Float64Array(0) }, [])],
    ['other features than before', ShapeError, 'must have 2 features', (n) => n.fit([[[1, 2, 3]]], [0])],
    ['ids outside the depth', DataError, 'in 0 .. 1, got 2 in sample 0, step 1', (n) => n.fit({ ids: [[0, 2]], depth: 2 }, [0])],
    ['a fractional id', DataError, 'got 0.5', (n) => n.fit({ ids: [[0.5, 1]], depth: 2 }, [0])],
    ['a depth of 0', ArgumentError, 'x.depth', (n) => n.fit({ ids: [[0, 1]], depth: 0 }, [0])],
    ['labels of another length', ShapeError, 'y must have the shape [2] or [2, 1] like its x, got [3]', (n) => n.fit(x, [0, 1, 1])],
    ['labels outside 0 .. 1', DataError, 'y must be labels between 0 and 1, got 2 for sample 1', (n) => n.fit(x, [0, 2])],
    ['NaN labels', DataError, 'got NaN', (n) => n.fit(x, [Number.NaN, 1])],
    ['xVal without yVal', ArgumentError, 'together', (n) => n.fit(x, [0, 1], { xVal: x })],
    ['bad validation labels', DataError, 'yVal', (n) => n.fit(x, [0, 1], { xVal: x, yVal: [0, -1] })],
    ['xVal with other features', ShapeError, 'xVal', (n) => n.fit(x, [0, 1], { xVal: [[[1]]], yVal: [0] })],
    ['an unknown option', ArgumentError, "unknown option 'x_val'", (n) => n.fit(x, [0, 1], { x_val: x } as object)],
    ['no epochs', ArgumentError, 'epochs', (n) => n.fit(x, [0, 1], { epochs: 0 })],
    ['weights of a wrong shape', ShapeError, 'w1h must have the shape [3, 3]', (n) => n.setWeights({ ...n.getWeights(), w1h: [[1]] })],
    ['weights that are not finite', DataError, 'b2 must be finite', (n) => n.setWeights({ ...n.getWeights(), b2: [Number.NaN] })],
  ];

  it.each(bad)('%s, before any weight has changed', (_, type, message, action) => {
    const network = new RecurrentNetwork({ nCells: 3 });
    network.setWeights(randomWeights(2, 3, new RandomSequence(5, 0)));
    const before = network.getWeights();
    expect(() => action(network)).toThrow(type);
    expect(() => action(network)).toThrow(message);
    expect(network.getWeights()).toEqual(before);
    expect(network.losses).toEqual([]);
  });

  it('wrong constructor options and use before there are weights', () => {
    expect(() => new RecurrentNetwork({ n_cells: 3 } as object)).toThrow("unknown option 'n_cells'");
    expect(() => new RecurrentNetwork({ nCells: 0 })).toThrow(ArgumentError);
    expect(() => new RecurrentNetwork({ batchSize: 1.5 })).toThrow(ArgumentError);
    expect(() => new RecurrentNetwork({ truncate: 0 })).toThrow(ArgumentError);
    for (const learningRate of [0, -1, Number.NaN, Infinity]) expect(() => new RecurrentNetwork({ learningRate })).toThrow(ArgumentError);
    expect(() => new RecurrentNetwork().predict(x)).toThrow(StateError);
    expect(() => new RecurrentNetwork().getWeights()).toThrow(StateError);
    const unfitted = new RecurrentNetwork();
    expect(() => unfitted.fit(x, [0, 5])).toThrow(DataError);
    expect(() => unfitted.getWeights()).toThrow(StateError);
  });
});

describe('RecurrentNetwork: divergence', () => {
  const x = { shape: [4, 3, 2], data: Float64Array.from({ length: 24 }, (_, index) => Math.sin(index)) };
  const y = [0, 1, 1, 0];

  it('is warned of once', () => {
    const warnings = givenWarnings();
    const network = new RecurrentNetwork({ nCells: 3, batchSize: 1, learningRate: 1.7e308 });
    network.fit(x, y, { epochs: 20 });
    network.fit(x, y, { epochs: 5 });
    expect(warnings).toEqual([
      {
        code: 'DIVERGED',
        message: expect.stringMatching(/^RecurrentNetwork\.fit: training diverged in epoch \d+ .* lower learningRate than 1\.7e\+308/),
      },
    ]);
  });

  it('is not warned of when training goes well', () => {
    const warnings = givenWarnings();
    new RecurrentNetwork({ nCells: 3 }).fit(x, y, { epochs: 5 });
    expect(warnings).toEqual([]);
  });
});
