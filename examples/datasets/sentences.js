// English sentences with a tag for each word. Many of their words are of several kinds: "the cooks
// water the plants", "the cook plants the water".
import { randomNumbers } from './randomNumbers.js';

/** The kinds of words. */
export const TAGS = ['determiner', 'adjective', 'noun', 'verb', 'auxiliary', 'preposition'];

/** @typedef {{ words: string[], tags: string[] }} Sentence one tag for each word */

// These are nouns and verbs, both with an s too.
const BOTH = 'cook plant water fish ship book play walk dream paint clock nail farm cover tie hammer file judge train guard'.split(' ');
// These are adjectives and verbs.
const QUALITIES = 'warm dry clean cool open empty calm clear'.split(' ');
const NOUNS = 'dog river house child teacher garden'.split(' ');
const ADJECTIVES = 'old small red quiet'.split(' ');

/**
 * Makes sentences, each once.
 * @param {number} count
 * @param {number} seed
 * @returns {Sentence[]}
 */
export function makeSentences(count, seed) {
  const random = randomNumbers(seed);
  /** @param {string[]} words */
  const pick = (words) => words[random(words.length)];
  const noun = () => pick(random(3) > 0 ? BOTH : NOUNS);
  const verb = () => pick(random(3) > 0 ? BOTH : QUALITIES);
  /** @type {(isPlural: boolean) => string} Words with their tags. */
  const someone = (isPlural) => {
    const quality = random(2) === 0 ? `${pick(random(2) === 0 ? QUALITIES : ADJECTIVES)}/adjective ` : '';
    return `${pick(['the', 'my', 'some'])}/determiner ${quality}${noun()}${isPlural ? 's' : ''}/noun`;
  };
  const sentence = () => {
    const isPlural = random(2) === 0;
    const does = [
      `${pick(['can', 'must', 'will'])}/auxiliary ${verb()}/verb`,
      `${verb()}${isPlural ? '' : 's'}/verb`,
      `${verb()}${isPlural ? '' : 's'}/verb`,
    ];
    const place = random(3) === 0 ? ` ${pick(['in', 'near', 'after'])}/preposition ${someone(random(2) === 0)}` : '';
    return `${someone(isPlural)}${random(3) === 0 ? place : ''} ${pick(does)} ${someone(random(2) === 0)}${place}`;
  };
  /** @type {Set<string>} */
  const sentences = new Set();
  while (sentences.size < count) sentences.add(sentence());
  return [...sentences].map((text) => {
    const pairs = text.split(' ').map((word) => word.split('/'));
    return { words: pairs.map(([word]) => word), tags: pairs.map(([, tag]) => tag) };
  });
}
