import { beforeEach, describe, expect, test } from 'vitest';
import { ArgumentError, Circle, Dense, Dice, Input, type Loss, Model, type NestedArray, Tversky } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';

/** A model whose outputs `[T, 2]` are its inputs, with a mask of steps or without. */
function modelOf(loss: Loss, masked: boolean): Model {
  const [x, mask] = [Input({ shape: [null, 2] }), Input({ shape: [null], dtype: 'bool' })];
  const y = new Dense(2, { useBias: false, kernelInitializer: 'identity' }).apply(x, masked ? { mask } : {});
  const model = new Model({ inputs: masked ? [x, mask] : x, outputs: y });
  model.compile({ optimizer: 'sgd', loss });
  return model;
}

const outputs = [
  [
    [0.75, 0.25],
    [0.5, 0.125],
    [0.25, 0.5],
    [1, 1],
  ],
];
const mask = [[1, 1, 1, 0]];

describe.each(await availableBackends())('losses of whole batches on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each([
    [
      'Dice',
      new Dice(),
      [
        [
          [1, 0],
          [0, 1],
          [1, 1],
          [0, 1],
        ],
      ],
    ],
    [
      'Dice of samples',
      new Dice({ axis: [1, 2] }),
      [
        [
          [1, 0],
          [0, 1],
          [1, 1],
          [0, 1],
        ],
      ],
    ],
    [
      'Tversky',
      new Tversky({ alpha: 0.75, beta: 0.25 }),
      [
        [
          [1, 0],
          [0, 1],
          [1, 1],
          [0, 1],
        ],
      ],
    ],
    ['Circle', new Circle({ gamma: 2 }), [[0, 1, 0, 1]]],
  ] as [string, Loss, NestedArray][])('%s: masked steps are as if they were not there', async (_name, loss, targets) => {
    const first = (all: unknown) => [(all as unknown[][])[0]?.slice(0, 3)] as NestedArray;
    const [whole, part] = [modelOf(loss, true), modelOf(loss, false)];
    const results = [
      await whole.fit([outputs, mask] as never, targets as never, { verbose: 0 }),
      await part.fit(first(outputs) as never, first(targets) as never, { verbose: 0 }),
    ].map(({ history }) => history.loss?.[0] as number);
    expect(results[0]).toBeGreaterThan(0.1);
    expect(results[0]).toBeCloseTo(results[1] as number, 6);
    const [a, b] = [whole, part].map((model) => Array.from(model.getWeights()[0]?.data ?? []));
    for (const [index, value] of (a as number[]).entries()) expect(value).toBeCloseTo(b?.[index] as number, 6);
  });
});

test('wrong options and outputs are refused, and several workers where samples are compared', async () => {
  expect(() => new Dice({ axis: 2 })).toThrow(/Dice: axis must be null, -1, or all axes but the batch, such as \[1, 2\], got 2/);
  expect(() => new Tversky({ alpha: -1 })).toThrow(/Tversky: alpha must be a number of at least 0/);
  expect(() => new Circle({ gamma: 0 })).toThrow(/Circle: gamma must be a number above 0/);
  expect(() => modelOf(new Dice({ axis: [1] }), false)).toThrow(/loss 'dice' has axis .*, but samples of the output have 2 axes/);
  const model = modelOf(new Dice(), false);
  await expect(model.fit(outputs, outputs, { workers: 2, verbose: 0 })).rejects.toThrow(ArgumentError);
});
