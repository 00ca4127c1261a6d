import type { Table } from 'backtime';
import type { ColumnRoles } from '../data/columns.ts';
import { tableProblems } from '../data/recordsInOrder.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import { type ClassSettings, DEFAULT_CLASSES, describeDivision, divideClasses, frequentClass, labelsOf, placesOf } from './classes.ts';
import { classLabels } from './labels.ts';
import { type Prepared, UnusableDataError } from './task.ts';
import { readTextInput, readTexts, type TextInput, type TextSettings, textEncoder, textFrame } from './textInput.ts';

/** What a text classifier needs besides its weights. */
export interface TextNotes extends TextInput {
  readonly task: 'classifyText';
  readonly classes: readonly string[];
}

/** Texts and their classes, ready to train on. @throws {UnusableDataError} */
export function prepareText(
  table: Table,
  { text, label }: Pick<ColumnRoles, 'text' | 'label'>,
  settings: TextSettings,
  classSettings: ClassSettings = DEFAULT_CLASSES,
): Prepared<TextNotes> {
  const [textName, labelName] = [table.names[text] as string, table.names[label] as string];
  if (text === label) {
    throw new UnusableDataError(
      `Column “${textName}” cannot be both the text and its class. Choose another for one of them.`,
      tableProblems(table),
    );
  }
  const problems: RowProblem[] = tableProblems(table);
  const examples = readTexts(table, textName, classLabels(table, labelName), problems);
  const divided = divideClasses(examples, table, problems, classSettings);
  const { classes, counts, canMerge, train, validation, test } = divided;
  const { input, warnings, lengths, known } = readTextInput(textName, examples, divided, settings);
  const notes: TextNotes = { task: 'classifyText', ...input, classes };
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
      ...textFrame(notes),
      everyStep: false,
      output: { units: classes.length, activation: 'softmax' },
      loss: 'sparseCategoricalCrossentropy',
    },
    problems,
    missing: [],
    warnings: [...divided.warnings, ...warnings],
    check: { classes: counts, canMerge, lengths, series: [] },
    summary: `${describeDivision('texts', divided)}; ${known}`,
  };
}
