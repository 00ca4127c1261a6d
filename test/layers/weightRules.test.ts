import { describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  Dense,
  Embedding,
  GRU,
  L1,
  L1L2,
  L2,
  LSTM,
  MaxNorm,
  MinMaxNorm,
  NonNeg,
  Sequential,
  SimpleRNN,
  TimeDistributed,
  UnitNorm,
} from '../../ts/index.ts';
import { startOn } from '../support/modelBackends.ts';

describe('options of regularizers and constraints', () => {
  test('a name stands for the defaults, in any case', () => {
    const config = (options: object) => new Dense(2, { name: 'd', ...options }).getConfig();
    expect(config({ kernelRegularizer: 'l2' })).toEqual(config({ kernelRegularizer: new L2(0.01) }));
    expect(config({ kernelRegularizer: 'L1' })).toEqual(config({ kernelRegularizer: new L1(0.01) }));
    expect(config({ biasRegularizer: 'l1l2' })).toEqual(config({ biasRegularizer: new L1L2({ l1: 0, l2: 0 }) }));
    expect(config({ kernelConstraint: 'maxNorm' })).toEqual(config({ kernelConstraint: new MaxNorm({ maxValue: 2, axis: 0 }) }));
    expect(config({ biasConstraint: 'nonNeg' })).toEqual(config({ biasConstraint: new NonNeg() }));
    expect(config({ kernelConstraint: 'unitNorm' })).toEqual(config({ kernelConstraint: new UnitNorm({ axis: 0 }) }));
    expect(config({ kernelConstraint: 'minMaxNorm' })).toEqual(
      config({ kernelConstraint: new MinMaxNorm({ minValue: 0, maxValue: 1, rate: 1, axis: 0 }) }),
    );
    expect(config({ kernelRegularizer: null, kernelConstraint: null, activityRegularizer: null })).toEqual(config({}));
  });

  test.each([
    [
      () => new Dense(1, { kernelRegularizer: 'l3' as never }),
      /^Dense: kernelRegularizer is 'l3' \(did you mean 'l1'\?\); it must be one of 'l1', 'l2', 'l1l2', /,
    ],
    [() => new LSTM(1, { recurrentRegularizer: 0.01 as never }), /^LSTM: recurrentRegularizer must be one of .*, got 0\.01$/],
    [
      () => new GRU(1, { biasConstraint: 'maxNrom' as never }),
      /^GRU: biasConstraint is 'maxNrom' \(did you mean 'maxNorm'\?\); it must be /,
    ],
    [() => new SimpleRNN(1, { kernelConstraint: L2 as never }), /^SimpleRNN: kernelConstraint must be one of 'maxNorm'/],
    [
      () => new Dense(1, { kernelConstraint: MaxNorm as never }),
      /^Dense: kernelConstraint is class MaxNorm: make one, new MaxNorm\(\); it must be one of 'maxNorm'/,
    ],
    [() => new Embedding(3, 1, { embeddingsRegularizer: { className: 'L3', config: {} } }), /embeddingsRegularizer is 'L3' \(did you mean/],
    [() => new Dense(1, { activityRegularizer: 'l' as never }), /^Dense: activityRegularizer is 'l' \(did you mean .*; it must be one of/],
    [() => new L2(-1), /^L2: l2 must be a number of at least 0, got -1$/],
    [() => new L1L2({ l1: Number.NaN }), /^L1L2: l1 must be a number of at least 0, got NaN$/],
    [() => new MaxNorm({ maxValue: -1 }), /^MaxNorm: maxValue must be a number of at least 0, got -1$/],
    [() => new MinMaxNorm({ rate: 2 }), /^MinMaxNorm: rate must be a number from 0 to 1, got 2$/],
    [() => new UnitNorm({ axis: 0.5 }), /^UnitNorm: axis must be an integer or an array of them, got 0\.5$/],
    [() => new UnitNorm({ axis: [] }), /^UnitNorm: axis must be an integer or an array of them, got /],
    [() => new MaxNorm({ maxvalue: 1 } as never), /^MaxNorm: unknown option 'maxvalue' \(did you mean 'maxValue'\?\)/],
    [() => new L1L2({ l3: 1 } as never), /^L1L2: unknown option 'l3'/],
  ])('%#: what says no rule is refused', (make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ARGUMENT', message: expect.stringMatching(message) }));
  });

  test('axes that a weight does not have are refused when the layer is built, and nothing is built', async () => {
    startOn(await loadBackend('reference'));
    const layer = new Dense(2, { name: 'd', biasConstraint: new MaxNorm({ axis: 1 }) });
    const model = new Sequential([layer]);
    expect(() => model.build([null, 3])).toThrow(
      /^layer d \(Dense\): the constraint of bias is MaxNorm with axis 1, but the weight has shape \[2\]$/,
    );
    expect(() => layer.getWeights()).toThrow(/has no weights yet/);
  });

  test('the penalty on outputs of a layer in TimeDistributed counts', async () => {
    startOn(await loadBackend('reference'));
    const x = [
      [[1], [2]],
      [[3], [-4]],
    ];
    const lossOf = async (factor: number) => {
      const model = new Sequential([new TimeDistributed(new Dense(1, { useBias: false, activityRegularizer: new L1(factor) }))]);
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      model.build([null, 2, 1]);
      model.setWeights([[[0.5]]]);
      return (await model.evaluate(x, x)).loss as number;
    };
    // (0.5 + 1 + 1.5 + 2) / 2 samples
    expect((await lossOf(2)) - (await lossOf(0))).toBeCloseTo(5, 12);
  });
});
