/** Names of files that have a word a line, with its tag. */
const WORD_LINES = /\.(conllu?|conllup|iob2?|bio)(\.gz)?$/i;
/** Part of the lines that have as many columns as most. */
const ALIKE = 0.9;
/** Words of a sentence, on average: fewer make no sentences. */
const FEWEST_WORDS = 2;

/**
 * Whether a text has a word a line, its tag beside it, and lines without words between sentences.
 * @param begin its first lines
 */
export function looksLikeWordLines(begin: string, name: string): boolean {
  if (WORD_LINES.test(name)) return true;
  const lines: string[] = [];
  let sentences = 0;
  let isInside = false;
  for (const line of begin.split(/\r\n?|\n/).map((text) => text.trim())) {
    if (line === '' || line.startsWith('-DOCSTART-')) isInside = false;
    else if (!line.startsWith('#')) {
      if (!isInside) sentences++;
      isInside = true;
      lines.push(line);
    }
  }
  if (sentences < 2 || lines.length < FEWEST_WORDS * sentences) return false;
  return [/\t/, /[\t ]+/].some((separator) => areWords(lines.map((line) => line.split(separator).map((cell) => cell.trim()))));
}

/** Whether rows of cells are words with tags: many words, of few kinds, and no numbers. */
function areWords(rows: readonly (readonly string[])[]): boolean {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [width, fitting] = [...counts].reduce((most, next) => (next[1] > most[1] ? next : most));
  if (width < 2 || fitting < ALIKE * rows.length) return false;
  const whole = rows.filter(({ length }) => length === width);
  const first = whole.every(([cell]) => /^\d+([-.]\d+)?$/.test(cell as string)) && width > 2 ? 1 : 0;
  const words = whole.map((cells) => cells[first] as string);
  const spoken = words.filter((word) => /\p{L}/u.test(word) && !/\s/.test(word)).length;
  const tags = whole.map((cells) => cells.at(-1) as string);
  const numbers = tags.filter((tag) => tag !== '' && Number.isFinite(Number(tag))).length;
  return spoken > words.length / 2 && numbers < tags.length / 2 && new Set(tags).size <= tags.length / 2;
}
