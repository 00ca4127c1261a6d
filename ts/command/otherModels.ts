import { ArgumentError, type Model, type Table, type Tensor, toCategorical } from '../node.ts';
import { findColumn, holdsNumbers, isCalled, noteUnused, requireColumns, trainedColumns } from './columns.ts';
import type { Answers } from './output.ts';
import { readTable } from './table.ts';
import { mostProbable } from './tasks/classes.ts';
import { TARGET_NAMES, TEXT_NAMES } from './tasks/columnNames.ts';
import type { ColumnFlags } from './tasks/task.ts';
import { textColumn, textLines } from './textLines.ts';

// Models that `backtime train` did not make: their metadata does not say what a table has for them.

const takesTexts = ({ layers }: Model) => layers.some((layer) => 'takesTexts' in layer && layer.takesTexts === true);

/**
 * The names of the classes, where the model's metadata has as many as the output has, of which one
 * number alone has two; null elsewhere.
 */
function labelsOf(model: Model): readonly string[] | null {
  const { labels } = model.metadata;
  const isNames = Array.isArray(labels) && labels.every((label) => typeof label === 'string');
  const C = model.outputShape.at(-1);
  return isNames && labels.length === (C === 1 ? 2 : C) ? labels : null;
}

/** The names of the columns that a model reads, if its metadata has them. */
function columnsIn({ metadata: { columns } }: Model): readonly string[] | null {
  return Array.isArray(columns) && columns.length > 0 && columns.every((name) => typeof name === 'string') ? columns : null;
}

/**
 * The samples that a table has for a model: its column of texts, or its columns of numbers side by
 * side, which are features, ids, or the steps of a series of one number.
 * @param flags `text` and `columns` name the columns
 * @param target the column of the targets, which is not an input; null without one
 * @throws {ArgumentError} when the columns do not fit the model
 */
function samplesOf(model: Model, table: Table, flags: ColumnFlags, target: string | null): string[] | Tensor {
  const { text } = flags;
  const taken = target === null ? [] : [target];
  if (takesTexts(model)) {
    if (flags.columns !== undefined)
      throw new ArgumentError('--columns names columns of numbers, and this model takes texts: give --text COLUMN');
    return table.texts(
      findColumn(table, table.describeColumns(), { flag: '--text', given: text, names: TEXT_NAMES, kinds: ['text', 'category'], taken }),
    );
  }
  if (text !== undefined) throw new ArgumentError('--text is for models that take texts, and this one takes numbers: give --columns NAMES');
  const [, ...shape] = model.inputShape;
  const names = numberColumns(table, shape[0] ?? null, columnsIn(model), flags, taken);
  const isSeries = shape.length === 2 && shape[1] === 1;
  const isOfRows = shape.length === 1 || isSeries;
  const { length } = names;
  if (!isOfRows || length === 0 || (shape[0] !== null && shape[0] !== length))
    throw new ArgumentError(
      `${flags.columns === undefined ? `${table.source} has` : '--columns names'} ${length} columns of numbers for each sample${length === 0 ? '' : ` (${names.slice(0, 8).join(', ')})`}, but the model takes samples of shape ` +
        `[${shape.map((size) => size ?? '?').join(', ')}]: ${isOfRows ? 'name the columns of the model by --columns' : 'predict in a program'}`,
    );
  const matrix = table.matrix(names);
  return isSeries ? { shape: [table.rowCount, length, 1], data: matrix.data } : matrix;
}

/**
 * The columns that a model of numbers reads: those of the flag `--columns`, of its metadata, or all
 * columns of numbers.
 * @param count how many it reads; null for any number
 */
function numberColumns(
  table: Table,
  count: number | null,
  trained: readonly string[] | null,
  flags: ColumnFlags,
  taken: readonly string[],
): readonly string[] {
  if (trained) {
    const names = trainedColumns(table, trained, '--columns', flags.columns);
    noteUnused(table, [...names, ...taken], flags);
    return names;
  }
  if (flags.columns !== undefined) return requireColumns(table, flags.columns, '--columns');
  const columns = table.describeColumns();
  const numbers = columns.filter(({ name, kind }) => kind === 'number' && !taken.includes(name)).map(({ name }) => name);
  // The table for a prediction may still contain the targets.
  const names = numbers.length === count ? numbers : numbers.filter((name) => !isCalled(name, TARGET_NAMES));
  const others = columns.filter(({ name, kind }) => kind === 'date' && !taken.includes(name) && holdsNumbers(table, name));
  if (others.length > 0 && names.length > 0)
    throw new ArgumentError(
      `${table.source}: the model has no names of its columns, and the table has ${names.length + others.length} columns of numbers: ${[...names, ...others.map(({ name }) => name)].join(', ')} ` +
        `(${others.map(({ name }) => name).join(', ')} may be dates): name those of the model by --columns, in its order; "backtime export --columns" writes the names into a model`,
    );
  return names;
}

/** @throws {ArgumentError} for a model of several inputs or outputs */
function requireOne(model: Model, file: string): void {
  const one = ![model.inputNames, model.outputs].some(({ length }) => length > 1);
  if (!one) throw new ArgumentError(`${file} has several inputs or outputs, and was not trained by "backtime train": use it in a program`);
}

/**
 * Answers the rows of a table, or the lines of a text: the most probable class if the classes have
 * names, else the outputs.
 */
export async function predictOther(model: Model, modelFile: string, file: string, flags: ColumnFlags): Promise<Answers> {
  requireOne(model, modelFile);
  const isText = takesTexts(model) && flags.text === undefined;
  const lines = isText ? await textLines(file, flags, (name) => isCalled(name, TEXT_NAMES)) : null;
  const isColumn = (name: string) => isCalled(name, TEXT_NAMES);
  const table = lines ? null : (isText && (await textColumn(file, flags, isColumn))) || (await readTable(file, flags));
  const outputs = (await model.predict(lines ?? samplesOf(model, table as Table, flags, null))) as Tensor;
  if (outputs.shape.length !== 2)
    throw new ArgumentError(
      `${modelFile} gives samples of shape [${outputs.shape.slice(1).join(', ')}], which are no row of a table: use it in a program`,
    );
  const labels = labelsOf(model);
  const [N, C] = outputs.shape as [number, number];
  const column = (place: number) => Array.from({ length: N }, (_, row) => Number((outputs.data[row * C + place] as number).toPrecision(7)));
  const answers =
    labels?.length === C
      ? mostProbable(outputs, labels)
      : new Map(Array.from({ length: C }, (_, place) => [C === 1 ? 'predicted' : `predicted ${place}`, column(place)]));
  const given = table?.names.map((name) => [name, table.column(name)] as const) ?? [['text', lines as string[]]];
  return { columns: new Map<string, readonly unknown[]>([...given, ...answers]), format: table?.format ?? null };
}

/**
 * The loss and the metrics that the model was compiled with, on a table with a column of targets.
 */
export async function evaluateOther(model: Model, modelFile: string, file: string, flags: ColumnFlags): Promise<Record<string, number>> {
  requireOne(model, modelFile);
  const table = await readTable(file, flags);
  const columns = table.describeColumns();
  const target = findColumn(table, columns, { flag: '--target', given: flags.target, names: TARGET_NAMES, kinds: [] });
  const labels = labelsOf(model);
  const isNumber = columns.find(({ name }) => name === target)?.kind === 'number';
  if (!labels && !isNumber)
    throw new ArgumentError(
      `column '${target}' of ${table.source} has texts, and the metadata of ${modelFile} has no labels that say which class each is: ` +
        `"backtime export ${modelFile} --labels bad,good --out labelled.keras" adds them, as does ` +
        "model.save('labelled.keras', { metadata: { labels: ['bad', 'good'] } }) in a program",
    );
  const numbers = labels && !isNumber ? table.classes(target, labels).labels : table.numbers(target);
  const indices: Tensor = { shape: [table.rowCount], data: numbers };
  const C = model.outputShape.at(-1) as number;
  const targets = labels && C > 1 && !takesIndices(model) ? toCategorical(indices, C) : indices;
  return (await model.evaluate(samplesOf(model, table, flags, target), targets)) as Record<string, number>;
}

/** Losses whose targets are indices of classes. */
const OF_INDICES: readonly string[] = ['sparseCategoricalCrossentropy', 'CategoricalGeneralizedCrossEntropy'];

function takesIndices(model: Model): boolean {
  const { compile } = model.getState();
  return compile === null || OF_INDICES.includes(compile.loss);
}
