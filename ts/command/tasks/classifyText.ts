import {
  Adam,
  ArgumentError,
  DataError,
  Dense,
  Dropout,
  Embedding,
  Input,
  Sequential,
  type Tensor,
  TextVectorization,
} from '../../node.ts';
import { findColumn, trainedColumn } from '../columns.ts';
import { type NeededColumn, readTable, withCells } from '../table.ts';
import { textColumn, textLines } from '../textLines.ts';
import { evaluateClasses, mostFrequent, mostProbable } from './classes.ts';
import { TARGET_NAMES, TEXT_NAMES } from './columnNames.ts';
import { recurrentLayers } from './recurrentLayers.ts';
import { splitRows } from './split.ts';
import type { Task } from './task.ts';

/** A text is cut at so many words, whatever the others have. */
const LONGEST = 400;

interface Saved {
  readonly text: string;
  readonly target: string;
  readonly labels: readonly string[];
  readonly usual: number;
}

/** The columns of which every row needs a cell. */
const needed = (text: string, target?: string): readonly NeededColumn[] => [
  [text, 'text'],
  ...(target === undefined ? [] : [[target, 'class'] as const]),
];

const labelTensor = (labels: ArrayLike<number>): Tensor => ({ shape: [labels.length], data: Int32Array.from(labels) });

/** Learns the class of a text. */
export const classifyText: Task = {
  defaults: { units: 32, dropout: 0.3, learningRate: 0.002, epochs: 15, patience: 2, bidirectional: false },

  async prepare(file, settings) {
    const whole = await readTable(file, settings);
    const columns = whole.describeColumns();
    const target = findColumn(whole, columns, {
      flag: '--target',
      given: settings.target,
      names: TARGET_NAMES,
      kinds: ['category'],
      taken: settings.text === undefined ? [] : [settings.text],
    });
    const text = findColumn(whole, columns, {
      flag: '--text',
      given: settings.text,
      names: TEXT_NAMES,
      kinds: ['text', 'category'],
      taken: [target],
    });
    const table = withCells(whole, needed(text, target), settings);
    const { names, labels } = table.classes(target);
    if (names.length < 2 || names.length > table.rowCount / 2)
      throw new DataError(
        `column '${target}' of ${table.source} has ${names.length} different values in ${table.rowCount} rows, too many for classes: name another by --target`,
      );
    const texts = table.texts(text);
    const split = splitRows(texts.length, settings, labels);
    const samples = (rows: readonly number[]) =>
      [rows.map((row) => texts[row] as string), labelTensor(rows.map((row) => labels[row] as number))] as const;
    const [train, validation] = [samples(split.train), samples(split.validation)];

    const lengths = train[0].map((each) => each.trim().split(/\s+/).length).sort((a, b) => a - b);
    const usual = mostFrequent(train[1].data);
    const outputSequenceLength = Math.min(LONGEST, lengths[Math.floor(0.98 * (lengths.length - 1))] as number);
    const words = new TextVectorization({ maxTokens: 10_000, outputSequenceLength });
    words.adapt(train[0]);
    const model = new Sequential([
      Input({ shape: [], dtype: 'string' }),
      words,
      new Embedding(words.vocabularySize, settings.units, { maskZero: true }),
      ...(settings.dropout > 0 ? [new Dropout(settings.dropout)] : []),
      ...recurrentLayers(settings, false),
      new Dense(names.length, { activation: 'softmax' }),
    ]);
    const optimizer = new Adam({ learningRate: settings.learningRate });
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const saved: Saved = { text, target, labels: names, usual };
    return {
      columns,
      choice: `text '${text}', target '${target}' of the classes ${names.join(', ')}`,
      unit: 'texts',
      train,
      validation,
      model,
      pipeline: model,
      metadata: async () => ({ ...saved }),
      evaluate: () => evaluateClasses(model, validation, names, usual),
      next: 'predict NEW.csv --out ANSWERS.csv',
    };
  },

  async evaluate(model, file, flags) {
    const saved = model.metadata as unknown as Saved;
    const { labels, usual } = saved;
    const read = await readTable(file, flags);
    const text = trainedColumn(read, saved.text, '--text', flags.text);
    const target = trainedColumn(read, saved.target, '--target', flags.target);
    const table = withCells(read, needed(text, target), flags);
    return evaluateClasses(model, [table.texts(text), labelTensor(table.classes(target, labels).labels)], labels, usual);
  },

  async predict(model, file, flags) {
    const saved = model.metadata as unknown as Saved;
    const { labels } = saved;
    const lines = flags.text === undefined ? await textLines(file, flags, (name) => name === saved.text) : null;
    if (lines)
      return {
        columns: new Map<string, readonly unknown[]>([[saved.text, lines], ...mostProbable(await model.predict(lines), labels)]),
        format: null,
      };
    const read = (await textColumn(file, flags, (name) => name === (flags.text ?? saved.text))) ?? (await readTable(file, flags));
    const [name] = read.names as [string];
    // In JSON the only column surely has the texts; the first line of other files may be one.
    const isOnly = flags.text === undefined && read.names.length === 1 && name !== saved.text;
    if (isOnly && read.format !== null)
      throw new ArgumentError(
        `${file} has no column '${saved.text}', which the model was trained on, but ${name}: begin the file with the line ${saved.text}, or give the texts in a .txt file, a text on each line`,
      );
    const text = isOnly ? name : trainedColumn(read, saved.text, '--text', flags.text);
    const table = withCells(read, needed(text), flags);
    const answers = mostProbable(await model.predict(table.texts(text)), labels);
    return { columns: new Map([...table.names.map((each) => [each, table.column(each)] as const), ...answers]), format: table.format };
  },
};
