import { beforeEach, describe, expect, test } from 'vitest';
import {
  Activation,
  Add,
  Average,
  Bidirectional,
  Concatenate,
  Dense,
  Embedding,
  Flatten,
  GRU,
  Input,
  type Layer,
  LSTM,
  Maximum,
  type MergeMode,
  Minimum,
  Model,
  Multiply,
  Permute,
  RepeatVector,
  Reshape,
  SimpleRNN,
  Subtract,
  type SymbolicTensor,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';

interface Case {
  readonly name: string;
  readonly options: {
    readonly cell?: 'SimpleRNN' | 'LSTM' | 'GRU';
    readonly mergeMode?: MergeMode;
    readonly returnSequences?: boolean;
    readonly returnState?: boolean;
    readonly masked?: boolean;
    readonly zeroOutputForMask?: boolean;
  };
  readonly inputs: readonly GoldenTensor[];
  readonly weights: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
}

const golden = readGolden<{
  activations: readonly { name: string; x: GoldenTensor; y: GoldenTensor }[];
  bidirectional: readonly Case[];
  states: readonly Case[];
  merges: readonly Case[];
  reshapes: readonly Case[];
}>('graphs');

const CELLS = { SimpleRNN, LSTM, GRU };
const MERGES: Record<string, () => Layer> = {
  Add: () => new Add(),
  Subtract: () => new Subtract(),
  Multiply: () => new Multiply(),
  Average: () => new Average(),
  Maximum: () => new Maximum(),
  Minimum: () => new Minimum(),
  Concatenate: () => new Concatenate(),
};
const RESHAPES: Record<string, () => Layer[]> = {
  RepeatVector: () => [new LSTM(3), new RepeatVector(4)],
  Flatten: () => [new Flatten()],
  Reshape: () => [new Reshape([2, -1])],
  Permute: () => [new Permute([2, 1])],
  TimeDistributed: () => [new TimeDistributed(new Dense(3, { activation: 'softmax' }))],
  FlattenThree: () => [new Flatten()],
  PermuteThree: () => [new Permute([3, 1, 2])],
  TimeDistributedLSTM: () => [new TimeDistributed(new LSTM(3))],
};

const label = ({ name, options }: Case) => `${name} ${JSON.stringify(options)}`;
const named = (cases: readonly Case[]) => cases.map((each) => [label(each), each] as const);
const tensorOf = ({ shape, data }: GoldenTensor): Tensor => ({ shape, data: Float64Array.from(data) });

/** Fails unless the outputs of a model with Keras's weights are Keras's. */
async function expectOutputs(model: Model, { inputs, weights, outputs }: Case, tolerance: object): Promise<void> {
  model.setWeights(weights.map(tensorOf));
  const predicted: Tensor | Tensor[] = await model.predict(inputs.map(tensorOf));
  const all = Array.isArray(predicted) ? predicted : [predicted];
  expect(all.map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
  for (const [index, { data }] of all.entries()) expectClose(data, outputs[index].data, tolerance, `output ${index}`);
}

describe.each(await availableBackends())('graphs on $label give what Keras gives', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? { absolute: 1e-12, relative: 1e-12 } : { absolute: 2e-6, relative: 4e-6 };
  beforeEach(() => startOn(backend));

  test.each(golden.activations.map((each) => [each.name, each] as const))('activation %s', async (name, { x, y }) => {
    const input = Input({ shape: [x.shape[1]] });
    const model = new Model({ inputs: input, outputs: new Activation(name as never).apply(input) });
    expectClose((await model.predict(tensorOf(x))).data, y.data, tolerance, name);
  });

  test.each(named(golden.bidirectional))('%s', async (_label, each) => {
    const { cell = 'LSTM', masked, mergeMode, returnSequences, returnState } = each.options;
    const source = Input({ shape: masked ? [5] : [5, 4] });
    const value = masked ? new Embedding(6, 4, { maskZero: true }).apply(source) : source;
    const layer = new Bidirectional(new CELLS[cell](3, { returnSequences, returnState } as never) as never, { mergeMode });
    await expectOutputs(new Model({ inputs: source, outputs: layer.applyAll(value) }), each, tolerance);
  });

  test.each(named(golden.states))('%s', async (_label, each) => {
    const { cell = 'LSTM', zeroOutputForMask } = each.options;
    const [encoded, decoded] = [Input({ shape: [5], name: 'a' }), Input({ shape: [5, 4], name: 'b' })];
    const encoder: Layer = new CELLS[cell](3, { returnState: true, zeroOutputForMask } as never);
    const [output, ...states] = encoder.applyAll(new Embedding(6, 4, { maskZero: true }).apply(encoded));
    const second: SymbolicTensor = new CELLS[cell](3, { returnSequences: true } as never).apply(decoded, { initialState: states });
    await expectOutputs(new Model({ inputs: [encoded, decoded], outputs: [output as SymbolicTensor, ...states, second] }), each, tolerance);
  });

  test.each(named(golden.merges))('%s', async (_label, each) => {
    const inputs = [Input({ shape: [5], name: 'a' }), Input({ shape: [5], name: 'b' })];
    const tables = inputs.map((input, index) => new Embedding(6, 4, { maskZero: true, name: `table${index}` }).apply(input));
    const merged = MERGES[each.name]().apply(tables);
    await expectOutputs(new Model({ inputs, outputs: [merged, new LSTM(3).apply(merged)] }), each, tolerance);
  });

  test.each(named(golden.reshapes))('%s', async (_label, each) => {
    const input = Input({ shape: each.inputs[0].shape.slice(1) });
    const outputs = RESHAPES[each.name]().reduce<SymbolicTensor>((value, layer) => layer.apply(value), input);
    await expectOutputs(new Model({ inputs: input, outputs }), each, tolerance);
  });
});
