import { padSequences, type Table, TextVectorization } from 'backtime';
import type { ColumnRoles } from '../data/columns.ts';
import { amount, count } from '../data/count.ts';
import { tableProblems } from '../data/recordsInOrder.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import {
  type ClassSettings,
  DEFAULT_CLASSES,
  describeDivision,
  divideClasses,
  type Example,
  frequentClass,
  labelsOf,
  placesOf,
} from './classes.ts';
import { lengthsOf } from './dataCheck.ts';
import { type Prepared, UnusableDataError } from './task.ts';
import { guessUnits, splitUnits, type TextUnits } from './textUnits.ts';

/** What a text classifier needs besides its weights. */
export interface TextNotes {
  readonly task: 'classifyText';
  /** The name of the column that the texts were in; not in notes of older versions. */
  readonly column?: string;
  /** The known words or characters, most frequent first. */
  readonly vocabulary: readonly string[];
  /** Words or characters that are read of a text, the last ones. */
  readonly length: number;
  /** What a text is read as. Models of earlier versions of the page have words. */
  readonly units?: TextUnits;
  readonly classes: readonly string[];
  /** A text to begin trying with. */
  readonly example: string;
}

export interface TextSettings {
  /** Largest number of words or characters to know. */
  readonly words: number;
  /** Most words to read of a text; characters are as many times more as a word has of them. */
  readonly length: number;
  /** What a text is read as. Default: it is guessed. */
  readonly units?: TextUnits | 'guess';
}

/** Characters of a word with its space, by which more characters than words are read of a text. */
const CHARACTERS_OF_WORD = 6;

/** Texts and their classes, ready to train on. @throws {UnusableDataError} */
export function prepareText(
  table: Table,
  { text, label }: Pick<ColumnRoles, 'text' | 'label'>,
  settings: TextSettings,
  classSettings: ClassSettings = DEFAULT_CLASSES,
): Prepared<TextNotes> {
  const problems: RowProblem[] = tableProblems(table);
  const [textName, labelName] = [table.names[text] as string, table.names[label] as string];
  if (text === label) {
    throw new UnusableDataError(`Column “${textName}” cannot be both the text and its class. Choose another for one of them.`, problems);
  }
  const [texts, labels] = [table.texts(textName), table.texts(labelName)];
  const examples: Example<string>[] = [];
  for (let index = 0; index < table.rowCount; index++) {
    const row = table.fileRow(index);
    const [example, name] = [(texts[index] as string).trim(), labels[index] as string];
    if (example === '') problems.push({ row, message: `column “${textName}” has no text` });
    else if (name.trim() === '') problems.push({ row, message: `column “${labelName}” has no class` });
    else examples.push({ example, label: name, row });
  }
  const divided = divideClasses(examples, table, problems, classSettings);
  const { classes, counts, canMerge, train, validation, test } = divided;
  const all = examples.map(({ example }) => example);
  const units = settings.units === undefined || settings.units === 'guess' ? guessUnits(all) : settings.units;
  const vectorization = vectorizationOf({ maxTokens: settings.words }, units);
  vectorization.adapt(train.map(({ example }) => example));
  const lengths = all.map((example) => splitUnits(example, units).length);
  const most = units === 'characters' ? CHARACTERS_OF_WORD * settings.length : settings.length;
  const length = Math.min(
    most,
    lengths.reduce((longest, own) => Math.max(longest, own), 2),
  );
  const notes: TextNotes = {
    task: 'classifyText',
    column: textName,
    vocabulary: vectorization.getVocabulary(),
    length,
    units,
    classes,
    example: (validation.find(({ example }) => isShort(example)) ?? validation[0]).example,
  };
  const encode = textEncoder(notes);
  const samples = (rows: typeof train) => [encode(rows.map(({ example }) => example)), labelsOf(rows)] as const;
  const unit = units === 'characters' ? 'character' : 'word';
  const found = lengthsOf(`${unit}s`, lengths, length);
  return {
    notes,
    train: samples(train),
    validation: samples(validation),
    test: samples(test),
    testExamples: placesOf(divided, (text) => text),
    baselines: frequentClass(divided),
    frame: {
      inputShape: [null, length],
      first: { kind: 'Embedding', inputDim: notes.vocabulary.length, outputDim: 32 },
      everyStep: false,
      output: { units: classes.length, activation: 'softmax' },
      loss: 'sparseCategoricalCrossentropy',
    },
    problems,
    missing: [],
    warnings: [
      ...divided.warnings,
      ...(found.cut > WORTH_SAYING * all.length
        ? [
            `${amount(found.cut, 'text')} of ${count(all.length)} ${found.cut === 1 ? 'has' : 'have'} more than ${count(length)} ${unit}s: only the last ${count(length)} of each are read. Read more if what matters comes early.`,
          ]
        : []),
    ],
    check: { classes: counts, canMerge, lengths: found, series: [] },
    summary: `${describeDivision('texts', divided)}; ${count(notes.vocabulary.length - SPECIAL)} ${unit}s are known.`,
  };
}

/** Part of the texts that may be cut without a warning. */
const WORTH_SAYING = 0.02;
/** Entries of a vocabulary that are no words: padding, and what is unknown. */
const SPECIAL = 2;

/** The layer that turns texts into ids. One of `mixed` units cannot be saved with a model. */
export function vectorizationOf(options: { readonly maxTokens?: number; readonly vocabulary?: readonly string[] }, units: TextUnits) {
  if (units === 'words') return new TextVectorization(options);
  if (units === 'characters') return new TextVectorization({ ...options, standardize: 'lower', split: 'character' });
  return new TextVectorization({ ...options, standardize: null, split: (text: string) => splitUnits(text, units) });
}

/** Turns texts into ids, `[N, length]`. */
export function textEncoder({ vocabulary, length, units = 'words' }: Pick<TextNotes, 'vocabulary' | 'length' | 'units'>) {
  const vectorization = vectorizationOf({ vocabulary }, units);
  return (texts: readonly string[]) => padSequences(vectorization.encode(texts), { maxLength: length });
}

/** Whether a text is long enough to say something, and short enough to be taken in at a glance. */
function isShort(text: string): boolean {
  const words = text.split(' ').length;
  return words >= 5 && words <= 12;
}
