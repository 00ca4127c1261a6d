import { beforeEach, describe, expect, test } from 'vitest';
import { Adam, Dense, type Optimizer, RMSprop, Sequential, SGD } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { goldenTolerance } from '../support/tolerances.ts';

/** Where the weights begin, and the gradients of two steps. */
const START = [0.5, -0.25, 1];
const GRADIENTS = [
  [0.5, -2, 0.25],
  [-1, 0.5, 4],
];

/**
 * The weights after each of the two steps, computed by hand from the formulas in the comments, to
 * 16 digits, and by none of the project's code. g is the gradient, w the weight; all means begin at
 * 0.
 */
const STEPS: readonly [name: string, optimizer: () => Optimizer, after: readonly (readonly number[])[]][] = [
  [
    // w -= rate g, rate 0.01
    'SGD with its defaults',
    () => new SGD(),
    [
      [0.495, -0.23, 0.9975],
      [0.505, -0.235, 0.9575],
    ],
  ],
  [
    // v = 0.5 v - 0.1 g; w += v (Sutskever et al. 2013). First weight: v is -0.05, then -0.025 +
    // 0.1 = 0.075.
    'SGD with momentum',
    () => new SGD({ learningRate: 0.1, momentum: 0.5 }),
    [
      [0.45, -0.05, 0.975],
      [0.525, 0, 0.5625],
    ],
  ],
  [
    // v as above; w += 0.5 v - 0.1 g. First weight: -0.025 - 0.05, then 0.0375 + 0.1.
    'SGD with Nesterov momentum',
    () => new SGD({ learningRate: 0.1, momentum: 0.5, nesterov: true }),
    [
      [0.425, 0.05, 0.9625],
      [0.5625, 0.025, 0.35625],
    ],
  ],
  [
    // s = 0.9 s + 0.1 g²; w -= 0.001 g / sqrt(s + 1e-7): the first step is 0.001 sqrt(10), whatever
    // the gradient (Hinton 2012, Keras).
    'RMSprop with its defaults',
    () => new RMSprop(),
    [
      [0.496837728664368, -0.2468377227351163, 0.9968377476377493],
      [0.4996948703553308, -0.2476435455944893, 0.9936810141531854],
    ],
  ],
  [
    // s = 0.75 s + 0.25 g²; w -= 0.1 g / sqrt(s + 0.125). First weight: s = 0.0625, 0.05 /
    // sqrt(0.1875) = 0.1154700538379252.
    'RMSprop',
    () => new RMSprop({ learningRate: 0.1, rho: 0.75, epsilon: 0.125 }),
    [
      [0.3845299461620748, -0.0614381916835873, 0.9333333333333333],
      [0.5384900179459751, -0.1130779696330195, 0.7366661064971727],
    ],
  ],
  [
    // m = 0.75 m + 0.25 g; v = 0.5 v + 0.1 g / sqrt(s - m² + 0.125); w -= v. First weight: m =
    // 0.125, 0.05 / sqrt(0.171875).
    'RMSprop, centered, with momentum',
    () => new RMSprop({ learningRate: 0.1, rho: 0.75, momentum: 0.5, epsilon: 0.125, centered: true }),
    [
      [0.3793954621688945, -0.0361910064700605, 0.9323876596217187],
      [0.4777113043242569, 0.0172612419124244, 0.6691948603274709],
    ],
  ],
  [
    // The first step is the learning rate, whatever the gradient, but for epsilon (Kingma & Ba
    // 2015, section 2.1).
    'Adam with its defaults',
    () => new Adam(),
    [
      [0.4990000063245153, -0.2490000015811363, 0.9990000126489507],
      [0.4993661088159533, -0.2485305341303978, 0.998215547884467],
    ],
  ],
  [
    // Kingma & Ba 2015, end of section 2: m = 0.6 m + 0.4 g; v = 0.75 v + 0.25 g²; w -= a m /
    // (sqrt(v) + 0.125), where at step t a = 0.1 sqrt(1 - 0.75^t) / (1 - 0.6^t). First weight: a =
    // 0.125, m = 0.2, v = 0.0625; the step is 0.025 / 0.375 = 0.0666….
    'Adam',
    () => new Adam({ learningRate: 0.1, beta1: 0.6, beta2: 0.75, epsilon: 0.125 }),
    [
      [0.4333333333333333, -0.1611111111111111, 0.95],
      [0.4765331104064191, -0.132917182429513, 0.8693767489920317],
    ],
  ],
  [
    // w -= 0.1 g / |g|: the norms are sqrt(4.3125) and sqrt(17.25).
    'SGD with a limited norm',
    () => new SGD({ learningRate: 0.1, clipnorm: 1 }),
    [
      [0.4759228293828461, -0.1536913175313846, 0.9879614146914231],
      [0.5, -0.1657299028399616, 0.8916527322228077],
    ],
  ],
  [
    'SGD with limited values',
    () => new SGD({ learningRate: 0.1, clipvalue: 0.4 }),
    [
      [0.46, -0.21, 0.975],
      [0.5, -0.25, 0.935],
    ],
  ],
];

describe.each(await availableBackends())('first steps on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each(STEPS)('%s moves weights to where its formula says', async (_name, optimizer, after) => {
    const model = new Sequential([new Dense(1, { useBias: false })]);
    model.build([null, 3]);
    model.setWeights([{ shape: [3, 1], data: Float64Array.from(START) }]);
    model.compile({ optimizer: optimizer(), loss: 'meanSquaredError' });
    for (const [step, gradient] of GRADIENTS.entries()) {
      // The output is half too large, so the gradient, 2 (output - target) x, is the sample.
      const x = { shape: [1, 3], data: Float64Array.from(gradient) };
      const output = (await model.predict(x)).data[0];
      await model.trainOnBatch(x, [output - 0.5]);
      expectClose(flatWeights(model), after[step], goldenTolerance(backend), `weights after step ${step + 1}`);
    }
    expect(model.iterations).toBe(2);
  });
});
