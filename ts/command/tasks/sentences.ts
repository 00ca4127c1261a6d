import { type ColumnDescription, readCoNLL, type Table, type TableFormat } from '../../node.ts';
import { findColumn, isCalled, trainedColumn } from '../columns.ts';
import { readingOf, readTable, type TableFlags, warnOfSkipped, withCells } from '../table.ts';
import { textLines } from '../textLines.ts';
import { refuseUnread } from '../unreadFlags.ts';
import type { ColumnFlags } from './task.ts';

/** Words, and the tag of each; no tags where they are to be predicted. */
export interface Sentence {
  readonly name: string;
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

/** What columns of words are called. */
const WORD_NAMES = ['word', 'token', 'text', 'words', 'form'];

/** The columns of a table of words. */
export interface TaggedColumns {
  readonly text: string;
  readonly target: string;
  readonly group: string;
}

/** The result of `readSentences`. */
interface Sentences {
  /** null for CoNLL-U and for sentences of a line each. */
  readonly columns: TaggedColumns | null;
  readonly described: readonly ColumnDescription[];
  readonly sentences: readonly Sentence[];
  readonly format: TableFormat | null;
}

/**
 * Reads a `.txt` file with a sentence on each line.
 * @param split makes words of a sentence
 * @returns null for a file of another ending, and for a table: see {@link textLines}
 * @throws the errors of {@link textLines}
 */
export async function readPlainSentences(
  file: string,
  flags: ColumnFlags,
  trained: TaggedColumns | null,
  split: (sentence: string) => string[],
): Promise<Sentences | null> {
  if (flags.text !== undefined || flags.group !== undefined) return null;
  const lines = await textLines(file, flags, (name) => (trained ? name === trained.text : isCalled(name, WORD_NAMES)));
  if (!lines) return null;
  const sentences = lines.map((line, index) => ({ name: String(index + 1), words: split(line), tags: [] }));
  if (sentences.length > 1 && sentences.every(({ words }) => words.length === 1))
    flags.warn(
      `each line of ${file} has one word, and is read as a sentence: write the words of a sentence on one line, or give a file with one word a line that ends in .conll`,
    );
  return { columns: null, described: [], sentences, format: null };
}

/**
 * Reads tagged sentences from CoNLL-U (the tags are UPOS), from a similar format, or from a table
 * with a row for each word.
 * @param trained the columns of the table that the model was trained on; null without one
 * @param needsTags whether a word without a tag is an error
 * @throws {DataError} naming the row, for a row without its word, its sentence or its tag
 * @throws the errors of `readCoNLL` and `readTable`
 */
export async function readSentences(
  file: string,
  flags: ColumnFlags,
  trained: TaggedColumns | null,
  needsTags: boolean,
): Promise<Sentences> {
  const isCoNLL = /\.conllu?(\.gz)?$/.test(file);
  const whole = isCoNLL ? await readWordLines(file, flags) : await readTable(file, flags);
  const described = whole.describeColumns();
  const find = (role: keyof TaggedColumns, names: readonly string[], taken: readonly string[]) =>
    trained && !isCoNLL
      ? trainedColumn(whole, trained[role], `--${role}`, flags[role])
      : findColumn(whole, described, { flag: `--${role}`, given: flags[role], names, kinds: [], taken });
  const text = find('text', WORD_NAMES, []);
  const group = find('group', ['sentence', 'sentenceid', 'sentid', 'sentencenr', 'sentenceno'], [text]);
  const target = needsTags ? find('target', ['tag', 'label', 'target', 'tags', 'pos', 'upos'], [text, group]) : (trained?.target ?? '');
  const table = withCells(whole, [[text, 'word'], ...(needsTags ? [[target, 'tag'] as const] : [])], flags);
  const [words, groups] = [table.texts(text), table.texts(group)];
  const tags = needsTags ? table.texts(target) : [];
  const sentences = new Map<string, { words: string[]; tags: string[] }>();
  for (const [row, word] of words.entries()) {
    const name = groups[row] as string;
    const sentence = sentences.get(name) ?? { words: [], tags: [] };
    sentences.set(name, sentence);
    sentence.words.push(word.trim());
    if (needsTags) sentence.tags.push((tags[row] as string).trim());
  }
  return {
    columns: isCoNLL ? null : { text, target, group },
    described: isCoNLL ? [] : described,
    sentences: [...sentences].map(([name, sentence]) => ({ name, ...sentence })),
    format: isCoNLL ? null : table.format,
  };
}

async function readWordLines(file: string, flags: TableFlags): Promise<Table> {
  refuseUnread(file, 'CoNLL-U', flags, ['separator', 'comments', 'naValues', 'header', 'text', 'target', 'group']);
  const { encoding, badRows } = readingOf(flags);
  const table = await readCoNLL(file, { ...(encoding === undefined ? {} : { encoding }), ...(badRows === undefined ? {} : { badRows }) });
  warnOfSkipped(table, file, flags);
  return table;
}
