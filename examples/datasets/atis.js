// Questions to an airline's information service, with the part of speech of every word.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Its path in the shared folder. */
export const ATIS = 'tagging/ud_english_atis';
export const ATIS_SOURCE =
  'the treebank UD_English-ATIS (https://github.com/UniversalDependencies/UD_English-ATIS), each .conllu file compressed with gzip';

/** The parts of speech of Universal Dependencies. */
export const TAGS = 'ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X'.split(' ');

/** @typedef {{ words: string[], tags: string[] }} Sentence one tag for each word */

/**
 * Reads the treebank: its own split into sentences to train, to validate and to test with.
 * @param {string} folder
 */
export function readAtis(folder) {
  /** @param {string} part */
  const read = (part) => sentencesOf(gunzipSync(readFileSync(join(folder, `en_atis-ud-${part}.conllu.gz`))).toString('utf8'));
  return { train: read('train'), validation: read('dev'), test: read('test') };
}

/**
 * The sentences of a file in the format CoNLL-U: a word a line, columns between tabs, an empty
 * line after each sentence.
 * @param {string} file
 * @returns {Sentence[]}
 */
function sentencesOf(file) {
  const sentences = file.trim().split('\n\n');
  return sentences.map((sentence) => {
    // Lines of words begin with a number, other lines with # or a range of words.
    const rows = sentence.split('\n').filter((line) => /^\d+\t/.test(line));
    const columns = rows.map((line) => line.split('\t'));
    return { words: columns.map(([, word]) => word), tags: columns.map(([, , , tag]) => tag) };
  });
}
