import { Adam, DataError, Dense, Dropout, Embedding, Input, type Model, Sequential } from '../../node.ts';
import { readText } from '../readText.ts';
import { readingOf } from '../table.ts';
import { recurrentLayers } from './recurrentLayers.ts';
import type { Evaluation, Samples, Task } from './task.ts';

/** The metadata of a model of characters. */
export interface SavedGenerator {
  /** The character of each id. */
  readonly characters: readonly string[];
  /** How often each came, as a part of all, for the baseline. */
  readonly frequencies: readonly number[];
  readonly window: number;
}

/** A text, with one character for the end of a line. */
const textOf = async (file: string, encoding: string | undefined) => (await readText(file, encoding)).replaceAll('\r\n', '\n');

/** The ids of characters. @throws {DataError} for a character that the model does not have */
export function idsOf(text: string, characters: readonly string[], where: string): Int32Array {
  const ids = new Map(characters.map((character, id) => [character, id]));
  return Int32Array.from([...text], (character, place) => {
    const id = ids.get(character);
    if (id === undefined)
      throw new DataError(`${where} has '${character}' as character ${place + 1}, which the text that the model learned does not have`);
    return id;
  });
}

/** Pieces of a text, one after the other, and for each of their characters the next one. */
function piecesOf(ids: Int32Array, window: number): Samples {
  const count = Math.floor((ids.length - 1) / window);
  return [
    { shape: [count, window], data: ids.slice(0, count * window) },
    { shape: [count, window], data: ids.slice(1, count * window + 1) },
  ];
}

async function evaluateText(model: Model, [x, y]: Samples, frequencies: readonly number[]): Promise<Evaluation> {
  const { data } = await model.predict(x);
  const V = frequencies.length;
  let [loss, baseline] = [0, 0];
  for (const [place, id] of y.data.entries()) {
    loss -= Math.log(Math.max(data[place * V + id] as number, 1e-12));
    baseline -= Math.log(Math.max(frequencies[id] as number, 1e-12));
  }
  const count = y.data.length;
  const value = loss / count;
  return {
    score: { name: 'loss', value, baseline: baseline / count, baselineRule: 'the frequencies of the characters', isHigherBetter: false },
    scores: { loss: value, perplexity: Math.exp(value), baselineLoss: baseline / count },
    text: '',
  };
}

/** Learns to continue a text, character by character. */
export const generateTask: Task = {
  defaults: { units: 128, dropout: 0, learningRate: 0.003, epochs: 10, patience: 2, bidirectional: false },

  async prepare(file, settings) {
    const text = await textOf(file, settings.encoding);
    if (text === '') throw new DataError(`${file} is empty`);
    const characters = [...new Set(text)].sort();
    const window = settings.window ?? 64;
    const ids = idsOf(text, characters, file);
    const start = Math.round(ids.length * (1 - settings.validationSplit));
    const [train, validation] = [piecesOf(ids.subarray(0, start), window), piecesOf(ids.subarray(start), window)];
    if (train[1].shape[0] === 0 || validation[1].shape[0] === 0)
      throw new DataError(`${file} has ${ids.length} characters: too few for pieces of ${window}; give a smaller --window`);
    const counts = new Array<number>(characters.length).fill(0);
    for (const id of ids.subarray(0, start)) counts[id] = (counts[id] as number) + 1;
    const frequencies = counts.map((count) => count / start);
    const model = new Sequential([
      Input({ shape: [null], dtype: 'int32' }),
      new Embedding(characters.length, Math.min(64, settings.units)),
      ...(settings.dropout > 0 ? [new Dropout(settings.dropout)] : []),
      ...recurrentLayers({ ...settings, bidirectional: false }, true),
      new Dense(characters.length, { activation: 'softmax' }),
    ]);
    const optimizer = new Adam({ learningRate: settings.learningRate, clipnorm: 1 });
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    const saved: SavedGenerator = { characters, frequencies, window };
    return {
      columns: [],
      choice: `${ids.length} characters, of ${characters.length} kinds`,
      unit: `pieces of ${window} characters`,
      train,
      validation,
      model,
      pipeline: model,
      metadata: async () => ({ ...saved }),
      evaluate: () => evaluateText(model, validation, frequencies),
      next: 'generate --length 200',
    };
  },

  async evaluate(model, file, flags) {
    const { characters, frequencies, window } = model.metadata as unknown as SavedGenerator;
    const ids = idsOf(await textOf(file, readingOf(flags).encoding), characters, file);
    const pieces = piecesOf(ids, Math.min(window, Math.max(1, ids.length - 1)));
    if (pieces[1].data.length === 0) throw new DataError(`${file} has ${ids.length} characters: at least 2 are needed`);
    return evaluateText(model, pieces, frequencies);
  },

  predict: null,
};
