import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Activation,
  Add,
  Bidirectional,
  Concatenate,
  Dense,
  Dropout,
  Embedding,
  GRU,
  Input,
  type Layer,
  loadBackend,
  loadModel,
  Masking,
  Maximum,
  Model,
  modelToBytes,
  OutOfMemoryError,
  Sequential,
  SGD,
  SimpleRNN,
  setRandomSeed,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient, setFlatWeights } from '../support/modelGradients.ts';
import { flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { collectGarbage } from '../support/steadyHeap.ts';

const random = new RandomArrays(1);
const SERIES = tensor([6, 4, 3], random);
const Y = tensor([6, 2], random);
const MASK = { shape: [6, 4], data: Int32Array.from({ length: 24 }, (_, index) => (index % 4 < 1 + (index % 3) ? 1 : 0)) };

const built = (model: Model) => {
  model.setWeights(model.weights.map(({ shape }, index) => tensor(shape, new RandomArrays(30 + index), -0.8, 0.8)));
  return model;
};
const outputsOf = (model: Model, x: unknown): Promise<Tensor[]> => model.predict(x as Tensor);

beforeEach(async () => startOn(await loadBackend('reference')));

describe('a value with several views', () => {
  test('passes its gradient back once, in a view and by itself', async () => {
    const ids = Input({ shape: [5] });
    const rows = new Embedding(7, 3).apply(ids);
    const both = new Add().apply([new Activation('tanh').apply(rows), new TimeDistributed(new Activation('sigmoid')).apply(rows)]);
    const model = built(new Model({ inputs: ids, outputs: new Dense(2).apply(new GRU(3).apply(both)) }));
    await expectGradient(model, { shape: [6, 5], data: random.integers(30, 7) }, Y);
  });

  test('has one gradient through a view of a view', async () => {
    const input = Input({ shape: [4, 3, 2] });
    const inner = new TimeDistributed(new GRU(2, { returnSequences: true })).apply(input);
    const twice = new TimeDistributed(new TimeDistributed(new Activation('tanh'))).apply(inner);
    const model = built(
      new Model({ inputs: input, outputs: new Dense(2).apply(new GRU(2).apply(new TimeDistributed(new GRU(2)).apply(twice))) }),
    );
    await expectGradient(model, tensor([6, 4, 3, 2], random), Y);
  });
});

describe('the options of apply', () => {
  const masked = (layer: Layer, trained = true) => {
    const [input, mask] = [Input({ shape: [null, 3], name: 'series' }), Input({ shape: [null], dtype: 'bool', name: 'mask' })];
    const below = trained ? new Dense(3, { activation: 'tanh', name: 'below' }).apply(input) : input;
    return built(new Model({ inputs: [input, mask], outputs: layer.apply(below, { mask }) }));
  };

  test('a mask as an argument skips steps, passes gradients back and is in files', async () => {
    const layer = new GRU(2);
    const model = masked(layer);
    await expectGradient(model, { series: SERIES, mask: MASK }, Y);
    const { data } = await model.predict({ series: SERIES, mask: MASK });
    const loaded = await loadModel<Model>(await modelToBytes(model));
    expect((await loaded.predict({ series: SERIES, mask: MASK })).data).toEqual(data);

    // Masking finds the same steps where they are zeros.
    const zeroed = { shape: SERIES.shape, data: SERIES.data.map((value, index) => (MASK.data[Math.floor(index / 3)] ? value : 0)) };
    const alone = masked(new GRU(2), false);
    const chain = new Sequential([new Masking(), alone.getLayer('gru').clone()]);
    expect((await chain.predict(zeroed)).data).toEqual((await alone.predict({ series: SERIES, mask: MASK })).data);
  });

  test('a mask that is not an input, has other steps or is a number is refused', async () => {
    const input = Input({ shape: [4, 3] });
    const gru = new GRU(2, { name: 'gru' });
    const refused = (mask: unknown, message: RegExp) => expect(() => gru.apply(input, { mask: mask as never })).toThrow(message);
    refused(
      new GRU(4, { name: 'other' }).apply(input),
      /^layer gru \(GRU\): mask is an output of layer other \(GRU\), but a mask must be an/,
    );
    refused(Input({ shape: [5], dtype: 'bool' }), /^layer gru \(GRU\): mask must have shape \[4\], got \[5\]$/);
    refused(Input({ shape: [4, 1], dtype: 'bool' }), /^layer gru \(GRU\): mask must have shape \[4\], got \[4, 1\]$/);
    refused(Input({ shape: [4], dtype: 'float32' }), /mask is an input of dtype 'float32', but a mask needs dtype 'bool' or 'int32'$/);
    refused([Input({ shape: [4] }), Input({ shape: [4] })], /^layer gru \(GRU\): mask must be one tensor, got 2$/);
    const longer = { series: SERIES, mask: { shape: [6, 5], data: new Int32Array(30).fill(1) } };
    await expect(masked(new GRU(2)).predict(longer)).rejects.toThrow(/^layer gru \(GRU\): mask must have shape \[4\], got \[5\]/);
  });

  test('training: true drops in predictions, and false drops never, also in a model from a file', async () => {
    const input = Input({ shape: [8] });
    const dropout = new Dropout(0.5);
    const outputs = [true, false].map((training) => dropout.apply(input, { training }));
    const model = new Model({ inputs: input, outputs });
    const x = { shape: [4, 8], data: new Float32Array(32).fill(1) };
    for (const each of [model, await loadModel<Model>(await modelToBytes(model))]) {
      const [dropped, kept] = await outputsOf(each, x);
      expect(new Set(dropped.data)).toEqual(new Set([0, 2]));
      expect(new Set(kept.data)).toEqual(new Set([1]));
    }
  });

  test('training: true draws anew for each step, batch and call, and alike in workers', async () => {
    const made = () => {
      setRandomSeed(7);
      const input = Input({ shape: [3, 16] });
      const model = new Model({ inputs: input, outputs: new Dropout(0.5).apply(input, { training: true }) });
      model.compile({ loss: 'mse' });
      return model;
    };
    const x = { shape: [6, 3, 16], data: new Float32Array(6 * 3 * 16).fill(1) };
    const y = { shape: [6, 3, 16], data: Float32Array.from({ length: 6 * 3 * 16 }, (_, index) => index) };
    const results = async (workers: number) => {
      const model = made();
      const drawn = [];
      for (let call = 0; call < 2; call++) drawn.push(...(await model.predict(x, { batchSize: 2, workers, verbose: 0 })).data);
      const { loss } = await model.evaluate(x, y, { batchSize: 2, workers, verbose: 0 });
      return { drawn, loss, next: (await model.evaluate(x, y, { batchSize: 2, workers, verbose: 0 })).loss };
    };
    const here = await results(0);
    const steps = Array.from({ length: 36 }, (_, step) => here.drawn.slice(16 * step, 16 * step + 16).join());
    expect(new Set(steps).size).toBe(36);
    expect(here.next).not.toBe(here.loss);
    for (const workers of [1, 2]) expect(await results(workers)).toEqual(here);
  });

  test.each<[string, () => Layer]>([
    ['Dropout', () => new Dropout(0.5)],
    ['the dropout of a recurrent layer', () => new GRU(4, { dropout: 0.5, returnSequences: true })],
  ])('%s inside TimeDistributed drops other elements at each outer step', async (_name, inside) => {
    setRandomSeed(5);
    const input = Input({ shape: [3, 2, 16] });
    const model = new Model({ inputs: input, outputs: new TimeDistributed(inside()).apply(input, { training: true }) });
    const { data } = (await outputsOf(model, { shape: [2, 3, 2, 16], data: new Float32Array(2 * 3 * 2 * 16).fill(1) })) as never as Tensor;
    const length = data.length / 6;
    expect(new Set(Array.from({ length: 6 }, (_, step) => data.slice(step * length, step * length + length).join())).size).toBe(6);
  });

  test('a layer without weights takes other features in every use, and one with weights does not', async () => {
    const input = Input({ shape: [4, 3] });
    const narrow = new Dense(2).apply(input);
    const tanh = new Activation('tanh');
    const sums = [tanh.apply(input), tanh.apply(narrow)].map((each) => new GRU(2).apply(each));
    const model = built(new Model({ inputs: input, outputs: new Add().apply(sums) }));
    await expectGradient(model, SERIES, Y);
    const loaded = (await loadModel(await modelToBytes(model))) as Model;
    expect(await outputsOf(loaded, SERIES)).toEqual(await outputsOf(model, SERIES));
    const dense = new Dense(2);
    dense.apply(input);
    expect(() => dense.apply(narrow)).toThrow(/was built for inputs with 3 features, got \[4, 2\]/);
  });

  test('a recurrent layer inside TimeDistributed drops the same elements at each of its steps', async () => {
    // Without a past, equal inputs give equal outputs.
    setRandomSeed(5);
    const input = Input({ shape: [3, 2, 16] });
    const layer = new SimpleRNN(16, { dropout: 0.5, returnSequences: true, activation: 'linear', recurrentInitializer: 'zeros' });
    const model = new Model({ inputs: input, outputs: new TimeDistributed(layer).apply(input, { training: true }) });
    const { data } = (await outputsOf(model, { shape: [2, 3, 2, 16], data: new Float32Array(2 * 3 * 2 * 16).fill(1) })) as never as Tensor;
    for (let outer = 0; outer < 6; outer++)
      expect(data.slice(32 * outer, 32 * outer + 16)).toEqual(data.slice(32 * outer + 16, 32 * outer + 32));
  });

  test('gradients go through the elements that a recurrent layer inside TimeDistributed keeps', async () => {
    const input = Input({ shape: [3, 2, 3] });
    const below = new TimeDistributed(new Dense(3)).apply(input);
    const model = built(
      new Model({
        inputs: input,
        outputs: new Dense(2).apply(new GRU(2).apply(new TimeDistributed(new GRU(2, { dropout: 0.4 })).apply(below, { training: true }))),
      }),
    );
    const x = tensor([6, 3, 2, 3], random);
    // The first step after compile drops the same elements each time.
    const firstStep = async (weights: Float64Array, learningRate: number) => {
      setFlatWeights(model, weights);
      model.compile({ optimizer: new SGD({ learningRate }), loss: 'mse' });
      return (await model.trainOnBatch(x, Y)).loss as number;
    };
    const weights = Float64Array.from(flatWeights(model));
    await firstStep(weights, 1);
    const moved = flatWeights(model);
    for (const index of weights.keys()) {
      const at = (change: number) => weights.map((value, place) => (place === index ? value + change : value));
      const slope = ((await firstStep(at(1e-5), 0)) - (await firstStep(at(-1e-5), 0))) / 2e-5;
      expect((weights[index] as number) - (moved[index] as number)).toBeCloseTo(slope, 7);
    }
  });

  test('the directions of Bidirectional, and the uses of a layer, drop different elements', async () => {
    const input = Input({ shape: [1, 16] });
    const layer = new Bidirectional(new GRU(4, { dropout: 0.5 }), { mergeMode: null });
    const first = layer.applyAll(input, { training: true });
    const model = new Model({ inputs: input, outputs: [...first, ...layer.applyAll(input, { training: true })] });
    const weights = model.getWeights();
    model.setWeights([...weights.slice(0, weights.length / 2), ...weights.slice(0, weights.length / 2)]);
    const outputs = await outputsOf(model, tensor([2, 1, 16], random));
    expect(new Set(outputs.map(({ data }) => data.join())).size).toBe(4);
  });

  test('a frozen layer passes gradients back to the layer of its states', async () => {
    const [input, start] = [Input({ shape: [4, 3], name: 'series' }), Input({ shape: [3], name: 'start' })];
    const state = new Dense(2, { name: 'below' }).apply(start);
    const model = new Model({ inputs: [input, start], outputs: new GRU(2, { trainable: false }).apply(input, { initialState: state }) });
    const before = model.getLayer('below').getWeights();
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    await model.trainOnBatch([SERIES, tensor([6, 3], random)], Y);
    expect(model.getLayer('below').getWeights()).not.toEqual(before);
  });

  test('each direction of Bidirectional begins with its own states', async () => {
    const [input, ...states] = [Input({ shape: [4, 3] }), ...[0, 1].map((index) => Input({ shape: [2], name: `state${index}` }))];
    const layer = new Bidirectional(new GRU(2), { mergeMode: null });
    const model = built(new Model({ inputs: [input, ...states], outputs: layer.applyAll(input, { initialState: states }) }));
    const alone = layer.forwardLayer.clone('alone');
    const forward = new Model({ inputs: [input, states[0]], outputs: alone.apply(input, { initialState: states[0] }) });
    const [a, b] = [tensor([6, 2], random), tensor([6, 2], random)];
    expect((await outputsOf(model, [SERIES, a, b]))[0].data).toEqual((await forward.predict([SERIES, a])).data);
  });
});

describe('merged values', () => {
  test('all steps count where one input has no mask', async () => {
    const input = Input({ shape: [4, 3] });
    const skipped = new Masking().apply(input);
    const zeroed = { shape: SERIES.shape, data: SERIES.data.map((value, index) => (MASK.data[Math.floor(index / 3)] ? value : 0)) };
    const gru = new GRU(2);
    const outputs = [new Concatenate().apply([skipped, input]), new Concatenate().apply([input, input])].map((merged) => gru.apply(merged));
    const [one, none] = await outputsOf(built(new Model({ inputs: input, outputs })), zeroed);
    expect(one.data).toEqual(none.data);
  });

  test('TimeDistributed passes the mask of a sequence on', async () => {
    const input = Input({ shape: [null, 3] });
    const [dense, gru] = [new Dense(3), new GRU(2)];
    const skipped = new Masking().apply(input);
    const outputs = [dense, new TimeDistributed(dense, { name: 'each' })].map((layer) => gru.apply(layer.apply(skipped)));
    const zeroed = { shape: SERIES.shape, data: SERIES.data.map((value, index) => (MASK.data[Math.floor(index / 3)] ? value : 0)) };
    const alone = new Model({ inputs: input, outputs: outputs[0] });
    const wrapped = new Model({ inputs: input, outputs: outputs[1] });
    expect((await wrapped.predict(zeroed)).data).toEqual((await alone.predict(zeroed)).data);
  });

  test('where inputs are equal, the gradient of the largest goes to the first', async () => {
    const input = Input({ shape: [2] });
    const sides = ['first', 'second'].map((name) => new Dense(2, { name }).apply(input));
    const model = new Model({ inputs: input, outputs: new Maximum().apply(sides) });
    const kernel = { shape: [2, 2], data: Float64Array.of(1, 0, 0, 1) };
    const bias = { shape: [2], data: new Float64Array(2) };
    model.setWeights([kernel, bias, kernel, bias]);
    model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'mse' });
    await model.trainOnBatch([[1, 1]], [[0, 0]]);
    expect(Array.from(model.getWeights()[2].data)).toEqual([1, 0, 0, 1]);
    expect(Array.from(model.getWeights()[0].data)).not.toEqual([1, 0, 0, 1]);
  });
});

describe('streams', () => {
  test('keep the states of each use of a layer apart', async () => {
    const input = Input({ shape: [null, 3] });
    const gru = new GRU(3, { returnSequences: true, name: 'gru' });
    const model = new Model({ inputs: input, outputs: gru.apply(gru.apply(input)) });
    const x = tensor([1, 4, 3], random);
    const { data } = await model.predict(x);
    const rows = [0, 1, 2, 3].map((step) => x.data.slice(3 * step, 3 * step + 3));
    const stream = model.stream();
    for (const row of rows.slice(0, 2)) stream.step({ shape: [3], data: row });
    const { state } = stream;
    expect(Object.keys(state)).toEqual(['gru', 'gru/2']);
    const other = model.stream();
    other.state = state;
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    for (const each of [stream, other]) {
      each.step({ shape: [3], data: rows[2] });
      expect(Array.from(each.step({ shape: [3], data: rows[3] }))).toEqual(Array.from(data.slice(9)));
    }
  });

  test('refuse a layer that needs whole sequences', () => {
    const input = Input({ shape: [null, 3] });
    const [, state] = new GRU(2, { returnState: true }).apply(input);
    const refused = (outputs: typeof state, message: RegExp) =>
      expect(() => new Model({ inputs: input, outputs }).stream()).toThrow(
        expect.objectContaining({ code: 'ARGUMENT', message: expect.stringMatching(message) }),
      );
    refused(
      new GRU(2, { name: 'next' }).apply(input, { initialState: state }),
      /^layer next \(GRU\) begins with the states of another layer/,
    );
    refused(new Bidirectional(new GRU(2)).apply(input), /^layer bidirectional \(Bidirectional\) needs whole sequences/);
  });
});

describe('models that share layers', () => {
  test('keep what another model trained, although they have not run before it is disposed', async () => {
    const input = Input({ shape: [2] });
    const hidden = new Dense(2, { name: 'hidden' }).apply(input);
    const whole = new Model({ inputs: input, outputs: new Dense(1, { name: 'head' }).apply(hidden) });
    const part = new Model({ inputs: input, outputs: hidden });
    const gone = new Model({ inputs: input, outputs: new Dense(1).apply(hidden) });
    const [kernel] = whole.getWeights();
    const head = whole.getLayer('head');
    whole.dispose();
    gone.dispose();
    expect(head.weights.every(({ known }) => !known)).toBe(true);
    expect(part.getWeights()[0]).toEqual(kernel);
  });

  test('that were dropped leave no memory behind, although a layer of theirs lives on', async () => {
    const backend = await loadBackend('reference');
    const freed = vi.spyOn(backend, 'free');
    const input = Input({ shape: [2] });
    const base = new Dense(2, { name: 'base' });
    const first = new Model({ inputs: input, outputs: base.apply(input) });
    await first.predict([[1, 2]]);
    const made = vi.spyOn(backend, 'allocate');
    const use = async () => {
      const head = new Model({ inputs: input, outputs: new Dense(3, { name: 'head' }).apply(base.apply(input)) });
      await head.predict([[1, 2]]);
    };
    await use();
    const blocks = made.mock.results.map(({ value }) => value);
    // The layer knows the last model that has it.
    const last = new Model({ inputs: input, outputs: new Dense(1).apply(base.apply(input)) });
    try {
      await vi.waitFor(
        () => {
          collectGarbage();
          expect(blocks.filter((block) => !freed.mock.calls.some(([gone]) => gone === block))).toEqual([]);
        },
        { timeout: 60_000 },
      );
      const [place] = base.weights;
      first.dispose();
      // The dropped model's claim on the weights has a finalizer of its own, which may run later.
      await vi.waitFor(
        () => {
          collectGarbage();
          expect(place.place).toBe(null);
        },
        { timeout: 60_000 },
      );
      expect(place.known).toBe(true);
      last.dispose();
    } finally {
      made.mockRestore();
      freed.mockRestore();
    }
  });

  test('update the weights of each store, wherever they lie', async () => {
    const [p, r, q] = ['p', 'r', 'q'].map((name) => new Dense(2, { name, useBias: false }));
    const input = Input({ shape: [2] });
    const x = tensor([3, 2], random);
    for (const layers of [[p], [r, q]])
      await new Model({ inputs: input, outputs: layers.reduce((t, layer) => layer.apply(t), input) }).predict(x);
    const both = new Model({ inputs: input, outputs: q.apply(p.apply(input)) });
    const alone = new Sequential([p.clone(), q.clone()]);
    const before = r.getWeights();
    for (const model of [both, alone]) {
      model.compile({ optimizer: 'adam', loss: 'mse' });
      await model.fit(x, tensor([3, 2], new RandomArrays(4)), { epochs: 3, batchSize: 3, verbose: 0 });
    }
    expect(both.getWeights()).toEqual(alone.getWeights());
    expect(r.getWeights()).toEqual(before);
  });

  test.each([true, false])('warn of a loss that is not finite, with trainable: %s', async (trainable) => {
    const warnings = givenWarnings();
    startOn(await loadBackend('wasm'));
    const shared = new Dense(2, { name: 'shared', inputShape: [2], trainable });
    const first = new Sequential([shared]);
    await first.predict([[1, 2]]);
    const second = new Sequential([shared, new Dense(1, { trainable })]);
    second.compile({ optimizer: 'sgd', loss: 'mse' });
    expect((await second.trainOnBatch([[3e38, 3e38]], [[0]])).loss).not.toBeLessThan(Infinity);
    await second.fit([[3e38, 3e38]], [[0]], { verbose: 0 });
    expect(warnings.map(({ code }) => code)).toContain('DIVERGED');
  });

  test('name the weights that a step made infinite, also if they lie in several places', async () => {
    const warnings = givenWarnings();
    startOn(await loadBackend('wasm'));
    const shared = new Dense(2, { name: 'shared', inputShape: [2] });
    await new Sequential([shared]).predict([[1, 2]]);
    const model = new Sequential([shared, new Dense(1)]);
    model.compile({ optimizer: new SGD({ learningRate: 1e38 }), loss: 'mse' });
    await model.fit([[1e3, 2e3]], [[1]], { epochs: 3, verbose: 0 });
    expect(warnings.map(({ message }) => message).join()).toMatch(/The weights are not finite any more/);
  });

  test('that cannot run on the backend of a layer leave the others', async () => {
    const [here, there] = ['here', 'there'].map((name) => new Dense(2, { name, inputShape: [2] }));
    const first = new Sequential([there as Dense]);
    await first.predict([[1, 2]]);
    startOn(await loadBackend('wasm'));
    const second = new Sequential([here as Dense]);
    await second.predict([[1, 2]]);
    const both = new Sequential([here as Dense, there as Dense]);
    await expect(both.predict([[1, 2]])).rejects.toThrow(/^weight there\/kernel is in use by a model on the reference backend/);
    second.dispose();
    expect(here?.weights[0]?.place).toBe(null);
  });

  test('give nothing away when memory for start values lacks: the next try draws them', async () => {
    const backend = await loadBackend('reference');
    const make = () => {
      startOn(backend, 9);
      const model = new Sequential([new Dense(2, { inputShape: [2] })]);
      model.build([null, 2]);
      return model;
    };
    const expected = make().getWeights();
    const model = make();
    const { allocate } = backend;
    const fails = vi.spyOn(backend, 'allocate').mockImplementation((bytes, purpose) => {
      if (!purpose.includes('parameters')) throw new OutOfMemoryError('no memory');
      return allocate.call(backend, bytes, purpose);
    });
    try {
      expect(() => model.getWeights()).toThrow(OutOfMemoryError);
    } finally {
      fails.mockRestore();
    }
    expect(model.getWeights()).toEqual(expected);
  });
});
