import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  CustomLayer,
  Dense,
  Embedding,
  Flatten,
  GRU,
  Input,
  L2,
  type Layer,
  type LayerConfig,
  type LayerOptions,
  LSTM,
  loadModel,
  Masking,
  Model,
  modelToBytes,
  ops,
  registerClass,
  type SampleShape,
  type Scope,
  Sequential,
  SGD,
  ShapeError,
  StateError,
  type SymbolicTensor,
  TimeDistributed,
  type Value,
  type Weight,
} from '../../ts/index.ts';
import '../../ts/formats/entry.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer } from '../support/conformance.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { expectSameWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const random = new RandomArrays(1);
const SERIES = tensor([4, 5, 3], random);
const ROWS = tensor([4, 3], random);
const Y = tensor([4, 2], random);

/** Features times a weight each. */
class Scale extends CustomLayer {
  static className = 'Scale';
  scale!: Weight;

  override build(inputShape: SampleShape): void {
    this.scale = this.addWeight({ name: 'scale', shape: [inputShape.at(-1) as number], initializer: 'ones' });
  }

  override call(input: SymbolicTensor): SymbolicTensor {
    return ops.multiply(input, this.scale);
  }
}

/** Layer normalization over the features. */
class Normalized extends CustomLayer {
  static className = 'Normalized';
  readonly epsilon: number;
  gamma!: Weight;
  beta!: Weight;

  constructor(options: LayerOptions & { epsilon?: number } = {}) {
    super(options, ['epsilon']);
    this.epsilon = options.epsilon ?? 1e-3;
  }

  override build(inputShape: SampleShape): void {
    const shape = [inputShape.at(-1) as number];
    this.gamma = this.addWeight({ name: 'gamma', shape, initializer: 'ones' });
    this.beta = this.addWeight({ name: 'beta', shape });
  }

  override call(input: SymbolicTensor): SymbolicTensor {
    const centered = ops.subtract(input, ops.mean(input, { axis: -1, keepDims: true }));
    const variance = ops.mean(ops.square(centered), { axis: -1, keepDims: true });
    const normal = ops.divide(centered, ops.sqrt(ops.add(variance, this.epsilon)));
    return ops.add(ops.multiply(normal, this.gamma), this.beta);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), epsilon: this.epsilon };
  }
}

/** A gate between two layers and a matrix, of two inputs. */
class Gated extends CustomLayer<readonly SymbolicTensor[]> {
  static className = 'Gated';
  readonly gate = new Dense(4, { activation: 'sigmoid' });
  readonly readers = [new GRU(4, { returnSequences: true }), new Dense(4)];
  kernel!: Weight;

  override build([steps]: SampleShape): void {
    expect([5, null]).toContain(steps);
    this.kernel = this.addWeight({ name: 'kernel', shape: [4, 2] });
  }

  override call([series, row]: readonly SymbolicTensor[]): SymbolicTensor {
    const [gru, dense] = this.readers as [GRU, Dense];
    const read: SymbolicTensor = gru.apply(series as SymbolicTensor);
    const gated = ops.multiply(read, this.gate.apply(series as SymbolicTensor));
    return ops.matmul(ops.add(ops.sum(gated, { axis: 1 }), dense.apply(row as SymbolicTensor)), this.kernel);
  }
}

/** The running sum over the steps, by loops in TypeScript, forward and backward. */
class Cumulative extends CustomLayer {
  static className = 'Cumulative';

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const [steps] = input.shape as readonly [number];
    const x = scope.floatsOf(input);
    const y = scope.floats('y', x.length);
    const width = x.length / steps;
    scope.native({
      reads: [x],
      writes: [y],
      run: ([from, to]) => {
        for (let i = 0; i < to.length; i++) to[i] = from[i] + (i < width ? 0 : to[i - width]);
      },
    });
    const output: Value = { ...input, form: { kind: 'floats', buffer: y } };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      const dX = dY && gradients.to(input);
      if (!dY || !dX) return;
      scope.native({
        reads: [dY],
        writes: [dX],
        run: ([from, to]) => {
          for (let i = to.length - 1; i >= 0; i--) to[i] = from[i] + (i + width < to.length ? to[i + width] : 0);
        },
      });
    });
    return [output];
  }
}

for (const own of [Cumulative, Scale, Normalized, Gated]) registerClass(own, { package: 'test' });

await describeLayer('Normalized', {
  fromConfig: (config) => new Normalized(config),
  withOptions: (options) => new Normalized(options),
  cases: [
    {
      label: 'of operations',
      make: () => new Normalized({ epsilon: 0.1 }),
      input: { shape: [4, 3] },
      below: () => [new Dense(3)],
      above: () => [new GRU(2)],
      output: [4, 3],
      weights: { gamma: [3], beta: [3] },
    },
  ],
  badValues: { 'an unknown option of its own': () => new Normalized({ rate: 1 } as never) },
  badInputs: [],
});

await describeLayer('Cumulative', {
  fromConfig: (config) => new Cumulative(config),
  withOptions: (options) => new Cumulative(options),
  cases: [
    {
      label: 'of loops',
      make: () => new Cumulative(),
      input: { shape: [4, 3] },
      below: () => [new Dense(3)],
      above: () => [new GRU(2)],
      output: [4, 3],
      weights: {},
    },
  ],
  badValues: { 'an unknown option of its own': () => new Cumulative({ rate: 1 } as never) },
  badInputs: [],
});

describe.each(await availableBackends())('layers of one’s own on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const isReference = backend.name === 'reference';
  const tolerance = isReference ? { absolute: 1e-12, relative: 1e-12 } : { absolute: 2e-6, relative: 4e-6 };

  test('compute what call says with weights as values', async () => {
    const model = new Sequential([new Scale()]);
    model.build([null, null, 3]);
    model.setWeights([{ shape: [3], data: [1, 2, -3] }]);
    expectClose(
      (await model.predict(SERIES)).data,
      SERIES.data.map((value, index) => value * ([1, 2, -3][index % 3] as number)),
      tolerance,
      'scaled',
    );
    const normal = new Sequential([new Normalized()]);
    const { data } = await normal.predict(SERIES);
    const expected = Array.from({ length: 20 }, (_, row) => {
      const values = [...SERIES.data.slice(3 * row, 3 * row + 3)];
      const mean = values.reduce((sum, value) => sum + value, 0) / 3;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3;
      return values.map((value) => (value - mean) / Math.sqrt(variance + 1e-3));
    }).flat();
    expectClose(data, expected, tolerance, 'normalized');
  });

  const gated = () => {
    const [series, row] = [Input({ shape: [null, 3], name: 'series' }), Input({ shape: [3], name: 'row' })];
    return new Model({ inputs: [series, row], outputs: new Gated({ name: 'gated' }).apply([series, row]) });
  };
  const normalized = () => new Sequential([new Normalized({ epsilon: 0.01 }), new LSTM(3), new Scale(), new Dense(2)]);

  const looped = () => new Sequential([new Dense(2, { inputShape: [5, 3] }), new Cumulative(), new Dense(2), new GRU(2)]);

  test('run loops in TypeScript', async () => {
    const sums = await new Sequential([new Cumulative()]).predict(SERIES);
    const expected = SERIES.data.slice(0, 15);
    for (let place = 3; place < 15; place++) expected[place] = (expected[place] as number) + (expected[place - 3] as number);
    expectClose([...sums.data.slice(0, 15)], [...expected], tolerance, 'sums');
    const stream = () => looped().stream();
    expect(stream).toThrow(/layer cumulative \(Cumulative\) needs whole sequences/);
  });

  test('pass gradients to every weight and input', async () => {
    if (!isReference) return;
    await expectGradient(gated(), [SERIES, ROWS], Y);
    const model = normalized();
    model.build([null, 5, 3]);
    model.setWeights(model.getWeights().map(({ shape, data }) => ({ shape, data: random.floats(data.length) })));
    await expectGradient(model, SERIES, Y);
    await expectGradient(looped(), SERIES, Y);
  });

  test.each([
    ['of several inputs and layers', gated, [SERIES, ROWS]],
    ['in a chain', normalized, SERIES],
    ['with loops', looped, SERIES],
    ['in TimeDistributed', () => new Sequential([new TimeDistributed(new Scale()), new GRU(2)]), SERIES],
    ['in a model inside', () => new Sequential([new Sequential([new Normalized()]), new GRU(2)]), SERIES],
  ] as const)('are saved, loaded and trained on: %s', async (_label, make, x) => {
    const model: Model = make();
    model.compile({ optimizer: 'adam', loss: 'mse' });
    await model.fit(x as never, Y, { verbose: 0 });
    const loaded = await loadModel(await modelToBytes(model));
    expect((await loaded.predict(x as never)).data).toEqual((await model.predict(x as never)).data);
    for (const each of [model, loaded]) await each.fit(x as never, Y, { verbose: 0, epochs: 2 });
    expectSameWeights(loaded, model);
  });

  test('run step by step', async () => {
    const model = new Sequential([new Normalized(), new GRU(3, { returnSequences: true }), new Scale()]);
    const { data } = await model.predict(SERIES);
    const stream = model.stream();
    const steps = [0, 1, 2, 3, 4].flatMap((step) => [...stream.step([...SERIES.data.slice(3 * step, 3 * step + 3)])]);
    expectClose(steps, [...data.slice(0, 15)], tolerance, 'steps');
  });

  test('keep the mask inside TimeDistributed, and end it otherwise', async () => {
    const make = (own: Layer) => {
      const model = new Sequential([new Masking({ inputShape: [null, 3] }), own, new GRU(2)]);
      const weights = new RandomArrays(2);
      model.setWeights(model.weights.map(({ shape }) => tensor(shape, weights)));
      return model;
    };
    const row = [0.5, -1, 2];
    const [short, padded] = [[[row, row]], [[row, row, [0, 0, 0]]]];
    const kept = make(new TimeDistributed(new Scale()));
    expect((await kept.predict(padded)).data).toEqual((await kept.predict(short)).data);
    const ended = make(new Scale());
    expect((await ended.predict(padded)).data).not.toEqual((await ended.predict(short)).data);
  });

  test('are cloned with their weights', async () => {
    const model = gated();
    await model.predict([SERIES, ROWS]);
    const copy = model.getLayer('gated').clone('copy');
    expect(copy.getWeights()).toEqual(model.getLayer('gated').getWeights());
    expect(copy.weights.map(({ shape }) => shape)).toHaveLength(8);
  });
});

describe('a layer of one’s own', () => {
  test('refuses two weights of one name', () => {
    class Twice extends Scale {
      override build(inputShape: SampleShape): void {
        super.build(inputShape);
        super.build(inputShape);
      }
    }
    expect(() => new Sequential([new Twice()]).build([null, 3])).toThrow(/already has a weight called 'scale'/);
  });

  test('has penalties and constraints on its weights', async () => {
    class Ruled extends Scale {
      static override className = 'Ruled';
      override build(inputShape: SampleShape): void {
        const shape = [inputShape.at(-1) as number];
        this.scale = this.addWeight({ name: 'scale', shape, initializer: 'ones', regularizer: new L2(0.5), constraint: 'nonNeg' });
      }
    }
    const model = new Sequential([new Ruled()]);
    model.compile({ optimizer: new SGD({ learningRate: 10 }), loss: 'mse' });
    model.build([null, 3]);
    const zeros = { shape: [4, 3], data: new Float32Array(12) };
    expect((await model.evaluate(zeros, zeros)).loss).toBeCloseTo(0.5 * 3, 5);
    await model.trainOnBatch(zeros, zeros);
    expect([...(model.getWeights()[0]?.data ?? [])]).toEqual([0, 0, 0]);
  });

  test('names its weights and layers in files', () => {
    const [series, row] = [Input({ shape: [5, 3] }), Input({ shape: [3] })];
    const model = new Model({ inputs: [series, row], outputs: new Gated().apply([series, row]) });
    expect(model.getState().weights.map(({ name }) => name)).toEqual([
      'gated/kernel',
      'gated/dense/kernel',
      'gated/dense/bias',
      'gated/gru/kernel',
      'gated/gru/recurrentKernel',
      'gated/gru/bias',
      'gated/dense_1/kernel',
      'gated/dense_1/bias',
    ]);
    expect(model.getState().layers.at(-1)?.className).toBe('test>Gated');
  });

  test('is refused with the remedy when it is not registered', () => {
    class Unknown extends Scale {
      static override className = 'Unknown';
    }
    const model = new Sequential([new Unknown({ inputShape: [3] })]);
    expect(() => model.getState()).toThrow(/layer unknown \(Unknown\) is of .* registerClass/);
    expect(() =>
      Sequential.fromState({
        ...new Sequential([new Scale({ inputShape: [3] })]).getState(),
        layers: [{ className: 'test>Gone', config: {} }],
      }),
    ).toThrow(/there is no layer 'test>Gone': call registerClass/);
  });

  test('is refused for wrong inputs, results, weights and layers', () => {
    const input = Input({ shape: [3] });
    const made = (call: (input: SymbolicTensor, layer: CustomLayer) => unknown) => {
      class Made extends CustomLayer {
        static className = 'Made';
        override call(given: SymbolicTensor): SymbolicTensor {
          return call(given, this) as SymbolicTensor;
        }
      }
      return () => new Made().apply(input);
    };
    expect(made(() => 3)).toThrow(/layer made \(Made\): call must return a tensor, .* got 3/);
    expect(made(() => input)).toThrow(ArgumentError);
    expect(made((given) => new Dense(2).apply(given))).toThrow(/layer dense \(Dense\), which is not a property of it/);
    expect(made((given) => new Flatten().apply(given))).not.toThrow();
    expect(made((given) => new Dense(2, { name: 'hidden' }).apply(given))).toThrow(/hidden .*not a property of it/);
    expect(made((given) => ops.sum(given, { axis: 0 }))).toThrow(/axis must be an integer, and not 0/);
    expect(made((given) => ops.sum(given, { axis: 2 }))).toThrow(ShapeError);
    expect(made((given) => ops.mean(given, { axis: -1, keepdims: true } as never))).toThrow(
      /^ops.mean: unknown option 'keepdims' \(did you mean 'keepDims'\?\); the options are axis, keepDims$/,
    );
    expect(made((given) => ops.sum(given, { axis: -1, keepDims: 1 as never }))).toThrow(/^ops.sum: keepDims must be one of/);
    expect(made((given) => ops.mean(given, -1 as never))).toThrow(
      /^ops.mean takes an object with the axis, ops.mean\(x, \{ axis: -1 \}\), got -1$/,
    );
    expect(made((given) => ops.multiply(given, 'x' as never))).toThrow(/ops.multiply takes symbolic tensors/);
    expect(() => ops.multiply(input, new Dense(2, { inputShape: [3] }) as never)).toThrow(ArgumentError);
    const scale = new Scale();
    scale.apply(input);
    expect(() => ops.multiply(input, scale.scale)).toThrow(/only inside the method call/);
    expect(() => scale.apply(Input({ shape: [4] }))).toThrow(ShapeError);
    expect(() => new Scale({ rate: 2 } as never)).toThrow(/rate/);
    class Empty extends CustomLayer {}
    expect(() => new Empty().apply(input)).toThrow(/computes nothing: write its method call/);
    class Wrong extends Scale {
      override build(): void {
        this.scale = this.addWeight({ name: 'a/b', shape: [3] });
      }
    }
    expect(() => new Wrong().apply(input)).toThrow(/addWeight: name must be a string/);
    class Older extends Scale {
      override build(): void {
        this.scale = this.addWeight(...(['scale', [3]] as never as [string]));
      }
    }
    expect(() => new Older().apply(input)).toThrow(/layer scale \(Scale\): addWeight takes one object, addWeight\(\{ name, shape \}\)/);
    class Early extends Scale {
      constructor() {
        super();
        this.scale = this.addWeight({ name: 'scale', shape: [3] });
      }
    }
    expect(() => new Early()).toThrow(StateError);
    expect(() => new Early()).toThrow(/layer scale \(Scale\): addWeight was called outside build: make weights in build/);
  });

  test('is not saved or cloned without an option that its getConfig lacks', () => {
    class Forgetful extends Scale {
      static override className = 'Forgetful';
      constructor(options?: LayerOptions & { rate?: number | null }) {
        super(options, ['rate']);
      }
    }
    registerClass(Forgetful, { package: 'test' });
    const chain = (rate?: number | null) => new Sequential([new Forgetful({ inputShape: [3], name: 'own', rate })]);
    const message = /^layer own \(Forgetful\): getConfig must return the option rate, .*: return \{ \.\.\.super.getConfig\(\), rate \}$/;
    const model = chain(2);
    for (const call of [() => model.getState(), () => model.getLayer('own').clone()]) {
      expect(call).toThrow(ArgumentError);
      expect(call).toThrow(message);
    }
    for (const rate of [undefined, null]) {
      expect(() => chain(rate).getState()).not.toThrow();
      expect(() => chain(rate).getLayer('own').clone()).not.toThrow();
    }
    class Described extends Forgetful {
      static override className = 'Described';
      static fromConfig(config: LayerConfig): Described {
        return new Described(config as LayerOptions);
      }
    }
    registerClass(Described, { package: 'test' });
    expect(() => new Sequential([new Described({ inputShape: [3], rate: 2 })]).getState()).not.toThrow();
  });

  test('leaves no weights behind when its input is refused', () => {
    const [series, row] = [Input({ shape: [5, 3] }), Input({ shape: [2] })];
    const layer = new Gated();
    expect(() => layer.apply([series, Input({ shape: [2, 5, 6, 2] })])).toThrow(ShapeError);
    expect(layer.weights).toEqual([]);
    layer.apply([series, row]);
    expect(layer.weights).toHaveLength(8);
  });
});

test('operations of tensors are layers of graphs, and are saved with them', async () => {
  const ids = Input({ shape: [4], name: 'ids' });
  const table = new Embedding(6, 3).apply(ids);
  const mean = ops.mean(table, { axis: 1 });
  const apart = ops.abs(ops.subtract(table, ops.reshape(mean, [-1, 1, 3])));
  const both = ops.concatenate([ops.sum(apart, { axis: 2 }), ops.softmax(ops.sum(ops.transpose(apart, [0, 2, 1]), { axis: -1 }))]);
  const model = new Model({ inputs: ids, outputs: ops.where(ops.less(both, 0.1), ops.relu(both), ops.maximum(both, 0.3)) });
  const x = [
    [1, 2, 3, 4],
    [0, 5, 5, 1],
  ];
  const loaded = await loadModel(await modelToBytes(model));
  const { data, shape } = await model.predict(x);
  expect(shape).toEqual([2, 7]);
  expect((await loaded.predict(x)).data).toEqual(data);
});
