import { FormatError } from '../core/errors.ts';

/**
 * The encoding of a text by its first bytes: UTF-8 and UTF-16 by their marks or their bytes, then
 * the one of the others in which the text looks most like one.
 * @returns a label of the Encoding Standard
 * @throws {FormatError} when they are of no text
 */
export function guessEncoding(bytes: Uint8Array, where: string): string {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const zerosFrom = (start: number): number => {
    let zeros = 0;
    for (let place = start; place < bytes.length; place += 2) if (bytes[place] === 0) zeros++;
    return zeros;
  };
  const [even, odd] = [zerosFrom(0), zerosFrom(1)];
  // Latin letters in UTF-16 have a zero in every second byte.
  if (odd > bytes.length / 4 && even === 0) return 'utf-16le';
  if (even > bytes.length / 4 && odd === 0) return 'utf-16be';
  if (even + odd > 0) throw new FormatError(`${where} is not text: it has bytes that are 0. A table is read from CSV, TSV or another text`);
  if (decoded(bytes, 'utf-8') !== null) return 'utf-8';
  return OTHERS.map(({ label, score }) => ({ label, points: pointsOf(bytes, label, score) })).reduce((best, next) =>
    next.points > best.points ? next : best,
  ).label;
}

/** An encoding, and how much of a text's characters beyond ASCII fit it, 0 to 1. */
interface Candidate {
  readonly label: string;
  readonly score: (text: string, characters: number) => number;
}

/** How many characters of a kind a text has. */
const countOf = (text: string, kind: RegExp) => text.match(kind)?.length ?? 0;

/** The most frequent characters of Chinese texts, simplified and traditional. */
const SIMPLIFIED = /[的一是不了在人有我他这个们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多]/gu;
const TRADITIONAL = /[的一是不了在人有我他這個們來到時大地為子中你說生國年著就那和要她出也得裡後自以會家可下而過天去能對小多]/gu;

/** Letters of Cyrillic words: small ones, or a large one before small ones. */
const CYRILLIC = /(?<!\p{Script=Cyrillic})[А-ЯЁа-яё][а-яё]+(?!\p{L})/gu;
const lettersIn = (text: string, words: RegExp) => (text.match(words) ?? []).reduce((sum, { length }) => sum + length, 0);

/**
 * Most of what is beyond ASCII must be of the script that an encoding is for. In Latin texts single
 * such letters stand in words of others.
 */
const OTHERS: readonly Candidate[] = [
  {
    label: 'windows-1252',
    score: (text, characters) =>
      (countOf(text, /(?<![\u0080-\uffff])[À-ÖØ-öø-ÿŒœŠšŸŽž€£§°²³µ·½–—‘’“”„…«»¿¡](?![À-Þ])/gu) / characters) * 0.9,
  },
  { label: 'shift_jis', score: (text, characters) => japanese(text, characters) },
  { label: 'euc-jp', score: (text, characters) => japanese(text, characters) },
  { label: 'euc-kr', score: (text, characters) => countOf(text, /[가-힣]/g) / characters },
  { label: 'gb18030', score: (text, characters) => chinese(text, characters, SIMPLIFIED) },
  { label: 'big5', score: (text, characters) => chinese(text, characters, TRADITIONAL) },
  { label: 'windows-1251', score: (text, characters) => lettersIn(text, CYRILLIC) / characters },
  { label: 'koi8-r', score: (text, characters) => lettersIn(text, CYRILLIC) / characters },
];

/** Texts in Japanese have kana among their other characters. */
function japanese(text: string, characters: number): number {
  const kana = countOf(text, /[ぁ-んァ-ヶー]/g);
  return kana / characters < 0.1 ? 0 : (kana + countOf(text, /[\u4e00-\u9fff、-〜！-～]/g)) / characters;
}

/** Frequent characters are a tenth of a text at least. */
function chinese(text: string, characters: number, frequent: RegExp): number {
  const share = countOf(text, frequent) / characters;
  return share < 0.1 ? 0 : (countOf(text, /[\u4e00-\u9fff、-〜！-～]/g) / characters) * (0.9 + share / 10);
}

function pointsOf(bytes: Uint8Array, label: string, score: Candidate['score']): number {
  const text = decoded(bytes, label);
  if (text === null) return label === 'windows-1252' ? 0 : -1;
  return score(text, Math.max(1, countOf(text, /[\u0080-\u{10ffff}]/gu)));
}

/** A sample, which may end inside a character; null when it is not text of the encoding. */
function decoded(bytes: Uint8Array, label: string): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}
