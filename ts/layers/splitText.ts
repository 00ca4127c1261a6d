/** The standardization of a text before it is split; `null`: none. */
export type TextStandardization = 'lowerAndStripPunctuation' | 'lower' | 'stripPunctuation' | null;

/**
 * Where a text is split into tokens: at white space, between characters (code points), or (`null`)
 * nowhere.
 */
export type TextSplit = 'whitespace' | 'character' | null;

/** A custom split: the tokens of a text that was standardized. */
export type SplitFunction = (text: string) => readonly string[];

export const TEXT_STANDARDIZATIONS: readonly TextStandardization[] = ['lowerAndStripPunctuation', 'lower', 'stripPunctuation', null];
export const TEXT_SPLITS: readonly TextSplit[] = ['whitespace', 'character', null];

// Upper-case letters and white space of ASCII only, because Keras's TensorFlow ops work on bytes:
// "É" keeps its case, and a no-break space separates nothing. A vocabulary from Keras must give the
// same ids here.
const UPPER_CASE = /[A-Z]+/g;
const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g;
const WHITE_SPACE = /[ \t\n\v\f\r]+/;

/** Changes a text before it is split. */
export function standardizeText(text: string, standardize: TextStandardization): string {
  let standard = text;
  if (standardize === 'lower' || standardize === 'lowerAndStripPunctuation')
    standard = standard.replace(UPPER_CASE, (letters) => letters.toLowerCase());
  if (standardize === 'stripPunctuation' || standardize === 'lowerAndStripPunctuation') standard = standard.replace(PUNCTUATION, '');
  return standard;
}

/**
 * Splits a standardized text into tokens. A run of white space separates once, so no token is
 * empty.
 */
export function splitText(standard: string, split: TextSplit): string[] {
  if (split === 'character') return Array.from(standard);
  if (split === 'whitespace') return standard.split(WHITE_SPACE).filter((token) => token !== '');
  return standard === '' ? [] : [standard];
}

/**
 * The n-grams of tokens, joined by spaces: for each width all of them, in order.
 * @param widths the numbers of tokens
 */
export function ngramsOf(tokens: readonly string[], widths: readonly number[]): string[] {
  return widths.flatMap((width) =>
    Array.from({ length: Math.max(tokens.length - width + 1, 0) }, (_, first) => tokens.slice(first, first + width).join(' ')),
  );
}
