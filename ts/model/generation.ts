import { turnIfDue } from '../control/turn.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, ShapeError } from '../core/errors.ts';
import type { NumericArray } from '../core/numericArray.ts';
import { checkOptions, numberInRange } from '../core/options.ts';
import { RandomSequence, seedWords } from '../core/random.ts';
import { drawSeed, joinSeed } from '../core/seed.ts';
import { formatShape, nonNegativeInteger, positiveInteger } from '../core/shape.ts';
import { type TensorLike, toTensor } from '../core/tensor.ts';
import { searchBeams } from './beamSearch.ts';
import { type Choice, chooseId, readScores } from './chooseId.ts';
import type { GenerateBatchOptions, GenerateOptions } from './generate.ts';
import { IdStream, rowsOf } from './idStream.ts';
import { Model } from './model.ts';
import type { StreamStateLike } from './modelStream.ts';

/** The options, checked. */
interface Settings extends Choice {
  readonly length: number;
  readonly minLength: number;
  readonly stopIds: readonly number[];
  readonly seed: bigint | null;
  readonly numBeams: number;
  readonly lengthPenalty: number;
}

const OPTIONS = ['length', 'minLength', 'stopIds', 'temperature', 'topK', 'topP', 'seed', 'numBeams', 'lengthPenalty', 'inputs', 'state'];

/**
 * The random stream of the drawn ids; further prompts have the streams after it. Weights and
 * shuffles of the same seed have other streams.
 */
const GENERATE_STREAM = 0x67656e65;

/** See `generate` of generate.ts. */
export function generate(
  model: Model,
  prompt: TensorLike,
  options: GenerateOptions,
): Generator<number, void, void> & AsyncIterable<number> {
  const owner = 'generate';
  requireModel(model, owner);
  checkOptions(options, OPTIONS, owner);
  const settings = settingsOf(options, owner, options?.length === Number.POSITIVE_INFINITY);
  const ids = promptOf(prompt, 'prompt', owner);
  const { numBeams } = settings;
  const all = new Array<number>(numBeams).fill(0);
  const stream = new IdStream(
    model,
    numBeams,
    { inputs: repeated(options.inputs, all, 1, owner), state: repeatedState(options.state, all) },
    owner,
  );
  checkFit(stream, settings, [[ids, 'prompt']], owner);
  const steps = numBeams > 1 ? searched(stream, ids, settings) : drawn(stream, ids, settings);
  return Object.assign(onlyIds(steps), { [Symbol.asyncIterator]: () => inTurns(steps) });
}

/** See `generateBatch` of generate.ts. */
export async function generateBatch(model: Model, prompts: readonly TensorLike[], options: GenerateBatchOptions): Promise<number[][]> {
  const owner = 'generateBatch';
  requireModel(model, owner);
  checkOptions(options, [...OPTIONS, 'onToken'], owner);
  const settings = settingsOf(options, owner, false);
  const { onToken } = options;
  if (onToken !== undefined && typeof onToken !== 'function')
    throw new ArgumentError(`${owner}: onToken must be a function, got ${describe(onToken)}`);
  if (!Array.isArray(prompts) || prompts.length === 0)
    throw new ArgumentError(`${owner}: prompts must be an array of at least one prompt, got ${describe(prompts)}`);
  const named = prompts.map((prompt, index) => [promptOf(prompt, `prompts[${index}]`, owner), `prompts[${index}]`] as const);
  const { numBeams } = settings;
  const results: number[][] = named.map(() => []);
  const groups = numBeams > 1 ? named.map((_, row) => new Array<number>(numBeams).fill(row)) : [[...named.keys()]];
  for (const rows of groups) {
    const shared = { inputs: repeated(options.inputs, rows, named.length, owner), state: repeatedState(options.state, rows) };
    const stream = new IdStream(model, rows.length, shared, owner);
    checkFit(stream, settings, named, owner);
    const ids = rows.map((row) => (named[row] as (typeof named)[number])[0]);
    const steps =
      numBeams > 1 ? searched(stream, ids[0] as NumericArray, settings) : drawnSideBySide(stream, ids, settings, seedOf(settings));
    for (const step of steps) {
      if (step !== null) {
        const [id, prompt] = typeof step === 'number' ? [step, rows[0] as number] : step;
        (results[prompt] as number[]).push(id);
        onToken?.(id, prompt);
      }
      const pending = turnIfDue();
      if (pending) await pending;
    }
  }
  return results;
}

function requireModel(model: unknown, owner: string): void {
  if (!(model instanceof Model)) throw new ArgumentError(`${owner} takes a model, got ${describe(model)}`);
}

/** @param isEndless whether the length is infinite, where it may be */
function settingsOf(options: GenerateOptions, owner: string, isEndless: boolean): Settings {
  const length = isEndless ? Number.POSITIVE_INFINITY : positiveInteger(options?.length, `${owner}: length`);
  const numBeams = positiveInteger(options.numBeams ?? 1, `${owner}: numBeams`);
  const drawing = (['temperature', 'topK', 'topP', 'seed'] as const).find((name) => options[name] !== undefined);
  if (numBeams > 1 && drawing !== undefined)
    throw new ArgumentError(`${owner}: ${drawing} is for drawing, but numBeams ${numBeams} makes a beam search: leave one of them out`);
  if (numBeams === 1 && options.lengthPenalty !== undefined)
    throw new ArgumentError(`${owner}: lengthPenalty is for a beam search: give numBeams above 1`);
  if (numBeams > 1 && isEndless) throw new ArgumentError(`${owner}: a beam search needs a finite length`);
  const minLength = nonNegativeInteger(options.minLength ?? 0, `${owner}: minLength`);
  if (minLength > length) throw new ArgumentError(`${owner}: minLength ${minLength} is above length ${length}`);
  const topP = options.topP ?? 1;
  if (typeof topP !== 'number' || !(topP > 0 && topP <= 1))
    throw new ArgumentError(`${owner}: topP must be a number above 0 and at most 1, got ${describe(topP)}`);
  return {
    length,
    minLength,
    stopIds: [options.stopIds ?? []].flat().map((id) => nonNegativeInteger(id, `${owner}: stopIds`)),
    temperature: numberInRange(options.temperature ?? 1, 0, Number.POSITIVE_INFINITY, `${owner}: temperature`),
    topK: options.topK === undefined ? Number.POSITIVE_INFINITY : positiveInteger(options.topK, `${owner}: topK`),
    topP,
    seed: options.seed === undefined ? null : joinSeed(seedWords(options.seed)),
    numBeams,
    lengthPenalty: numberInRange(options.lengthPenalty ?? 1, 0, Number.POSITIVE_INFINITY, `${owner}: lengthPenalty`),
  };
}

function promptOf(prompt: TensorLike, argument: string, owner: string): NumericArray {
  const { shape, data } = toTensor(prompt, argument);
  if (shape.length !== 1) {
    const hint = shape.length === 2 && owner === 'generate' ? ': generateBatch takes several prompts' : '';
    throw new ShapeError(`${owner}: ${argument} must have one axis of ids, got shape ${formatShape(shape)}${hint}`);
  }
  if (data.length === 0) throw new DataError(`${owner}: ${argument} is empty: at least one id is needed`);
  return data;
}

/** Checks the options against the model; frees the stream after an error. */
function checkFit(
  stream: IdStream,
  { stopIds, minLength }: Settings,
  prompts: readonly (readonly [NumericArray, string])[],
  owner: string,
): void {
  try {
    for (const [data, argument] of prompts) stream.checkIds({ shape: [data.length], data }, argument);
    const beyond = stopIds.find((id) => id >= stream.classes);
    if (beyond !== undefined)
      throw new ArgumentError(`${owner}: stopIds has ${beyond}, but the model predicts ids below ${stream.classes}`);
    if (minLength > 0 && new Set(stopIds).size === stream.classes)
      throw new ArgumentError(`${owner}: stopIds has all ids, so none is left for minLength ${minLength}`);
  } catch (error) {
    stream.dispose();
    throw error;
  }
}

/** Inputs with the sample of a prompt for each row. */
function repeated(
  inputs: GenerateOptions['inputs'],
  rows: readonly number[],
  count: number,
  owner: string,
): Readonly<Record<string, TensorLike>> {
  checkOptions(inputs, Object.keys(inputs ?? {}), `${owner}: inputs`);
  if (rows.length === count && rows.every((row, to) => row === to)) return inputs ?? {};
  const named = Object.entries(inputs ?? {}).map(([name, value]) => {
    const tensor = toTensor(value, `inputs.${name}`);
    // One prompt's sample may come without the axis of samples.
    const whole = count === 1 && tensor.shape[0] !== 1 ? { shape: [1, ...tensor.shape], data: tensor.data } : tensor;
    if (whole.shape[0] !== count)
      throw new ShapeError(
        `${owner}: inputs.${name} has shape ${formatShape(tensor.shape)}, expected a sample for each of ${count} prompts`,
      );
    return [name, rowsOf(whole, rows)];
  });
  return Object.fromEntries(named);
}

/** States with those of a prompt for each row. */
function repeatedState(state: StreamStateLike | undefined, rows: readonly number[]): StreamStateLike | undefined {
  if (state === undefined || typeof state !== 'object' || state === null) return state;
  if (rows.every((row, to) => row === to)) return state;
  const layers = Object.entries(state).map(([layer, states]) => [
    layer,
    Object.fromEntries(Object.entries(states).map(([name, value]) => [name, rowsOf(toTensor(value, `state.${layer}.${name}`), rows)])),
  ]);
  return Object.fromEntries(layers);
}

function* onlyIds(steps: Generator<number | null, void>): Generator<number, void, void> {
  for (const id of steps) if (id !== null) yield id;
}

/** The same ids; timers, input and signals run between the steps. */
async function* inTurns(steps: Generator<number | null, void>): AsyncGenerator<number, void, void> {
  for (const id of steps) {
    const pending = turnIfDue();
    if (pending) await pending;
    if (id !== null) yield id;
  }
}

/** The ids of the most probable sequence. */
function* searched(stream: IdStream, prompt: NumericArray, settings: Settings): Generator<number | null, void> {
  try {
    yield* yield* searchBeams(stream, prompt, settings);
  } finally {
    stream.dispose();
  }
}

/** The drawn ids of one prompt. */
function drawn(stream: IdStream, prompt: NumericArray, settings: Settings): Generator<number | null, void> {
  const steps = drawnSideBySide(stream, [prompt], settings, seedOf(settings));
  return (function* () {
    for (const step of steps) yield step?.[0] ?? null;
  })();
}

function seedOf({ seed }: Settings): bigint {
  return seed ?? joinSeed(drawSeed());
}

/** The drawn ids of several prompts. */
function* drawnSideBySide(
  stream: IdStream,
  prompts: readonly NumericArray[],
  settings: Settings,
  seed: bigint,
): Generator<readonly [id: number, prompt: number] | null, void> {
  const { length, minLength, stopIds } = settings;
  const randoms = prompts.map((_, row) => new RandomSequence(seed, GENERATE_STREAM + row));
  const next = Int32Array.from(prompts, (prompt) => prompt[0] as number);
  /** How many ids each row has got; -1 after it has ended. */
  const counts = new Array<number>(prompts.length).fill(0);
  try {
    for (let step = 1; ; step++) {
      stream.step(next);
      for (const [row, prompt] of prompts.entries()) {
        const count = counts[row] as number;
        if (step < prompt.length) next[row] = prompt[step] as number;
        else if (count >= 0) {
          const scores = stream.outputs[row] as (typeof stream.outputs)[number];
          readScores(scores, stream.fromLogits, count < minLength ? stopIds : []);
          const id = chooseId(scores, settings, randoms[row] as RandomSequence);
          next[row] = id;
          const stops = stopIds.includes(id);
          counts[row] = stops || count + 1 === length ? -1 : count + 1;
          if (!stops) yield [id, row];
        }
      }
      if (counts.every((count) => count < 0)) return;
      yield null;
    }
  } finally {
    stream.dispose();
  }
}
