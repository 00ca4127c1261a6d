// Options that a loss, metric or optimizer of one's own was given, and that its getConfig forgets.
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  Dense,
  ElementwiseLoss,
  ElementwiseOptimizer,
  type Expression,
  Metric,
  modelToBytes,
  type OptimizerOptions,
  ops,
  registerClass,
  Sequential,
  setBackend,
  type UpdateResult,
  type UpdateTerms,
} from '../../ts/index.ts';

abstract class Scaled extends ElementwiseLoss {
  abstract readonly factor: number;
  override call(yTrue: Expression, yPred: Expression) {
    return ops.multiply(this.factor, ops.abs(ops.subtract(yPred, yTrue)));
  }
}

/** Without getConfig. */
class Shown extends Scaled {
  static className = 'Shown';
  readonly scale: number;
  constructor({ scale = 1 }: { scale?: number } = {}) {
    super();
    this.scale = scale;
  }
  get factor() {
    return this.scale;
  }
}

/** Its option is in no property. */
class Hidden extends Scaled {
  static className = 'Hidden';
  readonly #scale: number;
  constructor(options?: { scale?: number }) {
    super();
    this.#scale = options?.scale ?? 1;
  }
  get factor() {
    return this.#scale;
  }
}

class Described extends Hidden {
  static override className = 'Described';
  readonly #all: { scale?: number };
  constructor(options: { scale?: number } = {}) {
    super(options);
    this.#all = { ...options, scale: this.factor };
  }
  override getConfig() {
    return this.#all;
  }
}

class Positional extends Scaled {
  static className = 'Positional';
  readonly scale: number;
  constructor(scale: number) {
    super();
    this.scale = scale;
  }
  get factor() {
    return this.scale;
  }
}

class Doubled extends Scaled {
  static className = 'Doubled';
  readonly factor: number;
  constructor(half: number) {
    super();
    this.factor = 2 * half;
  }
}

class Summed extends Scaled {
  static className = 'Summed';
  readonly factor: number;
  constructor(parts: readonly number[]) {
    super();
    this.factor = parts.reduce((sum, part) => sum + part, 0);
  }
}

/** Keeps all of its options. */
class Whole extends Scaled {
  static className = 'Whole';
  readonly options: { scale?: number } | undefined;
  constructor(options?: { scale?: number }) {
    super();
    this.options = options;
  }
  get factor() {
    return this.options?.scale ?? 1;
  }
}

/** Made again by a function of its own. */
class Rebuilt extends Hidden {
  static override className = 'Rebuilt';
  static fromConfig({ saved }: { saved: number }) {
    return new Rebuilt({ scale: saved });
  }
  override getConfig() {
    return { saved: this.factor };
  }
}

class Above extends Metric {
  static className = 'Above';
  readonly threshold: number;
  constructor(options: { threshold?: number; name?: string } = {}) {
    super(1, options.name);
    this.threshold = options.threshold ?? 0.5;
  }
  override update({ yPred }: Parameters<Metric['update']>[0]) {
    for (const value of yPred) this.state[0] = (this.state[0] as number) + (value > this.threshold ? 1 : 0);
  }
  override result() {
    return this.state[0] as number;
  }
}

class Rule extends ElementwiseOptimizer {
  static className = 'Rule';
  override readonly slotNames: readonly string[] = [];
  readonly power: number;
  constructor(options?: OptimizerOptions & { power?: number }) {
    super(options, ['power']);
    this.power = options?.power ?? 1;
  }
  override update({ parameter, gradient, learningRate }: UpdateTerms): UpdateResult {
    return { parameter: ops.subtract(parameter, ops.multiply(learningRate, ops.multiply(this.power, gradient))) };
  }
}

for (const own of [Shown, Hidden, Described, Positional, Doubled, Summed, Whole, Rebuilt, Above, Rule]) registerClass(own);

const saved = (options: object) => {
  const model = new Sequential([new Dense(1, { inputShape: [2] })]);
  model.compile({ loss: 'mse', ...options });
  return modelToBytes(model);
};

describe('an option that getConfig does not return is missed when a model is saved', () => {
  beforeEach(() => setBackend('reference'));

  test.each<[string, object, RegExp]>([
    [
      'a property of a loss',
      { loss: new Shown({ scale: 2 }) },
      /^loss 'shown': getConfig must return the option scale, .*super\.getConfig\(\), scale }/,
    ],
    ['what no property shows', { loss: new Hidden({ scale: 2 }) }, /^loss 'hidden': getConfig must return the option scale/],
    ['a loss as a metric', { metrics: [new Shown({ scale: 3 })] }, /^loss 'shown': getConfig must return the option scale/],
    ['of a metric', { metrics: [new Above({ threshold: 0.9 })] }, /^metric 'above': getConfig must return the option threshold/],
    ['of an optimizer', { optimizer: new Rule({ power: 2 }) }, /^optimizer Rule: getConfig must return the option power/],
    ['an argument by its place', { loss: new Positional(2) }, /^loss 'positional': getConfig must return the option scale/],
    [
      'an argument that is computed with',
      { loss: new Doubled(2) },
      /^loss 'doubled': its constructor does not take what getConfig returns/,
    ],
    ['an array by its place', { loss: new Summed([1, 2]) }, /^loss 'summed': its constructor does not take what getConfig returns/],
    ['options that are kept whole', { loss: new Whole({ scale: 2 }) }, /^loss 'whole': getConfig must return the option options/],
  ])('%s', async (_, options, message) => {
    await expect(saved(options)).rejects.toThrow(ArgumentError);
    await expect(saved(options)).rejects.toThrow(message);
  });

  test.each<[string, object]>([
    ['a default', { loss: new Shown() }],
    ['options that were not given', { loss: new Whole() }],
    ['a hidden option that getConfig returns', { loss: new Described({ scale: 2 }) }],
    ['a class with fromConfig', { loss: new Rebuilt({ scale: 2 }) }],
    ['a metric with a name', { metrics: [new Above({ name: 'high' })] }],
    ['an optimizer with common options', { optimizer: new Rule({ clipnorm: 1, learningRate: () => 0.1 }) }],
  ])('but not %s', async (_, options) => {
    expect((await saved(options)).length).toBeGreaterThan(0);
  });
});
