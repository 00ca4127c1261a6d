/** What a text is read as: words, characters, or words and characters of scripts without spaces. */
export type TextUnits = 'words' | 'characters' | 'mixed';

/** The units in the words of the page. */
export const UNITS: Readonly<Record<TextUnits, string>> = {
  words: 'words',
  characters: 'characters',
  mixed: 'words and characters',
};

/** Letters of scripts that have no spaces between words, and emojis. */
export const SPACELESS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}ー]|\p{Extended_Pictographic}/gu;
const LETTER = /\p{L}/gu;
const SAMPLE = 2000;
/** Names have fewer words on average. */
const WORDS_OF_NAMES = 1.8;
/** Part of the words that come once, from which on they are too rare to be learnt. */
const RARE = 0.5;
const MOST_CHARACTERS_OF_NAMES = 40;

/** Guesses what texts are made of. */
export function guessUnits(texts: readonly string[]): TextUnits {
  const sample = texts.length <= SAMPLE ? texts : texts.filter((_, index) => index % Math.ceil(texts.length / SAMPLE) === 0);
  let [spaceless, letters, words, length, emojis] = [0, 0, 0, 0, 0];
  const counts = new Map<string, number>();
  for (const text of sample) {
    const found = text.match(SPACELESS) ?? [];
    const own = found.filter((character) => /\p{L}|ー/u.test(character)).length;
    spaceless += own;
    if (own < found.length) emojis++;
    letters += text.match(LETTER)?.length ?? 0;
    const split = wordsOf(text);
    words += split.length;
    length += text.length;
    for (const word of split) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  if (letters > 0 && spaceless > 0.5 * letters) return 'characters';
  if (spaceless > 0.02 * letters || emojis > 0.02 * sample.length) return 'mixed';
  const rare = [...counts.values()].filter((count) => count === 1).length;
  const areNames = words < WORDS_OF_NAMES * sample.length && length < MOST_CHARACTERS_OF_NAMES * sample.length;
  return areNames && rare > RARE * counts.size && counts.size > sample.length / 4 ? 'characters' : 'words';
}

/** As `TextVectorization` does it, so that a model's own layer gives the same ids. */
export const asciiLower = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

const PUNCTUATION = /[!-/:-@[-`{-~]/g;

function wordsOf(text: string): string[] {
  return asciiLower(text)
    .replace(PUNCTUATION, '')
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** The pieces that a text is read as, for a `TextVectorization` that splits by a function. */
export function splitUnits(text: string, units: TextUnits): string[] {
  if (units === 'words') return wordsOf(text);
  if (units === 'characters') return Array.from(asciiLower(text));
  // A space at both sides makes a word of each of these characters.
  return wordsOf(text.replace(SPACELESS, ' $& ').replace(/[\ufe0f\u200d]/g, ' '));
}
