// Networks of the examples of Keras 3 (keras.io/examples).
import {
  Adam,
  BatchNormalization,
  Bidirectional,
  type CallOptions,
  Conv1D,
  Conv2D,
  CTC,
  CustomLayer,
  Dense,
  Dropout,
  Embedding,
  GlobalAveragePooling1D,
  GRU,
  Input,
  LeakyReLU,
  LSTM,
  MaxPooling1D,
  MaxPooling2D,
  Model,
  ops,
  ReLU,
  RepeatVector,
  Reshape,
  RMSprop,
  registerClass,
  Sequential,
  type SymbolicTensor,
} from '../../ts/index.ts';
import { describeProgram, type MadeData, type ProgramData } from './program.ts';

describeProgram({
  name: 'addition of numbers in digits',
  source: 'keras-io examples/nlp/addition_rnn.py',
  published: { digits: 3, units: 128 },
  parameters: 205_324,
  small: { digits: 1, units: 24 },
  network: ({ digits, units }) => {
    const model = new Sequential([
      Input({ shape: [2 * digits + 1, 12] }),
      new LSTM(units),
      new RepeatVector(digits + 1),
      new LSTM(units, { returnSequences: true }),
      new Dense(12, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ digits }, made) => ({ x: made.oneHot([24, 2 * digits + 1], 12), y: made.oneHot([24, digits + 1], 12) }),
  epochs: 150,
});

describeProgram({
  name: 'sentiment of film reviews by an LSTM',
  source: 'keras-io examples/nlp/imdb_lstm_sentiment.py',
  published: { words: 5000, units: 128, steps: 200 },
  parameters: 771_713,
  small: { words: 30, units: 16, steps: 8 },
  network: ({ words, units, steps }) => {
    const model = new Sequential([
      Input({ shape: [steps] }),
      new Embedding(words, units),
      new LSTM(units, { dropout: 0.2 }),
      new Dense(1, { activation: 'sigmoid' }),
    ]);
    model.compile({ optimizer: new Adam(), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words, steps }, made) => ({ x: made.ids([32, steps], words), y: made.ids([32], 2) }),
  epochs: 60,
});

describeProgram({
  name: 'characters from sequence to sequence',
  source: 'keras-io examples/nlp/lstm_seq2seq.py',
  published: { encoderTokens: 71, decoderTokens: 93, units: 256 },
  parameters: 718_173,
  small: { encoderTokens: 7, decoderTokens: 9, units: 16 },
  network: ({ encoderTokens, decoderTokens, units }) => {
    const source = Input({ shape: [null, encoderTokens], name: 'source' });
    const [, ...states] = new LSTM(units, { returnState: true }).apply(source);
    const target = Input({ shape: [null, decoderTokens], name: 'target' });
    const [decoded] = new LSTM(units, { returnSequences: true, returnState: true }).apply(target, { initialState: states });
    const outputs = new Dense(decoderTokens, { activation: 'softmax' }).apply(decoded);
    const model = new Model({ inputs: { source, target }, outputs });
    model.compile({ optimizer: 'rmsprop', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ encoderTokens, decoderTokens }, made) => ({
    x: { source: made.oneHot([16, 6], encoderTokens), target: made.oneHot([16, 5], decoderTokens) },
    y: made.oneHot([16, 5], decoderTokens),
  }),
  epochs: 150,
});

describeProgram({
  name: 'text of Nietzsche by characters',
  source: 'keras-io examples/generative/lstm_character_level_text_generation.py',
  published: { characters: 56, units: 128, learningRate: 0.01 },
  parameters: 101_944,
  small: { characters: 9, units: 16, learningRate: 0.01 },
  network: ({ characters, units, learningRate }) => {
    const model = new Sequential([Input({ shape: [40, characters] }), new LSTM(units), new Dense(characters, { activation: 'softmax' })]);
    model.compile({ optimizer: new RMSprop({ learningRate }), loss: 'categoricalCrossentropy' });
    return model;
  },
  data: ({ characters }, made) => ({ x: made.oneHot([24, 40], characters), y: made.oneHot([24], characters) }),
});

describeProgram({
  name: 'forecast of the weather in Jena',
  source: 'keras-io examples/timeseries/timeseries_weather_forecasting.py',
  published: { steps: 120, features: 7, units: 32 },
  parameters: 5_153,
  small: { steps: 12, features: 3, units: 8 },
  network: ({ steps, features, units }) => {
    const model = new Sequential([Input({ shape: [steps, features] }), new LSTM(units), new Dense(1)]);
    model.compile({ optimizer: new Adam({ learningRate: 0.001 }), loss: 'meanSquaredError' });
    return model;
  },
  data: ({ steps, features }, made) => ({ x: made.waves(32, steps, features), y: made.floats([32, 1]) }),
  epochs: 80,
});

/** Waves, and whether the first step of each is above 0. */
function wavesAboveZero({ steps }: { readonly steps: number }, made: MadeData): ProgramData {
  const x = made.waves(32, steps, 1);
  return { x, y: { shape: [32], data: Float32Array.from({ length: 32 }, (_, row) => (x.data[row * steps] > 0 ? 1 : 0)) } };
}

describeProgram({
  name: 'faults of engines by two LSTMs with recurrent dropout',
  source: 'keras-io examples/timeseries/lstm_vs_cnn_timeseries_classification.py',
  published: { steps: 500, units: 64 },
  parameters: 29_874,
  small: { steps: 10, units: 16 },
  network: ({ steps, units }) => {
    const dropouts = { dropout: 0.3, recurrentDropout: 0.3 };
    const model = new Sequential([
      Input({ shape: [steps, 1] }),
      new LSTM(units, { returnSequences: true, ...dropouts }),
      new LSTM(units / 2, dropouts),
      new Dense(16, { activation: 'relu' }),
      new Dense(2, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['sparseCategoricalAccuracy'] });
    return model;
  },
  data: wavesAboveZero,
  epochs: 150,
});

describeProgram({
  name: 'classes of videos by features and a mask',
  source: 'keras-io examples/vision/video_classification.py',
  published: { frames: 20, features: 2048, classes: 5 },
  parameters: 99_909,
  small: { frames: 6, features: 12, classes: 3 },
  network: ({ frames, features, classes }) => {
    const inputs = {
      features: Input({ shape: [frames, features], name: 'features' }),
      mask: Input({ shape: [frames], dtype: 'bool', name: 'mask' }),
    };
    let x = new GRU(16, { returnSequences: true }).apply(inputs.features, { mask: inputs.mask });
    x = new Dropout(0.4).apply(new GRU(8).apply(x));
    const outputs = new Dense(classes, { activation: 'softmax' }).apply(new Dense(8, { activation: 'relu' }).apply(x));
    const model = new Model({ inputs, outputs });
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ frames, features, classes }, made) => {
    const mask = Float32Array.from({ length: 24 * frames }, (_, index) => (index % frames < 3 + (index % 4) ? 1 : 0));
    return {
      x: { features: made.floats([24, frames, features]), mask: { shape: [24, frames], data: mask } },
      y: made.ids([24], classes),
    };
  },
  epochs: 100,
});

describeProgram({
  name: 'prices of stocks by three LSTMs',
  source: 'keras-io examples/timeseries/multivariate_timeseries_forecasting_using_lstm.py',
  published: { steps: 60, features: 5, units: 128 },
  parameters: 249_665,
  small: { steps: 8, features: 3, units: 16 },
  network: ({ steps, features, units }) => {
    const model = new Sequential([
      Input({ shape: [steps, features] }),
      new LSTM(units, { returnSequences: true }),
      new LeakyReLU(0.5),
      new LSTM(units, { returnSequences: true }),
      new LeakyReLU(0.5),
      new Dropout(0.3),
      new LSTM(units / 2),
      new Dropout(0.3),
      new Dense(1),
    ]);
    model.compile({ optimizer: new Adam({ learningRate: 0.003 }), loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
    return model;
  },
  data: ({ steps, features }, made) => ({ x: made.waves(32, steps, features), y: made.floats([32, 1]) }),
  epochs: 100,
});

describeProgram({
  name: 'letters of captchas',
  source: 'keras-io examples/vision/captcha_ocr.py',
  published: { width: 200, height: 50, filters: 32, units: 128, classes: 21 },
  parameters: 432_725,
  small: { width: 24, height: 8, filters: 4, units: 12, classes: 5 },
  network: ({ width, height, filters, units, classes }) => {
    const convolution = (count: number) => new Conv2D(count, 3, { activation: 'relu', kernelInitializer: 'heNormal', padding: 'same' });
    const model = new Sequential([
      Input({ shape: [width, height, 1] }),
      convolution(filters),
      new MaxPooling2D(2),
      convolution(2 * filters),
      new MaxPooling2D(2),
      new Reshape([width / 4, Math.floor(height / 4) * 2 * filters]),
      new Dense(64, { activation: 'relu' }),
      new Dropout(0.2),
      new Bidirectional(new LSTM(units, { returnSequences: true, dropout: 0.25 })),
      new Bidirectional(new LSTM(units / 2, { returnSequences: true, dropout: 0.25 })),
      new Dense(classes),
    ]);
    model.compile({ optimizer: new Adam({ learningRate: 0.003 }), loss: new CTC() });
    return model;
  },
  data: ({ width, height, classes }, made) => ({
    x: made.floats([8, width, height, 1], 0, 1),
    y: made.ids([8, 3], classes, 1),
  }),
});

/** Zero below zero, with the mask of its input. */
class MaskedRelu extends CustomLayer {
  static className = 'MaskedRelu';

  override call(input: SymbolicTensor) {
    return ops.relu(input);
  }

  override computeMask(_input: SymbolicTensor, mask: SymbolicTensor | null) {
    return mask;
  }
}

/** A softmax over the steps that count. */
class TemporalSoftmax extends CustomLayer {
  static className = 'TemporalSoftmax';

  override call(input: SymbolicTensor, { mask }: CallOptions) {
    const scores = mask ? ops.multiply(ops.exp(input), mask) : ops.exp(input);
    return ops.divide(scores, ops.sum(scores, { axis: 1, keepDims: true }));
  }
}

registerClass(MaskedRelu);
registerClass(TemporalSoftmax);

describeProgram({
  name: 'own layers that pass a mask on and use it',
  source: 'keras-io guides/understanding_masking_and_padding.py',
  published: { words: 10, features: 32 },
  parameters: 353,
  small: { words: 10, features: 12 },
  network: ({ words, features }) => {
    const inputs = Input({ shape: [null] });
    const x = new MaskedRelu().apply(new Embedding(words, features, { maskZero: true }).apply(inputs));
    const model = new Model({ inputs, outputs: new TemporalSoftmax().apply(new Dense(1).apply(x as SymbolicTensor)) });
    model.compile({ optimizer: new Adam({ learningRate: 0.02 }), loss: 'mse' });
    return model;
  },
  data: ({ words }, made) => ({ x: made.ids([12, 6], words), y: made.floats([12, 6, 1], 0, 0.6) }),
  epochs: 200,
});

describeProgram({
  name: 'faults of engines by convolutions',
  source: 'keras-io examples/timeseries/lstm_vs_cnn_timeseries_classification.py',
  published: { steps: 500, filters: 64 },
  parameters: 44_466,
  small: { steps: 16, filters: 6 },
  network: ({ steps, filters }) => {
    const block = (count: number, size: number) => [
      new Conv1D(count, size, { padding: 'same', activation: 'relu' }),
      new BatchNormalization(),
      new MaxPooling1D(2),
      new Dropout(0.3),
    ];
    const model = new Sequential([
      Input({ shape: [steps, 1] }),
      ...block(filters, 7),
      ...block(2 * filters, 5),
      new GlobalAveragePooling1D(),
      new Dense(16, { activation: 'relu' }),
      new Dense(2, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['sparseCategoricalAccuracy'] });
    return model;
  },
  data: wavesAboveZero,
  epochs: 150,
});

describeProgram({
  name: 'speech by convolutions, five GRUs in both directions and CTC',
  source: 'keras-io examples/audio/ctc_asr.py',
  published: { steps: 100, bands: 193, filters: 32, units: 512, classes: 32 },
  parameters: 26_628_480,
  small: { steps: 24, bands: 12, filters: 3, units: 6, classes: 5 },
  network: ({ steps, bands, filters, units, classes }) => {
    const block = (size: [number, number], strides: [number, number]) => [
      new Conv2D(filters, size, { strides, padding: 'same', useBias: false }),
      new BatchNormalization(),
      new ReLU(),
    ];
    const recurrent = [0, 1, 2, 3, 4].flatMap((level) => [
      new Bidirectional(new GRU(units, { returnSequences: true })),
      ...(level < 4 ? [new Dropout(0.5)] : []),
    ]);
    const model = new Sequential([
      Input({ shape: [steps, bands] }),
      new Reshape([steps, bands, 1]),
      ...block([11, 41], [2, 2]),
      ...block([11, 21], [1, 2]),
      new Reshape([Math.ceil(steps / 2), Math.ceil(Math.ceil(bands / 2) / 2) * filters]),
      ...recurrent,
      new Dense(2 * units, { activation: 'relu' }),
      new Dropout(0.5),
      new Dense(classes),
    ]);
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: new CTC() });
    return model;
  },
  data: ({ steps, bands, classes }, made) => ({ x: made.floats([6, steps, bands], 0, 1), y: made.ids([6, 3], classes, 1) }),
  epochs: 40,
});
