import { beforeEach, describe, expect, test } from 'vitest';
import {
  Dense,
  Dropout,
  Flatten,
  GlobalAveragePooling1D,
  GRU,
  Input,
  LSTM,
  loadModel,
  Masking,
  Model,
  modelToBytes,
  Permute,
  padSequences,
  type Sequential,
  SGD,
  SimpleRNN,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer } from '../support/conformance.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

const steps = { output: [4, 3], weights: {} } as const;
const zeros = { input: { shape: [4, 3], padding: 0 }, ...steps } as const;
const minus = { input: { shape: [4, 3], padding: -1 }, ...steps } as const;

await describeLayer('Masking', {
  fromConfig: Masking.fromConfig,
  withOptions: (options) => new Masking(options),
  cases: [
    { label: 'below a recurrent layer', make: () => new Masking(), above: () => [new LSTM(2)], ...zeros },
    { label: 'of -1 below a recurrent layer', make: () => new Masking({ maskValue: -1 }), above: () => [new GRU(2)], ...minus },
    {
      label: 'of -1 up to the loss',
      make: () => new Masking({ maskValue: -1 }),
      above: () => [new SimpleRNN(2, { returnSequences: true }), new Dense(2)],
      ...minus,
    },
    { label: 'below dense layers', make: () => new Masking({ maskValue: -1 }), above: () => [new Dropout(0.3), new Dense(2)], ...minus },
    { label: 'of samples', make: () => new Masking(), above: () => [new Dense(2)], input: { shape: [3] }, output: [3], weights: {} },
    {
      label: 'above a layer with weights',
      make: () => new Masking(),
      below: () => [new LSTM(3, { returnSequences: true, zeroOutputForMask: true })],
      above: () => [new SimpleRNN(2)],
      ...zeros,
    },
  ],
  badValues: {
    'a maskValue that is no number': () => new Masking({ maskValue: '0' as never }),
    'a maskValue that is NaN': () => new Masking({ maskValue: Number.NaN }),
    'a maskValue that no float32 holds': () => new Masking({ maskValue: 1e39 }),
  },
  badInputs: [[2, 3, 4]],
});

describe.each(await availableBackends())('Masking on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test('of features whose number is free', async () => {
    const x = Input({ shape: [null, null] });
    const model = new Model({ inputs: x, outputs: new GlobalAveragePooling1D().apply(new Masking().apply(new Permute([2, 1]).apply(x))) });
    const given = (last: readonly number[]) => model.predict([[[1, 3], last]], { verbose: 0 });
    expect(Array.from((await given([5, 7])).data)).toEqual([2, 6]);
    // One step, the second after Permute, is zeros.
    expect(
      Array.from(
        (
          await model.predict(
            [
              [
                [1, 0],
                [5, 0],
              ],
            ],
            { verbose: 0 },
          )
        ).data,
      ),
    ).toEqual([1, 5]);
  });

  const H = 2;
  const sequence = [
    [0.5, -1],
    [1, 0],
    [0.25, 0.75],
  ];
  const network = (masking: Masking, returnSequences = false): Sequential =>
    builtModel([masking, new GRU(H, { returnSequences })], [5, 2], new RandomArrays(3));

  test.each([0, -1])('recurrent layers skip the steps that padSequences fills with %i', async (value) => {
    const model = network(new Masking({ maskValue: value }));
    const predict = async (x: number[][]) => (await model.predict([x])).data;
    const bare = await predict(sequence);
    const gap = [value, value];
    for (const [name, padded] of Object.entries({
      before: [gap, gap, ...sequence],
      behind: [...sequence, gap, gap],
      between: [sequence[0] as number[], gap, sequence[1] as number[], gap, sequence[2] as number[]],
    }))
      expectClose(await predict(padded), bare, TRAIN_STEP_FLOAT32, `padded ${name}`);
    const { shape, data } = padSequences([sequence, sequence.slice(0, 1)], { dtype: 'float32', maxLength: 5, value });
    expectClose((await model.predict({ shape, data })).data.slice(0, H), bare, TRAIN_STEP_FLOAT32, 'padded by padSequences');
    expect(Array.from(await predict([gap, gap]))).toEqual([0, 0]);
    // One feature that differs makes a step count.
    expect(await predict([...sequence, [value, value + 1]])).not.toEqual(bare);
  });

  test('masked steps become zeros', async () => {
    const model = builtModel([new Masking({ maskValue: -1 })], [3, 2], new RandomArrays(1));
    const { data } = await model.predict([
      [
        [-1, -1],
        [-1, 2],
        [3, -1],
      ],
    ]);
    expect(Array.from(data)).toEqual([0, 0, -1, 2, 3, -1]);
  });

  test('loss, metrics and gradients count the valid steps only, through Dense and Dropout', async () => {
    const model = () => {
      const made = builtModel([new Masking(), new Dropout(0), new Dense(1)], [3, 2], new RandomArrays(4));
      made.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: 'mse', metrics: ['mae', 'rootMeanSquaredError'] });
      return made;
    };
    const x = [
      [...sequence.slice(0, 2), [0, 0]],
      [[0, 0], [0, 0], sequence[2] as number[]],
    ];
    const y = tensor([2, 3, 1], new RandomArrays(5));
    const masked = model();
    const { data } = await masked.predict(x);
    const errors = [0, 1, 5].map((row) => (data[row] as number) - (y.data[row] as number));
    const mse = errors.reduce((sum, error) => sum + error ** 2, 0) / 3;
    const mae = errors.reduce((sum, error) => sum + Math.abs(error), 0) / 3;
    const logs = await masked.evaluate(x, y);
    expectClose([logs.loss, logs.mae, logs.rootMeanSquaredError], [mse, mae, Math.sqrt(mse)], TRAIN_STEP_FLOAT32, 'loss and metrics');
    const other = model();
    await masked.trainOnBatch(x, y);
    await other.trainOnBatch(x, { shape: y.shape, data: y.data.map((value, row) => ([0, 1, 5].includes(row) ? value : 1000)) });
    expect(other.getWeights()).toEqual(masked.getWeights());
  });

  test('no gradient passes to a masked step, also where what is above has no mask', async () => {
    // Where x is 0, Dense gives its bias, -1, which is masked; Flatten has no mask.
    const model = builtModel([new Dense(2), new Masking({ maskValue: -1 }), new Flatten(), new Dense(1)], [2, 1], new RandomArrays(8));
    const above = [0.5, -0.25, 2, 1];
    model.setWeights([[[0.5, 1.5]], [-1, -1], above.map((weight) => [weight]), [0]]);
    model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'mse' });
    await model.trainOnBatch([[[0], [1]]], [[3]]);
    const prediction = 2 * (0.5 - 1) + 1 * (1.5 - 1);
    const gradient = 2 * (prediction - 3);
    const [kernel, bias] = model.getWeights();
    expect(Array.from(bias?.data ?? [])).toEqual([-1 - gradient * 2, -1 - gradient * 1]);
    expect(Array.from(kernel?.data ?? [])).toEqual([0.5 - gradient * 2, 1.5 - gradient * 1]);
  });

  test('a stream skips masked steps: its states stay as they were', async () => {
    const model = network(new Masking({ maskValue: -1 }));
    const gap = [-1, -1];
    const given = [sequence[0] as number[], gap, sequence[1] as number[], gap, gap, sequence[2] as number[]];
    const stream = model.stream();
    for (const [step, x] of given.entries()) {
      const before = stream.state.gru?.h?.data;
      const output = stream.step(x);
      const whole = await model.predict([given.slice(0, step + 1)]);
      expectClose(output, whole.data, TRAIN_STEP_FLOAT32, `step ${step}`);
      if (x === gap) expect(stream.state.gru?.h?.data).toEqual(before);
      else expect(stream.state.gru?.h?.data).not.toEqual(before);
    }
  });

  test.each([1, 2])('trains in %i workers as here', async (workers) => {
    const random = new RandomArrays(6);
    const series = Array.from({ length: 9 }, (_, row) => Array.from({ length: 1 + (row % 4) }, () => Array.from(random.float32s(2))));
    const x = padSequences(series, { dtype: 'float32' });
    const y = tensor([9, 4, 1], random);
    const train = async (where: number) => {
      startOn(backend);
      const model = builtModel([new Masking(), new LSTM(3, { returnSequences: true }), new Dense(1)], [4, 2], new RandomArrays(7));
      model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] });
      const { history } = await model.fit(x, y, { epochs: 3, batchSize: 4, workers: where, verbose: 0 });
      return { model, history };
    };
    const here = await train(0);
    const there = await train(workers);
    for (const name of ['loss', 'mae'])
      expectClose(there.history[name] as number[], here.history[name] as number[], TRAIN_STEP_FLOAT32, name);
    for (const [index, { data }] of there.model.getWeights().entries())
      expectClose(data, here.model.getWeights()[index]?.data ?? [], TRAIN_STEP_FLOAT32, `weight ${index}`);
  });

  test('keeps its mask value in files', async () => {
    const model = network(new Masking({ maskValue: -0.1 }));
    const loaded = await loadModel(await modelToBytes(model));
    expect((loaded.layers[0] as Masking).maskValue).toBe(-0.1);
    const x = { shape: [1, 2, 2], data: Float32Array.of(1, 2, -0.1, -0.1) };
    expect(await loaded.predict(x)).toEqual(await model.predict(x));
    expect(await loaded.predict(x)).toEqual(await model.predict({ shape: [1, 2, 2], data: Float64Array.of(1, 2, -0.1, -0.1) }));
  });
});
