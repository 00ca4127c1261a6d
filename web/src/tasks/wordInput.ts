import { padSequences, type Tensor, TextVectorization } from 'backtime';
import { asciiLower, SPACELESS } from './textUnits.ts';

/** How a model reads sentences word by word. */
export interface WordInput {
  /** The name of the column that the words were in. */
  readonly column: string;
  /** The column that told sentences apart; null: lines without words did. */
  readonly sentences: string | null;
  /** The known words, most frequent first. */
  readonly vocabulary: readonly string[];
  /** Whether words are read in small letters, which all have that were learnt from. */
  readonly isLower: boolean;
  /** Words that are read together at most: a longer sentence is read in pieces. */
  readonly length: number;
  /** A sentence to begin trying with. */
  readonly example: string;
}

/** Entries of a vocabulary that are no words: padding, and what is unknown. */
export const SPECIAL_WORDS = 2;

/** A word as one piece of a text: it may hold spaces. */
export function joined(word: string): string {
  return word.trim().replace(/\s+/g, '_');
}

/**
 * The words that a model knows, and whether it reads them in small letters. Words that come once
 * teach it what to make of unknown ones.
 */
export function learnWords(sentences: readonly (readonly string[])[], most: number): Pick<WordInput, 'vocabulary' | 'isLower'> {
  const isLower = !sentences.some((words) => words.some((word) => /[A-Z]/.test(word)));
  const counts = new Map<string, number>();
  for (const words of sentences) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const all = [...counts].sort(([, a], [, b]) => b - a);
  const often = all.filter(([, count]) => count > 1);
  const known = (often.length > 0 ? often : all).map(([word]) => word).slice(0, most);
  return { vocabulary: wordLayer({ vocabulary: known, isLower }).getVocabulary(), isLower };
}

/** The layer that turns a sentence, with spaces between its words, into ids. */
export function wordLayer({ vocabulary, isLower }: Pick<WordInput, 'vocabulary' | 'isLower'>): TextVectorization {
  return new TextVectorization({ vocabulary, standardize: isLower ? 'lower' : null, split: 'whitespace' });
}

/** Says whether a model knows a word. */
export function knownWords({ vocabulary, isLower }: Pick<WordInput, 'vocabulary' | 'isLower'>): (word: string) => boolean {
  const known = new Set(vocabulary.slice(SPECIAL_WORDS));
  return (word) => known.has(isLower ? asciiLower(word) : word);
}

/** A sentence in pieces that are read together. */
export function piecesOf<Word>(words: readonly Word[], length: number): (readonly Word[])[] {
  const count = Math.ceil(words.length / length);
  // Of like sizes, so that no word is alone at the end.
  const start = (piece: number) => Math.round((piece * words.length) / count);
  return Array.from({ length: count }, (_, piece) => words.slice(start(piece), start(piece + 1)));
}

/** Turns pieces of sentences into ids, `[N, longest piece]`; 0 stands behind shorter ones. */
export function encodeWords(input: Pick<WordInput, 'vocabulary' | 'isLower'>, pieces: readonly (readonly string[])[]): Tensor {
  return padSequences(wordLayer(input).encode(pieces.map((words) => words.join(' '))), { padding: 'post' });
}

const SIGN = /[\p{P}\p{S}]/u;

/**
 * The words of a sentence as a person types it, cut like those that were learnt: signs stand alone,
 * unless the model knows a word with them, and what is written without spaces is cut into words
 * that it knows.
 */
export function wordsOfText(text: string, isKnown: (word: string) => boolean): string[] {
  return text
    .split(/\s+/)
    .filter((part) => part !== '')
    .flatMap((part) => (isKnown(part) ? [part] : withoutSigns(part, isKnown)));
}

function withoutSigns(part: string, isKnown: (word: string) => boolean): string[] {
  const letters = Array.from(part);
  const first = letters.findIndex((letter) => !SIGN.test(letter));
  if (first === -1) return letters;
  const end = letters.findLastIndex((letter) => !SIGN.test(letter)) + 1;
  // Of “U.S.,” the point belongs to the word.
  const last = range(letters.length, end).find((place) => isKnown(letters.slice(first, place).join(''))) ?? end;
  return [...letters.slice(0, first), ...cutWord(letters.slice(first, last), isKnown), ...letters.slice(last)];
}

/** `from`, …, `to`, falling. */
function range(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, index) => from - index);
}

/**
 * A word in two known ones at an apostrophe, or of a script without spaces in as few as are known.
 */
function cutWord(letters: readonly string[], isKnown: (word: string) => boolean): string[] {
  const word = letters.join('');
  if (isKnown(word)) return [word];
  if (/['’]/.test(word)) {
    const place = letters.findIndex((_, at) => at > 0 && isKnown(letters.slice(0, at).join('')) && isKnown(letters.slice(at).join('')));
    if (place > 0) return [letters.slice(0, place).join(''), letters.slice(place).join('')];
  }
  return word.match(SPACELESS) ? longestWords(letters, isKnown) : [word];
}

/** Characters of a word of a script without spaces, at most. */
const LONGEST_WORD = 12;

/**
 * From the left the longest word that is known, or else a character, or letters of other scripts.
 */
function longestWords(letters: readonly string[], isKnown: (word: string) => boolean): string[] {
  const words: string[] = [];
  for (let from = 0; from < letters.length; ) {
    const other = letters.slice(from).findIndex((letter) => letter.match(SPACELESS) !== null || SIGN.test(letter));
    const size =
      range(Math.min(LONGEST_WORD, letters.length - from), 1).find((length) => isKnown(letters.slice(from, from + length).join(''))) ??
      Math.max(1, other === -1 ? letters.length - from : other);
    words.push(letters.slice(from, from + size).join(''));
    from += size;
  }
  return words;
}
