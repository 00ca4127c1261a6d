import { type ColumnDescription, DataError } from '../../node.ts';
import { readText } from '../readText.ts';
import { findColumn, readTable, type TableFlags, withCells } from '../table.ts';
import { refuseUnread } from '../unreadFlags.ts';

/** Words, and the tag of each; no tags where they are to be predicted. */
export interface Sentence {
  readonly name: string;
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

/** The columns of a table of words. */
export interface TaggedColumns {
  readonly text: string;
  readonly target: string;
  readonly group: string;
}

/** The result of `readSentences`. */
interface Sentences {
  /** null for CoNLL-U. */
  readonly columns: TaggedColumns | null;
  readonly described: readonly ColumnDescription[];
  readonly sentences: readonly Sentence[];
}

/**
 * Reads sentences of CoNLL-U, with the tags UPOS, or of a table with a row for each word.
 * @param given names of columns
 * @param needsTags whether a word without a tag is an error
 * @throws {DataError} naming the row, for a broken one
 */
export async function readSentences(
  file: string,
  flags: TableFlags,
  given: Partial<TaggedColumns>,
  needsTags: boolean,
): Promise<Sentences> {
  if (/\.conllu?(\.gz)?$/.test(file)) {
    refuseUnread(file, 'CoNLL-U', flags, ['separator', 'comments', 'naValues', 'badRows', 'text', 'target', 'group']);
    return { columns: null, described: [], sentences: await readCoNLLU(file, flags.encoding, needsTags) };
  }
  const whole = await readTable(file, flags);
  const described = whole.describeColumns();
  const find = (flag: string, name: string | undefined, names: readonly string[], taken: readonly string[]) =>
    findColumn(whole, described, { flag, given: name, names, kinds: [], taken });
  const text = find('--text', given.text, ['word', 'token', 'text', 'words', 'form'], []);
  const group = find('--group', given.group, ['sentence', 'sentenceid', 'sentid', 'sentencenr', 'sentenceno'], [text]);
  const target =
    needsTags || given.target === undefined
      ? find('--target', given.target, ['tag', 'label', 'target', 'tags', 'pos', 'upos'], [text, group])
      : given.target;
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
  return { columns: { text, target, group }, described, sentences: [...sentences].map(([name, sentence]) => ({ name, ...sentence })) };
}

/** https://universaldependencies.org/format.html */
async function readCoNLLU(file: string, encoding: string | undefined, needsTags: boolean): Promise<Sentence[]> {
  const text = await readText(file, encoding);
  const sentences: { name: string; words: string[]; tags: string[] }[] = [];
  let isInside = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') isInside = false;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const fields = line.split('\t');
    if (fields.length !== 10) throw new DataError(`line ${index + 1} of ${file} has ${fields.length} fields, expected the 10 of CoNLL-U`);
    const [id, word, , tag] = fields as [string, string, string, string];
    // Ranges such as 3-4 and empty words such as 3.1 stand beside the words.
    if (!/^\d+$/.test(id)) continue;
    if (needsTags && (tag === '' || tag === '_')) throw new DataError(`line ${index + 1} of ${file}, column UPOS, has no tag`);
    if (!isInside) sentences.push({ name: String(sentences.length + 1), words: [], tags: [] });
    isInside = true;
    sentences.at(-1)?.words.push(word);
    sentences.at(-1)?.tags.push(tag);
  }
  if (sentences.length === 0) throw new DataError(`${file} has no sentences`);
  return sentences;
}
