import {
  Adam,
  type Callback,
  Dense,
  Embedding,
  type FitOptions,
  type History,
  LSTM,
  loadModel,
  padSequences,
  Sequential,
  type Tensor,
  TextVectorization,
} from 'backtime';

const words = new TextVectorization({ maxTokens: 100 });
words.adapt(['a fine film', 'a dull film']);
const x = padSequences(words.encode(['a fine film', 'a dull film']), { maxLength: 3 });
const model = new Sequential([new Embedding(100, 4, { maskZero: true }), new LSTM(4), new Dense(1, { activation: 'sigmoid' })]);
model.compile({ optimizer: new Adam({ learningRate: 0.05 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
const callback: Callback = { onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss) };
const options: FitOptions = { epochs: 2, verbose: 0, callbacks: [callback] };
const history: History = await model.fit(x, [1, 0], options);
const losses: readonly number[] = history.history.loss;
const lastLoss: number = history.history.loss.at(-1);
const { loss } = await model.evaluate(x, [1, 0]);
const change: number = loss - (await model.trainOnBatch(x, [1, 0])).loss;
const predicted: Tensor<Float32Array | Float64Array> = await model.predict(x);
const again: Sequential = await loadModel(new Uint8Array());
console.log(losses, lastLoss, change, predicted.data, again);

// @ts-expect-error a word that is no optimizer's name
model.compile({ optimizer: 'adams', loss: 'binaryCrossentropy' });
// @ts-expect-error `fit` takes no `epoch`
await model.fit(x, [1, 0], { epoch: 2 });
