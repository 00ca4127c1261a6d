import { padSequences, type Table, type Tensor } from 'backtime';
import { amount, count } from '../data/count.ts';
import type { WordColumns } from '../data/guessWords.ts';
import { tableProblems } from '../data/recordsInOrder.ts';
import { type Baselines, frequentAnswer, frequentOfWord } from './baseline.ts';
import { type ClassSettings, type ClassTerms, DEFAULT_CLASSES, describeDivision, MOST_PLACES, numberClasses } from './classes.ts';
import { lengthsOf, NO_CHECK } from './dataCheck.ts';
import { divideAtRandom } from './parts.ts';
import { readTagged } from './readTagged.ts';
import { type ExamplePlace, type Prepared, type Samples, UnusableDataError } from './task.ts';
import { encodeWords, knownWords, learnWords, piecesOf, SPECIAL_WORDS, type WordInput } from './wordInput.ts';

/** What a model that tags words needs besides its weights. */
export interface TagNotes extends WordInput {
  readonly task: 'tagWords';
  /** The tags, by number. */
  readonly classes: readonly string[];
}

export interface TagSettings {
  /** Largest number of words to know. */
  readonly words: number;
  /** Most words that are read together. */
  readonly length: number;
}

const TERMS: ClassTerms = { example: 'word', label: 'tag', areWords: true };
const FEWEST_SENTENCES = 10;
/** Part of the sentences that may be read in pieces, and of the words that may be unknown. */
const WORTH_SAYING = { pieces: 0.02, unknown: 0.15 } as const;

/** A sentence to learn from. */
interface Sentence {
  readonly words: readonly string[];
  /** Numbers of tags. */
  readonly labels: readonly number[];
  readonly rows: readonly number[];
}

/** Sentences and the tags of their words, ready to train on. @throws {UnusableDataError} */
export function prepareTags(
  table: Table,
  columns: WordColumns,
  settings: TagSettings,
  classSettings: ClassSettings = DEFAULT_CLASSES,
): Prepared<TagNotes> {
  const problems = tableProblems(table);
  const [column, tagName] = [table.names[columns.word] as string, table.names[columns.tag] as string];
  const parts = [columns.word, columns.tag, columns.sentence];
  const twice = parts.find((part, index) => part !== null && parts.indexOf(part) !== index);
  if (twice != null)
    throw new UnusableDataError(
      `Column “${table.names[twice]}” cannot be two of the words, their tags and what tells sentences apart. Choose another for one of them.`,
      problems,
    );
  const read = readTagged(table, columns, problems);
  if (read.length < FEWEST_SENTENCES) throw new UnusableDataError(tooFew(read.length, columns), problems);
  const { labelled, classes, counts, canMerge, warnings } = numberClasses(
    read.flatMap(({ words, tags, rows }) =>
      words.map((example, place) => ({ example, label: tags[place] as string, row: rows[place] as number })),
    ),
    table,
    problems,
    classSettings,
    { terms: TERMS, most: Infinity },
  );
  let next = 0;
  const sentences = read.map(({ words, rows }): Sentence => ({ words, rows, labels: words.map(() => labelled[next++]?.label as number) }));
  const divided = divideAtRandom(sentences);
  const { train, validation, test } = divided;
  const lengths = sentences.map(({ words }) => words.length);
  const longest = lengths.reduce((most, own) => Math.max(most, own), 0);
  const learnt = learnWords(
    train.map(({ words }) => words),
    settings.words,
  );
  const example = (validation.find(({ words }) => words.length >= 4 && words.length <= 12) ?? validation[0])?.words.join(' ') ?? '';
  const notes: TagNotes = {
    task: 'tagWords',
    column,
    sentences: columns.sentence === null ? null : (table.names[columns.sentence] as string),
    ...learnt,
    length: Math.min(settings.length, longest),
    classes,
    example,
  };
  const samples = (of: readonly Sentence[]): Samples => [
    encodeWords(
      notes,
      of.flatMap(({ words }) => piecesOf(words, notes.length)),
    ),
    padSequences(
      of.flatMap(({ labels }) => piecesOf(labels, notes.length)),
      { padding: 'post' },
    ),
  ];
  const found = lengthsOf('words', lengths, notes.length);
  const unknown = unknownPart([...validation, ...test], notes);
  const known = notes.vocabulary.length - SPECIAL_WORDS;
  return {
    notes,
    train: samples(train),
    validation: samples(validation),
    test: samples(test),
    testExamples: placesOf(test),
    baselines: baselinesOf(divided, classes),
    frame: {
      inputShape: [null, null],
      first: { kind: 'Embedding', inputDim: notes.vocabulary.length, outputDim: 32 },
      everyStep: true,
      bothWays: true,
      output: { units: classes.length, activation: 'softmax' },
      loss: 'sparseCategoricalCrossentropy',
    },
    problems,
    missing: [],
    warnings: [
      ...warnings,
      ...(unknown > WORTH_SAYING.unknown
        ? [
            `${percent(unknown)} of the words that are kept from training are unknown to the model: it learns only words that come twice at least. More sentences help most.`,
          ]
        : []),
      ...(found.cut > WORTH_SAYING.pieces * sentences.length
        ? [
            `${amount(found.cut, 'sentence')} of ${count(sentences.length)} ${found.cut === 1 ? 'has' : 'have'} more than ${amount(notes.length, 'word')}: they are read in pieces. Read more at once if words far apart decide.`,
          ]
        : []),
    ],
    check: { ...NO_CHECK, classes: counts, canMerge, lengths: found },
    summary: `${describeDivision('sentences', { ...divided, classes }, TERMS)} of column “${tagName}”; ${amount(known, 'word')} ${known === 1 ? 'is' : 'are'} known, ${percent(unknown)} of those kept from training are not.`,
  };
}

/** What to do about too few sentences. */
function tooFew(found: number, { sentence }: WordColumns): string {
  const what = `There ${found === 1 ? 'is' : 'are'} ${amount(found, 'usable sentence')}; at least ${FEWEST_SENTENCES} are needed.`;
  if (found > 1) return what;
  return `${what} ${sentence === null ? 'Is there a column that tells sentences apart? Choose it; or leave a row empty between sentences.' : 'Choose another column that tells sentences apart.'}`;
}

function unknownPart(sentences: readonly Sentence[], notes: TagNotes): number {
  const isKnown = knownWords(notes);
  const words = sentences.flatMap((sentence) => sentence.words);
  return words.filter((word) => !isKnown(word)).length / Math.max(1, words.length);
}

function baselinesOf(
  { train, validation, test }: Readonly<Record<'train' | 'validation' | 'test', readonly Sentence[]>>,
  classes: readonly string[],
): Baselines {
  const wordsOf = (of: readonly Sentence[]) => of.flatMap(({ words }) => words);
  const labelsOf = (of: readonly Sentence[]): Tensor => {
    const labels = of.flatMap((sentence) => sentence.labels);
    return { shape: [labels.length], data: Int32Array.from(labels) };
  };
  const frequent = frequentAnswer(labelsOf(train), classes.length, classes);
  const ofWord = frequentOfWord(wordsOf(train), labelsOf(train).data as Int32Array);
  const judge = (of: readonly Sentence[]) => [...frequent(labelsOf(of)), ofWord(wordsOf(of), labelsOf(of).data as Int32Array)];
  return { validation: judge(validation), test: judge(test) };
}

/** Characters that are shown of a sentence on each side of a word. */
const BESIDE = 100;

/** Where the words of the test are from, each in its sentence. */
function placesOf(test: readonly Sentence[]): ExamplePlace[] {
  const places: ExamplePlace[] = [];
  for (const { words, rows } of test) {
    for (const [place, word] of words.entries()) {
      if (places.length === MOST_PLACES) return places;
      const before = `${words.slice(0, place).join(' ')} `.slice(-BESIDE).trimStart();
      const after = ` ${words.slice(place + 1).join(' ')}`.slice(0, BESIDE).trimEnd();
      places.push({ row: rows[place] as number, text: before + word + after, part: [before.length, before.length + word.length] });
    }
  }
  return places;
}

function percent(part: number): string {
  return `${Math.round(100 * part)} %`;
}
