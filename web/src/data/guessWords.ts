import type { Table } from 'backtime';
import type { ColumnFacts } from './columnFacts.ts';
import { sentencesIn } from './sentences.ts';

/** Which columns hold words, their tags, and what tells sentences apart; indices of columns. */
export interface WordColumns {
  readonly word: number;
  readonly tag: number;
  /** Null: lines without words are between sentences. */
  readonly sentence: number | null;
}

const SENTENCE = /^(sentence|sent|utterance|seq|sequence)s?( ?(id|nr|no|num|number|idx|index))?$/i;
const WORD = /^(word|token|form|surface|text)s?$/i;
/** Usual names of a column of tags, the most frequent first. */
const TAGS = [/^tags?$/i, /^(label|target)s?$/i, /^(ner|entity|slot)( ?(tag|label))?s?$/i, /^upos$/i, /^pos( ?tag)?s?$/i, /^xpos$/i];
/** Words of a sentence, on average: fewer make no sentences. */
const FEWEST_WORDS = 2;
/** Part of the cells that may hold a space where words are. */
const MOST_SPACED = 0.1;

/** A first guess, for the user to correct. */
export function guessWords(facts: readonly ColumnFacts[]): WordColumns {
  const sentence = facts.find(({ name }) => SENTENCE.test(plain(name)));
  const others = facts.filter((column) => column !== sentence && column.kind !== 'empty');
  const named = others.find(({ name }) => WORD.test(plain(name)));
  const words = others.filter(({ kind }) => kind !== 'number' && kind !== 'date');
  // Of all columns that repeat their cells words do so least.
  const word = named ?? mostDifferent(words) ?? mostDifferent(others) ?? facts[0];
  const rest = others.filter((column) => column !== word);
  const tag = TAGS.map((pattern) => rest.find(({ name }) => pattern.test(plain(name)))).find((column) => column !== undefined);
  return {
    word: word?.index ?? 0,
    tag: (tag ?? rest.filter(({ distinct, order }) => distinct > 1 && !order).at(-1) ?? rest.at(-1) ?? word)?.index ?? 0,
    sentence: sentence?.index ?? null,
  };
}

/** Whether the rows of a table are most probably words with tags, in sentences of several. */
export function areTaggedWords(table: Table, facts: readonly ColumnFacts[], { word, tag, sentence }: WordColumns): boolean {
  const [words, tags] = [facts[word], facts[tag]];
  if (!words || !tags || word === tag || words.kind === 'number' || tags.kind === 'number') return false;
  const areNamed = WORD.test(plain(words.name)) && TAGS.some((pattern) => pattern.test(plain(tags.name)));
  if (!areNamed && sentence === null) return false;
  const spaced = table.texts(words.name).filter((cell) => /\S\s+\S/.test(cell)).length;
  if (spaced > MOST_SPACED * table.rowCount || tags.distinct > table.rowCount / FEWEST_WORDS) return false;
  const { length } = sentencesIn(table, sentence);
  return length > 1 && table.rowCount >= FEWEST_WORDS * length;
}

function mostDifferent(columns: readonly ColumnFacts[]): ColumnFacts | undefined {
  return columns.reduce<ColumnFacts | undefined>((most, next) => (most && most.distinct >= next.distinct ? most : next), undefined);
}

/** `Sentence #` and `sentence_id` as words with single spaces. */
function plain(name: string): string {
  return name.replace(/[\s_.#-]+/g, ' ').trim();
}
