import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  BatchNormalization,
  Constant,
  Conv1D,
  CustomInitializer,
  CustomLayer,
  Dense,
  Embedding,
  GlorotUniform,
  HeNormal,
  Identity,
  type InitializerLike,
  type Layer,
  LSTM,
  loadModel,
  type Model,
  modelToBytes,
  Orthogonal,
  ops,
  RandomNormal,
  RandomUniform,
  registerClass,
  Sequential,
  type SymbolicTensor,
  setRandomSeed,
  setWarningHandler,
  TruncatedNormal,
  VarianceScaling,
  Zeros,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';

/** Starts a weight by a step from element to element. */
class Ramp extends CustomInitializer {
  static readonly className = 'Ramp';
  readonly step: number;

  constructor({ step = 1 }: { step?: number } = {}) {
    super();
    this.step = step;
  }

  override call(shape: readonly number[]) {
    return Float64Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, place) => place * this.step);
  }

  override getConfig() {
    return { step: this.step };
  }
}
registerClass(Ramp, { package: 'test' });

/** Uniform numbers from 0 to 1, nested. */
const uniform = ([rows = 0, columns = 0]: readonly number[], random: () => number) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, random));
const registeredUniform = registerClass((shape: readonly number[], random: () => number) => uniform(shape, random), {
  package: 'test',
  name: 'uniform',
});

const weightsOf = (model: Model) => model.getWeights().map(({ data }) => [...data]);

function built(layer: Layer, shape: readonly (number | null)[] = [null, 3]): Sequential {
  const model = new Sequential([layer]);
  model.build(shape);
  return model;
}

const kernelOf = (kernelInitializer: InitializerLike, units = 4) =>
  weightsOf(built(new Dense(units, { kernelInitializer })))[0] as number[];

describe.each(await availableBackends())('initializers on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => setWarningHandler(null));

  test('a seed gives the same values in every model, other seeds give others', () => {
    const first = kernelOf(new GlorotUniform({ seed: 3 }));
    setRandomSeed(99);
    expect(kernelOf(new GlorotUniform({ seed: 3 }))).toEqual(first);
    expect(kernelOf(new GlorotUniform({ seed: 4 }))).not.toEqual(first);
    expect(kernelOf(new Orthogonal({ seed: 3 }))).toEqual(kernelOf(new Orthogonal({ seed: 3 })));
  });

  test('without a seed, an object gives the values of its name', () => {
    const values = [new GlorotUniform(), 'glorotUniform' as const].map((given) => {
      setRandomSeed(5);
      return kernelOf(given);
    });
    expect(values[0]).toEqual(values[1]);
    const shared = new HeNormal();
    using model = new Sequential([new Dense(3, { kernelInitializer: shared }), new Dense(3, { kernelInitializer: shared })]);
    model.build([null, 3]);
    expect(weightsOf(model)[0]).not.toEqual(weightsOf(model)[2]);
  });

  test('the parts of an LSTM’s bias have numbers of their own, with a seed too', () => {
    const bias = weightsOf(built(new LSTM(3, { biasInitializer: new RandomNormal({ seed: 8 }) }), [null, 2, 1]))[2] as number[];
    expect(bias.slice(3, 6)).toEqual([1, 1, 1]);
    expect(bias.slice(0, 3)).not.toEqual(bias.slice(6, 9));
  });

  test('functions and classes of one’s own make values', () => {
    expect(kernelOf(new Ramp({ step: 2 }), 2)).toEqual([0, 2, 4, 6, 8, 10]);
    setRandomSeed(5);
    const first = kernelOf(uniform);
    setRandomSeed(5);
    expect(kernelOf(uniform)).toEqual(first);
    setRandomSeed(6);
    expect(kernelOf(uniform)).not.toEqual(first);
    expect(new Set(first).size).toBe(12);
    expect(first.every((value) => value >= 0 && value < 1)).toBe(true);
  });

  test('models with them are saved, loaded and cloned', async () => {
    const half = new Constant({ value: 0.5 });
    using model = new Sequential([
      new Embedding(7, 4, { embeddingsInitializer: new RandomUniform({ minval: -1, maxval: 2, seed: 4 }) }),
      new Conv1D(4, 2, { kernelInitializer: new VarianceScaling({ scale: 2, mode: 'fanOut', distribution: 'uniform', seed: 1 }) }),
      new BatchNormalization({ gammaInitializer: half }),
      new LSTM(2, { kernelInitializer: new TruncatedNormal({ stddev: 1, seed: 2 }), biasInitializer: new Ramp({ step: 3 }) }),
      new Dense(3, { kernelInitializer: registeredUniform, biasInitializer: half }),
      new Dense(3, { kernelInitializer: new Identity({ gain: 3 }) }),
    ]);
    model.build([null, 5]);
    using loaded = await loadModel(await modelToBytes(model));
    expect(weightsOf(loaded)).toEqual(weightsOf(model));
    expect(loaded.layers.map((layer) => layer.getConfig())).toEqual(model.layers.map((layer) => layer.getConfig()));
    expect(loaded.layers.at(-1)?.getConfig().kernelInitializer).toEqual({ className: 'Identity', config: { gain: 3 } });
    const [layer] = model.layers as [Layer];
    const copy = (layer.constructor as unknown as { fromConfig(config: object): Layer }).fromConfig(layer.getConfig());
    expect(weightsOf(built(copy, [null, 5]))[0]).toEqual(weightsOf(model)[0]);
  });

  test('a layer of one’s own takes them', () => {
    class Scaled extends CustomLayer {
      static readonly className = 'Scaled';
      override build([features]: readonly (number | null)[]) {
        this.factor = this.addWeight({ name: 'factor', shape: [features as number], initializer: new Constant({ value: 0.25 }) });
      }
      declare factor: ReturnType<CustomLayer['addWeight']>;
      override call(x: SymbolicTensor) {
        return ops.multiply(x, this.factor);
      }
    }
    expect(weightsOf(built(new Scaled()))).toEqual([[0.25, 0.25, 0.25]]);
  });

  test('values of one’s own must fit the weight and be finite', () => {
    expect(() => kernelOf(() => [1, 2])).toThrow(
      "the initializer's values of dense/kernel must have shape [3, 4], or be 12 numbers, got [2]",
    );
    expect(() => kernelOf(() => new Float64Array(12).fill(Number.NaN))).toThrow(/^the initializer's values of dense\/kernel\[0\] is NaN/);
    expect(() => kernelOf(() => 'zeros' as never)).toThrow(ArgumentError);
    expect(() => weightsOf(built(new Conv1D(2, 2, { kernelInitializer: 'identity' }), [null, 4, 3]))).toThrow(
      /^the initializer Identity makes matrices, but the weight conv1_?d\/kernel has shape/i,
    );
  });
});

describe('errors of initializers', () => {
  test.each([
    [() => new RandomUniform({ minval: 1, maxval: 0 }), 'RandomUniform: minval must be at most maxval, got 1 and 0'],
    [() => new RandomNormal({ stddev: -1 }), /^RandomNormal: stddev must be a number of at least 0/],
    [() => new TruncatedNormal({ mean: Number.NaN }), /^TruncatedNormal: mean must be a finite float32, got NaN/],
    [() => new VarianceScaling({ scale: 0 }), /^VarianceScaling: scale must be a number above 0/],
    [
      () => new VarianceScaling({ mode: 'fan_in' as never }),
      /^VarianceScaling: mode is 'fan_in' \(did you mean 'fanIn'\?\); it must be one of 'fanIn'/,
    ],
    [() => new VarianceScaling({ distribution: 'normal' as never }), /^VarianceScaling: distribution must be one of/],
    [() => new HeNormal({ seed: 1.5 }), /^HeNormal: seed must be an integer/],
    [() => new HeNormal({ sead: 1 } as never), /^HeNormal: unknown option 'sead'/],
    [() => new Zeros({ value: 1 }), /^Zeros: unknown option 'value'/],
    [() => new Constant({ value: 1e39 }), /^Constant: value must be a finite float32/],
    [
      () => new Dense(2, { kernelInitializer: HeNormal as never }),
      /^Dense: kernelInitializer is class HeNormal: make one, new HeNormal\(\); it must be one of zeros, /,
    ],
    [
      () => new Dense(2, { kernelInitializer: 'heNormall' as never }),
      /^Dense: kernelInitializer is 'heNormall' \(did you mean 'heNormal'\?\); it must be one of zeros, /,
    ],
    [() => new Dense(2, { kernelInitializer: { className: 'Nothing', config: {} } }), /got 'Nothing'/],
    [() => new Dense(2, { biasInitializer: new Orthogonal() }), /^Dense: biasInitializer cannot be .*, which makes matrices/],
    [() => new Dense(2, { biasInitializer: 'identity' }), "Dense: biasInitializer cannot be 'identity', which makes matrices"],
    [
      () => new Sequential([new Dense(2, { kernelInitializer: uniform })]).layers[0]?.getConfig(),
      /function, which has no registered name.*registerClass/,
    ],
  ] as const)('%s', (make, message) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });
});
