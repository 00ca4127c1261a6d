import { Adam, Dense, Dropout, Embedding, Input, type Model, Sequential, type Tensor, TextVectorization } from '../../node.ts';
import { mostProbable } from './classes.ts';
import { recurrentLayers } from './recurrentLayers.ts';
import { readPlainSentences, readSentences, type Sentence, type TaggedColumns } from './sentences.ts';
import { splitRows } from './split.ts';
import { sentenceSplitter } from './splitSentence.ts';
import type { Evaluation, Samples, Task } from './task.ts';

interface Saved {
  /** null for CoNLL-U. */
  readonly columns: TaggedColumns | null;
  readonly labels: readonly string[];
  /** The label of each word of the vocabulary that it most often has, for the baseline. */
  readonly usual: Readonly<Record<string, number>>;
  readonly usualLabel: number;
}

/** A model splits its texts at white space, so words must not have any. */
const textOf = ({ words }: Sentence) => words.map((word) => word.replaceAll(/\s+/g, '_')).join(' ');

function samplesOf(sentences: readonly Sentence[], labels: readonly string[]): Samples {
  const longest = sentences.reduce((most, { words }) => Math.max(most, words.length), 0);
  const places = new Map(labels.map((label, place) => [label, place]));
  const data = new Int32Array(sentences.length * longest);
  for (const [row, { tags }] of sentences.entries())
    for (const [step, tag] of tags.entries()) data[row * longest + step] = places.get(tag) ?? 0;
  return [sentences.map(textOf), { shape: [sentences.length, longest], data }];
}

async function evaluateTags(
  model: Model,
  sentences: readonly Sentence[],
  { labels, usual, usualLabel }: Omit<Saved, 'columns'>,
): Promise<Evaluation> {
  const predicted = await tagsOf(model, sentences, labels);
  let [right, rightBaseline, count] = [0, 0, 0];
  for (const [row, { words, tags }] of sentences.entries())
    for (const [step, tag] of tags.entries()) {
      count++;
      if (predicted[row]?.[step] === tag) right++;
      const word = words[step] as string;
      if (labels[Object.hasOwn(usual, word) ? (usual[word] as number) : usualLabel] === tag) rightBaseline++;
    }
  const [value, baseline] = [right / count, rightBaseline / count];
  return {
    score: { name: 'accuracy', value, baseline, baselineRule: 'the most frequent tag of each word', isHigherBetter: true },
    scores: { accuracy: value, baselineAccuracy: baseline, words: count },
    text: '',
  };
}

async function tagsOf(model: Model, sentences: readonly Sentence[], labels: readonly string[]): Promise<string[][]> {
  const { shape, data } = (await model.predict(sentences.map(textOf))) as Tensor;
  const names = mostProbable({ shape, data }, labels).get('predicted') as string[];
  const steps = shape[1] as number;
  return sentences.map(({ words }, row) => words.map((_, step) => names[row * steps + step] as string));
}

/** For each key the value that comes most often with it. */
function mostOften(pairs: Iterable<readonly [string, string]>): Map<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const [key, value] of pairs) {
    const own = counts.get(key) ?? new Map<string, number>();
    counts.set(key, own.set(value, (own.get(value) ?? 0) + 1));
  }
  return new Map([...counts].map(([key, own]) => [key, [...own].reduce((best, next) => (next[1] > best[1] ? next : best))[0]]));
}

/** Learns the tag of each word of a sentence. */
export const tag: Task = {
  defaults: { units: 48, dropout: 0.2, learningRate: 0.003, epochs: 12, patience: 2, bidirectional: true },

  async prepare(file, settings) {
    const { columns, sentences, described } = await readSentences(file, settings, null, true);
    const labels = [...new Set(sentences.flatMap(({ tags }) => tags))].sort();
    const split = splitRows(sentences.length, settings);
    const [trained, held] = [split.train, split.validation].map((rows) => rows.map((row) => sentences[row] as Sentence)) as [
      Sentence[],
      Sentence[],
    ];
    const [train, validation] = [samplesOf(trained, labels), samplesOf(held, labels)];

    const pairs = trained.flatMap(({ words, tags }) => words.map((word, step) => [word, tags[step] as string] as const));
    const counts = new Map<string, number>();
    for (const text of train[0] as string[]) for (const word of text.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1);
    // Words that come once train what becomes of unknown words.
    const frequent = [...counts].filter(([, count]) => count > 1).sort((a, b) => b[1] - a[1]);
    const vocabulary = (frequent.length > 0 ? frequent : [...counts]).map(([word]) => word).slice(0, 20_000);
    const words = new TextVectorization({ standardize: null, split: 'whitespace', vocabulary });
    const model = new Sequential([
      Input({ shape: [], dtype: 'string' }),
      words,
      new Embedding(words.vocabularySize, settings.units, { maskZero: true }),
      ...(settings.dropout > 0 ? [new Dropout(settings.dropout)] : []),
      ...recurrentLayers(settings, true),
      new Dense(labels.length, { activation: 'softmax' }),
    ]);
    const optimizer = new Adam({ learningRate: settings.learningRate });
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const known = new Set(vocabulary);
    const usual = Object.fromEntries(
      [...mostOften(pairs)].filter(([word]) => known.has(word)).map(([word, label]) => [word, labels.indexOf(label)]),
    );
    const usualLabel = labels.indexOf(mostOften(pairs.map(([, label]) => ['', label] as const)).get('') as string);
    const saved: Saved = { columns, labels, usual, usualLabel };
    return {
      columns: described,
      choice: `${labels.length} tags: ${labels.join(', ')}`,
      unit: 'sentences',
      train,
      validation,
      model,
      pipeline: model,
      metadata: async () => ({ ...saved }),
      evaluate: () => evaluateTags(model, held, saved),
      next: `predict NEW${/\.\w+$/.exec(file.replace(/\.gz$/i, ''))?.[0] ?? '.csv'} --out ANSWERS.csv`,
    };
  },

  async evaluate(model, file, flags) {
    const saved = model.metadata as unknown as Saved;
    const { sentences } = await readSentences(file, flags, saved.columns, true);
    return evaluateTags(model, sentences, saved);
  },

  async predict(model, file, flags) {
    const { columns, labels, usual } = model.metadata as unknown as Saved;
    const plain = await readPlainSentences(file, flags, columns, sentenceSplitter(Object.keys(usual)));
    const { sentences, format } = plain ?? (await readSentences(file, flags, columns, false));
    const predicted = await tagsOf(model, sentences, labels);
    const answers = new Map<string, readonly unknown[]>([
      ['sentence', sentences.flatMap(({ name, words }) => words.map(() => name))],
      ['word', sentences.flatMap(({ words }) => words)],
      ['predicted', predicted.flat()],
    ]);
    return { columns: answers, format };
  },
};
