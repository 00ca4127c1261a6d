import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  BatchNormalization,
  type BatchNormalizationOptions,
  Conv1D,
  Dense,
  Embedding,
  Input,
  LSTM,
  loadModel,
  Masking,
  Model,
  modelToBytes,
  Sequential,
  SGD,
  ShapeError,
  SimpleRNN,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer } from '../support/conformance.ts';
import { expectClose } from '../support/differences.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { streamTolerance } from '../support/tolerances.ts';

await loadAllLayers();

const make = (options?: BatchNormalizationOptions) => new BatchNormalization(options);
const bad = (options: object) => () => make(options as BatchNormalizationOptions);
const weights = { gamma: [4], beta: [4], movingMean: [4], movingVariance: [4] };
const rows = { input: { shape: [3] }, below: () => [new Dense(4)], above: () => [new Dense(2)], output: [4], weights } as const;
const steps = { ...rows, input: { shape: [5, 3] }, above: () => [new SimpleRNN(2)], output: [5, 4] } as const;

await describeLayer('BatchNormalization', {
  fromConfig: (config) => layerFromConfig('BatchNormalization', config),
  withOptions: (options) => make(options),
  cases: [
    { label: 'rows', make: () => make({ momentum: 0.9 }), ...rows },
    { label: 'sequences', make: () => make({ epsilon: 0.1 }), ...steps },
    { label: 'images', make: () => make(), ...rows, input: { shape: [2, 3, 2] }, output: [2, 3, 4] },
    { label: 'without gamma', make: () => make({ scale: false }), ...rows, weights: { beta: [4], movingMean: [4], movingVariance: [4] } },
    {
      label: 'without weights to train',
      make: () => make({ scale: false, center: false }),
      ...rows,
      weights: { movingMean: [4], movingVariance: [4] },
    },
    { label: 'penalties', make: () => make({ gammaRegularizer: 'l2', betaRegularizer: 'l1' }), ...rows },
    {
      label: 'masked steps',
      make: () => make(),
      ...steps,
      input: { steps: 4, ids: 5 },
      below: () => [new Embedding(5, 4, { maskZero: true })],
      output: [4, 4],
    },
  ],
  badValues: {
    'the batch as axis': bad({ axis: 0 }),
    'a momentum above 1': bad({ momentum: 1.5 }),
    'an epsilon of 0': bad({ epsilon: 0 }),
    'scale that is no boolean': bad({ scale: 1 }),
    'an unknown movingMeanInitializer': bad({ movingMeanInitializer: 'none' }),
    'an unknown gammaConstraint': bad({ gammaConstraint: 'none' }),
  },
  badInputs: [],
});

describe.each(await availableBackends())('BatchNormalization on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const close = backend.name === 'reference' ? { relative: 1e-11 } : { relative: 1e-5 };
  const moving = (layer: BatchNormalization) =>
    layer
      .getWeights()
      .slice(-2)
      .map(({ data }) => Array.from(data));

  test('only a training step moves the moving moments, and only of a layer that is trained', async () => {
    const [free, frozen] = [make({ name: 'free' }), make({ name: 'frozen', trainable: false })];
    const model = builtModel([free, frozen, new Dense(1)], [3], new RandomArrays(1));
    const [x, y] = [tensor([6, 3], new RandomArrays(2)), tensor([6, 1], new RandomArrays(3))];
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const before = [free, frozen].map(moving);
    await model.predict(x);
    await model.evaluate(x, y);
    await model.forward(x);
    expect([free, frozen].map(moving)).toEqual(before);
    await model.trainOnBatch(x, y);
    expect(moving(free)).not.toEqual(before[0]);
    expect(moving(frozen)).toEqual(before[1]);
  });

  test("a training step of one's own moves them once for each forward pass in training", async () => {
    const model = builtModel([make({ momentum: 0.5 }), new Dense(1)], [2], new RandomArrays(1));
    const [layer] = model.layers as [BatchNormalization];
    const [mean, variance] = moving(layer) as [number[], number[]];
    const x = [
      [1, 0],
      [3, 4],
    ];
    const passes = [await model.forward(x, { training: true }), await model.forward(x, { training: true })];
    const expected = [2, 2, 1, 4].map((now, index) => now * 0.75 + 0.25 * ([...mean, ...variance][index] as number));
    expectClose(moving(layer).flat(), expected, close, 'moving moments');
    for (const pass of passes) pass.backward([[1], [2]]);
    model.applyGradients(new SGD({ learningRate: 0.1 }));
    expectClose(moving(layer).flat(), expected, close, 'moving moments after the update');
  });

  test('the argument training of a use decides which moments it uses', async () => {
    const input = Input({ shape: [2] });
    const layer = make({ epsilon: 1e-6 });
    const outputs = [layer.apply(input, { training: true }), layer.apply(input, { training: false }), layer.apply(input)];
    const model = new Model({ inputs: input, outputs });
    const before = moving(layer);
    const [batch, fixed, plain] = (await model.predict([
      [1, 0],
      [3, 8],
    ])) as Tensor[] as [Tensor, Tensor, Tensor];
    expectClose(batch.data, [-1, -1, 1, 1], { absolute: 1e-5 }, 'of the batch');
    expectClose(fixed.data, [1, 0, 3, 8], { absolute: 1e-4 }, 'moving');
    expect(plain.data).toEqual(fixed.data);
    expect(moving(layer)).toEqual(before);
  });

  test('a batch without a counted step stays finite', async () => {
    const model = builtModel([new Masking(), make(), new SimpleRNN(1)], [3, 2], new RandomArrays(1));
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    await model.trainOnBatch({ shape: [2, 3, 2], data: new Float32Array(12) }, [0, 1]);
    expect(flatWeights(model).every(Number.isFinite)).toBe(true);
  });

  test('a stream uses the moving moments', async () => {
    const model = builtModel([make(), new LSTM(2, { returnSequences: true }), make()], [6, 3], new RandomArrays(1));
    const x = tensor([1, 6, 3], new RandomArrays(2));
    const whole = await model.predict(x);
    const stream = model.stream();
    for (let step = 0; step < 6; step++)
      expectClose(
        stream.step(Array.from(x.data.subarray(3 * step, 3 * step + 3))),
        whole.data.subarray(2 * step, 2 * step + 2),
        streamTolerance(backend),
        `step ${step}`,
      );
  });

  test('with truncated layers its moments are those of whole sequences', async () => {
    const layer = make({ momentum: 0 });
    const model = builtModel([layer, new LSTM(2, { returnSequences: true, truncate: 256 }), new Dense(1)], [600, 2], new RandomArrays(7));
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const x = tensor([4, 600, 2], new RandomArrays(8));
    await model.fit(x, tensor([4, 600, 1], new RandomArrays(9)), { batchSize: 4, verbose: 0 });
    const means = [0, 1].map((feature) => x.data.filter((_, index) => index % 2 === feature).reduce((sum, value) => sum + value / 2400, 0));
    expectClose(moving(layer)[0], means, { absolute: 1e-6 }, 'moving mean');
  });

  test('a file keeps the moving moments and trains on to the same bits', async () => {
    const model = builtModel([make(), new Dense(1)], [3], new RandomArrays(1));
    const [x, y] = [tensor([7, 3], new RandomArrays(2)), tensor([7, 1], new RandomArrays(3))];
    model.compile({ optimizer: 'adam', loss: 'mse' });
    await model.fit(x, y, { epochs: 2, batchSize: 3, shuffle: false, verbose: 0 });
    const loaded = await loadModel(await modelToBytes(model));
    expect(flatWeights(loaded)).toEqual(flatWeights(model));
    for (const each of [model, loaded]) await each.fit(x, y, { epochs: 2, batchSize: 3, shuffle: false, verbose: 0 });
    expect(flatWeights(loaded)).toEqual(flatWeights(model));
  });

  // Of batches of 5 and 2 rows three workers have 1, 2 and 2 or none, 1 and 1.
  test.each([
    ['rows', false],
    ['masked steps', true],
    ['each step', false, true],
    ['each step, masked', true, true],
  ])('workers use the moments of the whole batch: %s', async (_label, masked, distributed = false) => {
    const random = new RandomArrays(4);
    const x = tensor([7, 6, 2], random);
    const y = tensor([7, 6, 1], random);
    if (masked) for (const [row, from] of [2, 6, 0, 3, 5, 1, 0].entries()) x.data.fill(0, (row * 6 + from) * 2, (row + 1) * 12);
    const train = async (options: object) => {
      startOn(backend);
      const hidden = [
        make({ name: 'first' }),
        new Conv1D(3, 2, { padding: 'causal' }),
        make({ scale: false }),
        new SimpleRNN(2, { returnSequences: true }),
      ];
      const plain = [make({ name: 'first' }), new Dense(3), make({ scale: false }), new SimpleRNN(2, { returnSequences: true })];
      const each = [new TimeDistributed(make()), new SimpleRNN(2, { returnSequences: true })];
      const own = distributed ? each : masked ? plain : hidden;
      const layers = masked ? [new Masking(), ...own] : own;
      const model = builtModel([...layers, new Dense(1)], [6, 2], new RandomArrays(5));
      model.compile({ optimizer: new SGD({ learningRate: 0.1, momentum: 0.5 }), loss: 'mse', metrics: ['mae'] });
      const { history } = await model.fit(x, y, {
        epochs: 3,
        batchSize: 5,
        shuffle: false,
        verbose: 0,
        validationData: [x, y],
        ...options,
      });
      return { weights: flatWeights(model), history };
    };
    const here = await train({});
    for (const workers of [1, 2, 3]) {
      const there = await train({ workers });
      expectClose(there.weights, here.weights, close, `weights of ${workers} workers`);
      for (const name of ['loss', 'mae', 'valLoss'])
        expectClose(there.history[name] as number[], here.history[name] as number[], close, `${name} of ${workers} workers`);
    }
    expect((await train({ workers: 2 })).weights).toEqual((await train({ workers: 2 })).weights);
    // Messages in the place of shared memory.
    vi.stubGlobal('SharedArrayBuffer', undefined);
    onTestFinished(() => void vi.unstubAllGlobals());
    givenWarnings();
    expectClose((await train({ workers: 3 })).weights, here.weights, close, 'weights without shared memory');
  });

  test('refuses an axis that is not the last, and a mask of other axes', async () => {
    const built = (layer: BatchNormalization) => layer.apply(Input({ shape: [4, 3] }));
    expect(() => built(make({ axis: 1, name: 'norm' }))).toThrow(ShapeError);
    expect(() => built(make({ axis: 1, name: 'norm' }))).toThrow(
      /^layer norm \(BatchNormalization\) takes samples whose last axis is axis 1 .*, got samples of shape \[4, 3\]: leave out axis/,
    );
    expect(built(make({ axis: 2 })).shape).toEqual([4, 3]);
    const [input, mask] = [Input({ shape: [2, 3, 4] }), Input({ shape: [2], dtype: 'bool' })];
    const model = new Model({ inputs: [input, mask], outputs: make({ name: 'norm' }).apply(input, { mask }) });
    await expect(model.predict([tensor([1, 2, 3, 4], new RandomArrays(1)), [[1, 0]]])).rejects.toThrow(
      /has a mask of steps, which needs samples/,
    );
  });

  test('a summary counts its moving moments as not trainable', () => {
    const model = new Sequential([make({ inputShape: [3] })]);
    let text = '';
    model.summary((printed) => {
      text = printed;
    });
    expect(text).toMatch(/12/);
    expect(text).toMatch(/6 trainable/);
  });
});
