import { beforeEach, describe, expect, test } from 'vitest';
import {
  BatchNormalization,
  Dense,
  Input,
  LayerNormalization,
  type LayerNormalizationOptions,
  Masking,
  Model,
  Sequential,
  SGD,
  SimpleRNN,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';

interface Case {
  readonly name: string;
  readonly options: LayerNormalizationOptions;
  readonly masked: boolean;
  readonly inputs: readonly [GoldenTensor];
  readonly weights: readonly GoldenTensor[];
  readonly outputs: readonly [GoldenTensor];
  readonly y: GoldenTensor;
  readonly trained: readonly GoldenTensor[];
}

interface DistributedCase {
  readonly name: string;
  readonly masked: boolean;
  readonly model: boolean;
  readonly inputs: readonly [GoldenTensor];
  readonly weights: readonly GoldenTensor[];
  readonly y: GoldenTensor;
  readonly losses: readonly number[];
  readonly trained: readonly GoldenTensor[];
  readonly outputs: readonly [GoldenTensor];
}

const golden = readGolden<{ layer: readonly Case[]; timeDistributed: readonly DistributedCase[] }>('normalization');
const tensors = (all: readonly GoldenTensor[]) => all.map(({ shape, data }) => ({ shape, data: Float64Array.from(data) }));

describe.each(await availableBackends())('LayerNormalization on $label', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? { absolute: 1e-12, relative: 1e-12 } : { absolute: 2e-6, relative: 8e-6 };
  beforeEach(() => startOn(backend));

  test.each(golden.layer.map((each) => [each.name, each] as const))('gives and learns what Keras does: %s', async (_, each) => {
    const shape = each.inputs[0].shape.slice(1);
    const input = Input({ shape });
    const given = each.masked ? new Masking().apply(input) : input;
    const normal = new LayerNormalization(each.options).apply(new Dense(shape.at(-1) as number).apply(given));
    const scores = new Dense(2).apply(normal);
    const model = new Model({ inputs: input, outputs: each.masked ? new SimpleRNN(2).apply(scores) : scores });
    model.setWeights(tensors(each.weights));
    model.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'mse' });
    const [x] = tensors(each.inputs);
    expect(model.weights.map((weight) => weight.shape)).toEqual(each.weights.map((weight) => weight.shape));
    expectClose((await model.predict(x)).data, each.outputs[0].data, tolerance, 'output');
    await model.trainOnBatch(x, tensors([each.y])[0]);
    for (const [place, { data }] of model.getWeights().entries()) expectClose(data, each.trained[place].data, tolerance, `weight ${place}`);
  });
});

describe.each(await availableBackends())('BatchNormalization in TimeDistributed on $label', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? { absolute: 1e-11, relative: 1e-11 } : { absolute: 1e-5, relative: 3e-5 };
  beforeEach(() => startOn(backend));

  test.each(golden.timeDistributed.map((each) => [each.name, each] as const))(
    'has moments of each step, as in Keras: %s',
    async (_, each) => {
      const [x, y] = tensors([each.inputs[0], each.y]) as [Tensor, Tensor];
      const shape = x.shape.slice(1);
      const features = shape.at(-1) as number;
      const input = Input({ shape });
      const normal = new BatchNormalization({ momentum: 0.75 });
      const inside = each.model ? new Sequential([new Dense(features), normal]) : normal;
      const given = new Dense(features).apply(each.masked ? new Masking().apply(input) : input);
      const scores = new Dense(2).apply(new TimeDistributed(inside).apply(given));
      const model = new Model({ inputs: input, outputs: each.masked ? new SimpleRNN(2).apply(scores) : scores });
      model.setWeights(tensors(each.weights));
      model.compile({ optimizer: new SGD({ learningRate: 0.25 }), loss: 'mse' });
      for (const loss of each.losses) expectClose([(await model.trainOnBatch(x, y)).loss], [loss], tolerance, 'loss');
      for (const [place, { data }] of model.getWeights().entries())
        expectClose(data, each.trained[place]?.data ?? [], tolerance, `weight ${place}`);
      expectClose((await model.predict(x)).data, each.outputs[0].data, tolerance, 'output');
    },
  );
});
