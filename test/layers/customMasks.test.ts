// Masks in custom layers: given to `call`, passed on, computed.
import { beforeEach, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  type CallOptions,
  CustomLayer,
  Dense,
  GRU,
  Input,
  loadModel,
  Masking,
  Model,
  modelToBytes,
  ops,
  registerClass,
  Sequential,
  ShapeError,
  type SymbolicTensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

/** Twice the input, with its mask. */
class Doubled extends CustomLayer {
  static className: string = 'Doubled';

  override call(input: SymbolicTensor): SymbolicTensor {
    return ops.multiply(input, 2);
  }

  override computeMask(_input: SymbolicTensor, mask: SymbolicTensor | null): SymbolicTensor | null {
    return mask;
  }
}

/** A softmax over the steps that count. */
class TemporalSoftmax extends CustomLayer {
  static className = 'TemporalSoftmax';

  override call(input: SymbolicTensor, { mask }: CallOptions): SymbolicTensor {
    const scores = mask ? ops.multiply(ops.exp(input), mask) : ops.exp(input);
    return ops.divide(scores, ops.sum(scores, { axis: 1, keepDims: true }));
  }
}

/** Makes a mask of its own: the steps whose first feature is above 0. */
class CountsPositive extends CustomLayer {
  static className = 'CountsPositive';

  override call(input: SymbolicTensor): SymbolicTensor {
    return ops.multiply(input, 1);
  }

  override computeMask(input: SymbolicTensor): SymbolicTensor {
    return ops.less(0, ops.slice(input, [0, 0, 0], [-1, -1, 1]));
  }
}

/** The steps of the second input weighed by whether those of the first count. */
class Weighed extends CustomLayer<readonly [SymbolicTensor, SymbolicTensor]> {
  static className = 'Weighed';

  override call(
    [, second]: readonly [SymbolicTensor, SymbolicTensor],
    { mask: [first, other] }: CallOptions<readonly [SymbolicTensor, SymbolicTensor]>,
  ): SymbolicTensor {
    if (other) return ops.multiply(second, 7);
    return first ? ops.multiply(second, first) : second;
  }
}

/** Loses a step, but not of its mask. */
class Shortened extends Doubled {
  static override className = 'Shortened';

  override call(input: SymbolicTensor): SymbolicTensor {
    return ops.slice(input, [0, 1, 0], [-1, -1, -1]);
  }
}

/** Twice the input, and its sum over the steps. */
class WithSum extends CustomLayer {
  static className = 'WithSum';

  override call(input: SymbolicTensor): readonly SymbolicTensor[] {
    return [ops.multiply(input, 2), ops.sum(input, { axis: 1 })];
  }

  override computeMask(_input: SymbolicTensor, mask: SymbolicTensor | null): SymbolicTensor | null {
    return mask;
  }
}

type MaskChoice = 'given' | 'computed' | null;

/** The input four times, each with a mask of its own. */
class Copies extends CustomLayer {
  static className = 'Copies';
  readonly choices: readonly MaskChoice[];

  constructor({ choices, ...options }: { choices: readonly MaskChoice[]; name?: string }) {
    super(options, []);
    this.choices = choices;
  }

  override call(input: SymbolicTensor): readonly SymbolicTensor[] {
    return [1, 2, 3, 4].map((factor) => ops.multiply(input, factor / factor));
  }

  override computeMask(input: SymbolicTensor, mask: SymbolicTensor | null): readonly (SymbolicTensor | null)[] {
    const positive = ops.less(0, ops.slice(input, [0, 0, 0], [-1, -1, 1]));
    return this.choices.map((choice) => (choice === 'given' ? mask : choice === 'computed' ? positive : null));
  }

  override getConfig() {
    return { ...super.getConfig(), choices: this.choices };
  }
}

for (const own of [Doubled, TemporalSoftmax, CountsPositive, Weighed, Shortened, WithSum, Copies]) registerClass(own);

const random = new RandomArrays(1);
/** Sample n begins with n modulo 4 steps of zeros. */
const PADDED = tensor([4, 5, 3], random, 0.1, 1);
for (let sample = 0; sample < 4; sample++) PADDED.data.fill(0, sample * 15, sample * 15 + 3 * sample);
const Y = tensor([4, 2], random);

describe.each(await availableBackends())('masks in layers of one’s own ($label)', ({ label, backend }) => {
  beforeEach(() => startOn(backend));
  const tolerance = { relative: 1e-5, absolute: 1e-6 };

  const fixed = (model: Model) => {
    const weights = new RandomArrays(2);
    model.setWeights(model.weights.map(({ shape }) => tensor(shape, weights)));
    return model;
  };
  const chain = (...own: CustomLayer[]) => {
    const model = new Sequential([new Masking({ inputShape: [null, 3] }), ...own, new GRU(2)]);
    return fixed(model);
  };

  test('computeMask passes the mask on', async () => {
    const model = chain(new Doubled());
    const row = [0.5, 1, 0.25];
    const none = [0, 0, 0];
    const [short, padded] = [[[row, row]], [[none, row, none, row]]];
    expect((await model.predict(padded)).data).toEqual((await model.predict(short)).data);
    const loaded = await loadModel(await modelToBytes(model));
    expect((await loaded.predict(padded)).data).toEqual((await model.predict(padded)).data);
  });

  test('call gets the mask, and null where there is none', async () => {
    const masked = new Sequential([new Masking({ inputShape: [null, 3] }), new TemporalSoftmax()]);
    const unmasked = new Sequential([new TemporalSoftmax({ inputShape: [null, 3] })]);
    const { data } = await masked.predict(PADDED);
    for (let sample = 0; sample < 4; sample++) {
      const kept = [...PADDED.data.slice(sample * 15 + 3 * sample, (sample + 1) * 15)];
      expect([...data.slice(sample * 15, sample * 15 + 3 * sample)]).toEqual(new Array(3 * sample).fill(0));
      const alone = await unmasked.predict([Array.from({ length: kept.length / 3 }, (_, step) => kept.slice(3 * step, 3 * step + 3))]);
      expectClose([...data.slice(sample * 15 + 3 * sample, (sample + 1) * 15)], [...alone.data], tolerance, `sample ${sample}`);
    }
  });

  test('computeMask computes a mask', async () => {
    const own = fixed(new Sequential([Input({ shape: [null, 3] }), new CountsPositive(), new GRU(2)]));
    const masking = fixed(new Sequential([Input({ shape: [null, 3] }), new Masking(), new GRU(2)]));
    const { data } = await own.predict(PADDED);
    expect(data).toEqual((await masking.predict(PADDED)).data);
  });

  test('several inputs have their masks in order', async () => {
    const inputs = [Input({ shape: [null, 3] }), Input({ shape: [null, 3] })];
    const [first, second] = inputs as [SymbolicTensor, SymbolicTensor];
    const weighed = new Weighed().apply([new Masking().apply(first), second]) as SymbolicTensor;
    const model = new Model({ inputs, outputs: weighed });
    const ones = { shape: [4, 5, 3], data: new Float32Array(60).fill(1) };
    const { data } = await model.predict([PADDED, ones]);
    expect([...data]).toEqual([...PADDED.data].map((value) => (value === 0 ? 0 : 1)));
  });

  test('of several outputs those with steps have the mask', async () => {
    const input = Input({ shape: [null, 3] });
    const [twice, sum] = new WithSum().applyAll(new Masking().apply(input)) as [SymbolicTensor, SymbolicTensor];
    const two = fixed(new Model({ inputs: input, outputs: [new GRU(2).apply(twice), sum] }));
    const [states, sums] = await two.predict(PADDED);
    expect(states.data).toEqual((await chain(new Doubled()).predict(PADDED)).data);
    expect(sums.shape).toEqual([4, 3]);
  });

  test('of several outputs each has its own of an array', async () => {
    const x = tensor([4, 5, 3], new RandomArrays(5));
    x.data.fill(0, 0, 6);
    const input = Input({ shape: [null, 3] });
    const masked = new Masking().apply(input);
    const copies = new Copies({ choices: ['computed', null, 'given', 'computed'] }).applyAll(masked);
    const gru = new GRU(2);
    const positive = new CountsPositive().apply(masked);
    const alone = new Model({ inputs: input, outputs: [positive, input, masked, positive].map((each) => gru.apply(each)) });
    const model = new Model({ inputs: input, outputs: copies.map((each) => gru.apply(each)) });
    fixed(model);
    const expected = (await alone.predict(x)) as unknown as { data: Float32Array }[];
    const found = (await model.predict(x)) as unknown as { data: Float32Array }[];
    for (const [index, { data }] of found.entries()) expect(data).toEqual(expected[index]?.data);
    expect(found[0]?.data).not.toEqual(found[1]?.data);
    expect(found[0]?.data).not.toEqual(found[2]?.data);
    expect(found[1]?.data).not.toEqual(found[2]?.data);
    const loaded = await loadModel(await modelToBytes(model));
    expect(((await loaded.predict(x)) as unknown as { data: Float32Array }[]).map(({ data }) => data)).toEqual(
      found.map(({ data }) => data),
    );
  });

  test('an array of masks must have one for each output', () => {
    const apply = () => new Copies({ choices: ['given', null] }).apply(Input({ shape: [null, 3] }));
    expect(apply).toThrow(/computeMask must return one mask, or one for each of the 4 outputs, null for none, got 2 masks/);
  });

  test('gradients go through them', async () => {
    if (label !== 'reference') return;
    const model = new Sequential([
      new Masking({ inputShape: [null, 3] }),
      new Dense(3),
      new Doubled(),
      new TemporalSoftmax(),
      new CountsPositive(),
      new GRU(2),
    ]);
    await expectGradient(fixed(model), PADDED, Y);
  });

  test('a mask of other steps than the output is refused', async () => {
    const model = new Sequential([new Masking({ inputShape: [null, 3] }), new Shortened(), new GRU(2)]);
    await expect(model.predict(PADDED)).rejects.toThrow(ShapeError);
    await expect(model.predict(PADDED)).rejects.toThrow(/shortened.*4 steps and its mask 5.*computeMask/);
  });
});

test('a mask that ends in call gives a warning', async () => {
  startOn(await loadBackend('reference'));
  class Ends extends CustomLayer {
    override call(input: SymbolicTensor): SymbolicTensor {
      return ops.multiply(input, 3);
    }
  }
  const warnings = givenWarnings();
  await new Sequential([new Masking({ inputShape: [null, 3] }), new Doubled(), new GRU(2)]).predict(PADDED);
  await new Sequential([new Ends({ inputShape: [null, 3] }), new GRU(2)]).predict(PADDED);
  expect(warnings).toEqual([]);
  await new Sequential([new Masking({ inputShape: [null, 3] }), new Ends(), new GRU(2)]).predict(PADDED);
  expect(warnings.map(({ code }) => code)).toEqual(['MASK_ENDS']);
  expect(warnings[0]?.message).toMatch(/computeMask/);
});
