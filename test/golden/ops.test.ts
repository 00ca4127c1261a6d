import { beforeEach, describe, expect, test } from 'vitest';
import {
  Activation,
  CustomLayer,
  Dense,
  Input,
  Model,
  ops,
  type SampleShape,
  SGD,
  type SymbolicTensor,
  type Weight,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';

interface Case {
  readonly name: string;
  readonly inputs: readonly [GoldenTensor];
  readonly weights: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
  readonly y: GoldenTensor;
  readonly trained: readonly GoldenTensor[];
}

const golden = ['graphs', 'ops'].flatMap((file) => readGolden<{ ops: readonly Case[] }>(file).ops);
const [STEPS, FEATURES] = [5, 4];

class Scaled extends CustomLayer {
  scale!: Weight;
  steps!: Weight;
  kernel!: Weight;

  override build(shape: SampleShape): void {
    const features = shape.at(-1) as number;
    this.scale = this.addWeight({ name: 'scale', shape: [features] });
    this.steps = this.addWeight({ name: 'steps', shape: [STEPS, features] });
    this.kernel = this.addWeight({ name: 'kernel', shape: [features, 2] });
  }

  override call(x: SymbolicTensor): SymbolicTensor {
    return ops.matmul(ops.add(ops.multiply(x, this.scale), this.steps), this.kernel);
  }
}

/** The functions of scripts/golden/graphs.py and ops.py. */
const FUNCTIONS: Record<string, (a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor> = {
  binary: (a, b) => ops.divide(ops.subtract(ops.multiply(a, b), ops.minimum(a, b)), ops.add(ops.square(ops.maximum(a, b)), 1)),
  unary: (a, b) =>
    ops.add(ops.add(ops.tanh(ops.abs(ops.negative(a))), ops.sigmoid(ops.relu(b))), ops.log(ops.add(ops.sqrt(ops.exp(a)), 0.5))),
  steps: (a, b) => ops.multiply(ops.mean(a, { axis: 1, keepDims: true }), b),
  features: (a, b) => ops.add(ops.sum(a, { axis: -1, keepDims: true }), b),
  lastGone: (a, b) => ops.multiply(ops.reshape(ops.sum(a, { axis: 2 }), [-1, STEPS, 1]), b),
  stepsGone: (a, b) => ops.subtract(ops.reshape(ops.mean(a, { axis: 1 }), [-1, 1, FEATURES]), b),
  row: (a, b) => ops.multiply(ops.softmax(ops.sum(a, { axis: 1 })), ops.mean(b, { axis: 1 })),
  moved: (a, b) => ops.concatenate([ops.transpose(a, [0, 2, 1]), ops.reshape(b, [-1, FEATURES, STEPS])]),
  where: (a, b) => ops.where(ops.less(a, b), ops.multiply(a, 2), b),
  maxOfSteps: (a, b) => ops.multiply(ops.max(a, { axis: 1, keepDims: true }), b),
  maxOfFeatures: (a, b) => ops.multiply(ops.expandDims(ops.max(a, { axis: -1 }), 2), b),
  minOfSteps: (a, b) => ops.multiply(ops.min(a, { axis: 1 }), ops.min(b, { axis: 1 })),
  minOfFeatures: (a, b) => ops.add(ops.min(a, { axis: 2, keepDims: true }), b),
  equals: (a, b) => ops.add(ops.max(ops.relu(a), { axis: 1 }), ops.min(ops.relu(b), { axis: 1 })),
  matmul: (a, b) => ops.matmul(ops.transpose(a, [0, 2, 1]), ops.reshape(b, [-1, STEPS, FEATURES])),
  matmulWithItself: (a, b) => ops.matmul(ops.matmul(a, ops.transpose(a, [0, 2, 1])), b),
  matmulOfHeads: (a, b) => {
    const heads = ops.matmul(ops.reshape(a, [-1, 2, STEPS, 2]), ops.reshape(b, [-1, 2, 2, STEPS]));
    return ops.reshape(heads, [-1, 2 * STEPS, STEPS]);
  },
  matmulRepeated: (a, b) =>
    ops.reshape(ops.matmul(ops.reshape(a, [-1, 1, STEPS, FEATURES]), ops.reshape(b, [-1, 5, FEATURES, 1])), [-1, 5, STEPS]),
  takeFeatures: (a, b) => ops.multiply(ops.take(a, [3, 0, 0, 2], -1), b),
  takeSteps: (a, b) => ops.concatenate([ops.take(a, [4, 2, 0], 1), ops.take(b, [1, 1, -1], 1)], 1),
  takeLast: (a, b) => ops.multiply(ops.take(a, -1, 1), ops.take(b, 0, 1)),
  takeOneFeature: (a, b) => ops.multiply(ops.take(a, 2, 2), ops.take(b, -1, 2)),
  slice: (a, b) => ops.multiply(ops.slice(a, [0, 1, 1], [-1, 3, 2]), ops.slice(b, [0, -3, 0], [-1, -1, 2])),
  sliceOfFour: (a, b) => {
    const [left, right] = [a, b].map((value) => ops.reshape(value, [-1, 5, 2, 2]));
    const product = ops.multiply(ops.slice(left, [0, 1, 0, 1], [-1, 2, -1, -1]), ops.slice(right, [0, 3, 0, 0], [-1, -1, 2, 1]));
    return ops.reshape(product, [-1, 4]);
  },
  expandAndSqueeze: (a, b) => ops.squeeze(ops.multiply(ops.expandDims(a, 1), ops.expandDims(b, 1)), 1),
  expandLast: (a, b) => ops.squeeze(ops.multiply(ops.expandDims(a, -1), ops.expandDims(b, 3)), -1),
  outer: (a, b) => ops.sum(ops.multiply(ops.expandDims(a, 2), ops.expandDims(b, 1)), { axis: -1 }),
  stackSteps: (a, b) => ops.reshape(ops.stack([a, b], 1), [-1, 2 * STEPS, FEATURES]),
  stackLast: (a, b) => ops.reshape(ops.stack([a, b, a], -1), [-1, STEPS, 3 * FEATURES]),
  split: (a, b) => {
    const [first, second] = ops.split(a, 2, -1);
    return ops.add(ops.multiply(first, second), ops.split(b, [1, 3], 2)[1]);
  },
  softmaxOfSteps: (a, b) => ops.multiply(ops.softmax(a, 1), b),
  softmaxOfHeads: (a, b) => ops.add(ops.reshape(ops.softmax(ops.reshape(a, [-1, 2, STEPS, 2]), 1), [-1, STEPS, FEATURES]), b),
  weights: (a, b) => new Scaled().apply(ops.add(a, b)),
};

describe.each(await availableBackends())('operations of tensors on $label', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? { absolute: 1e-12, relative: 1e-12 } : { absolute: 2e-6, relative: 8e-6 };
  beforeEach(() => startOn(backend));

  test('are the activations of their names, and clip', async () => {
    const input = Input({ shape: [3] });
    const names = ['elu', 'silu', 'softplus', 'softsign'] as const;
    const made = names.flatMap((name) => [ops[name](input), new Activation(name).apply(input)]);
    const model = new Model({ inputs: input, outputs: [ops.clip(input, -0.5, 1), ...made] });
    const [clipped, ...outputs] = await model.predict([[-2, 0.25, 3]]);
    expect([...clipped.data]).toEqual([-0.5, 0.25, 1]);
    for (const [index, { data }] of outputs.entries()) expect(data).toEqual(outputs[index - (index % 2)].data);
  });

  test.each(golden.map((each) => [each.name, each] as const))('give and learn what Keras does: %s', async (name, each) => {
    const series = Input({ shape: [STEPS, FEATURES] });
    const [a, b] = [new Dense(FEATURES).apply(series), new Dense(FEATURES).apply(series)];
    const model = new Model({ inputs: series, outputs: new Dense(2).apply((FUNCTIONS[name] as (typeof FUNCTIONS)[string])(a, b)) });
    const tensors = (all: readonly GoldenTensor[]) => all.map(({ shape, data }) => ({ shape, data: Float64Array.from(data) }));
    const [x] = tensors(each.inputs);
    model.setWeights(tensors(each.weights));
    model.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'mse' });
    expectClose((await model.predict(x as never)).data, each.outputs[0].data, tolerance, 'output');
    await model.trainOnBatch(x as never, tensors([each.y])[0] as never);
    for (const [place, { data }] of model.getWeights().entries())
      expectClose(data, (each.trained[place] as GoldenTensor).data, tolerance, `weight ${place}`);
  });
});
