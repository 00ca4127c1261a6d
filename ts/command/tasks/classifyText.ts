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
import { findColumn, type NeededColumn, readTable, withCells } from '../table.ts';
import { textColumn, textLines } from '../textLines.ts';
import { evaluateClasses, likeliest, mostFrequent } from './classes.ts';
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
    const { text, target, labels, usual } = model.metadata as unknown as Saved;
    const table = withCells(await readTable(file, flags), needed(text, target), flags);
    return evaluateClasses(model, [table.texts(text), labelTensor(table.classes(target, labels).labels)], labels, usual);
  },

  async predict(model, file, flags) {
    const { text, labels } = model.metadata as unknown as Saved;
    const lines = await textLines(file, flags, (name) => name === text);
    if (lines) return new Map<string, readonly unknown[]>([[text, lines], ...likeliest(await model.predict(lines), labels)]);
    const read = (await textColumn(file, flags, (name) => name === text)) ?? (await readTable(file, flags));
    if (read.names.length === 1 && read.names[0] !== text)
      throw new ArgumentError(
        `${file} has no column '${text}', which the model was trained on, but ${read.names[0]}: begin the file with the line ${text}, or give the texts in a .txt file, a text on each line`,
      );
    const table = withCells(read, needed(text), flags);
    const answers = likeliest(await model.predict(table.texts(text)), labels);
    return new Map([...table.names.map((name) => [name, table.column(name)] as const), ...answers]);
  },
};
