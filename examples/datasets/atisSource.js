// Where the questions of atis.js come from. It imports nothing, so that it can be read before the
// package is built.

/** Its path in the shared folder. */
export const ATIS = 'tagging/ud_english_atis';
export const ATIS_SOURCE =
  'the treebank UD_English-ATIS (https://github.com/UniversalDependencies/UD_English-ATIS), each .conllu file compressed with gzip';
