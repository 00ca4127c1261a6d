import { beforeEach, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { sizeOf } from '../../ts/core/shape.ts';
import {
  Adam,
  ArgumentError,
  Input,
  type Layer,
  type LayerConfig,
  loadModel,
  Model,
  modelToBytes,
  Sequential,
  SGD,
  ShapeError,
  type SymbolicTensor,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends, isRelaxedRun, wasmBackends } from './backends.ts';
import { centralDifferences, expectClose } from './differences.ts';
import { selectBackend, startOn } from './modelBackends.ts';
import { builtModel, expectSameWeights, flatWeights, type SampleInput, sampleShape, samples, tensor, withRandomWeights } from './models.ts';
import { RandomArrays } from './randomArrays.ts';
import { GRADIENT_FLOAT64, TRAIN_STEP_FLOAT32 } from './tolerances.ts';

/** One set of options of a layer, in a model that it stands in. */
export interface LayerCase {
  /** What sets this case apart, for the test's name. */
  readonly label: string;
  readonly make: () => Layer;
  /** Samples of the model. */
  readonly input: SampleInput;
  /** Layers before it. */
  readonly below?: () => Layer[];
  /** Of a layer with several inputs: what gives each of them, from what is below. */
  readonly branches?: () => Layer[];
  /** Layers after it; a layer without weights needs some that have. */
  readonly above?: () => Layer[];
  /** One sample's output of the layer. */
  readonly output: readonly number[];
  /** The layer's weights in order. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

/** What a layer must pass: everything below, for each of its cases. */
export interface LayerConformance {
  readonly fromConfig: (config: LayerConfig) => Layer;
  /** The layer with these options beside its positional arguments. */
  readonly withOptions: (options: object) => Layer;
  readonly cases: readonly LayerCase[];
  /** Values that the constructor refuses: label and a call with them. */
  readonly badValues: Readonly<Record<string, () => Layer>>;
  /** Shapes of samples that the layer cannot take as the first of a model. */
  readonly badInputs: readonly (readonly number[])[];
}

const BATCH = 5;

/**
 * Tests that a layer is one: shapes, weights, gradients, parity of the backends, configuration,
 * files, learning and refusals.
 */
export async function describeLayer(
  className: string,
  { fromConfig, withOptions, cases, badValues, badInputs }: LayerConformance,
): Promise<void> {
  const reference = await loadBackend('reference');

  // The run for relaxed SIMD has nothing new to find there.
  describe.runIf(!isRelaxedRun)(`${className}: what holds on any backend`, () => {
    beforeEach(() => startOn(reference));

    test.each(cases)('$label: declares its output and its weights', (layerCase) => {
      const { model, layer, declared } = modelOf(layerCase);
      expect(declared).toEqual(layerCase.output);
      const names = Object.entries(layerCase.weights).map(([name, shape]) => [name.replace(/^.*\//, ''), shape]);
      expect(layer.weights.map(({ name, shape }) => [name, shape])).toEqual(names);
      if (layer.sublayers.length === 0)
        expect(layer.weights.map(({ path }) => path)).toEqual(Object.keys(layerCase.weights).map((name) => `${layer.name}/${name}`));
      expect(model.getWeights().map(({ shape }) => shape)).toEqual(
        model.layers.flatMap(({ weights }) => weights.map(({ shape }) => shape)),
      );
    });

    test.each(cases)('$label: the gradient of every weight of its model is the derivative of the loss', async (layerCase) => {
      const { model, x, y } = modelOf(layerCase);
      const shapes = model.getWeights().map(({ shape }) => shape);
      const trainOnce = async (weights: Float64Array) => {
        model.setWeights(split(weights, shapes));
        return (await model.trainOnBatch(x, y)).loss;
      };
      // Compiling starts the optimizer's count, and with it the random numbers of dropout, from
      // zero.
      const trainAnew = (weights: Float64Array) => {
        model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'meanSquaredError' });
        return trainOnce(weights);
      };
      const weights = flatWeights(model);
      const loss = await trainAnew(weights);
      const after = flatWeights(model);
      // Training changes moving averages too, which have no gradient.
      const trained = model.weights.flatMap(({ shape, trainable }) => new Array<boolean>(sizeOf(shape)).fill(trainable));
      const gradient = weights.map((value, index) => (trained[index] ? value - after[index] : 0));
      expect(gradient.some((value) => value !== 0)).toBe(true);
      // A compiled model has a new program, which most layers can do without.
      const isRandom = (await trainOnce(weights)) !== loss;
      expectClose(gradient, await differencesOf(isRandom ? trainAnew : trainOnce, weights), GRADIENT_FLOAT64, 'gradient of the weights');
    });

    test.each(cases)('$label: its configuration makes an equal layer', async (layerCase) => {
      const { model, layer, x } = modelOf(layerCase);
      const config = JSON.parse(JSON.stringify(layer.getConfig())) as LayerConfig;
      const again = fromConfig(config);
      expect(again.className).toBe(layer.className);
      expect(again.getConfig()).toEqual(layer.getConfig());
      const other = modelOf({ ...layerCase, make: () => again }).model;
      other.setWeights(model.getWeights());
      expect((await other.predict(x)).data).toEqual((await model.predict(x)).data);
    });

    test('its configuration keeps the name and whether it is trainable', () => {
      const layer = withOptions({ name: 'mine', trainable: false });
      expect(fromConfig(layer.getConfig())).toMatchObject({ name: 'mine', trainable: false });
    });

    test('refuses unknown options, naming itself, the option and those it has', () => {
      expect(() => withOptions({ unknownOption: 1 })).toThrow(ArgumentError);
      expect(() => withOptions({ unknownOption: 1 })).toThrow(
        `${className}: unknown option 'unknownOption'; the options are name, trainable`,
      );
      expect(() => withOptions(JSON.parse('{"__proto__": 1}'))).toThrow(`${className}: unknown option '__proto__'`);
      for (const options of [null, 5, 'tanh', []])
        expect(() => withOptions(options as never)).toThrow(`${className}: options must be an object`);
    });

    test.each([...Object.entries({ ...commonBadValues(withOptions), ...badValues })])('refuses %s', (_label, make) => {
      expect(make).toThrow(ArgumentError);
      expect(make).toThrow(className);
    });

    test.each(badInputs)('refuses samples of another shape: [%s, %s, %s]', (...given) => {
      const shape = given.filter((size) => size !== undefined);
      const layer = withOptions({ name: 'mine' });
      const model = new Sequential([layer]);
      const build = () => model.build([null, ...shape]);
      expect(build).toThrow(ShapeError);
      expect(build).toThrow(/^layer mine \(.*\) takes .*, got samples of shape \[/);
      expect(layer.weights).toEqual([]);
    });
  });

  describe.each(await availableBackends())(`${className} on $label`, ({ backend }) => {
    beforeEach(() => startOn(backend));

    test.each(cases)('$label: predicts its output in the declared shape', async ({ above: _above, ...layerCase }) => {
      const { model, layer, x } = modelOf(layerCase);
      expect(model.layers[model.layers.length - 1]).toBe(layer);
      const output = await model.predict(x, { batchSize: 3 });
      expect(output.shape).toEqual([BATCH, ...layerCase.output]);
      expect(output.data.length).toBe(sizeOf(output.shape));
      expect(output.data.every(Number.isFinite)).toBe(true);
    });

    test.each(cases)('$label: a saved model predicts the same bits and trains on the same way', async (layerCase) => {
      const { model, x, y } = modelOf(layerCase);
      model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'meanSquaredError' });
      const train = (trained: Model) => trained.fit(x, y, { epochs: 3, batchSize: 2, verbose: 0 });
      await train(model);
      const loaded = await loadModel(await modelToBytes(model));
      expect((await loaded.predict(x)).data).toEqual((await model.predict(x)).data);
      const histories = [await train(model), await train(loaded)];
      expect(histories[1].history).toEqual(histories[0].history);
      expectSameWeights(loaded, model);
    });

    test('learns what a model of its kind computes', async () => {
      const [layerCase] = cases;
      const random = new RandomArrays(7);
      const { model: teacher } = modelOf(layerCase, 11);
      const { model } = modelOf(layerCase, 12);
      const x = samples(layerCase.input, 48, random);
      const y = await teacher.predict(x);
      model.compile({ optimizer: new Adam({ learningRate: 0.03 }), loss: 'meanSquaredError' });
      await model.fit(x, y, { epochs: 80, batchSize: 16, verbose: 0 });
      expect((await model.evaluate(x, y)).loss).toBeLessThan(0.3 * varianceOf(y));
    });
  });

  describe.each(await wasmBackends())(`${className} on $label against the reference`, ({ backend }) => {
    test.each(cases)('$label: one step moves the weights to the same place', async (layerCase) => {
      const run = async () => {
        const { model, x, y } = modelOf(layerCase);
        model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'meanSquaredError' });
        const { loss } = await model.trainOnBatch(x, y);
        const { data } = await model.predict(x);
        return { loss, weights: flatWeights(model), data };
      };
      startOn(reference);
      const expected = await run();
      startOn(backend);
      const actual = await run();
      selectBackend(reference);
      expectClose([actual.loss], [expected.loss], TRAIN_STEP_FLOAT32, 'loss');
      expectClose(actual.weights, expected.weights, TRAIN_STEP_FLOAT32, 'weights');
      expectClose(actual.data, expected.data, TRAIN_STEP_FLOAT32, 'predictions');
    });
  });
}

/** A model around a case's layer, and a batch for it. */
interface CaseModel {
  readonly model: Model;
  readonly layer: Layer;
  /** What the layer says of the shape of its output. */
  readonly declared: readonly (number | null)[];
  readonly x: Tensor;
  readonly y: Tensor;
}

function modelOf(layerCase: LayerCase | Omit<LayerCase, 'above'>, seed = 3): CaseModel {
  const random = new RandomArrays(seed);
  const layer = layerCase.make();
  const [below, above] = [layerCase.below?.() ?? [], 'above' in layerCase ? (layerCase.above?.() ?? []) : []];
  const afterwards = (layers: readonly Layer[], shape: readonly (number | null)[]) =>
    layers.reduce((current, next) => next.outputShape(current), shape);
  const sample = sampleShape(layerCase.input);
  let declared: readonly (number | null)[];
  let model: Model;
  if (layerCase.branches) {
    const input = Input({ shape: sample, dtype: layerCase.input.ids === undefined ? 'float32' : 'int32' });
    const through = (layers: readonly Layer[], value: SymbolicTensor) =>
      layers.reduce((current, next) => next.apply(current) as SymbolicTensor, value);
    const shared = through(below, input);
    const output = layer.apply(layerCase.branches().map((branch) => branch.apply(shared) as SymbolicTensor)) as SymbolicTensor;
    declared = output.shape;
    model = withRandomWeights(new Model({ inputs: input, outputs: through(above, output) }), random);
  } else {
    model = builtModel([...below, layer, ...above], sample, random);
    declared = layer.outputShape(afterwards(below, sample));
  }
  const output = afterwards(above, layerCase.output) as readonly number[];
  return { model, layer, declared, x: samples(layerCase.input, BATCH, random), y: tensor([BATCH, ...output], random) };
}

function commonBadValues(withOptions: LayerConformance['withOptions']): LayerConformance['badValues'] {
  return {
    'a name that is no string': () => withOptions({ name: 5 }),
    'an empty name': () => withOptions({ name: '' }),
    'a name with a slash': () => withOptions({ name: 'a/b' }),
    'trainable that is no boolean': () => withOptions({ trainable: 'no' }),
    'an inputShape that is no array': () => withOptions({ inputShape: 4 }),
    'an inputShape with a size of 0': () => withOptions({ inputShape: [0] }),
    'an inputShape with a size that is not whole': () => withOptions({ inputShape: [null, 1.5] }),
  };
}

function split(values: Float64Array, shapes: readonly (readonly number[])[]): Tensor[] {
  let start = 0;
  return shapes.map((shape) => {
    const length = shape.reduce((product, size) => product * size, 1);
    start += length;
    return { shape, data: values.slice(start - length, start) };
  });
}

/** {@link centralDifferences} of a function that has to be awaited. */
async function differencesOf(evaluate: (values: Float64Array) => Promise<number>, values: Float64Array): Promise<Float64Array> {
  // What the synchronous form asks for is recorded first and answered then.
  const points: Float64Array[] = [];
  const probe = values.slice();
  centralDifferences(() => points.push(probe.slice()), probe);
  const answers: number[] = [];
  for (const point of points) answers.push(await evaluate(point));
  let next = 0;
  return centralDifferences(() => answers[next++], probe);
}

/** Mean squared distance from the mean over samples: the loss of the best constant output. */
function varianceOf({ shape, data }: Tensor): number {
  const [count] = shape;
  const outputs = data.length / count;
  let sum = 0;
  for (let output = 0; output < outputs; output++) {
    const column = Array.from({ length: count }, (_, row) => data[row * outputs + output]);
    const mean = column.reduce((total, value) => total + value, 0) / count;
    sum += column.reduce((total, value) => total + (value - mean) ** 2, 0) / count;
  }
  return sum / outputs;
}
