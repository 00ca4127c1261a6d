import { amount } from '../data/count.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import type { TextInput } from '../tasks/textInput.ts';
import { SPECIAL_WORDS } from '../tasks/wordInput.ts';
import type { ModelNotes } from './trainedModel.ts';

/** What a model's file holds of the data that it was trained on, in words; the weights aside. */
export function dataIn({ notes, report }: ModelNotes): readonly string[] {
  return [
    ...ofNotes(notes),
    ...(report?.wrong.some(({ text }) => text !== '')
      ? [`the beginnings of ${amount(report.wrong.length, 'text')} that were judged wrongly`]
      : []),
  ];
}

function ofNotes(notes: TaskNotes): string[] {
  switch (notes.task) {
    case 'classifyText':
      return ofText(notes);
    case 'tagWords':
      return notes.example === '' ? [] : ['one of the sentences, to try it with'];
    case 'predictNumber':
      return notes.from === 'text' ? ofText(notes) : ofExamples(notes.examples, 'example');
    case 'classifySeries':
      return ofExamples(notes.examples, 'recording');
    case 'forecast':
      return notes.series.length === 0
        ? []
        : [
            `${notes.others ? `the last values of each of ${amount(notes.others.length + 1, 'series')}, with its name` : `the last ${amount(notes.series.length, 'value')} of the series`}${notes.inputs?.length ? ' and of what is read beside it' : ''}, to go on from`,
          ];
    case 'write':
      return notes.beginning === '' ? [] : ['the first words of the text'];
  }
}

function ofText({ example }: TextInput): string[] {
  return example === '' ? [] : ['one of the texts, to try it with'];
}

function ofExamples({ length }: readonly unknown[], what: string): string[] {
  return length === 0 ? [] : [`${amount(length, what)}, to try it with`];
}

/** What cannot be left out, because the model needs it. */
export function needed({ notes }: ModelNotes): string | null {
  if (notes.task === 'predictNumber')
    return notes.from === 'text'
      ? `the ${amount(notes.vocabulary.length, 'word')} that it knows, and the names of the columns`
      : 'the names of the columns, and the mean of each';
  if (notes.task === 'classifyText') return `the ${amount(notes.vocabulary.length, 'word')} that it knows, and the names of the classes`;
  if (notes.task === 'tagWords')
    return `the ${amount(notes.vocabulary.length - SPECIAL_WORDS, 'word')} that it knows, names of people among them if your sentences have them, and the names of the tags`;
  if (notes.task === 'classifySeries') return 'the names of the columns and classes, and the mean of each column';
  return notes.task === 'forecast'
    ? notes.inputs?.length || notes.key
      ? 'the names of the columns'
      : 'the name of the column'
    : 'the characters that it knows, and what it has learnt of the text by heart';
}

/** A model without what {@link dataIn} tells. */
export function withoutData<Notes extends ModelNotes>(model: Notes): Notes {
  const { report, notes } = model;
  return {
    ...model,
    notes: emptied(notes),
    report: report && { ...report, wrong: report.wrong.map(({ part, ...answer }) => ({ ...answer, text: '' })) },
  };
}

function emptied(notes: TaskNotes): TaskNotes {
  switch (notes.task) {
    case 'classifyText':
    case 'tagWords':
      return { ...notes, example: '' };
    case 'predictNumber':
      return notes.from === 'text' ? { ...notes, example: '' } : { ...notes, examples: [] };
    case 'classifySeries':
      return { ...notes, examples: [] };
    case 'forecast':
      return {
        ...notes,
        // A series of another name is scaled by its own values, so no name is needed.
        ...(notes.others && { others: [] }),
        ...(notes.key && notes.others && { key: { ...notes.key, value: '' } }),
        series: [],
        times: null,
        heldOutFrom: 0,
        inputs: notes.inputs?.map((input) => ({ ...input, values: [] })) ?? [],
      };
    case 'write':
      return { ...notes, beginning: '' };
  }
}
