import { readFile } from 'node:fs/promises';
import { trainValidationSplit } from 'backtime';
import { ReviewEncoder } from './reviewEncoder.ts';
import type { Experiment, Reviews } from './reviews.ts';

/** The compiled example runs in examples/dist/founding-article. */
const FILE = new URL('../../data/movie-snippets/movie-snippets.tsv', import.meta.url);

interface Sentence {
  readonly text: string;
  readonly label: number;
}

/**
 * The sentences that the project carries, a fifth of them for validation.
 *
 * Nine sentences in ten have at most 30 words. One-hot networks see less, by a choice made on the
 * validation set: neither unknown words nor the 30 most frequent ones ("the", "and", "of", …),
 * which say nothing about the film and fill the few steps that such a network remembers.
 * @param quick keep one sentence in ten, from everywhere in the file, whose labels come in runs
 */
export async function loadMovieSnippets(quick: boolean): Promise<Experiment> {
  const sentences = parseSentences(await readFile(FILE, 'utf8'));
  const { train, validation } = trainValidationSplit(quick ? sentences.filter((_, row) => row % 10 === 0) : sentences, {
    validationSplit: 0.2,
    seed: 42,
  });
  const texts = train.map(({ text }) => text);
  const forOneHot = ReviewEncoder.learn(texts, { maxTokens: 500, maxLength: 12, skipTop: 30 });
  const forEmbedding = ReviewEncoder.learn(texts, { maxTokens: 1000, maxLength: 30, skipTop: 0 });
  return {
    title: `movie review sentences: ${train.length} to learn from, ${validation.length} to validate with`,
    oneHot: encodeReviews(forOneHot, train, validation),
    embedded: encodeReviews(forEmbedding, train, validation),
    encoder: forEmbedding,
  };
}

function parseSentences(file: string): Sentence[] {
  const [, ...lines] = file.trimEnd().split('\n');
  return lines.map((line) => {
    const [label, , text] = line.split('\t');
    return { label: Number(label), text: text.replaceAll('&amp;', '&') };
  });
}

function encodeReviews(encoder: ReviewEncoder, train: Sentence[], validation: Sentence[]): Reviews {
  return {
    x: encoder.encode(train.map(({ text }) => text)),
    y: Int32Array.from(train, ({ label }) => label),
    xVal: encoder.encode(validation.map(({ text }) => text)),
    yVal: Int32Array.from(validation, ({ label }) => label),
    vocabularySize: encoder.vocabularySize,
  };
}
