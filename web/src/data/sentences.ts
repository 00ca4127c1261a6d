import type { Table } from 'backtime';

/** The rows of a sentence, a word each. */
export interface SentenceRows {
  /** What the table calls it; its number where it has no name. */
  readonly name: string;
  readonly rows: readonly number[];
  /** Lines of the file that may be words of it, but cannot be read. */
  readonly lost: readonly number[];
}

/**
 * The sentences of a table with a row for each word. A sentence goes on until another cell of the
 * column comes: often only its first row names it.
 * @param column tells sentences apart; null: lines without words between them do
 */
export function sentencesIn(table: Table, column: number | null): SentenceRows[] {
  const names = column === null ? null : table.texts(table.names[column] as string);
  const unread = new Set(table.skippedRows);
  const sentences: { name: string; rows: number[]; lost: number[] }[] = [];
  let last = 0;
  for (let row = 0; row < table.rowCount; row++) {
    const line = table.fileRow(row);
    const lost: number[] = [];
    for (let between = last + 1; between < line; between++) if (unread.has(between)) lost.push(between);
    const before = sentences.at(-1);
    const name = names?.[row]?.trim() ?? '';
    const goesOn = names === null ? lost.length === line - last - 1 : name === '' || name === before?.name;
    if (before && goesOn) before.rows.push(row);
    else sentences.push({ name: name || String(sentences.length + 1), rows: [row], lost: [] });
    const sentence = sentences.at(-1);
    // Of a line at the end of a sentence only lines without words tell whether it is of the next.
    if (before === sentence) addAll(sentence, lost);
    else if (names === null) {
      addAll(before, adjoining(unread, last, 1));
      addAll(sentence, adjoining(unread, line, -1));
    }
    last = line;
  }
  if (names === null) addAll(sentences.at(-1), adjoining(unread, last, 1));
  return sentences;
}

/** There may be more lines than a call can have arguments. */
function addAll(sentence: { readonly lost: number[] } | undefined, lines: readonly number[]): void {
  for (const line of lines) sentence?.lost.push(line);
}

/** The lines of a set that follow one another from a line on. */
function adjoining(lines: ReadonlySet<number>, line: number, step: 1 | -1): number[] {
  const found: number[] = [];
  for (let next = line + step; lines.has(next); next += step) found.push(next);
  return found;
}
