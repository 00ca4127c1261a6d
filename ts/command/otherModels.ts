import { ArgumentError, type Model, type Table, type Tensor } from '../node.ts';
import { findColumn, isCalled, readTable, type TableFlags } from './table.ts';
import { likeliest } from './tasks/classes.ts';
import { TARGET_NAMES } from './tasks/targetNames.ts';
import type { Answers } from './tasks/task.ts';

// Models that `backtime train` did not make: their metadata does not say what a table has for them.

/**
 * The names of the classes, where the model's metadata has as many as the output; null elsewhere.
 */
function labelsOf(model: Model): readonly string[] | null {
  const { labels } = model.metadata;
  const isNames = Array.isArray(labels) && labels.every((label) => typeof label === 'string');
  return isNames && labels.length === model.outputShape.at(-1) ? labels : null;
}

/**
 * The samples that a table has for a model: its column of texts, or its columns of numbers side by
 * side, which are features, ids, or the steps of a series of one number.
 * @param target the column of the right answers, which is none of them; null without
 * @throws {ArgumentError} when the columns do not fit the model
 */
function samplesOf(model: Model, table: Table, target: string | null): string[] | Tensor {
  const columns = table.describeColumns();
  const taken = target === null ? [] : [target];
  if (model.layers.some((layer) => 'takesTexts' in layer && layer.takesTexts === true)) {
    const names = ['text', 'review', 'comment'];
    return table.texts(findColumn(table, columns, { flag: 'the text', given: undefined, names, kinds: ['text', 'category'], taken }));
  }
  const [, ...shape] = model.inputShape;
  const numbers = columns.filter(({ name, kind }) => kind === 'number' && !taken.includes(name)).map(({ name }) => name);
  // What is predicted may still have its right answers beside it.
  const names = numbers.length === shape[0] ? numbers : numbers.filter((name) => !isCalled(name, TARGET_NAMES));
  const isSeries = shape.length === 2 && shape[1] === 1;
  const { length } = names;
  if ((shape.length !== 1 && !isSeries) || length === 0 || (shape[0] !== null && shape[0] !== length))
    throw new ArgumentError(
      `${table.source} has ${length} columns of numbers for each sample (${names.slice(0, 8).join(', ')}), but the model takes samples of shape ` +
        `[${shape.join(', ')}]: give a table with these columns, or predict in a program`,
    );
  const matrix = table.matrix(names);
  return isSeries ? { shape: [table.rowCount, length, 1], data: matrix.data } : matrix;
}

/** @throws {ArgumentError} for a model of several inputs or outputs */
function requireOne(model: Model, file: string): void {
  const one = ![model.inputNames, model.outputs].some(({ length }) => length > 1);
  if (!one) throw new ArgumentError(`${file} has several inputs or outputs, and was not trained by "backtime train": use it in a program`);
}

/** Answers the rows of a table: the likeliest class if the classes have names, else the outputs. */
export async function predictOther(model: Model, modelFile: string, file: string, flags: TableFlags): Promise<Answers> {
  requireOne(model, modelFile);
  const table = await readTable(file, flags);
  const outputs = (await model.predict(samplesOf(model, table, null))) as Tensor;
  if (outputs.shape.length !== 2)
    throw new ArgumentError(
      `${modelFile} gives samples of shape [${outputs.shape.slice(1).join(', ')}], which are no row of a table: use it in a program`,
    );
  const labels = labelsOf(model);
  const C = outputs.shape[1] as number;
  const column = (place: number) =>
    Array.from({ length: table.rowCount }, (_, row) => Number((outputs.data[row * C + place] as number).toPrecision(7)));
  const answers = labels
    ? likeliest(outputs, labels)
    : new Map(Array.from({ length: C }, (_, place) => [C === 1 ? 'predicted' : `predicted ${place}`, column(place)]));
  return new Map<string, readonly unknown[]>([...table.names.map((name) => [name, table.column(name)] as const), ...answers]);
}

/**
 * The loss and the metrics that the model was compiled with, on a table with a column of targets.
 */
export async function evaluateOther(model: Model, modelFile: string, file: string, flags: TableFlags): Promise<Record<string, number>> {
  requireOne(model, modelFile);
  const table = await readTable(file, flags);
  const columns = table.describeColumns();
  const target = findColumn(table, columns, { flag: 'the target', given: undefined, names: TARGET_NAMES, kinds: [] });
  const labels = labelsOf(model);
  const isNumber = columns.find(({ name }) => name === target)?.kind === 'number';
  if (!labels && !isNumber)
    throw new ArgumentError(
      `column '${target}' of ${table.source} has texts, and the metadata of ${modelFile} has no labels that say which class each is`,
    );
  const numbers = labels && !isNumber ? table.classes(target, labels).labels : table.numbers(target);
  return (await model.evaluate(samplesOf(model, table, target), { shape: [table.rowCount], data: numbers })) as Record<string, number>;
}
