import { ArgumentError, type Model, type Table, type Tensor, toCategorical } from '../node.ts';
import { findColumn, isCalled, readTable, type TableFlags } from './table.ts';
import { likeliest } from './tasks/classes.ts';
import { TARGET_NAMES, TEXT_NAMES } from './tasks/columnNames.ts';
import type { Answers } from './tasks/task.ts';
import { textColumn, textLines } from './textLines.ts';

// Models that `backtime train` did not make: their metadata does not say what a table has for them.

/** The flags of a table, and those that name columns of it. */
export interface ColumnFlags extends TableFlags {
  readonly text?: string;
  readonly target?: string;
}

/** @throws {ArgumentError} for flags that name columns: the model's metadata names them already */
export function refuseColumnFlags({ text, target }: ColumnFlags, modelFile: string): void {
  const flag = text !== undefined ? '--text' : '--target';
  if (text !== undefined || target !== undefined)
    throw new ArgumentError(
      `${flag} is for models of other programs, and ${modelFile} names the columns that it was trained with ("backtime inspect"): leave it out`,
    );
}

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

/**
 * The samples that a table has for a model: its column of texts, or its columns of numbers side by
 * side, which are features, ids, or the steps of a series of one number.
 * @param text the column of texts, where a flag names it
 * @param target the column of the targets, which is not an input; null without one
 * @throws {ArgumentError} when the columns do not fit the model
 */
function samplesOf(model: Model, table: Table, text: string | undefined, target: string | null): string[] | Tensor {
  const columns = table.describeColumns();
  const taken = target === null ? [] : [target];
  if (takesTexts(model))
    return table.texts(findColumn(table, columns, { flag: '--text', given: text, names: TEXT_NAMES, kinds: ['text', 'category'], taken }));
  if (text !== undefined) throw new ArgumentError('--text is for models that take texts, and this one takes numbers: leave it out');
  const [, ...shape] = model.inputShape;
  const numbers = columns.filter(({ name, kind }) => kind === 'number' && !taken.includes(name)).map(({ name }) => name);
  // The table for a prediction may still contain the targets.
  const names = numbers.length === shape[0] ? numbers : numbers.filter((name) => !isCalled(name, TARGET_NAMES));
  const isSeries = shape.length === 2 && shape[1] === 1;
  const { length } = names;
  if ((shape.length !== 1 && !isSeries) || length === 0 || (shape[0] !== null && shape[0] !== length))
    throw new ArgumentError(
      `${table.source} has ${length} columns of numbers for each sample${length === 0 ? '' : ` (${names.slice(0, 8).join(', ')})`}, but the model takes samples of shape ` +
        `[${shape.map((size) => size ?? '?').join(', ')}]: give a table with these columns, or predict in a program`,
    );
  const others = columns.filter(({ name, kind }) => kind === 'date' && !taken.includes(name) && holdsNumbers(table, name));
  if (others.length > 0)
    throw new ArgumentError(
      `${table.source}: the model has no names of its ${length} columns, and the table has ${length + others.length} columns of numbers: ${[...names, ...others.map(({ name }) => name)].join(', ')} ` +
        `(${others.map(({ name }) => name).join(', ')} may be dates). Give a table with the columns of the model alone, and numbers such as 2020.0 for years, or predict in a program`,
    );
  const matrix = table.matrix(names);
  return isSeries ? { shape: [table.rowCount, length, 1], data: matrix.data } : matrix;
}

/** Whether each cell of a column is a number, whatever its kind: years are dates, too. */
function holdsNumbers(table: Table, name: string): boolean {
  return table.column(name).every((cell) => cell === null || cell === '' || Number.isFinite(Number(cell)));
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
  const outputs = (await model.predict(lines ?? samplesOf(model, table as Table, flags.text, null))) as Tensor;
  if (outputs.shape.length !== 2)
    throw new ArgumentError(
      `${modelFile} gives samples of shape [${outputs.shape.slice(1).join(', ')}], which are no row of a table: use it in a program`,
    );
  const labels = labelsOf(model);
  const [N, C] = outputs.shape as [number, number];
  const column = (place: number) => Array.from({ length: N }, (_, row) => Number((outputs.data[row * C + place] as number).toPrecision(7)));
  const answers =
    labels?.length === C
      ? likeliest(outputs, labels)
      : new Map(Array.from({ length: C }, (_, place) => [C === 1 ? 'predicted' : `predicted ${place}`, column(place)]));
  const given = table?.names.map((name) => [name, table.column(name)] as const) ?? [['text', lines as string[]]];
  return new Map<string, readonly unknown[]>([...given, ...answers]);
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
  return (await model.evaluate(samplesOf(model, table, flags.text, target), targets)) as Record<string, number>;
}

/** Losses whose targets are indices of classes. */
const OF_INDICES: readonly string[] = ['sparseCategoricalCrossentropy', 'CategoricalGeneralizedCrossEntropy'];

function takesIndices(model: Model): boolean {
  const { compile } = model.getState();
  return compile === null || OF_INDICES.includes(compile.loss);
}
