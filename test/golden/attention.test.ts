import { beforeEach, describe, expect, test } from 'vitest';
import {
  Activation,
  AdditiveAttention,
  type AdditiveAttentionOptions,
  Attention,
  type AttentionOptions,
  Dense,
  Dot,
  type DotOptions,
  Input,
  type Layer,
  loadModel,
  Masking,
  Model,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
  modelToBytes,
  SGD,
  type SymbolicTensor,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose, type Tolerance } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';

interface Case<Options> {
  readonly name: string;
  readonly options: Options;
  readonly inputs: readonly GoldenTensor[];
  readonly weights: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
  readonly y: GoldenTensor;
  readonly trained: readonly GoldenTensor[];
}

interface Described {
  readonly kind: keyof typeof LAYERS;
  readonly masked: readonly boolean[];
  readonly key: boolean;
  readonly layer: Record<string, unknown>;
}

const LAYERS = {
  Attention: (options: object): Layer => new Attention<boolean>(options as AttentionOptions),
  AdditiveAttention: (options: object): Layer => new AdditiveAttention<boolean>(options as AdditiveAttentionOptions),
  MultiHeadAttention: (options: object): Layer => new MultiHeadAttention<boolean>(options as MultiHeadAttentionOptions),
};

const golden = readGolden<{ dots: readonly Case<DotOptions>[]; attention: readonly Case<Described>[] }>('attention');

const tensors = (all: readonly GoldenTensor[]) => all.map(({ shape, data }) => ({ shape, data: Float64Array.from(data) }));
const inputsOf = ({ inputs }: Case<unknown>) => inputs.map(({ shape }) => Input({ shape: shape.slice(1) }));

/** The outputs of scripts/golden/attention.py. */
function outputsOf({ kind, masked, key, layer }: Described, inputs: readonly SymbolicTensor[]): readonly SymbolicTensor[] {
  const [first, second] = inputs.map((input, place) => {
    if (masked[place]) return new Masking().apply(input);
    return masked.includes(true) ? new Activation('linear').apply(input) : input;
  });
  const features = 3;
  const query = new Dense(features).apply(first);
  const value = new Dense(key || kind === 'MultiHeadAttention' ? 2 : features).apply(second);
  const given = [query, value, ...(key ? [new Dense(features).apply(second)] : [])];
  const { returnAttentionScores, ...others } = layer;
  const [output, ...scores] = LAYERS[kind]({ ...others, returnAttentionScores }).applyAll(given);
  return [new Dense(2).apply(output), ...scores];
}

describe.each(await availableBackends())('products and attention on $label', ({ backend }) => {
  const ofFloat32 = { absolute: 2e-6, relative: 8e-6 };
  const exact = backend.name === 'reference' ? { absolute: 1e-12, relative: 1e-12 } : ofFloat32;
  beforeEach(() => startOn(backend));

  async function expectKeras(
    each: Case<unknown>,
    inputs: readonly SymbolicTensor[],
    outputs: readonly SymbolicTensor[],
    tolerance: Tolerance,
  ): Promise<void> {
    const model = new Model({ inputs, outputs: outputs[0] });
    const whole = new Model({ inputs, outputs });
    model.setWeights(tensors(each.weights));
    const x = tensors(each.inputs);
    const found = [await whole.predict(x)].flat() as Tensor[];
    for (const [place, { shape, data }] of found.entries()) {
      expect(shape).toEqual(each.outputs[place].shape);
      expectClose(data, each.outputs[place].data, tolerance, `output ${place}`);
    }
    const loaded = await loadModel<Model>(await modelToBytes(whole));
    expect([await loaded.predict(x)].flat()).toEqual(found);
    model.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'mse' });
    await model.trainOnBatch(x, tensors([each.y])[0]);
    for (const [place, { data }] of model.getWeights().entries()) expectClose(data, each.trained[place].data, tolerance, `weight ${place}`);
  }

  test.each(golden.dots.map((each) => [each.name, each] as const))('Dot gives and learns what Keras does: %s', async (_, each) => {
    const inputs = inputsOf(each);
    const projected = inputs.map((input) => new Dense(input.shape.at(-1) as number).apply(input));
    await expectKeras(each, inputs, [new Dense(2).apply(new Dot(each.options).apply(projected))], exact);
  });

  test.each(golden.attention.map((each) => [each.name, each] as const))('gives and learns what Keras does: %s', async (_, each) => {
    const inputs = inputsOf(each);
    // JAX's own attention, which Keras takes where no scores are asked for, rounds to float32.
    const isRounded = each.options.kind === 'MultiHeadAttention' && !each.options.layer.returnAttentionScores;
    await expectKeras(each, inputs, outputsOf(each.options, inputs), isRounded ? ofFloat32 : exact);
  });
});
