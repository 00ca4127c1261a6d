import type { FloatArray } from '../backend/backend.ts';
import { turnIfDue } from '../control/turn.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, ShapeError } from '../core/errors.ts';
import { checkOptions, numberInRange } from '../core/options.ts';
import { RandomStream, seedWords } from '../core/random.ts';
import { drawSeed, joinSeed } from '../core/seed.ts';
import { formatShape, positiveInteger } from '../core/shape.ts';
import { type TensorLike, toTensor } from '../core/tensor.ts';
import { inputCheck } from '../feed/checkValues.ts';
import type { Layer } from '../layers/layer.ts';
import { Model } from './model.ts';
import type { ModelStream } from './modelStream.ts';

/** Options of `generate`. */
export interface GenerateOptions {
  /**
   * Number of ids to generate. With `Infinity` generation goes on until the loop over the ids ends.
   */
  length: number;
  /**
   * Divisor of the logits: below 1 likely ids come more often, above 1 less often. 0 always takes
   * the likeliest id. Default 1.
   */
  temperature?: number;
  /**
   * The same seed gives the same ids. Default: the next seed of the sequence that `setRandomSeed`
   * began.
   */
  seed?: number | bigint;
  /**
   * Of a model of several inputs: what all but the ids get, by their names, each an array of one
   * sample. They have no steps and are the same at every step.
   */
  inputs?: Readonly<Record<string, TensorLike>>;
}

/** The random stream of the drawn ids. Weights and shuffles of the same seed have other streams. */
const GENERATE_STREAM = 0x67656e65;

/**
 * Continues a prompt: draws the next id from the model's prediction, gives it to the model as the
 * next step, and repeats.
 *
 * The model takes ids. Its last layer has a softmax, or no activation for a loss from logits;
 * `returnSequences` makes no difference. The ids come one by one, so text can be shown while it is
 * generated; `[...generate(…)]` is an array of all ids. `for await` gives the same ids and lets
 * timers, input and signals run between them, so that a page stays usable. (Not in Keras.)
 *
 *     const options = { length: 200, temperature: 0.8, seed: 1 };
 *     for await (const id of generate(model, encode('To be'), options)) write(decode(id));
 *
 * @param prompt at least one id
 * @returns the new ids, without the prompt
 * @throws {ArgumentError | ShapeError} at once, for an option, a prompt or a model that cannot be
 *   used
 * @throws {DataError} at once, for an empty prompt or a wrong id; while it runs, when the model's
 *   output is NaN
 * @throws {StateError} before the model is built, and whenever `model.stream` throws it
 */
export function generate(
  model: Model,
  prompt: TensorLike,
  options: GenerateOptions,
): Generator<number, void, void> & AsyncIterable<number> {
  if (!(model instanceof Model)) throw new ArgumentError(`generate takes a model, got ${describe(model)}`);
  checkOptions(options, ['length', 'temperature', 'seed', 'inputs'], 'generate');
  const length = options?.length === Number.POSITIVE_INFINITY ? options.length : positiveInteger(options?.length, 'generate: length');
  const temperature = numberInRange(options.temperature ?? 1, 0, Number.POSITIVE_INFINITY, 'generate: temperature');
  const seed = options.seed === undefined ? null : joinSeed(seedWords(options.seed));
  const given = toTensor(prompt, 'prompt');
  if (given.shape.length !== 1) throw new ShapeError(`generate: prompt must have one axis of ids, got shape ${formatShape(given.shape)}`);
  if (given.data.length === 0) throw new DataError('generate: prompt is empty: at least one id is needed');
  const fromLogits = endsInLogits(model);
  const stream: ModelStream = model.stream();
  let next = (id: number, out?: FloatArray): FloatArray => (out ? stream.step(id, out) : stream.step(id));
  try {
    const others = options.inputs ?? {};
    checkOptions(others, stream.inputNames, 'generate: inputs');
    const names = stream.inputNames.filter((name) => !Object.hasOwn(others, name));
    const [name] = names as [string];
    if (names.length !== 1)
      throw new ArgumentError(
        `generate: the model has inputs ${stream.inputNames.join(', ')}: give all but that of the ids in the option inputs`,
      );
    const [layer] = stream.idLayersOf(name);
    checkIdsFit(model.name, layer, stream.outputShape[1]);
    inputCheck('ids', stream.idLayersOf(name))(given, 'prompt');
    if (stream.inputNames.length > 1) next = (id) => stream.step({ ...others, [name]: id });
  } catch (error) {
    stream.dispose();
    throw error;
  }
  const random = new RandomStream(seed ?? joinSeed(drawSeed()), GENERATE_STREAM);
  const ids = draw(stream, next, Int32Array.from(given.data), length, (values) => pick(values, fromLogits, temperature, random));
  return Object.assign(ids, { [Symbol.asyncIterator]: () => inTurns(ids) });
}

/** The same ids; timers, input and signals run between them. */
async function* inTurns(ids: Generator<number, void, void>): AsyncGenerator<number, void, void> {
  for (const id of ids) {
    const pending = turnIfDue();
    if (pending) await pending;
    yield id;
  }
}

/**
 * Checks that the model takes every id that it can predict.
 * @throws {ShapeError} when it does not
 */
function checkIdsFit(model: string, layer: Layer | undefined, classes: number): void {
  if (layer && classes <= (layer.idLimit as number)) return;
  const taker = layer ? `layer ${layer.name} (${layer.className}) takes ids below ${layer.idLimit}` : `model ${model} takes floats`;
  throw new ShapeError(`generate: the model predicts ids below ${classes}, which become its next inputs, but ${taker}`);
}

function* draw(
  stream: ModelStream,
  next: (id: number, out?: FloatArray) => FloatArray,
  prompt: Int32Array,
  length: number,
  choose: (values: FloatArray) => number,
): Generator<number, void, void> {
  try {
    let values = next(prompt[0] as number);
    for (const id of prompt.subarray(1)) values = next(id, values);
    for (let count = 1; ; count++) {
      const id = choose(values);
      yield id;
      if (count >= length) return;
      values = next(id, values);
    }
  } finally {
    stream.dispose();
  }
}

/** Whether the model's outputs are logits and not probabilities. */
function endsInLogits({ name, built, layers, outputs }: Model): boolean {
  if (built && outputs.length > 1)
    throw new ArgumentError(`generate: model ${name} has ${outputs.length} outputs, but generate needs one, which predicts the next id`);
  const last = built ? (outputs[0]?.node.layer as Layer) : layers[layers.length - 1];
  const activation = last && 'activation' in last ? last.activation : null;
  if (activation !== 'softmax' && activation !== 'linear') {
    throw new ArgumentError(
      `generate: model ${name} must end in a layer with activation 'softmax' (probabilities) or 'linear' (logits), ` +
        `but ${last ? `its last layer ${last.name} has ${describe(activation)}` : 'it has no layers'}`,
    );
  }
  return activation === 'linear';
}

/** Draws an index with the probabilities softmax(logits / temperature). Overwrites the values. */
function pick(values: FloatArray, fromLogits: boolean, temperature: number, random: RandomStream): number {
  let likeliest = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (Number.isNaN(value)) throw new DataError(`generate: the model's output for id ${index} is NaN`);
    if (value > (values[likeliest] as number)) likeliest = index;
  }
  if (temperature === 0) return likeliest;
  const score = (value: number) => (fromLogits ? value : Math.log(value));
  const highest = score(values[likeliest] as number);
  let total = 0;
  for (let index = 0; index < values.length; index++) {
    total += values[index] = Math.exp((score(values[index] as number) - highest) / temperature);
  }
  let rest = random.uniform() * total;
  for (let index = 0; index < values.length; index++) {
    rest -= values[index] as number;
    if (rest < 0) return index;
  }
  // Only rounding leads here.
  return likeliest;
}
