import { beforeEach, describe, expect, test } from 'vitest';
import type { WeightTensors } from '../../ts/article/weights.ts';
import { toCategorical } from '../../ts/data/toCategorical.ts';
import { Dense, type Layer, OneHot, RecurrentNetwork, SGD, SimpleRNN, type TensorLike } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose, type Tolerance } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

/** B samples, T steps, D features, H cells. */
const [B, T, D, H] = [6, 15, 5, 4];
const NAMES = ['w1x', 'w1h', 'b1', 'w2', 'b2'] as const;
const IDS = { shape: [B, T], data: Int32Array.from({ length: B * T }, (_, index) => (index * index + 3 * index) % D) };
const ROWS = toCategorical(IDS, D);
const LABELS = Float32Array.of(1, 0, 0, 1, 1, 0);

const INPUTS: [string, () => Layer[], number[], TensorLike][] = [
  ['one-hot rows', () => [], [T, D], ROWS],
  ['ids through OneHot', () => [new OneHot(D)], [T], IDS],
];

describe.each(await availableBackends())('RecurrentNetwork and Sequential on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const tolerance: Tolerance = backend.floatBytes === 8 ? { relative: 1e-12 } : TRAIN_STEP_FLOAT32;

  /** Both with the same weights, exact in float32. */
  function sameTwice(truncate: number | null, first: Layer[], sampleShape: number[], learningRate: number) {
    const model = builtModel(
      [...first, new SimpleRNN(H, { truncate }), new Dense(1, { activation: 'sigmoid' })],
      sampleShape,
      new RandomArrays(11),
    );
    const weights = model.getWeights();
    model.compile({ optimizer: new SGD({ learningRate }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    const network = new RecurrentNetwork({ nCells: H, batchSize: B, learningRate, truncate });
    network.setWeights(Object.fromEntries(NAMES.map((name, index) => [name, weights[index]])) as unknown as WeightTensors);
    return { model, network, weights };
  }

  describe.each(INPUTS)('%s', (_, first, sampleShape, x) => {
    test.each([10, 3, null])('have the same gradients with truncate %s', async (truncate) => {
      const { model, network, weights } = sameTwice(truncate, first(), sampleShape, 1);
      const { loss, gradients } = network.lossAndGradients(ROWS, LABELS);
      const logs = await model.trainOnBatch(x, LABELS);
      expectClose([logs.loss], [loss], tolerance, 'loss');
      const after = model.getWeights();
      for (const [index, name] of NAMES.entries()) {
        const step = weights[index].data.map((value, place) => value - after[index].data[place]);
        expectClose(step, gradients[name].data, tolerance, `gradient of ${name}`);
      }
    });
  });

  test('learn the same, epoch by epoch', async () => {
    const { model, network } = sameTwice(10, [], [T, D], 0.5);
    network.fit({ ids: IDS, depth: D }, LABELS, { epochs: 8, xVal: ROWS, yVal: LABELS });
    const { history } = await model.fit(ROWS, LABELS, { epochs: 8, batchSize: B, verbose: 0, validationData: [ROWS, LABELS] });
    const training: Tolerance = backend.floatBytes === 8 ? { relative: 1e-11 } : { relative: 2e-5 };
    expectClose(history.loss, network.losses, training, 'loss');
    expectClose(history.valLoss, network.valLosses, training, 'valLoss');
    expect(network.losses[7]).toBeLessThan(network.losses[0]);
    const after = model.getWeights();
    for (const [index, name] of NAMES.entries()) expectClose(after[index].data, network.getWeights()[name].data, training, name);
    const predicted = (await model.predict(ROWS)).data;
    expectClose(predicted, network.predictProbabilities(ROWS).data, training, 'probabilities');
    expect(Array.from(predicted, (probability) => (probability > 0.5 ? 1 : 0))).toEqual([...network.predict(ROWS).data]);
  });
});
