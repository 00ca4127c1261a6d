/** What is done to a text before it is split; `null` leaves it as it is. */
export type TextStandardization = 'lowerAndStripPunctuation' | 'lower' | 'stripPunctuation' | null;

/** Where a text is split into tokens: at white space, between code points, or (`null`) not at all. */
export type TextSplit = 'whitespace' | 'character' | null;

export const TEXT_STANDARDIZATIONS: readonly TextStandardization[] = ['lowerAndStripPunctuation', 'lower', 'stripPunctuation', null];
export const TEXT_SPLITS: readonly TextSplit[] = ['whitespace', 'character', null];

// Upper-case letters and white space of ASCII only: Keras's TensorFlow ops look at bytes, so "É" keeps its case and a
// no-break space separates nothing. A vocabulary from Keras must give the same ids here.
const UPPER_CASE = /[A-Z]+/g;
const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g;
const WHITE_SPACE = /[ \t\n\v\f\r]+/;

/** The tokens of a text. Runs of white space separate once; there are no empty tokens. */
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
