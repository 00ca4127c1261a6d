// Makes test/golden/tfjs.json with TF.js itself: layers models as `model.save` writes them, and what
// they predict. `node scripts/golden/tfjs.mjs` installs TF.js into .tools/tfjs first (300 MB, once).
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root, run } from '../process.mjs';

const VERSION = '4.22.0';
const folder = process.env.TFJS_FOLDER ?? join(root, '.tools', 'tfjs');
if (!existsSync(join(folder, 'node_modules/@tensorflow/tfjs'))) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const { code } = await run('npm', ['install', '--ignore-scripts', `@tensorflow/tfjs@${VERSION}`], { cwd: folder });
  if (code !== 0) process.exit(code);
}
// Its build for Node warns that tfjs-node is faster.
console.warn = () => {};
const tf = createRequire(join(folder, 'package.json'))('@tensorflow/tfjs');
await tf.setBackend('cpu');
const { layers } = tf;

/** The numbers of one model, from a seed: multiples of 1/128, so the file can be compressed. */
function numbers(seed) {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    floats: (...shape) => filled(shape, () => Math.round((uniform() * 2 - 1) * 128) / 128),
    ids: (below, ...shape) => filled(shape, () => Math.floor(uniform() * below)),
  };
}

function filled(shape, next) {
  return { shape, data: Array.from({ length: shape.reduce((all, size) => all * size, 1) }, next) };
}

const sequential = (...list) => tf.sequential({ layers: list });

/**
 * What is made of a model, by its name: the model, its inputs, and how it is saved.
 *
 * @typedef {{ model: any, inputs: any[], quantize?: string, shardSize?: number, compile?: object,
 *   metadata?: object, reload?: boolean }} Case
 * @type {Record<string, (of: ReturnType<typeof numbers>) => Case>}
 */
const CASES = {
  dense: ({ floats }) => ({
    model: sequential(layers.dense({ units: 4, activation: 'selu', inputShape: [3] }), layers.dense({ units: 2, activation: 'softmax' })),
    inputs: [floats(5, 3)],
    metadata: { labels: ['yes', 'no'] },
  }),
  // TF.js's own default is the hard sigmoid.
  lstm: ({ floats }) => ({
    model: sequential(layers.lstm({ units: 4, inputShape: [null, 3] }), layers.dense({ units: 1, activation: 'sigmoid' })),
    inputs: [floats(3, 6, 3)],
    shardSize: 50,
  }),
  lstmOptions: ({ floats }) => ({
    model: sequential(
      layers.lstm({ units: 4, recurrentActivation: 'sigmoid', returnSequences: true, goBackwards: true, inputShape: [5, 2] }),
      layers.lstm({ units: 3, activation: 'relu', useBias: false, unitForgetBias: false, unroll: true, implementation: 2, dropout: 0.2 }),
    ),
    inputs: [floats(2, 5, 2)],
  }),
  gru: ({ floats }) => ({
    model: sequential(layers.gru({ units: 4, inputShape: [6, 3], returnSequences: true }), layers.gru({ units: 2, useBias: false })),
    inputs: [floats(3, 6, 3)],
  }),
  gruSigmoid: ({ floats }) => ({
    model: sequential(layers.gru({ units: 3, inputShape: [6, 3], recurrentActivation: 'sigmoid', recurrentDropout: 0.1 })),
    inputs: [floats(3, 6, 3)],
  }),
  simpleRNN: ({ floats }) => ({
    model: sequential(layers.simpleRNN({ units: 4, inputShape: [6, 3], returnSequences: true }), layers.simpleRNN({ units: 2 })),
    inputs: [floats(3, 6, 3)],
  }),
  cells: ({ floats }) => ({
    model: sequential(
      layers.rnn({ cell: [layers.lstmCell({ units: 3 }), layers.gruCell({ units: 2 })], returnSequences: true, inputShape: [4, 2] }),
      layers.rnn({ cell: layers.simpleRNNCell({ units: 2 }) }),
    ),
    inputs: [floats(3, 4, 2)],
  }),
  stateful: ({ floats }) => ({
    model: sequential(layers.lstm({ units: 3, stateful: true, batchInputShape: [2, 4, 2] })),
    inputs: [floats(2, 4, 2)],
  }),
  bidirectional: ({ floats }) => ({
    model: sequential(
      layers.bidirectional({ layer: layers.lstm({ units: 2, returnSequences: true }), mergeMode: 'concat', inputShape: [5, 3] }),
      layers.bidirectional({ layer: layers.gru({ units: 3 }), mergeMode: 'sum' }),
    ),
    inputs: [floats(2, 5, 3)],
  }),
  timeDistributed: ({ floats }) => ({
    model: sequential(
      layers.timeDistributed({ layer: layers.dense({ units: 3, activation: 'relu' }), inputShape: [4, 2] }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    ),
    inputs: [floats(2, 4, 2)],
  }),
  maskedEmbedding: ({ ids }) => ({
    model: sequential(
      layers.embedding({ inputDim: 6, outputDim: 3, maskZero: true, inputLength: 5 }),
      layers.lstm({ units: 3, returnSequences: true }),
      layers.simpleRNN({ units: 2 }),
    ),
    inputs: [ids(6, 4, 5)],
  }),
  masking: ({ floats }) => ({
    model: sequential(layers.masking({ maskValue: 0.5, inputShape: [4, 2] }), layers.gru({ units: 3 })),
    inputs: [{ shape: [2, 4, 2], data: [...floats(1, 2, 2).data, 0.5, 0.5, ...floats(1, 3, 2).data, ...[0.5, 0.5, 0.5, 0.5]] }],
  }),
  convolution: ({ floats }) => ({
    model: sequential(
      layers.conv1d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'elu', inputShape: [8, 2] }),
      layers.maxPooling1d({ poolSize: 2, strides: 1 }),
      layers.conv1d({ filters: 2, kernelSize: 2, dilationRate: 2, useBias: false }),
      layers.averagePooling1d({ poolSize: 2 }),
      layers.globalAveragePooling1d(),
    ),
    inputs: [floats(2, 8, 2)],
  }),
  images: ({ floats }) => ({
    model: sequential(
      layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, activation: 'relu6', inputShape: [7, 9, 2] }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    ),
    inputs: [floats(2, 7, 9, 2)],
  }),
  normalization: ({ floats }) => ({
    model: sequential(
      layers.batchNormalization({ inputShape: [4, 3] }),
      layers.layerNormalization({ epsilon: 0.01 }),
      layers.dropout({ rate: 0.5 }),
      layers.gaussianNoise({ stddev: 0.1 }),
      layers.batchNormalization({ scale: false, center: false, epsilon: 0.01 }),
      layers.globalMaxPooling1d(),
    ),
    inputs: [floats(2, 4, 3)],
  }),
  shapes: ({ floats }) => ({
    model: sequential(
      layers.repeatVector({ n: 4, inputShape: [6] }),
      layers.reshape({ targetShape: [4, 3, 2] }),
      layers.permute({ dims: [2, 1, 3] }),
      layers.reshape({ targetShape: [3, 8] }),
      layers.spatialDropout1d({ rate: 0.3 }),
      layers.dense({ units: 2, activation: 'softsign' }),
    ),
    inputs: [floats(2, 6)],
  }),
  activations: ({ floats }) => ({
    model: sequential(
      ...['hardSigmoid', 'softplus', 'swish', 'mish', 'gelu', 'linear', 'tanh'].map((activation) =>
        layers.dense({ units: 3, activation, inputShape: [3] }),
      ),
      layers.leakyReLU({ alpha: 0.2 }),
      layers.elu(),
      layers.activation({ activation: 'hardSigmoid' }),
      layers.prelu(),
      layers.reLU({ maxValue: 0.6 }),
      layers.softmax(),
    ),
    inputs: [floats(4, 3)],
  }),
  // TF.js does not load its own file of this one.
  geluNew: ({ floats }) => ({
    model: sequential(layers.dense({ units: 3, activation: 'gelu_new', inputShape: [3] })),
    inputs: [floats(4, 3)],
    reload: false,
  }),
  merges: ({ floats }) => {
    const [a, b] = [tf.input({ shape: [4], name: 'left' }), tf.input({ shape: [4], name: 'right' })];
    const shared = layers.dense({ units: 4, name: 'shared' });
    const [left, right] = [shared.apply(a), shared.apply(b)];
    const joined = ['add', 'average', 'maximum', 'minimum', 'multiply'].map((name) => layers[name]().apply([left, right]));
    const all = layers.concatenate({ axis: -1 }).apply([...joined, layers.dot({ axes: 1, normalize: true }).apply([left, right])]);
    const outputs = [layers.dense({ units: 2, name: 'first' }).apply(all), layers.dense({ units: 1, name: 'second' }).apply(left)];
    return { model: tf.model({ inputs: [a, b], outputs }), inputs: [floats(3, 4), floats(3, 4)] };
  },
  states: ({ floats }) => {
    const [source, target] = [tf.input({ shape: [null, 2] }), tf.input({ shape: [null, 3] })];
    const [, h, c] = layers.lstm({ units: 4, returnState: true, name: 'encoder' }).apply(source);
    const decoded = layers.lstm({ units: 4, returnSequences: true, name: 'decoder' }).apply(target, { initialState: [h, c] });
    const outputs = layers.timeDistributed({ layer: layers.dense({ units: 3, activation: 'softmax' }) }).apply(decoded);
    return { model: tf.model({ inputs: [source, target], outputs }), inputs: [floats(2, 3, 2), floats(2, 4, 3)] };
  },
  nested: ({ floats }) => {
    const input = tf.input({ shape: [5, 2] });
    const features = tf.model({ inputs: input, outputs: layers.gru({ units: 3, name: 'inner_gru' }).apply(input), name: 'features' });
    const head = tf.sequential({ name: 'head', layers: [layers.dense({ units: 3, inputShape: [3], name: 'inner_dense' })] });
    const outer = tf.input({ shape: [5, 2] });
    return { model: tf.model({ inputs: outer, outputs: head.apply(features.apply(outer)), name: 'outer' }), inputs: [floats(2, 5, 2)] };
  },
  nestedSequential: ({ floats }) => ({
    model: sequential(
      tf.sequential({ layers: [layers.dense({ units: 3, inputShape: [2] }), layers.batchNormalization()] }),
      tf.sequential({ layers: [layers.dense({ units: 4, inputShape: [3] }), layers.dense({ units: 2 })] }),
    ),
    inputs: [floats(2, 2)],
  }),
  quantizedUint8: ({ floats }) => ({
    model: sequential(layers.lstm({ units: 3, inputShape: [4, 2] }), layers.dense({ units: 2 })),
    inputs: [floats(2, 4, 2)],
    quantize: 'uint8',
    shardSize: 30,
  }),
  quantizedUint16: ({ floats }) => ({
    model: sequential(layers.dense({ units: 3, inputShape: [2] })),
    inputs: [floats(2, 2)],
    quantize: 'uint16',
  }),
  quantizedFloat16: ({ floats }) => ({
    model: sequential(layers.gru({ units: 3, inputShape: [4, 2] })),
    inputs: [floats(2, 4, 2)],
    quantize: 'float16',
  }),
  trained: ({ floats }) => ({
    model: sequential(layers.dense({ units: 3, inputShape: [2] }), layers.dense({ units: 1 })),
    inputs: [floats(4, 2)],
    compile: { loss: 'meanSquaredError', metrics: ['accuracy'], optimizer: tf.train.momentum(0.1, 0.5) },
  }),
  // Weights that are not trained come last in the file.
  frozen: ({ floats }) => ({
    model: sequential(
      layers.dense({ units: 2, inputShape: [4, 2], trainable: false }),
      layers.rnn({ cell: [layers.gruCell({ units: 2 }), layers.gruCell({ units: 2 })], returnSequences: true, trainable: false }),
      layers.gru({ units: 2, returnSequences: true }),
      layers.bidirectional({ layer: layers.lstm({ units: 2, trainable: false }), mergeMode: 'concat' }),
      layers.dense({ units: 2 }),
    ),
    inputs: [floats(3, 4, 2)],
  }),
};

/** As the converter does it: the range of the values in 255 or 65,535 steps. */
function quantized(values, dtype) {
  if (dtype === 'float16') return { bytes: new Uint8Array(Uint16Array.from(values, halfOf).buffer), quantization: { dtype } };
  const levels = dtype === 'uint8' ? 255 : 65535;
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const scale = (max - min) / levels || 1;
  const codes = values.map((value) => Math.round((value - min) / scale));
  return { bytes: new Uint8Array((dtype === 'uint8' ? Uint8Array : Uint16Array).from(codes).buffer), quantization: { dtype, min, scale } };
}

/** The half-precision bits of a normal number or zero that has them exactly. */
function halfOf(value) {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  if (value === 0) return (bits >>> 16) & 0x8000;
  return ((bits >>> 16) & 0x8000) | ((((bits >>> 23) & 0xff) - 112) << 10) | ((bits >>> 13) & 0x3ff);
}

/** The artifacts with all weights quantized. */
function quantize(artifacts, dtype) {
  const parts = [];
  let offset = 0;
  const weightSpecs = artifacts.weightSpecs.map((spec) => {
    const size = spec.shape.reduce((all, each) => all * each, 1);
    const { bytes, quantization } = quantized(Array.from(new Float32Array(artifacts.weightData.slice(offset, offset + 4 * size))), dtype);
    offset += 4 * size;
    parts.push(bytes);
    return { ...spec, quantization: { ...quantization, original_dtype: spec.dtype } };
  });
  return { ...artifacts, weightSpecs, weightData: new Uint8Array(Buffer.concat(parts)).buffer };
}

const saved = (model, options) =>
  new Promise((resolve, reject) => {
    const handler = tf.io.withSaveHandler((artifacts) => {
      resolve(artifacts);
      return { modelArtifactsInfo: {} };
    });
    model.save(handler, options).catch(reject);
  });

/** The files that `downloads://` and `tfjs-node` write. */
function filesOf({ weightSpecs, weightData, ...rest }, shardSize = 2 ** 22) {
  const bytes = Buffer.from(weightData);
  const count = Math.max(1, Math.ceil(bytes.length / shardSize));
  const paths = Array.from({ length: count }, (_, index) => `group1-shard${index + 1}of${count}.bin`);
  const shards = paths.map((path, index) => [path, bytes.subarray(index * shardSize, (index + 1) * shardSize).toString('base64')]);
  return { model: { ...rest, weightsManifest: [{ paths, weights: weightSpecs }] }, shards: Object.fromEntries(shards) };
}

const tensorOf = ({ shape, data }) => tf.tensor(data, shape);

async function made(name, index) {
  tf.disposeVariables();
  const of = numbers(index + 1);
  const { model, inputs, quantize: dtype, shardSize, compile, metadata, reload = true } = CASES[name](of);
  for (const weight of model.weights) {
    const { shape, data } = of.floats(...weight.shape);
    // Variances are positive.
    weight.write(tf.tensor(weight.originalName.includes('variance') ? data.map((value) => Math.abs(value) + 0.5) : data, shape));
  }
  if (metadata) model.setUserDefinedMetadata(metadata);
  if (compile) {
    model.compile(compile);
    await model.fit(tensorOf(inputs[0]), tf.ones([inputs[0].shape[0], 1]), { verbose: 0 });
  }
  const whole = await saved(model, { includeOptimizer: compile !== undefined });
  const artifacts = dtype ? quantize(whole, dtype) : whole;
  // What TF.js itself makes of the file.
  const loaded = reload ? await tf.loadLayersModel(tf.io.fromMemory(artifacts)) : model;
  const given = inputs.map(tensorOf);
  const predicted = [loaded.predict(given.length === 1 ? given[0] : given)].flat();
  const outputs = predicted.map((tensor) => ({ shape: tensor.shape, data: Array.from(tensor.dataSync()) }));
  return { name, ...filesOf(artifacts, shardSize), inputs, outputs };
}

const models = [];
for (const [index, name] of Object.keys(CASES).entries()) {
  try {
    models.push(await made(name, index));
  } catch (error) {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
}
writeFileSync(join(root, 'test/golden/tfjs.json'), `${JSON.stringify({ version: VERSION, models })}\n`);
console.log(`${models.length} models`);
