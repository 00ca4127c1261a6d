import { beforeEach, describe, expect, test } from 'vitest';
import { Bidirectional, Dense, Embedding, GRU, Input, type Layer, LSTM, Model, SGD, SimpleRNN, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';

interface Options {
  readonly cell: keyof typeof CELLS;
  readonly masked?: boolean;
  readonly bidirectional?: boolean;
  readonly initial?: boolean;
}

interface PredictionCase {
  readonly options: Options;
  readonly inputs: readonly GoldenTensor[];
  readonly weights: readonly GoldenTensor[];
  readonly first: readonly GoldenTensor[];
  readonly continued: readonly GoldenTensor[];
  readonly afterReset: readonly GoldenTensor[];
}

interface TrainingCase {
  readonly options: Options;
  readonly x: GoldenTensor;
  readonly y: GoldenTensor;
  readonly weights: readonly GoldenTensor[];
  readonly losses: readonly number[];
  readonly trained: readonly GoldenTensor[];
  readonly prediction: GoldenTensor;
}

const golden = readGolden<{ predictions: readonly PredictionCase[]; training: readonly TrainingCase[] }>('stateful');

const CELLS = { SimpleRNN, LSTM, GRU };
const [BATCH, STEPS, FEATURES, VOCABULARY, UNITS] = [2, 4, 3, 5, 3];

const named = <C extends { options: Options }>(cases: readonly C[]) => cases.map((each) => [JSON.stringify(each.options), each] as const);

/** The first rows of a tensor, from `start`. */
function rows({ shape, data }: GoldenTensor, count = shape[0], start = 0): Tensor {
  const width = data.length / shape[0];
  return { shape: [count, ...shape.slice(1)], data: Float64Array.from(data.slice(start * width, (start + count) * width)) };
}

/** The inputs, the stateful layer and its outputs. */
function network({ cell, masked, bidirectional, initial, ...options }: Options) {
  const source = Input({ shape: masked ? [STEPS] : [STEPS, FEATURES], batchSize: BATCH });
  const value = masked ? new Embedding(VOCABULARY, FEATURES, { maskZero: true }).apply(source) : source;
  const recurrent = new CELLS[cell](UNITS, { stateful: true, ...options } as object);
  const layer: Layer = bidirectional ? new Bidirectional(recurrent) : recurrent;
  const states = initial ? Array.from({ length: recurrent.stateCount }, () => Input({ shape: [UNITS] })) : [];
  const outputs = layer.applyAll(value, initial ? { initialState: states } : {});
  return { inputs: [source, ...states], layer, outputs };
}

describe.each(await availableBackends())('stateful layers on $label give what Keras gives', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? { absolute: 1e-12, relative: 1e-12 } : { absolute: 4e-6, relative: 8e-6 };
  beforeEach(() => startOn(backend));

  test.each(named(golden.predictions))('predict %s', async (_label, each) => {
    const { inputs, layer, outputs } = network(each.options);
    const model = new Model({ inputs, outputs });
    model.setWeights(each.weights.map((weight) => rows(weight)));
    const expectOutputs = async (count: number, expected: readonly GoldenTensor[], what: string) => {
      const predicted: unknown = await model.predict(
        each.inputs.map((input) => rows(input, count)),
        { batchSize: BATCH },
      );
      const all = (Array.isArray(predicted) ? predicted : [predicted]) as Tensor[];
      expect(all.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
      for (const [index, { data }] of all.entries()) expectClose(data, expected[index].data, tolerance, `${what}, output ${index}`);
    };
    await expectOutputs(each.inputs[0].shape[0], each.first, 'the first call');
    await expectOutputs(BATCH, each.continued, 'the second call');
    layer.resetStates();
    await expectOutputs(BATCH, each.afterReset, 'after the reset');
  });

  test.each(named(golden.training))('trainOnBatch %s', async (_label, each) => {
    const { inputs, outputs } = network(each.options);
    const model = new Model({ inputs, outputs: new Dense(1).apply(outputs[0]) });
    model.setWeights(each.weights.map((weight) => rows(weight)));
    model.compile({ optimizer: new SGD({ learningRate: 0.125 }), loss: 'mse' });
    const losses: number[] = [];
    for (let epoch = 0; epoch < 2; epoch++) {
      for (let start = 0; start < each.x.shape[0]; start += BATCH) {
        const { loss } = await model.trainOnBatch(rows(each.x, BATCH, start), rows(each.y, BATCH, start));
        losses.push(loss);
      }
      if (epoch === 0) model.resetStates();
    }
    expectClose(losses, each.losses, tolerance, 'losses');
    expectClose(
      flatWeights(model),
      each.trained.flatMap(({ data }) => data),
      tolerance,
      'weights',
    );
    expectClose((await model.predict(rows(each.x, BATCH))).data, each.prediction.data, tolerance, 'the prediction that continues');
  });
});
