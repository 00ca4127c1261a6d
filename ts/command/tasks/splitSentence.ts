/** Signs before or after a word. */
const SIGN = /^[\p{P}\p{S}]$/u;
/** Endings that tagged texts in English count as words: `is n't`, `Eva 's`. */
const ENDING = /(?:n['’]t|['’](?:s|m|d|re|ve|ll))$/iu;

/**
 * Makes a function that splits a sentence at white space, and splits off signs and endings as the
 * training data does: only where some of its words are signs, or such endings, and never from a
 * word that it has with them, as `Mr.`.
 * @param words the words of the training data
 */
export function sentenceSplitter(words: readonly string[]): (sentence: string) => string[] {
  const known = new Set(words);
  const hasSigns = words.some((word) => SIGN.test(word));
  const split = (word: string): string[] => {
    if (!hasSigns || known.has(word) || SIGN.test(word)) return [word];
    const signs = [...word];
    if (SIGN.test(signs[0] as string)) return [signs[0] as string, ...split(signs.slice(1).join(''))];
    if (SIGN.test(signs.at(-1) as string)) return [...split(signs.slice(0, -1).join('')), signs.at(-1) as string];
    const [ending] = ENDING.exec(word) ?? [];
    return ending !== undefined && known.has(ending) ? [...split(word.slice(0, -ending.length)), ending] : [word];
  };
  return (sentence) =>
    sentence
      .split(/\s+/)
      .filter((word) => word !== '')
      .flatMap(split);
}
