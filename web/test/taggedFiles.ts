// Sentences with tags, and the forms in which files have them.

export type Tagged = readonly (readonly [word: string, tag: string])[];

const NOUNS = ['cook', 'river', 'teacher', 'garden', 'ship', 'dog'];
const VERBS = ['sees', 'paints', 'finds', 'likes'];
const pick = (from: readonly string[], place: number) => from[place % from.length] as string;

/** Sentences of three to five words, with three tags. */
export function taggedSentences(count: number): Tagged[] {
  return Array.from({ length: count }, (_, row) => [
    ['the', 'DET'],
    [pick(NOUNS, row), 'NOUN'],
    [pick(VERBS, Math.floor(row / 2)), 'VERB'],
    ...(row % 3 === 0 ? [] : [['some', 'DET'] as const]),
    ...(row % 3 === 2 ? [[pick(NOUNS, row + 1), 'NOUN'] as const] : []),
  ]);
}

/** A word a line, and an empty line between sentences. */
export function wordLines(sentences: readonly Tagged[], line: (word: string, tag: string, place: number) => string, end = '\n'): string {
  return sentences.map((words) => words.map(([word, tag], place) => line(word, tag, place) + end).join('')).join(end);
}

export const conll = (sentences: readonly Tagged[]) => wordLines(sentences, (word, tag) => `${word} ${tag}`);

/** A table with a row for each word. */
export function wordTable(sentences: readonly Tagged[], separator = ','): string {
  const rows = sentences.flatMap((words, sentence) => words.map(([word, tag]) => [sentence + 1, word, tag].join(separator)));
  return [['sentence', 'word', 'tag'].join(separator), ...rows].join('\n');
}
