import { beforeEach, describe, expect, test } from 'vitest';
import {
  Activation,
  ArgumentError,
  Bidirectional,
  Dense,
  type Expression,
  FormatError,
  LSTM,
  loadModel,
  modelToBytes,
  ops,
  registerClass,
} from '../../ts/index.ts';
import { input } from '../../ts/layers/expression.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer } from '../support/conformance.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { builtModel, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

/** `x³ + 1` */
const cube = registerClass((x: Expression) => ops.add(ops.multiply(x, ops.square(x)), 1), { package: 'test', name: 'cube' });
/** Keras's swish, which is in the table too. */
const swish = registerClass((x: Expression) => ops.multiply(x, ops.sigmoid(x)), { name: 'mySwish' });

await loadAllLayers();

await describeLayer('Activation', {
  fromConfig: (config) => layerFromConfig('Activation', config),
  withOptions: (options) => new Activation(cube, options),
  cases: [
    {
      label: 'of one’s own',
      make: () => new Activation(cube),
      input: { shape: [4, 3] },
      below: () => [new Dense(2)],
      above: () => [],
      output: [4, 2],
      weights: {},
    },
  ],
  badValues: {
    'a function that returns no expression': () => new Activation((() => 'x') as never),
    'x * x': () => new Activation(((x: never) => (x as number) * (x as number)) as never),
    'an expression of another function': () => new Activation(() => input(1)),
  },
  badInputs: [],
});

describe.each(await availableBackends())('activations of one’s own on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const x = tensor([5, 3], new RandomArrays(1));
  const y = tensor([5, 2], new RandomArrays(2));
  const dense = (activation: NonNullable<ConstructorParameters<typeof Dense>[1]>['activation']) =>
    builtModel([new Dense(2, { activation, name: 'dense' })], [3], new RandomArrays(3));

  test('Dense computes the expression of its product', async () => {
    const { data } = await dense(cube).predict(x);
    const { data: product } = await dense(null).predict(x);
    expectClose(
      data,
      product.map((value) => value ** 3 + 1),
      { relative: 1e-6 },
      'cube',
    );
  });

  test('an own swish trains as the table’s, to the bit', async () => {
    const trained = async (activation: 'swish' | typeof swish) => {
      const model = dense(activation);
      model.compile({ optimizer: 'adam', loss: 'mse' });
      await model.fit(x, y, { epochs: 3, verbose: 0, shuffle: false });
      return model.getWeights().map(({ data }) => data);
    };
    expect(await trained(swish)).toEqual(await trained('swish'));
  });

  test('is saved under its registered name', async () => {
    const model = dense(cube);
    expect(model.layers[0]?.getConfig().activation).toBe('test>cube');
    const loaded = await loadModel(await modelToBytes(model));
    expect((await loaded.predict(x)).data).toEqual((await model.predict(x)).data);
    expect((dense('test>cube').layers[0] as Dense).activation).toBe('test>cube');
  });

  if (backend.name === 'reference') test('its gradient is the derivative', () => expectGradient(dense(cube), x, y));
});

describe('names of activations', () => {
  const plain = (x: Expression) => ops.exp(x);
  const model = () => builtModel([new Dense(2, { activation: plain, name: 'own' })], [3], new RandomArrays(3));

  test('without a registered name a model is neither saved nor copied, and the error says what to do', async () => {
    await expect(modelToBytes(model())).rejects.toThrow(ArgumentError);
    await expect(modelToBytes(model())).rejects.toThrow(/own: activation .* registerClass/);
    expect(() => model().layers[0]?.clone()).toThrow(/registerClass/);
  });

  test('loadModel takes customObjects, by the whole name and by its second part', async () => {
    const named = registerClass((x: Expression) => ops.exp(x), { package: 'lost', name: 'grown' });
    const saved = await modelToBytes(builtModel([new Dense(2, { activation: named })], [3], new RandomArrays(3)));
    const renamed = rename(saved, 'lost>grown', 'lost>other');
    await expect(loadModel(renamed)).rejects.toThrow(FormatError);
    await expect(loadModel(renamed)).rejects.toThrow(/no activation 'lost>other'.*registerClass.*customObjects/);
    for (const key of ['lost>other', 'other']) {
      const loaded = await loadModel(renamed, { customObjects: { [key]: plain } });
      expect((await modelToBytes(loaded)).length).toBe(saved.length);
    }
    await expect(loadModel(renamed, { customObjects: { other: 3 as never } })).rejects.toThrow(/customObjects\.other must be a class/);
    await expect(loadModel(renamed, { customObject: {} } as never)).rejects.toThrow(/unknown option 'customObject'/);
  });

  test('an activation of an unknown registered name is refused', () => {
    expect(() => new Dense(2, { activation: 'a>b' })).toThrow(/no activation 'a>b'/);
    expect(() => new Dense(2, { activation: 'swishh' as never })).toThrow(/did you mean/);
  });

  test.each([
    ['no name', () => registerClass(() => 1), /has no name/],
    ['a text', () => registerClass('cube' as never, { name: 'cube' }), /takes a class or a function, got 'cube'/],
    ['an empty name', () => registerClass(plain, { name: '' }), /name must be a string/],
    ['a package with >', () => registerClass(plain, { name: 'a', package: 'b>c' }), /package must be a string without/],
    ['an unknown option', () => registerClass(plain, { named: 'a' } as never), /unknown option 'named'/],
  ])('registerClass refuses %s', (_, call, message) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });

  test('an expression that needs too many registers is refused when the model runs', async () => {
    const sum = (x: Expression, depth: number): Expression =>
      depth === 0 ? ops.exp(ops.multiply(x, Math.random())) : ops.multiply(sum(x, depth - 1), ops.tanh(sum(x, depth - 1)));
    const model = builtModel([new Dense(2, { activation: (x) => sum(x, 6) })], [3], new RandomArrays(1));
    const values = () => model.getWeights().map(({ data }) => [...data]);
    const before = values();
    await expect(model.predict([[1, 2, 3]])).rejects.toThrow(/activation .*is too large/);
    expect(values()).toEqual(before);
  });

  test('the directions of Bidirectional have the functions of their layer', () => {
    const { forwardLayer, backwardLayer } = new Bidirectional(new LSTM(2, { activation: plain, recurrentActivation: plain }));
    for (const layer of [forwardLayer, backwardLayer] as LSTM[])
      expect([layer.activation, layer.recurrentActivation]).toEqual([plain, plain]);
  });
});

/** The bytes of a file with another name of the same length in it, without its checksum. */
function rename(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  delete header.__metadata__.checksum;
  header.__metadata__.model = header.__metadata__.model.replaceAll(from, to);
  const text = new TextEncoder().encode(JSON.stringify(header));
  const whole = new Uint8Array(8 + text.length + bytes.length - 8 - length);
  new DataView(whole.buffer).setBigUint64(0, BigInt(text.length), true);
  whole.set(text, 8);
  whole.set(bytes.subarray(8 + length), 8 + text.length);
  return whole;
}
