import { beforeEach, describe, expect, test } from 'vitest';
import { Bidirectional, Constant, GRU, Input, LSTM, Model, SimpleRNN, type SymbolicTensor, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';

// The numbers that Keras's own tests of its layers expect: lstm_test.py, gru_test.py,
// simple_rnn_test.py and bidirectional_test.py in keras/src/layers/rnn of Keras 3.15.1.

const CLOSE = { absolute: 1e-5, relative: 1e-5 };
const start = {
  kernelInitializer: new Constant({ value: 0.01 }),
  recurrentInitializer: new Constant({ value: 0.02 }),
  biasInitializer: new Constant({ value: 0.03 }),
};
const LAYERS = { LSTM, GRU, SimpleRNN };
type Name = keyof typeof LAYERS;

/** 0, 1, 2, … in this shape. */
const counting = (...shape: number[]): Tensor => {
  const length = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float64Array.from({ length }, (_, place) => place) };
};
const repeated = (rows: readonly number[], times: number) => rows.flatMap((value) => new Array<number>(times).fill(value));

describe.each(await availableBackends())('what Keras’s tests of layers expect, on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each<[Name, number, readonly number[], object, readonly number[]]>([
    ['LSTM', 3, [3, 6, 4], {}, [0.6288687, 0.86899155, 0.9460773]],
    ['LSTM', 3, [3, 6, 4], { unroll: true }, [0.6288687, 0.86899155, 0.9460773]],
    ['LSTM', 3, [3, 6, 4], { goBackwards: true }, [0.35622165, 0.74789524, 0.8872726]],
    ['LSTM', 3, [3, 6, 4], { unitForgetBias: false }, [0.57019705, 0.8661914, 0.9459622]],
    ['LSTM', 3, [3, 6, 4], { useBias: false }, [0.54986924, 0.86226785, 0.9443936]],
    ['GRU', 3, [3, 6, 4], {}, [0.5217289, 0.6371659, 0.39384964]],
    ['GRU', 3, [3, 6, 4], { unroll: true }, [0.5217289, 0.6371659, 0.39384964]],
    ['GRU', 3, [3, 6, 4], { goBackwards: true }, [0.24406259, 0.611516, 0.3928808]],
    ['GRU', 3, [3, 6, 4], { resetAfter: false }, [0.51447755, 0.6426879, 0.40208298]],
    ['GRU', 3, [3, 6, 4], { useBias: false }, [0.49988455, 0.64701194, 0.4103359]],
    ['SimpleRNN', 4, [2, 3, 4], {}, [0.405432, 0.73605347]],
    ['SimpleRNN', 4, [2, 3, 4], { goBackwards: true }, [0.11144729, 0.5528889]],
  ])('%s(%i) of %j with %j', async (name, units, [N, T, D], options, expected) => {
    const input = Input({ shape: [T as number, D as number] });
    const layer = new LAYERS[name](units, { ...start, ...options });
    const model = new Model({ inputs: input, outputs: layer.apply(input) as SymbolicTensor });
    const { data } = await model.predict(counting(N as number, T as number, D as number));
    expectClose(data, repeated(expected, units), CLOSE, name);
  });

  test.each<[Name, readonly number[]]>([
    ['LSTM', [0.3124785, 0.6863672]],
    ['GRU', [0.29542392, 0.5885018]],
    ['SimpleRNN', [0.40559256, 0.7361247]],
  ])('the second batch of a stateful %s, and again after resetStates', async (name, expected) => {
    const input = Input({ shape: [3, 4], batchSize: 2 });
    const layer = new LAYERS[name](4, { ...start, stateful: true });
    const model = new Model({ inputs: input, outputs: layer.apply(input) as SymbolicTensor });
    for (let pass = 0; pass < 2; pass++) {
      await model.predict(counting(2, 3, 4));
      const { data } = await model.predict(counting(2, 3, 4));
      expectClose(data, repeated(expected, 4), CLOSE, name);
      model.resetStates();
    }
  });

  test.each<[Name, object, readonly number[]]>([
    ['LSTM', {}, [0.20574439, 0.3558822, 0.64930826, 0.66276]],
    ['LSTM', { goBackwards: true }, [0.13281618, 0.2790356, 0.5839337, 0.5992567]],
    ['GRU', {}, [0.23774096, 0.33508456, 0.83659905, 1.0227708]],
  ])('%s with initial states and %j', async (name, options, expected) => {
    const input = Input({ shape: [4, 3] });
    const states = Array.from({ length: name === 'LSTM' ? 2 : 1 }, () => Input({ shape: [2] }));
    const layer = new LAYERS[name](2, { ...start, ...options });
    const outputs = (layer as LSTM).apply(input, { initialState: states as never }) as SymbolicTensor;
    const model = new Model({ inputs: [input, ...states], outputs });
    const { data } = (await model.predict([counting(2, 4, 3), ...states.map(() => counting(2, 2))])) as Tensor;
    expectClose(data, expected, CLOSE, name);
  });

  test.each<[boolean, readonly number[]]>([
    [false, [0.0158891, 0.05552048, 0.11755939, 0.11755939, 0.14185596, 0.28556206, 0.28556206, 0.28556206]],
    [true, [0.0158891, 0.05552048, 0.11755939, 0, 0.14185596, 0.28556206, 0, 0]],
  ])('every step of a masked LSTM with zeroOutputForMask: %s', async (zeroOutputForMask, expected) => {
    const [input, mask] = [Input({ shape: [4, 3] }), Input({ shape: [4], dtype: 'bool' })];
    const layer = new LSTM(2, { ...start, returnSequences: true, zeroOutputForMask });
    const model = new Model({ inputs: [input, mask], outputs: layer.apply(input, { mask }) });
    const { shape, data } = (await model.predict([
      counting(2, 4, 3),
      { shape: [2, 4], data: Int32Array.of(1, 1, 1, 0, 1, 1, 0, 0) },
    ])) as Tensor;
    expect(shape).toEqual([2, 4, 2]);
    expectClose(data, repeated(expected, 2), CLOSE, 'LSTM');
  });

  test('Bidirectional in every way of merging, with a backward layer of its own, stateful', async () => {
    const rnn = () => new SimpleRNN(2, start);
    const swapped = { ...start, kernelInitializer: start.biasInitializer, biasInitializer: start.kernelInitializer };
    const backwardLayer = new SimpleRNN(2, { ...swapped, goBackwards: true });
    const gru = new GRU(2, { ...start, returnSequences: true });
    const cases: [Bidirectional, readonly number[]][] = [
      [new Bidirectional(rnn()), [0.39687276, 0.39687276, 0.10004295, 0.10004295, 0.7237238, 0.7237238, 0.53391594, 0.53391594]],
      [new Bidirectional(rnn(), { mergeMode: 'ave' }), repeated([0.24845785, 0.6288199], 2)],
      [new Bidirectional(rnn(), { mergeMode: 'mul', backwardLayer }), repeated([0.08374989, 0.6740834], 2)],
      [new Bidirectional(gru, { mergeMode: 'sum' }), repeated([0.20937867, 0.34462988, 0.40290534, 0.59829646, 0.6734641, 0.6479671], 2)],
    ];
    for (const [layer, expected] of cases) {
      const input = Input({ shape: [3, 4] });
      const model = new Model({ inputs: input, outputs: layer.apply(input) as SymbolicTensor });
      expectClose((await model.predict(counting(2, 3, 4))).data, expected, CLOSE, `mergeMode ${layer.mergeMode}`);
    }

    const input = Input({ shape: [4, 3], batchSize: 2 });
    const layer = new Bidirectional(new LSTM(2, { ...start, stateful: true }));
    const model = new Model({ inputs: input, outputs: layer.apply(input) as SymbolicTensor });
    await model.predict(counting(2, 4, 3));
    const { data } = await model.predict(counting(2, 4, 3));
    const expected = [0.26234663, 0.26234663, 0.16959146, 0.16959146, 0.6137073, 0.6137073, 0.5381646, 0.5381646];
    expectClose(data, expected, CLOSE, 'stateful');
  });
});
