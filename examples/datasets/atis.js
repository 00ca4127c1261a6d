// Questions to an airline's information service, with the part of speech of every word.
import { join } from 'node:path';
import { readCoNLL } from 'backtime';

/** The parts of speech of Universal Dependencies. */
export const TAGS = 'ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X'.split(' ');

/** @typedef {{ words: string[], tags: string[] }} Sentence one tag for each word */

/**
 * Reads the treebank: its own split into sentences to train, to validate and to test with.
 * @param {string} folder
 */
export async function readAtis(folder) {
  /** @param {string} part @returns {Promise<Sentence[]>} */
  const read = async (part) => {
    const table = await readCoNLL(join(folder, `en_atis-ud-${part}.conllu.gz`));
    const sentences = [...table.groupBy('sentence').values()];
    return sentences.map((sentence) => ({ words: sentence.texts('form'), tags: sentence.texts('upos') }));
  };
  return { train: await read('train'), validation: await read('dev'), test: await read('test') };
}
