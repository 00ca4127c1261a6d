/** How a text is changed before it is split; `null` leaves it unchanged. */
export type TextStandardization = 'lowerAndStripPunctuation' | 'lower' | 'stripPunctuation' | null;

/**
 * Where a text is split into tokens: at white space, between characters (code points), or (`null`)
 * nowhere.
 */
export type TextSplit = 'whitespace' | 'character' | null;

export const TEXT_STANDARDIZATIONS: readonly TextStandardization[] = ['lowerAndStripPunctuation', 'lower', 'stripPunctuation', null];
export const TEXT_SPLITS: readonly TextSplit[] = ['whitespace', 'character', null];

// Upper-case letters and white space of ASCII only, because Keras's TensorFlow ops work on bytes:
// "É" keeps its case, and a no-break space separates nothing. A vocabulary from Keras must give the
// same ids here.
const UPPER_CASE = /[A-Z]+/g;
const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g;
const WHITE_SPACE = /[ \t\n\v\f\r]+/;

/** Splits a text into tokens. A run of white space separates once, so no token is empty. */
export function splitText(text: string, standardize: TextStandardization, split: TextSplit): string[] {
  let standard = text;
  if (standardize === 'lower' || standardize === 'lowerAndStripPunctuation') {
    standard = standard.replace(UPPER_CASE, (letters) => letters.toLowerCase());
  }
  if (standardize === 'stripPunctuation' || standardize === 'lowerAndStripPunctuation') {
    standard = standard.replace(PUNCTUATION, '');
  }
  if (split === 'character') return Array.from(standard);
  if (split === 'whitespace') return standard.split(WHITE_SPACE).filter((token) => token !== '');
  return standard === '' ? [] : [standard];
}
