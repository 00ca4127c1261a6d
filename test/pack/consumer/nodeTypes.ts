// With the types of Node and without those of a page. What JSON files hold has wide types, and is
// taken without a cast.
import { Worker } from 'node:worker_threads';
import {
  generate,
  loadBackend,
  type ModelState,
  Sequential,
  setWorker,
  type Tensor,
  TextVectorization,
  type TextVectorizationConfig,
} from 'backtime';
import state from './state.json' with { type: 'json' };
import words from './words.json' with { type: 'json' };

const vectorization = TextVectorization.fromConfig(words);
const config: TextVectorizationConfig = vectorization.getConfig();
const model = Sequential.fromState(state);
const again: ModelState = model.getState();
model.setWeights(state.weights);
const stream = model.stream();
stream.state = { lstm: { h: { shape: [1, 1], data: [0.5] }, c: { shape: [1, 1], dtype: 'float32', data: ['NaN'] } } };
const { build } = await loadBackend();

// One of several typed arrays: its methods can be called.
const predicted = await model.predict({ shape: [1, 1, 2], data: [0, 1] });
const sum: number = predicted.data.reduce((total, value) => total + value, 0);
const largest: number = predicted.data.reduceRight((most, value) => Math.max(most, value));
const texts: string = stream.step([1, 2]).reduce((all, value) => all + value.toFixed(1), '');
const last: number | undefined = predicted.data.findLast((value) => value > 0);
const totalOf = ({ data }: Tensor): number => data.reduce((total, value) => total + value, 0);
const rounded: Float32Array | Float64Array = predicted.data.map(Math.round);
console.log(config, again, build, sum, largest, texts, last, totalOf(predicted), rounded, [...generate(model, [1], { length: 1 })]);
setWorker(() => new Worker(new URL('./myWorker.js', import.meta.url)));
