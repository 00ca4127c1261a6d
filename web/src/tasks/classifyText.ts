import { padSequences, TextVectorization } from 'backtime';
import { type ColumnRoles, MOST_CLASSES } from '../data/columns.ts';
import { count } from '../data/count.ts';
import type { RowProblem, Table } from '../data/table.ts';
import { describeDivision, divideClasses, type Example, frequentClass, labelsOf, placesOf } from './classes.ts';
import { type Prepared, UnusableDataError } from './task.ts';

/** What a text classifier needs besides its weights. */
export interface TextNotes {
  readonly task: 'classifyText';
  /** The name of the column that the texts were in; not in notes of older versions. */
  readonly column?: string;
  /** The known words, most frequent first. */
  readonly vocabulary: readonly string[];
  /** Words that are read of a text, the last ones. */
  readonly length: number;
  readonly classes: readonly string[];
  /** A text to begin trying with. */
  readonly example: string;
}

export interface TextSettings {
  /** Largest number of words to know. */
  readonly words: number;
  /** Most words to read of a text. */
  readonly length: number;
}

/** Texts and their classes, ready to train on. @throws {UnusableDataError} */
export function prepareText(table: Table, { text, label }: ColumnRoles, settings: TextSettings): Prepared<TextNotes> {
  const problems: RowProblem[] = [...table.problems];
  if (text === label) {
    throw new UnusableDataError(
      `Column “${table.columns[text]}” cannot be both the text and its class. Choose another for one of them.`,
      problems,
    );
  }
  const examples: Example<string>[] = [];
  for (const { row, cells } of table.rows) {
    if (cells[text] === '') problems.push({ row, message: `column “${table.columns[text]}” has no text` });
    else if (cells[label] === '') problems.push({ row, message: `column “${table.columns[label]}” has no class` });
    else examples.push({ example: cells[text], label: cells[label], row });
  }
  const divided = divideClasses(examples, MOST_CLASSES, table, problems);
  const { classes, train, validation, test } = divided;
  const vectorization = new TextVectorization({ maxTokens: settings.words });
  vectorization.adapt(train.map(({ example }) => example));
  const notes: TextNotes = {
    task: 'classifyText',
    column: table.columns[text],
    vocabulary: vectorization.getVocabulary(),
    length: settings.length,
    classes,
    example: (validation.find(({ example }) => isShort(example)) ?? validation[0]).example,
  };
  const encode = textEncoder(notes);
  const samples = (rows: typeof train) => [encode(rows.map(({ example }) => example)), labelsOf(rows)] as const;
  return {
    notes,
    train: samples(train),
    validation: samples(validation),
    test: samples(test),
    testExamples: placesOf(divided, (text) => text),
    baselines: frequentClass(divided),
    frame: {
      inputShape: [null, settings.length],
      first: { kind: 'Embedding', inputDim: notes.vocabulary.length, outputDim: 32 },
      everyStep: false,
      output: { units: classes.length, activation: 'softmax' },
      loss: 'sparseCategoricalCrossentropy',
    },
    problems,
    missing: [],
    warnings: divided.warnings,
    summary: `${describeDivision('texts', divided)}; ${count(notes.vocabulary.length)} words are known.`,
  };
}

/** Turns texts into ids, `[N, length]`. */
export function textEncoder({ vocabulary, length }: Pick<TextNotes, 'vocabulary' | 'length'>) {
  const vectorization = new TextVectorization({ vocabulary });
  return (texts: readonly string[]) => padSequences(vectorization.encode(texts), { maxLength: length });
}

/** Whether a text is long enough to say something, and short enough to be taken in at a glance. */
function isShort(text: string): boolean {
  const words = text.split(' ').length;
  return words >= 5 && words <= 12;
}
