import type { Table } from 'backtime';
import { amount, count } from '../data/count.ts';
import type { WordColumns } from '../data/guessWords.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import { sentencesIn } from '../data/sentences.ts';
import { joined } from './wordInput.ts';

/** A sentence as the table has it. */
export interface TaggedSentence {
  readonly name: string;
  readonly words: readonly string[];
  /** A tag for each word; empty where there is no column of tags. */
  readonly tags: readonly string[];
  /** The row of the file of each word. */
  readonly rows: readonly number[];
}

/**
 * The sentences of a table with a row for each word. One that lacks a word or a tag is left out
 * whole, because without it it is another sentence, and is added to `problems`.
 * @param columns `tag`: null where tags are not needed
 */
export function readTagged(
  table: Table,
  { word, tag, sentence }: Omit<WordColumns, 'tag'> & { readonly tag: number | null },
  problems: RowProblem[],
): TaggedSentence[] {
  const wordName = table.names[word] as string;
  const words = table.texts(wordName).map(joined);
  const tags = tag === null ? null : table.texts(table.names[tag] as string).map((cell) => cell.trim());
  return sentencesIn(table, sentence).flatMap(({ name, rows, lost }) => {
    const places = rows.map((row) => table.fileRow(row));
    const wordless = rows.findIndex((row) => words[row] === '');
    const untagged = tags === null ? -1 : rows.findIndex((row) => tags[row] === '');
    const others = `its sentence of ${amount(rows.length + lost.length, 'word')} is left out`;
    if (wordless !== -1) problems.push({ row: places[wordless] as number, message: `column “${wordName}” has no word: ${others}` });
    else if (untagged !== -1)
      problems.push({ row: places[untagged] as number, message: `column “${table.names[tag as number]}” has no tag: ${others}` });
    else if (lost.length > 0)
      problems.push({ row: places[0] as number, message: `its sentence lacks row ${count(lost[0] as number)}, so it is left out` });
    else
      return {
        name,
        words: rows.map((row) => words[row] as string),
        tags: rows.map((row) => tags?.[row] ?? ''),
        rows: places,
      };
    return [];
  });
}
