import { beforeEach, describe, expect, test } from 'vitest';
import type { Backend } from '../../ts/backend/backend.ts';
import { turn } from '../../ts/control/turn.ts';
import {
  Adam,
  Add,
  ArgumentError,
  Bidirectional,
  Concatenate,
  DataError,
  Dense,
  Dropout,
  Embedding,
  GRU,
  Input,
  type Layer,
  LSTM,
  Masking,
  MaxNorm,
  Model,
  type Optimizer,
  RMSprop,
  Sequential,
  SGD,
  ShapeError,
  SimpleRNN,
  StateError,
  type SymbolicTensor,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import '../../ts/formats/entry.ts';
import { loadAllLayers } from '../../ts/layers/registry.ts';
import { availableBackends } from '../support/backends.ts';
import { DIFFERENCE_TOLERANCE, dotProduct, expectClose } from '../support/differences.ts';
import { evictIdle } from '../support/eviction.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, expectSameWeights, flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { collectGarbage, expectSteadyHeap } from '../support/steadyHeap.ts';

await loadAllLayers();

const close = (backend: Backend) => (backend.floatBytes === 8 ? { relative: 1e-11 } : { relative: 1e-5 });

/** The gradient of the mean squared error. */
function meanSquaredGradient({ shape, data }: Tensor, y: Tensor): Tensor {
  return { shape, data: Float64Array.from(data, (value, index) => (2 * (value - (y.data[index] as number))) / data.length) };
}

/** A step of one's own, with the mean squared error. */
async function ownStep(model: Model, x: Tensor, y: Tensor, optimizer?: Optimizer): Promise<void> {
  const pass = await model.forward(x, { training: true });
  pass.backward(meanSquaredGradient(pass.outputs, y));
  model.applyGradients(optimizer);
}

const sum = (values: ArrayLike<number>, others: ArrayLike<number>) =>
  Float64Array.from(values, (value, index) => value + (others[index] as number));

const CHAINS: readonly {
  readonly name: string;
  readonly layers: () => Layer[];
  readonly sample: readonly number[];
  readonly output: readonly number[];
}[] = [
  { name: 'LSTM with dropout', layers: () => [new LSTM(5, { dropout: 0.3 }), new Dropout(0.4), new Dense(2)], sample: [4, 3], output: [2] },
  {
    name: 'GRU behind Masking',
    layers: () => [new Masking(), new GRU(4), new Dense(2, { activation: 'tanh' })],
    sample: [4, 3],
    output: [2],
  },
  {
    name: 'sequences of a bidirectional SimpleRNN',
    layers: () => [new Bidirectional(new SimpleRNN(3, { returnSequences: true })), new TimeDistributed(new Dense(2)), new Dropout(0.2)],
    sample: [4, 3],
    output: [4, 2],
  },
  { name: 'a frozen layer', layers: () => [new LSTM(4, { trainable: false }), new Dense(2)], sample: [4, 3], output: [2] },
  {
    name: 'a model as a layer',
    layers: () =>
      [new Sequential([new GRU(3, { returnSequences: true }), new Dropout(0.3)]), new LSTM(3), new Dense(2)] as unknown as Layer[],
    sample: [4, 3],
    output: [2],
  },
  { name: 'a softmax', layers: () => [new GRU(4), new Dense(3, { activation: 'softmax' })], sample: [4, 3], output: [3] },
];

const OPTIMIZERS: readonly (() => Optimizer)[] = [
  () => new SGD({ learningRate: 0.3, momentum: 0.9, clipnorm: 0.1 }),
  () => new Adam({ learningRate: 0.05, globalClipnorm: 0.1 }),
  () => new RMSprop({ learningRate: (iteration) => 0.05 / (1 + iteration) }),
];

describe.for(await availableBackends())('a training step of one’s own on $label', ({ backend }) => {
  let random: RandomArrays;
  beforeEach(() => {
    startOn(backend);
    random = new RandomArrays(5);
  });

  describe.for(CHAINS)('$name', ({ layers, sample, output }) => {
    test('is a step of trainOnBatch', async () => {
      for (const optimizer of OPTIMIZERS) {
        const x = tensor([3, ...sample], random);
        x.data.fill(0, 0, sample.at(-1));
        const y = tensor([3, ...output], random);
        const first = builtModel(layers(), sample, random);
        first.compile({ optimizer: optimizer(), loss: 'mse' });
        const second = Sequential.fromState(structuredClone(first.getState()));
        second.optimizer.learningRate = first.optimizer.learningRate;
        for (let step = 0; step < 3; step++) {
          await first.trainOnBatch(x, y);
          await ownStep(second, x, y);
        }
        expect(second.iterations).toBe(3);
        expectClose(flatWeights(second), flatWeights(first), close(backend), 'weights');
        // The optimizer's values are those of training, and either may go on.
        await ownStep(first, x, y);
        await second.trainOnBatch(x, y);
        expectClose(flatWeights(second), flatWeights(first), close(backend), 'weights after a step of the other kind');
      }
    });

    test('two passes and one update are the sum', async () => {
      const model = builtModel(layers(), sample, random);
      model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'mse' });
      const before = model.getWeights();
      const start = flatWeights(model);
      const batches = [2, 3].map((count) => ({ x: tensor([count, ...sample], random), d: tensor([count, ...output], random) }));
      const steps: Float64Array[] = [];
      for (const { x, d } of batches) {
        const pass = await model.forward(x);
        pass.backward(d);
        model.applyGradients();
        steps.push(flatWeights(model).map((value, index) => value - (start[index] as number)));
        model.setWeights(before);
      }
      const passes = [];
      for (const { x } of batches) passes.push(await model.forward(x));
      for (const [index, pass] of [...passes.entries()].reverse()) pass.backward(batches[index].d);
      model.applyGradients();
      expectClose(flatWeights(model), sum(start, sum(steps[0], steps[1])), close(backend), 'weights');
    });
  });

  test('the outputs without training are those of predict, and dropout differs from pass to pass', async () => {
    const model = builtModel([new LSTM(5, { dropout: 0.3, returnSequences: true }), new Dropout(0.4), new Dense(2)], [4, 3], random);
    const x = tensor([3, 4, 3], random);
    const [still, drops, others] = [
      await model.forward(x),
      await model.forward(x, { training: true }),
      await model.forward(x, { training: true }),
    ];
    expect(still.outputs).toEqual(await model.predict(x));
    expect(drops.outputs).not.toEqual(still.outputs);
    expect(others.outputs).not.toEqual(drops.outputs);
  });

  test('stateful layers continue the states of the batch before', async () => {
    const model = builtModel([new LSTM(4, { stateful: true }), new Dense(1)], [2, 3], random);
    const x = tensor([2, 2, 3], random);
    const first = await model.predict(x, { batchSize: 2 });
    const second = await model.predict(x, { batchSize: 2 });
    model.resetStates();
    expect((await model.forward(x)).outputs).toEqual(first);
    expect((await model.forward(x)).outputs).toEqual(second);
  });

  /** Ids and floats in, two outputs of which the second is also a layer's input. */
  function graph(): Model {
    const words = Input({ shape: [null], dtype: 'int32', name: 'words' });
    const series = Input({ shape: [null, 2], name: 'series' });
    const skipped = Input({ shape: [3], name: 'skipped' });
    const embedded = new Embedding(6, 3, { maskZero: true }).apply(words);
    const read = new GRU(3).apply(embedded) as SymbolicTensor;
    const sequence = new LSTM(3, { returnSequences: true }).apply(series) as SymbolicTensor;
    const last = new SimpleRNN(3).apply(sequence) as SymbolicTensor;
    const joined = new Add().apply([read, last, skipped]);
    const score = new Dense(2, { name: 'score', activation: 'sigmoid' }).apply(new Concatenate().apply([joined, skipped]));
    return new Model({ inputs: { words, series, skipped }, outputs: { score, sequence } });
  }
  const inputs = (arrays: RandomArrays) => ({
    words: { shape: [3, 4], data: Int32Array.of(1, 2, 5, 0, 3, 0, 0, 0, 4, 4, 1, 2) },
    series: tensor([3, 4, 2], arrays),
    skipped: tensor([3, 3], arrays),
  });

  test('several inputs and outputs: arrays and objects by names, null where nothing depends', async () => {
    const model = graph();
    const x = inputs(random);
    const pass = await model.forward(x);
    expect(pass.outputs.sequence.shape).toEqual([3, 4, 3]);
    const both = { score: tensor([3, 2], random), sequence: tensor([3, 4, 3], random) };
    const gradients = pass.backward(both);
    expect(gradients.words).toBeNull();
    expect([gradients.series.shape, gradients.skipped.shape]).toEqual([
      [3, 4, 2],
      [3, 3],
    ]);
    const parts = [];
    for (const part of [
      { ...both, score: null },
      { ...both, sequence: null },
    ])
      parts.push((await model.forward(x)).backward(part));
    expect(parts[0].skipped.data.every((value: number) => value === 0)).toBe(true);
    expectClose(gradients.series.data, sum(parts[0].series.data, parts[1].series.data), close(backend), 'gradient of series');
    const listed = (await model.forward([x.words, x.series, x.skipped])).backward([both.score, both.sequence]);
    expect(listed.series).toEqual(gradients.series);
  });

  test('of a model that is not compiled, with an optimizer that keeps its own values', async () => {
    const [x, y] = [tensor([3, 4, 3], random), tensor([3, 2], random)];
    const compiled = builtModel([new LSTM(4), new Dense(2)], [4, 3], random);
    const plain = Sequential.fromState(structuredClone(compiled.getState()));
    compiled.compile({ optimizer: new Adam({ learningRate: 0.05 }), loss: 'mse' });
    const [adam, other] = [new Adam({ learningRate: 0.05 }), new SGD()];
    for (let step = 0; step < 4; step++) {
      await compiled.trainOnBatch(x, y);
      await ownStep(plain, x, y, adam);
      evictIdle(backend);
    }
    expectClose(flatWeights(plain), flatWeights(compiled), close(backend), 'weights');
    // Another optimizer beside the compiled one disturbs neither its values nor its steps.
    const iterations = compiled.iterations;
    await ownStep(compiled, x, y, other);
    await ownStep(plain, x, y, other);
    expect(compiled.iterations).toBe(iterations);
    await compiled.trainOnBatch(x, y);
    await ownStep(plain, x, y, adam);
    expectClose(flatWeights(plain), flatWeights(compiled), close(backend), 'weights with two optimizers');
  });

  test('two models train alternately, the gradient of one’s input fed to the other', async () => {
    const maker = builtModel([new LSTM(4, { returnSequences: true }), new TimeDistributed(new Dense(2))], [3, 2], random);
    const judge = builtModel([new GRU(4), new Dense(1, { activation: 'sigmoid' })], [3, 2], random);
    const whole = new Sequential([...maker.layers, ...judge.layers].map((layer) => layer.clone()));
    whole.build([null, 3, 2]);
    const ones = (count: number) => ({ shape: [count, 1], data: new Float64Array(count).fill(1) });
    for (const model of [maker, judge]) model.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'mse' });
    const noise = tensor([4, 3, 2], random);
    // The maker's step: the judge's weights stay as they are.
    const judged = flatWeights(judge);
    const made = await maker.forward(noise, { training: true });
    const verdict = await judge.forward(made.outputs, { training: true });
    made.backward(verdict.backward(meanSquaredGradient(verdict.outputs, ones(4))));
    judge.clearGradients();
    maker.applyGradients();
    expect(flatWeights(judge)).toEqual(judged);
    for (const layer of whole.layers.slice(2)) layer.trainable = false;
    whole.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'mse' });
    await whole.trainOnBatch(noise, ones(4));
    const trained = flatWeights(maker);
    expectClose(trained, flatWeights(whole).subarray(0, trained.length), close(backend), 'weights of the maker');
    // The judge's step: two passes, of real and made data, and one update.
    const real = await judge.forward(tensor([4, 3, 2], random), { training: true });
    const fake = await judge.forward(made.outputs, { training: true });
    real.backward(meanSquaredGradient(real.outputs, ones(4)));
    fake.backward(meanSquaredGradient(fake.outputs, { ...ones(4), data: new Float64Array(4) }));
    judge.applyGradients();
    expect(flatWeights(judge)).not.toEqual(judged);
    expect(judge.iterations).toBe(1);
  });

  test('gradients survive when others need the memory, and training between two passes', async () => {
    const layers = () => [new LSTM(4), new Dense(2)];
    const model = builtModel(layers(), [4, 3], random);
    model.compile({ optimizer: 'adam', loss: 'mse' });
    const copy = Sequential.fromState(structuredClone(model.getState()));
    const [x, y] = [tensor([3, 4, 3], random), tensor([3, 2], random)];
    const d = tensor([3, 2], random);
    const pass = await model.forward(x);
    evictIdle(backend);
    pass.backward(d);
    evictIdle(backend);
    await model.evaluate(x, y);
    model.applyGradients();
    (await copy.forward(x)).backward(d);
    copy.applyGradients();
    expectSameWeights(model, copy);
    // What a pass wrote is no gradient of training.
    (await model.forward(x)).backward(d);
    model.clearGradients();
    await model.trainOnBatch(x, y);
    await copy.trainOnBatch(x, y);
    expectSameWeights(model, copy);
  });

  test('its memory does not grow', async () => {
    const model = builtModel([new LSTM(8), new Dense(2)], [5, 3], random);
    model.compile({ optimizer: 'adam', loss: 'mse' });
    const [x, d] = [tensor([4, 5, 3], random), tensor([4, 2], random)];
    const own = new SGD();
    const round = async () => {
      const [first, second, third] = [await model.forward(x, { training: true }), await model.forward(x), await model.forward(x)];
      first.backward(d);
      second.backward(d);
      third.dispose();
      model.applyGradients();
      const another = await model.forward(x);
      another.backward(d);
      model.applyGradients(own);
    };
    const allocate = backend.allocate.bind(backend);
    for (let step = 0; step < 2; step++) await round();
    let allocations = 0;
    backend.allocate = (bytes, purpose) => {
      allocations++;
      return allocate(bytes, purpose);
    };
    try {
      for (let step = 0; step < 50; step++) await round();
    } finally {
      backend.allocate = allocate;
    }
    expect(allocations).toBe(0);
  });

  test('the heap does not grow over 10,000 steps, and dropped passes give their memory back', async () => {
    const model = builtModel([new GRU(2), new Dense(1)], [2, 1], random);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const [x, d] = [tensor([1, 2, 1], random), tensor([1, 1], random)];
    await expectSteadyHeap(async (steps) => {
      for (let step = 0; step < steps; step++) {
        const pass = await model.forward(x, { training: true });
        pass.backward(d);
        model.applyGradients();
      }
    }, 3400);
    let open = 0;
    const allocate = backend.allocate.bind(backend);
    backend.allocate = (bytes, purpose) => {
      open++;
      return allocate(bytes, purpose);
    };
    try {
      for (let round = 0; round < 5; round++) {
        for (let dropped = 0; dropped < 4; dropped++) await model.forward(x);
        await turn();
        collectGarbage();
        await turn();
        await turn();
      }
    } finally {
      backend.allocate = allocate;
    }
    expect(open).toBeLessThanOrEqual(6);
  });

  test('constraints hold after an update, with the compiled optimizer and another', async () => {
    const limit = () => new MaxNorm({ maxValue: 0.5 });
    const layers = () => [new LSTM(3, { recurrentConstraint: limit() }), new Dense(2, { kernelConstraint: limit() })];
    const [x, y] = [tensor([3, 4, 3], random), tensor([3, 2], random)];
    const trained = builtModel(layers(), [4, 3], random);
    const [own, other] = [0, 1].map(() => Sequential.fromState(structuredClone(trained.getState())));
    const sgd = () => new SGD({ learningRate: 0.5 });
    for (const model of [trained, own]) model.compile({ optimizer: sgd(), loss: 'mse' });
    const optimizer = sgd();
    for (let step = 0; step < 2; step++) {
      await trained.trainOnBatch(x, y);
      await ownStep(own, x, y);
      await ownStep(other, x, y, optimizer);
    }
    for (const model of [own, other]) expectClose(flatWeights(model), flatWeights(trained), close(backend), 'weights');
    const [kernel] = own.layers[1].getWeights();
    expect(Math.hypot(kernel.data[0], kernel.data[2], kernel.data[4])).toBeLessThan(0.5 + 1e-6);
  });

  test('ids have no gradient, and weights may all be frozen', async () => {
    const model = builtModel([new Embedding(5, 3), new GRU(2), new Dense(1)], [4], random);
    const x = { shape: [2, 4], data: Int32Array.of(1, 2, 3, 4, 0, 0, 1, 1) };
    const d = tensor([2, 1], random);
    expect((await model.forward(x)).backward(d)).toBeNull();
    model.applyGradients(new SGD());
    for (const layer of model.layers) layer.trainable = false;
    model.compile({ optimizer: 'adam', loss: 'mse' });
    const before = flatWeights(model);
    expect((await model.forward(x)).backward(d)).toBeNull();
    model.applyGradients();
    expect(flatWeights(model)).toEqual(before);
    const frozen = builtModel([new LSTM(2, { trainable: false }), new Dense(1, { trainable: false })], [4, 3], random);
    const gradient = (await frozen.forward(tensor([2, 4, 3], random))).backward(d);
    expect(gradient.data.some((value: number) => value !== 0)).toBe(true);
    const start = flatWeights(frozen);
    frozen.applyGradients(new SGD());
    expect(flatWeights(frozen)).toEqual(start);
  });

  test('a gradient of a pass is none of training, where training writes none', async () => {
    const model = graph();
    const copy = graph();
    copy.setWeights(model.getWeights());
    const x = inputs(random);
    const y = { score: tensor([3, 2], random, 0, 1), sequence: tensor([3, 4, 3], random) };
    for (const each of [model, copy])
      each.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'mse', lossWeights: { score: 0, sequence: 1 } });
    await model.trainOnBatch(x, y);
    await copy.trainOnBatch(x, y);
    (await model.forward(x)).backward(y);
    model.clearGradients();
    await model.trainOnBatch(x, y);
    await copy.trainOnBatch(x, y);
    expectSameWeights(model, copy);
    // Nor is one of an earlier update.
    for (const each of [model, copy]) {
      const start = each.getWeights();
      (await each.forward(x)).backward(y);
      each.applyGradients();
      each.setWeights(start);
    }
    await model.trainOnBatch(x, y);
    const fresh = graph();
    fresh.setWeights(copy.getWeights());
    fresh.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'mse', lossWeights: { score: 0, sequence: 1 } });
    await fresh.trainOnBatch(x, y);
    expectSameWeights(model, fresh);
  });

  test('wrong calls are refused, and say what to do', async () => {
    const model = builtModel([new LSTM(4), new Dense(2)], [4, 3], random);
    const [x, d] = [tensor([3, 4, 3], random), tensor([3, 2], random)];
    expect(() => model.applyGradients()).toThrow('has no gradients: run the backward pass of a model.forward first');
    (await model.forward(x)).dispose();
    model.clearGradients();
    expect(() => model.applyGradients()).toThrow(StateError);
    expect(() => model.applyGradients()).toThrow('is not compiled: give an optimizer, or call compile');
    expect(() => model.applyGradients(new SGD())).toThrow('has no gradients: run the backward pass of a model.forward first');
    expect(() => model.applyGradients('adam' as never)).toThrow(ArgumentError);
    await expect(model.forward(x, { trainig: true } as never)).rejects.toThrow("did you mean 'training'");
    await expect(model.forward(x, { training: 1 } as never)).rejects.toThrow(ArgumentError);
    await expect(model.forward(tensor([3, 4, 2], random))).rejects.toThrow(ShapeError);
    const pass = await model.forward(x);
    expect(() => pass.backward(tensor([3, 1], random))).toThrow(
      'backward: gradients has shape [3, 1], expected [3, 2], the shape of the output',
    );
    expect(() => pass.backward({ shape: [3, 2], data: new Float64Array(6).fill(Number.NaN) })).toThrow(DataError);
    expect(() => pass.backward(null as never)).toThrow(ShapeError);
    pass.backward(d);
    expect(() => pass.backward(d)).toThrow('its backward pass was run before');
    const dropped = await model.forward(x);
    dropped.dispose();
    dropped.dispose();
    expect(() => dropped.backward(d)).toThrow('it was disposed');
    const stale = await model.forward(x);
    model.applyGradients(new SGD());
    expect(() => stale.backward(d)).toThrow('have changed since this forward pass');
    const set = await model.forward(x);
    model.setWeights(model.getWeights());
    expect(() => set.backward(d)).toThrow('have changed since this forward pass');
    const open = await model.forward(x);
    open.outputs.data.fill(0);
    (await model.forward(x)).backward(d);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    expect(() => open.backward(d)).toThrow(StateError);
    expect(() => open.backward(d)).toThrow('was compiled, changed or disposed meanwhile');
    expect(() => model.applyGradients()).toThrow('has no gradients');
    const last = await model.forward(x);
    await model.fit(x, d, {
      verbose: 0,
      callbacks: [
        {
          async onTrainBegin() {
            (await model.forward(x)).backward(d);
            expect(() => model.applyGradients()).toThrow('is in fit: await it before applyGradients');
          },
        },
      ],
    });
    model.dispose();
    expect(() => last.backward(d)).toThrow('disposed meanwhile');
    await expect(model.forward(x)).rejects.toThrow(StateError);
    const several = graph();
    const both = await several.forward(inputs(random));
    expect(() => both.backward({ score: d } as never)).toThrow("lacks 'sequence'");
    expect(() => both.backward({ score: d, sequence: d, more: d })).toThrow("'more'");
    expect(() => both.backward([d])).toThrow(ArgumentError);
    expect(() => both.backward({ score: d, sequence: d })).toThrow('gradients.sequence has shape [3, 2]');
    both.backward({ score: d, sequence: null });
  });

  if (backend.floatBytes === 8) {
    test('the gradients of the inputs are derivatives', async () => {
      const model = graph();
      const x = inputs(random);
      const weights = { score: tensor([3, 2], random), sequence: tensor([3, 4, 3], random) };
      const gradients = (await model.forward(x)).backward(weights);
      const value = async () => {
        const { score, sequence } = (await model.predict(x)) as Record<string, Tensor>;
        return dotProduct(score.data, weights.score.data) + dotProduct(sequence.data, weights.sequence.data);
      };
      for (const name of ['series', 'skipped'] as const)
        expectClose(gradients[name].data, await differences(value, x[name].data), DIFFERENCE_TOLERANCE, `gradient of ${name}`);
    });

    test.for(CHAINS)('the gradients of the inputs are derivatives: $name, with its dropout', async ({ layers, sample, output }) => {
      const model = builtModel(layers(), sample, random);
      const state = structuredClone(model.getState());
      const x = tensor([3, ...sample], random);
      x.data.fill(0, 0, sample.at(-1));
      const d = tensor([3, ...output], random);
      const gradient = (await model.forward(x, { training: true })).backward(d);
      // The first pass of every copy drops the same elements.
      const value = async () => {
        const pass = await Sequential.fromState(state).forward(x, { training: true });
        return dotProduct(pass.outputs.data, d.data);
      };
      const expected = await differences(value, x.data);
      // A step of zeros is masked, and any change of it unmasks it.
      const from = layers()[0] instanceof Masking ? (sample.at(-1) as number) : 0;
      expectClose(gradient.data.subarray(from), expected.subarray(from), DIFFERENCE_TOLERANCE, 'gradient of x');
      if (from > 0) expect(gradient.data.subarray(0, from).every((one: number) => one === 0)).toBe(true);
    });
  }
});

/** Central differences of a function that is computed later. */
async function differences(evaluate: () => Promise<number>, values: Float64Array, step = 1e-5): Promise<Float64Array> {
  const gradient = new Float64Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    values[index] = value + step;
    const above = await evaluate();
    values[index] = value - step;
    const below = await evaluate();
    values[index] = value;
    gradient[index] = (above - below) / (2 * step);
  }
  return gradient;
}
