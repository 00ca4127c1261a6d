import * as backtime from '../../ts/index.ts';
import {
  Activation,
  type ActivationLike,
  Bidirectional,
  Concatenate,
  Conv1D,
  Dense,
  type ElementwiseName,
  Embedding,
  GRU,
  Input,
  type Layer,
  LSTM,
  Masking,
  Model,
  ops,
  Sequential,
  SimpleRNN,
  type SymbolicTensor,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { ELEMENTWISE_NAMES } from '../../ts/layers/activations.ts';
import { GetItem, type ItemKey } from '../../ts/layers/getItem.ts';
import type { InputLayer } from '../../ts/layers/input.ts';
import { Elementwise, type ElementwiseOperation } from '../../ts/layers/operations.ts';
import { Stack } from '../../ts/layers/stack.ts';
import { Unmasked } from '../../ts/layers/unmasked.ts';
import { tensor } from './models.ts';
import { RandomArrays } from './randomArrays.ts';

/** A small model, and data for its inputs. */
export interface OnnxCase {
  readonly name: string;
  readonly model: Model;
  readonly x: Readonly<Record<string, Tensor>>;
}

export const [COUNT, STEPS, FEATURES, VOCABULARY] = [6, 5, 3, 7];

/** A model, before it has data: between inputs and outputs. */
type Made = { readonly inputs: readonly SymbolicTensor[]; readonly outputs: SymbolicTensor | readonly SymbolicTensor[] };
type Make = (random: RandomArrays) => Made;

const series = (name = 'x') => Input({ shape: [null, FEATURES], name });
const fixed = (name = 'x') => Input({ shape: [STEPS, FEATURES], name });
const vector = (name = 'v', size = FEATURES) => Input({ shape: [size], name });
const wide = (name = 'x') => Input({ shape: [null, 4], name });
const image = (name = 'image') => Input({ shape: [6, 7, 2], name });
const ids = (name = 'ids') => Input({ shape: [null], name, dtype: 'int32' });
const bools = (name = 'mask') => Input({ shape: [null], name, dtype: 'bool' });

/** A layer on one input. */
const on =
  (input: () => SymbolicTensor, layer: () => Layer): Make =>
  () => {
    const x = input();
    return { inputs: [x], outputs: layer().applyAll(x) };
  };

/** A layer on ids with a mask, after their vectors; masked steps are anywhere. */
const onMasked =
  (layer: () => Layer): Make =>
  () => {
    const x = ids();
    return { inputs: [x], outputs: layer().applyAll(new Embedding(VOCABULARY, FEATURES, { maskZero: true }).apply(x)) };
  };

/** A layer on what another makes of data where it is read. */
const prepared =
  (input: () => SymbolicTensor, layer: () => Layer, next: () => Layer = () => new Dense(2)): Make =>
  () => {
    const x = input();
    return { inputs: [x], outputs: next().applyAll(layer().apply(x) as SymbolicTensor) };
  };

/** A layer on several inputs; with masks of two kinds if `masked`. */
const onSeveral =
  (count: number, layer: () => Layer, masked = false, input: (name: string) => SymbolicTensor = series): Make =>
  () => {
    const inputs = Array.from({ length: count }, (_, index) => (masked && index === 1 ? ids(`in_${index}`) : input(`in_${index}`)));
    const values = inputs.map((one, index) =>
      masked ? (index === 1 ? new Embedding(VOCABULARY, FEATURES, { maskZero: true }) : new Masking()).apply(one) : one,
    );
    return { inputs, outputs: layer().applyAll(values) };
  };

type Cell = typeof LSTM | typeof GRU | typeof SimpleRNN;
const CELLS: readonly Cell[] = [LSTM, GRU, SimpleRNN];

function recurrentCases(): [string, Make][] {
  const cases: [string, Make][] = [];
  for (const Cell of CELLS)
    for (const returnSequences of [false, true])
      for (const goBackwards of [false, true]) {
        const options = { returnSequences, goBackwards, biasInitializer: 'uniform' } as const;
        const label = `${Cell.name}${returnSequences ? ' sequences' : ''}${goBackwards ? ' backwards' : ''}`;
        cases.push([label, on(series, () => new Cell(4, options))]);
        for (const zeroOutputForMask of [false, true])
          cases.push([
            `${label} masked${zeroOutputForMask ? ' zero' : ''}`,
            onMasked(() => new Cell(4, { ...options, zeroOutputForMask, returnState: true })),
          ]);
        cases.push([
          `${label} from states`,
          () => {
            const [x, h, c] = [series(), vector('h', 4), vector('c', 4)];
            const states = Cell === LSTM ? [h, c] : [h];
            const layer: Layer = new Cell(4, { ...options, returnState: true });
            return { inputs: [x, ...states], outputs: layer.applyAll(x, { initialState: states }) };
          },
        ]);
        cases.push([
          `${label} masked from states`,
          () => {
            const [x, mask, h, c] = [series(), bools(), vector('h', 4), vector('c', 4)];
            const states = Cell === LSTM ? [h, c] : [h];
            const layer: Layer = new Cell(4, { ...options, returnState: true });
            return { inputs: [x, mask, ...states], outputs: layer.applyAll(x, { initialState: states, mask }) };
          },
        ]);
      }
  for (const Cell of CELLS)
    for (const mergeMode of ['concat', 'sum', 'mul', 'ave', null] as const)
      for (const returnSequences of [false, true]) {
        const make = () => new Bidirectional(new Cell(4, { returnSequences, returnState: mergeMode === 'concat' }), { mergeMode });
        const label = `Bidirectional ${Cell.name} ${mergeMode}${returnSequences ? ' sequences' : ''}`;
        cases.push([label, on(series, make)], [`${label} masked`, onMasked(make)]);
      }
  cases.push(
    ['GRU reset before', on(series, () => new GRU(4, { resetAfter: false }))],
    ['LSTM without bias', on(series, () => new LSTM(4, { useBias: false }))],
    ['GRU without bias', on(series, () => new GRU(4, { useBias: false, returnSequences: true }))],
    ['GRU reset before masked', onMasked(() => new GRU(4, { resetAfter: false, returnSequences: true }))],
    [
      'Bidirectional of two sizes',
      on(
        series,
        () =>
          new Bidirectional(new LSTM(2, { returnSequences: true }), {
            backwardLayer: new GRU(3, { returnSequences: true, goBackwards: true }),
          }),
      ),
    ],
    [
      'Bidirectional from states',
      () => {
        const [x, ...states] = [series(), ...['a', 'b', 'c', 'd'].map((name) => vector(name, 4))];
        const layer = new Bidirectional(new LSTM(4, { returnSequences: true, returnState: true }));
        return { inputs: [x, ...states], outputs: layer.applyAll(x, { initialState: states }) };
      },
    ],
    ['Bidirectional backwards first', on(series, () => new Bidirectional(new LSTM(4, { goBackwards: true, returnSequences: true })))],
    [
      'RNN of cells',
      on(
        series,
        () => new backtime.RNN([new backtime.LSTMCell(3), new backtime.GRUCell(4), new backtime.SimpleRNNCell(2)], { returnState: true }),
      ),
    ],
    [
      'RNN of cells backwards masked',
      onMasked(() => new backtime.RNN([new backtime.LSTMCell(3), new backtime.GRUCell(4)], { returnSequences: true, goBackwards: true })),
    ],
    [
      'peepholes',
      on(series, () => new backtime.RNN(new backtime.PeepholeLSTMCell({ units: 3 }), { returnSequences: true, returnState: true })),
    ],
    [
      'peepholes from states',
      () => {
        const [x, h, c] = [series(), vector('h', 3), vector('c', 3)];
        const layer = new backtime.RNN(new backtime.PeepholeLSTMCell({ units: 3, activation: 'relu', useBias: false }));
        return { inputs: [x, h, c], outputs: layer.applyAll(x, { initialState: [h, c] }) };
      },
    ],
    [
      'peepholes masked backwards',
      onMasked(
        () =>
          new backtime.RNN([new backtime.PeepholeLSTMCell({ units: 3 }), new backtime.GRUCell(2)], {
            goBackwards: true,
            returnSequences: true,
          }),
      ),
    ],
    [
      'Bidirectional of RNN',
      on(series, () => new Bidirectional(new backtime.RNN([new backtime.LSTMCell(3), new backtime.GRUCell(4)], { returnSequences: true }))),
    ],
    [
      'LSTM on ids one-hot',
      () => {
        const x = ids();
        return { inputs: [x], outputs: new LSTM(3).apply(new backtime.OneHot(VOCABULARY).apply(x)) };
      },
    ],
    [
      'encoder and decoder',
      () => {
        const [question, answer] = [ids('question'), ids('answer')];
        const [, ...states] = new LSTM(4, { returnState: true }).apply(new Embedding(VOCABULARY, 3, { maskZero: true }).apply(question));
        const decoded = new LSTM(4, { returnSequences: true }).apply(new Embedding(VOCABULARY, 3).apply(answer), { initialState: states });
        return { inputs: [question, answer], outputs: new Dense(5, { activation: 'softmax' }).apply(decoded) };
      },
    ],
  );
  const activations = [
    'tanh',
    'sigmoid',
    'relu',
    'linear',
    'hardSigmoid',
    'hardSigmoid02',
    'elu',
    'softsign',
    'softplus',
    'leakyRelu',
  ] as const;
  for (const [index, activation] of activations.entries()) {
    const recurrentActivation = activations[(index + 3) % activations.length];
    cases.push(
      [`LSTM ${activation}`, on(series, () => new LSTM(3, { activation, recurrentActivation }))],
      [`GRU ${activation}`, on(series, () => new GRU(3, { activation, recurrentActivation: 'hardSigmoid' }))],
      [`SimpleRNN ${activation}`, on(series, () => new SimpleRNN(3, { activation }))],
    );
  }
  cases.push([
    'Bidirectional with several activations',
    on(series, () => new Bidirectional(new LSTM(3, { activation: 'elu', recurrentActivation: 'hardSigmoid', returnSequences: true }))),
  ]);
  return cases;
}

function layerCases(): [string, Make][] {
  const cases: [string, Make][] = [];
  const named = ['linear', 'tanh', 'sigmoid', 'relu', 'softmax', ...ELEMENTWISE_NAMES] as const;
  for (const name of named) cases.push([`activation ${name}`, on(series, () => new Activation(name as ElementwiseName))]);
  cases.push(['Dense', on(vector, () => new Dense(4, { activation: 'softmax', biasInitializer: 'uniform' }))]);
  cases.push(['Dense on steps', on(series, () => new Dense(4, { activation: 'relu', useBias: false }))]);
  const own: ActivationLike = (x) => ops.where(ops.less(x, 0.25), ops.square(x), ops.multiply(2, x)) as never;
  backtime.registerClass(own as never, { name: 'onnxOwn' });
  cases.push(['own activation', on(vector, () => new Dense(4, { activation: own }))]);
  cases.push(
    ['ReLU', on(series, () => new backtime.ReLU({ maxValue: 0.5, negativeSlope: 0.1, threshold: 0.1 }))],
    ['LeakyReLU', on(series, () => new backtime.LeakyReLU(0.2))],
    ['ELU', on(series, () => new backtime.ELU(0.7))],
    ['PReLU', on(fixed, () => new backtime.PReLU({ alphaInitializer: 'uniform' }))],
    ['PReLU shared', on(series, () => new backtime.PReLU({ sharedAxes: [1] }))],
    ['Softmax', on(series, () => new backtime.Softmax())],
    ['Softmax over steps', on(series, () => new backtime.Softmax({ axis: 1 }))],
    ['Softmax over steps masked', onMasked(() => new backtime.Softmax({ axis: 1 }))],
    ['Dropout', on(series, () => new backtime.Dropout(0.5))],
    ['GaussianNoise', on(series, () => new backtime.GaussianNoise(0.5))],
    ['GaussianDropout', on(series, () => new backtime.GaussianDropout(0.5))],
    ['SpatialDropout1D', on(series, () => new backtime.SpatialDropout1D(0.5))],
    ['ActivityRegularization', on(series, () => new backtime.ActivityRegularization({ l2: 0.1 }))],
    ['Masking', on(series, () => new Masking({ maskValue: 0.5 }))],
    ['Embedding', on(ids, () => new Embedding(VOCABULARY, 3))],
    ['OneHot', on(ids, () => new backtime.OneHot(VOCABULARY))],
    ['Flatten', on(fixed, () => new backtime.Flatten())],
    ['Reshape', on(fixed, () => new backtime.Reshape([3, -1]))],
    ['Permute', on(series, () => new backtime.Permute([2, 1]))],
    ['Permute three', on(image, () => new backtime.Permute([3, 1, 2]))],
    ['RepeatVector', on(vector, () => new backtime.RepeatVector(4))],
    ['ZeroPadding1D', on(series, () => new backtime.ZeroPadding1D([1, 2]))],
    ['Cropping1D', on(series, () => new backtime.Cropping1D([1, 1]))],
    ['Cropping1D before', on(series, () => new backtime.Cropping1D([2, 0]))],
    ['UpSampling1D', on(series, () => new backtime.UpSampling1D(3))],
    ['BatchNormalization', on(series, () => new backtime.BatchNormalization())],
    ['BatchNormalization of vectors', on(vector, () => new backtime.BatchNormalization({ scale: false }))],
    ['BatchNormalization of images', on(image, () => new backtime.BatchNormalization({ center: false, epsilon: 0.01 }))],
    ['LayerNormalization', on(series, () => new backtime.LayerNormalization())],
    ['LayerNormalization over steps', on(fixed, () => new backtime.LayerNormalization({ axis: 1, center: false }))],
    ['LayerNormalization over both', on(fixed, () => new backtime.LayerNormalization({ axis: [1, 2], scale: false }))],
    ['GlobalAveragePooling1D', on(series, () => new backtime.GlobalAveragePooling1D())],
    ['GlobalAveragePooling1D kept', on(series, () => new backtime.GlobalAveragePooling1D({ keepDims: true }))],
    ['GlobalAveragePooling1D masked', onMasked(() => new backtime.GlobalAveragePooling1D())],
    ['GlobalMaxPooling1D', on(series, () => new backtime.GlobalMaxPooling1D({ keepDims: true }))],
    ['Concatenate', onSeveral(3, () => new Concatenate())],
    ['Concatenate steps', onSeveral(2, () => new Concatenate({ axis: 1 }))],
  );
  for (const padding of ['valid', 'same', 'causal'] as const)
    for (const [strides, dilationRate] of [
      [1, 1],
      [2, 1],
      [1, 2],
    ]) {
      const options = { padding, strides, dilationRate, activation: 'tanh' } as const;
      cases.push([`Conv1D ${padding} ${strides} ${dilationRate}`, on(series, () => new Conv1D(4, 2, options))]);
      if (padding === 'causal') continue;
      cases.push([
        `Conv2D ${padding} ${strides} ${dilationRate}`,
        on(image, () => new backtime.Conv2D(4, [2, 3], { padding, strides, dilationRate, groups: 2 })),
      ]);
      if (dilationRate > 1) continue;
      for (const Pool of [backtime.MaxPooling1D, backtime.AveragePooling1D])
        cases.push([`${Pool.name} ${padding} ${strides}`, on(series, () => new Pool(2, { padding, strides }))]);
      for (const Pool of [backtime.MaxPooling2D, backtime.AveragePooling2D])
        cases.push([`${Pool.name} ${padding} ${strides}`, on(image, () => new Pool([2, 3], { padding, strides }))]);
    }
  for (const Merge of [backtime.Add, backtime.Average, backtime.Multiply, backtime.Maximum, backtime.Minimum])
    for (const masked of [false, true]) cases.push([`${Merge.name}${masked ? ' masked' : ''}`, onSeveral(3, () => new Merge(), masked)]);
  cases.push(
    ['Subtract', onSeveral(2, () => new backtime.Subtract())],
    ['Dot', onSeveral(2, () => new backtime.Dot({ axes: 2 }))],
    ['Dot over steps', onSeveral(2, () => new backtime.Dot({ axes: [1, 1], normalize: true }))],
    [
      'Dot of vectors',
      onSeveral(
        2,
        () => new backtime.Dot({ axes: 1, normalize: true }),
        false,
        (name) => vector(name),
      ),
    ],
    ['Attention', onSeveral(3, () => new backtime.Attention({ useScale: true, returnAttentionScores: true }))],
    ['Attention causal', onSeveral(2, () => new backtime.Attention({ useCausalMask: true }))],
    ['Attention masked', onSeveral(2, () => new backtime.Attention({ scoreMode: 'concat' }), true)],
    ['AdditiveAttention', onSeveral(2, () => new backtime.AdditiveAttention(), true)],
    [
      'MultiHeadAttention',
      onSeveral(2, () => new backtime.MultiHeadAttention({ numHeads: 2, keyDim: 3, valueDim: 2, returnAttentionScores: true })),
    ],
    [
      'MultiHeadAttention masked',
      onSeveral(2, () => new backtime.MultiHeadAttention({ numHeads: 2, keyDim: 3, useBias: false, useCausalMask: true }), true),
    ],
    ['TimeDistributed Dense', on(series, () => new TimeDistributed(new Dense(2)))],
    [
      'TimeDistributed model',
      () => {
        const x = Input({ shape: [null, 4, 2], name: 'x' });
        const inside = new Sequential([new Conv1D(3, 2), new backtime.Flatten()]);
        return { inputs: [x], outputs: new TimeDistributed(inside).apply(x) };
      },
    ],
    [
      'TimeDistributed LSTM',
      () => {
        const x = Input({ shape: [null, 4, 2], name: 'x' });
        return { inputs: [x], outputs: new GRU(2).apply(new TimeDistributed(new LSTM(3)).apply(x)) };
      },
    ],
    [
      'nested models',
      () => {
        const [left, right] = [series('left'), series('right')];
        const encoder = new Sequential([new LSTM(3, { returnSequences: true }), new Dense(2)], { name: 'encoder' });
        return { inputs: [left, right], outputs: new backtime.Subtract().apply([encoder.apply(left), encoder.apply(right)]) };
      },
    ],
    [
      'ops',
      () => {
        const [x, v] = [series(), vector()];
        const row = ops.expandDims(v, 1);
        const all = ops.add(ops.multiply(x, row), ops.exp(ops.negative(ops.abs(x))));
        const some = ops.maximum(ops.subtract(all, 0.5), ops.divide(x, 3));
        const outputs = [
          ops.mean(some, { axis: 1 }),
          ops.sum(some, { axis: 2 }),
          ops.max(some, { axis: 1, keepDims: true }),
          ops.where(ops.less(x, 0.1), x, all),
        ];
        return { inputs: [x, v], outputs };
      },
    ],
    [
      'ops on parts',
      () => {
        const x = fixed();
        return {
          inputs: [x],
          outputs: [
            ops.take(x, [2, 0, -1], 1),
            ops.take(x, -1, 1),
            ops.slice(x, [0, 1, -2], [-1, 3, 2]),
            ops.matmul(x, ops.transpose(x, [0, 2, 1])),
          ],
        };
      },
    ],
    [
      'input as output',
      () => {
        const x = series();
        return { inputs: [x], outputs: [x, new Dense(2).apply(x)] };
      },
    ],
    ['Reshape of free steps', on(series, () => new backtime.Reshape([-1, 1]))],
  );
  return cases;
}

/** Images of any height and width. */
const freeImage = (name = 'image') => Input({ shape: [null, null, 2], name });

/** Layers of Keras beyond the first ones that were written: their cases stand behind all others. */
function moreLayerCases(): [string, Make][] {
  const cases: [string, Make][] = [
    ['Identity', onMasked(() => new backtime.IdentityLayer())],
    ['AlphaDropout', on(series, () => new backtime.AlphaDropout(0.5))],
    ['SpatialDropout2D', on(image, () => new backtime.SpatialDropout2D(0.5))],
    ['Rescaling', on(series, () => new backtime.Rescaling(0.25, -0.5))],
    ['Rescaling of images', on(image, () => new backtime.Rescaling(2, 0.25))],
    ['Rescaling without offset', on(image, () => new backtime.Rescaling(2))],
    [
      'ZeroPadding2D',
      on(
        image,
        () =>
          new backtime.ZeroPadding2D([
            [1, 0],
            [2, 3],
          ]),
      ),
    ],
    ['ZeroPadding2D of any size', on(freeImage, () => new backtime.ZeroPadding2D(1))],
    [
      'Cropping2D',
      on(
        image,
        () =>
          new backtime.Cropping2D([
            [1, 0],
            [2, 1],
          ]),
      ),
    ],
    [
      'Cropping2D of any size',
      on(
        freeImage,
        () =>
          new backtime.Cropping2D([
            [0, 1],
            [1, 2],
          ]),
      ),
    ],
    ['Cropping1D of known steps', on(fixed, () => new backtime.Cropping1D([1, 2]))],
    ['UpSampling2D', on(image, () => new backtime.UpSampling2D([2, 3]))],
    ['UpSampling2D of any size', on(freeImage, () => new backtime.UpSampling2D(2))],
    ['GlobalAveragePooling2D', on(image, () => new backtime.GlobalAveragePooling2D())],
    ['GlobalAveragePooling2D kept', on(freeImage, () => new backtime.GlobalAveragePooling2D({ keepDims: true }))],
    ['GlobalMaxPooling2D', on(image, () => new backtime.GlobalMaxPooling2D())],
    ['GlobalMaxPooling2D kept', on(freeImage, () => new backtime.GlobalMaxPooling2D({ keepDims: true }))],
    ['RMSNormalization', on(series, () => new backtime.RMSNormalization({ epsilon: 0.1 }))],
    ['RMSNormalization over steps', on(fixed, () => new backtime.RMSNormalization({ axis: 1 }))],
    ['RMSNormalization over height and channels', on(image, () => new backtime.RMSNormalization({ axis: [3, 1] }))],
    ['UnitNormalization', on(series, () => new backtime.UnitNormalization())],
    ['UnitNormalization over both', on(fixed, () => new backtime.UnitNormalization({ axis: [1, 2] }))],
    ['GroupNormalization', on(image, () => new backtime.GroupNormalization({ groups: 2 }))],
    [
      'GroupNormalization of any steps',
      on(
        () => wide(),
        () => new backtime.GroupNormalization({ groups: 2, epsilon: 0.1, center: false }),
      ),
    ],
    ['GroupNormalization of each channel', on(series, () => new backtime.GroupNormalization({ groups: -1, scale: false }))],
    [
      'GroupNormalization of vectors',
      on(
        () => vector('v', 6),
        () => new backtime.GroupNormalization({ groups: 3 }),
      ),
    ],
    ['GroupNormalization of height', on(image, () => new backtime.GroupNormalization({ groups: 3, axis: 1 }))],
  ];
  for (const padding of ['valid', 'same'] as const)
    for (const [strides, dilationRate] of [
      [1, 1],
      [2, 1],
      [3, 1],
      [1, 2],
    ]) {
      const options = { padding, strides, dilationRate, biasInitializer: 'uniform' } as const;
      const label = `${padding} ${strides} ${dilationRate}`;
      cases.push(
        [`DepthwiseConv1D ${label}`, on(series, () => new backtime.DepthwiseConv1D(2, { ...options, depthMultiplier: 2 }))],
        [`DepthwiseConv2D ${label}`, on(image, () => new backtime.DepthwiseConv2D([3, 2], { ...options, activation: 'softmax' }))],
        [`SeparableConv1D ${label}`, on(series, () => new backtime.SeparableConv1D(4, 2, { ...options, activation: 'elu' }))],
        [
          `SeparableConv2D ${label}`,
          on(image, () => new backtime.SeparableConv2D(3, [2, 3], { ...options, depthMultiplier: 2, useBias: false })),
        ],
        [`Conv1DTranspose ${label}`, on(series, () => new backtime.Conv1DTranspose(4, 3, { ...options, activation: 'tanh' }))],
        [`Conv1DTranspose of two ${label}`, on(fixed, () => new backtime.Conv1DTranspose(4, 2, { ...options, useBias: false }))],
        [`Conv2DTranspose ${label}`, on(image, () => new backtime.Conv2DTranspose(3, [2, 4], options))],
      );
      if (strides > 1)
        cases.push(
          [
            `Conv1DTranspose with outputPadding ${label}`,
            on(series, () => new backtime.Conv1DTranspose(2, 3, { ...options, outputPadding: strides - 1 })),
          ],
          [
            `Conv2DTranspose with outputPadding ${label}`,
            on(freeImage, () => new backtime.Conv2DTranspose(2, [3, 2], { ...options, outputPadding: [1, 0] })),
          ],
        );
    }
  // Data is prepared in the file.
  const four = () => Input({ shape: [4], name: 'x' });
  const binBoundaries = [-0.5, 0, 0.25];
  cases.push(
    ['Normalization', prepared(four, () => new backtime.Normalization({ mean: [1, 2, 3, 4], variance: [1, 4, 9, 0] }))],
    ['Normalization inverted', prepared(four, () => new backtime.Normalization({ mean: 2, variance: 4, axis: null, invert: true }))],
    [
      'Discretization',
      prepared(
        four,
        () => new backtime.Discretization({ binBoundaries }),
        () => new Embedding(4, 2),
      ),
    ],
  );
  for (const outputMode of ['oneHot', 'multiHot', 'count'] as const)
    cases.push(
      [
        `Discretization ${outputMode}`,
        prepared(
          () => Input({ shape: [outputMode === 'oneHot' ? 1 : 4], name: 'x' }),
          () => new backtime.Discretization({ binBoundaries, outputMode }),
        ),
      ],
      [
        `CategoryEncoding ${outputMode}`,
        prepared(
          () => Input({ shape: [outputMode === 'oneHot' ? 1 : 4], name: 'ids', dtype: 'int32' }),
          () => new backtime.CategoryEncoding(VOCABULARY, { outputMode }),
        ),
      ],
    );
  // A mask goes through the first of these layers to the next one, and ends at the others.
  const before = {
    Identity: () => new backtime.IdentityLayer(),
    AlphaDropout: () => new backtime.AlphaDropout(0.5),
    Rescaling: () => new backtime.Rescaling(0.5, 1),
    GroupNormalization: () => new backtime.GroupNormalization({ groups: 1 }),
    UnitNormalization: () => new backtime.UnitNormalization(),
    Softmax: () => new backtime.Softmax(),
    RMSNormalization: () => new backtime.RMSNormalization(),
    DepthwiseConv1D: () => new backtime.DepthwiseConv1D(2, { padding: 'same' }),
    SeparableConv1D: () => new backtime.SeparableConv1D(FEATURES, 2, { padding: 'same' }),
    Conv1DTranspose: () => new backtime.Conv1DTranspose(FEATURES, 2, { padding: 'same' }),
  };
  for (const [name, layer] of Object.entries(before))
    cases.push([
      `LSTM after masked ${name}`,
      () => {
        const x = ids();
        const words = new Embedding(VOCABULARY, FEATURES, { maskZero: true }).apply(x);
        return { inputs: [x], outputs: new LSTM(2, { returnSequences: true }).apply(layer().apply(words) as SymbolicTensor) };
      },
    ]);
  const keys: readonly [string, readonly ItemKey[]][] = [
    ['the last step', [-1]],
    ['every second step backwards', [[null, null, -2]]],
    ['steps and a feature', [[1, -1, null], 0]],
    ['a new axis', ['newAxis', [null, 3, 2]]],
  ];
  for (const [label, key] of keys) cases.push([`GetItem of ${label}`, on(series, () => new GetItem(key))]);
  cases.push(
    ['GetItem of images', on(image, () => new GetItem([[-3, null, null], 2]))],
    ['Stack', onSeveral(3, () => new Stack(1))],
    ['Stack behind', onSeveral(2, () => new Stack(-1))],
    [
      'LSTM after Unmasked',
      () => {
        const x = ids();
        const words = new Embedding(VOCABULARY, FEATURES, { maskZero: true }).apply(x);
        return { inputs: [x], outputs: new LSTM(2).apply(new Unmasked(new backtime.Softmax({ axis: 1, name: 'inner' })).apply(words)) };
      },
    ],
  );
  const operations: readonly [ElementwiseOperation, readonly (number | null)[]][] = [
    ['clip', [null, -0.5, 0.25]],
    ['identity', [null]],
    ['lessEqual', [null, 0.5]],
    ['power', [null, 3]],
    ['power', [null, -2]],
    ['power', [null, 0]],
    ['power', [2, null]],
    ['reciprocal', [null]],
  ];
  for (const [operation, operands] of operations)
    cases.push([`ops.${operation} ${operands}`, on(vector, () => new Elementwise(operation, operands))]);
  cases.push([
    'GroupNormalization of two ranks',
    () => {
      const [x, v] = [wide(), vector('v', 4)];
      const layer = new backtime.GroupNormalization({ groups: 2 });
      return { inputs: [x, v], outputs: [layer.apply(x) as SymbolicTensor, layer.apply(v) as SymbolicTensor] };
    },
  ]);
  return cases;
}

/** The names of all cases, and what makes them. */
export const ONNX_CASES: readonly (readonly [name: string, make: Make])[] = [...recurrentCases(), ...layerCases(), ...moreLayerCases()];

/**
 * A product with a number and a softmax are operations again, and weights of two shapes are those
 * of two layers.
 */
const OTHER_LAYERS =
  /^(Rescaling without|LSTM after masked Softmax|LSTM after Unmasked|GroupNormalization of two|GetItem|Stack|ops|Normalization|Discretization|CategoryEncoding)/;

/** The names of the cases whose layers are the same layers again when the file is read. */
export const MORE_LAYERS: ReadonlySet<string> = new Set(
  moreLayerCases()
    .map(([name]) => name)
    .filter((name) => !OTHER_LAYERS.test(name)),
);

/** The model of a case with random weights, and random data. */
export function onnxCase(name: string, make: Make, seed = 1): OnnxCase {
  const random = new RandomArrays(seed);
  const { inputs, outputs } = make(random);
  const model = new Model({ inputs, outputs: outputs as SymbolicTensor[] });
  model.setWeights(model.weights.map(({ shape, trainable }) => (trainable ? tensor(shape, random) : tensor(shape, random, 0.5, 1.5))));
  return { name, model, x: onnxData(model, random) };
}

/**
 * Random data for the inputs of a model. Of ids and series some steps are masked, of one sample
 * all.
 * @param free the size of every axis whose size is free
 */
export function onnxData(model: Model, random: RandomArrays, count = COUNT, free = STEPS): Record<string, Tensor> {
  const data: Record<string, Tensor> = {};
  for (const [index, input] of model.inputs.entries()) {
    const layer = input.node.layer as InputLayer;
    // The data before it is prepared.
    const { dtype, shape: sample } = layer.origin ?? layer;
    const shape = [count, ...sample.map((size) => size ?? free)];
    const length = shape.reduce((a, b) => a * b, 1);
    const name = model.inputNames[index];
    const steps = new Array(count).fill(0).map((_, sample) => Array.from({ length: free }, (_, step) => counts(sample, step, random)));
    if (shape.length === 2 && sample[0] === null) {
      const values = dtype === 'bool' ? new Int32Array(length).fill(1) : random.integers(length, VOCABULARY, 1);
      data[name] = { shape, data: values.map((value, place) => (steps[Math.floor(place / free)][place % free] ? value : 0)) };
    } else if (dtype === 'int32') data[name] = { shape, data: random.integers(length, VOCABULARY) };
    else {
      data[name] = tensor(shape, random);
      if (shape.length === 3 && shape[1] === free)
        for (let place = 0; place < count * free; place++)
          if (!steps[Math.floor(place / free)][place % free]) data[name].data.fill(0, place * shape[2], (place + 1) * shape[2]);
    }
  }
  return data;
}

/** Whether a step counts: padding in front, behind, holes, everywhere, nowhere. */
function counts(sample: number, step: number, random: RandomArrays): boolean {
  if (sample === 0) return step >= 2;
  if (sample === 1) return step < 3;
  if (sample === 2) return step !== 1 && step !== 3;
  if (sample === 3) return false;
  if (sample === 4) return true;
  return random.integer(2) === 1;
}
