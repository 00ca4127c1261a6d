import { beforeEach, describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import {
  Adam,
  ArgumentError,
  Dense,
  ElementwiseOptimizer,
  FormatError,
  LSTM,
  loadModel,
  modelToBytes,
  type Optimizer,
  type OptimizerOptions,
  ops,
  SGD,
  type UpdateResult,
  type UpdateTerms,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, flatWeights, tensor } from '../support/models.ts';
import { ownClasses } from '../support/ownClasses.mjs';
import { RandomArrays } from '../support/randomArrays.ts';

const { OwnAdam, Falling } = ownClasses(backtime);

const random = new RandomArrays(5);
const x = tensor([7, 4, 3], random);
const y = tensor([7, 2], random);
const model = () => builtModel([new LSTM(4), new Dense(2)], [4, 3], new RandomArrays(6));

describe.each(await availableBackends())('optimizers of one’s own on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const tolerance = { relative: backend.floatBytes === 8 ? 1e-13 : 2e-6 };

  async function trained(optimizer: Optimizer, made = model()) {
    made.compile({ optimizer, loss: 'mse' });
    await made.fit(x, y, { epochs: 3, batchSize: 3, verbose: 0, shuffle: false });
    return flatWeights(made);
  }

  test.each<[string, OptimizerOptions]>([
    ['plain', {}],
    ['a rate that is a function', { learningRate: (step) => 0.01 / (1 + step) }],
    ['clipnorm', { learningRate: 0.01, clipnorm: 0.05 }],
    ['globalClipnorm', { globalClipnorm: 0.05 }],
    ['clipvalue', { clipvalue: 0.01 }],
  ])('an own Adam is Adam: %s', async (_, options) => {
    expectClose(await trained(new OwnAdam(options)), await trained(new Adam(options)), tolerance, 'weights');
  });

  test('an own Adam is Adam over more weights than one call updates', async () => {
    const wide = () => builtModel([new Dense(300), new LSTM(40), new Dense(2)], [4, 3], new RandomArrays(6));
    const weights = await trained(new OwnAdam({ learningRate: 0.01 }), wide());
    expect(weights.length).toBeGreaterThan(50_000);
    const large = () => builtModel([new LSTM(150), new Dense(2)], [4, 3], new RandomArrays(6), 0.1);
    const [own, builtIn] = [await trained(new OwnAdam(), large()), await trained(new Adam(), large())];
    expect(own.length).toBeGreaterThan(2 ** 16 + 1);
    expectClose(own, builtIn, { relative: backend.floatBytes === 8 ? 1e-12 : 1e-5 }, 'weights');
  });

  test('the rule gets the learning rate and the number of the step', async () => {
    const falling = await trained(new Falling({ learningRate: 0.1 }));
    const sgd = await trained(new SGD({ learningRate: (iteration) => 0.1 / (iteration + 1) }));
    expectClose(falling, sgd, tolerance, 'weights');
  });

  test('updates in training steps of one’s own, as Adam does', async () => {
    const stepped = async (optimizer: Optimizer) => {
      const made = model();
      for (let step = 0; step < 3; step++) {
        const pass = await made.forward(x, { training: true });
        pass.backward({ shape: [7, 2], data: new Float32Array(14).fill(1) });
        made.applyGradients(optimizer);
      }
      return flatWeights(made);
    };
    expectClose(await stepped(new OwnAdam()), await stepped(new Adam()), tolerance, 'weights');
  });

  test('only trained weights change', async () => {
    const half = model();
    half.layers[0]!.trainable = false;
    const before = half.layers[0]!.getWeights().map(({ data }) => Array.from(data));
    await trained(new OwnAdam(), half);
    expect(half.layers[0]!.getWeights().map(({ data }) => Array.from(data))).toEqual(before);
  });

  test('is saved with slots and options under a registered name; training goes on with the same bits', async () => {
    const made = model();
    await trained(new OwnAdam({ beta1: 0.8, clipnorm: 1 }), made);
    expect(made.getState().compile?.optimizer).toEqual({
      className: 'test>OwnAdam',
      config: { learningRate: 0.001, clipnorm: 1, beta1: 0.8 },
    });
    const loaded = await loadModel(await modelToBytes(made));
    for (const each of [made, loaded]) await each.fit(x, y, { epochs: 2, verbose: 0 });
    expect(flatWeights(loaded)).toEqual(flatWeights(made));
  });

  test('a registered name stands for an optimizer with its defaults', async () => {
    const made = model();
    made.compile({ optimizer: 'test>OwnAdam', loss: 'mse' });
    expect(made.optimizer).toBeInstanceOf(OwnAdam);
  });
});

describe('what is wrong with an optimizer is said in compile', () => {
  const rule = (update: (terms: UpdateTerms) => unknown, slotNames: readonly string[] = []) =>
    new (class Rule extends ElementwiseOptimizer {
      static className = 'Rule';
      override readonly slotNames = slotNames;
      update(terms: UpdateTerms) {
        return update(terms) as UpdateResult;
      }
    })();
  const compile = (optimizer: unknown) => () => model().compile({ optimizer: optimizer as Optimizer, loss: 'mse' });
  const all = ({ parameter, gradient, slots, learningRate, step }: UpdateTerms) => ({
    parameter: [parameter, gradient, learningRate, step, ...Object.values(slots)].reduce(ops.add),
  });

  test.each([
    ['no result', rule(() => undefined), /Rule: update must return \{ parameter, slots \}, got undefined/],
    ['no expression', rule(() => ({ parameter: 'x' })), /Rule: update, its parameter, must return an expression/],
    ['NaN', rule(() => ({ parameter: Number.NaN })), /got NaN/],
    ['a slot that is none', rule(({ parameter }) => ({ parameter, slots: { m: parameter } })), /slot 'm', expected one of slotNames/],
    ['a slot twice', rule(({ parameter }) => ({ parameter }), ['m', 'm']), /slotNames must be different strings/],
    ['a slot with a slash', rule(({ parameter }) => ({ parameter }), ['m/n']), /slotNames must be different strings/],
    ['too many terms', rule(all, ['a', 'b', 'c']), /uses 7 and changes 0/],
    [
      'too many slots',
      rule(({ parameter, slots }) => ({ parameter, slots }), ['a', 'b', 'c', 'd']),
      /may use 6 of .* change 3 slots; this one uses 5 and changes 4/,
    ],
    ['a class', OwnAdam, /: make one, new OwnAdam\(\)/],
  ])('%s', (_, optimizer, message) => {
    expect(compile(optimizer)).toThrow(ArgumentError);
    expect(compile(optimizer)).toThrow(message);
  });

  test('an unknown option, and an unknown name', () => {
    expect(() => new Falling({ rate: 1 } as never)).toThrow(/Falling: unknown option 'rate'/);
    expect(compile('test>None')).toThrow(FormatError);
    expect(compile('test>cubic')).toThrow(/is registered, but does not extend the optimizer class/);
  });

  test('six terms and three slots are taken', () => {
    expect(compile(rule(all, ['a', 'b']))).not.toThrow();
    expect(compile(rule(({ parameter, slots }) => ({ parameter, slots }), ['a', 'b', 'c']))).not.toThrow();
  });

  test('without a registered name the model is not saved', async () => {
    const made = model();
    made.compile({ optimizer: rule(({ parameter }) => ({ parameter })), loss: 'mse' });
    await expect(modelToBytes(made)).rejects.toThrow(/optimizer Rule is of .* no registered name/);
    expect((await modelToBytes(made, { includeOptimizer: false })).length).toBeGreaterThan(0);
  });
});
