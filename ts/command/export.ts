import { writeFileSync } from 'node:fs';
import { ArgumentError, type Model, modelToHTML } from '../node.ts';
import { namesIn } from './nameList.ts';
import { loadAnyModel } from './openModel.ts';
import type { CommandReport } from './report.ts';
import { TASK_NAMES } from './taskNames.ts';
import { type FeatureColumns, featureNames } from './tasks/features.ts';
import { requireWritable } from './writable.ts';

/** The flags of `backtime export`. */
export interface ExportFlags {
  readonly out: string;
  readonly title?: string;
  /** The names of the classes, with commas between. */
  readonly labels?: string;
  /** The names of the columns that the model reads, with commas between. */
  readonly columns?: string;
}

/**
 * `backtime export`: writes a model as a page that runs it, or in another format.
 * @throws {ArgumentError} for another ending, and when the format cannot hold the model
 * @throws {FileError} when a file cannot be read or written
 */
export async function exportModel(file: string, { out, title, labels, columns }: ExportFlags, report: CommandReport): Promise<void> {
  const isPage = out.endsWith('.html');
  if (!isPage && !/\.(safetensors|keras|onnx)$/.test(out))
    throw new ArgumentError(`--out must end in .html, .keras, .onnx or .safetensors, got '${out}'`);
  if (title !== undefined && !isPage)
    throw new ArgumentError('--title is the heading of a page: leave it out, or give an --out that ends in .html');
  if (columns !== undefined && !/\.(safetensors|keras)$/.test(out))
    throw new ArgumentError(`--columns is for --out that ends in .safetensors or .keras, which predict reads, got '${out}'`);
  await requireWritable(out);
  const model = await loadAnyModel(file);
  const names = labelsFor(model, labels);
  const classNames = names && { classNames: names };
  if (isPage) {
    const [label, [input]] = [labelOfInput(model), model.inputNames];
    const inputs = label === null || input === undefined ? {} : { inputs: { [input]: { label } } };
    writeFileSync(out, await modelToHTML(model, { ...(title === undefined ? {} : { title }), ...classNames, ...inputs }));
  } else {
    const added = { ...(names && { labels: names }), ...(columns !== undefined && { columns: columnsFor(model, columns) }) };
    await model.save(out, { metadata: { ...model.metadata, ...added } });
  }
  report.tell('written', { out }, isPage ? `${out} runs the model in any browser: open it by a double click` : `written to ${out}`);
}

/** The names of the numbers of a step, which stand above their field; null where there are none. */
function labelOfInput({ metadata: { form, columns } }: Model): string | null {
  const {
    kind,
    columns: trained = columns,
    categories,
    calendar,
  } = (form ?? {}) as { kind?: string; columns?: unknown } & Pick<FeatureColumns, 'categories' | 'calendar'>;
  if (kind === 'rows' || !Array.isArray(trained)) return null;
  const names = featureNames({ columns: trained, ...(categories && { categories }), ...(calendar && { calendar }) });
  return `${names.join(', ')}${categories || calendar ? ' (1 for the category or the day of the week of a row, 0 for the others)' : ''}`;
}

/**
 * The names of the flag `--labels`.
 * @returns null without the flag
 * @throws {ArgumentError} when they are not as many as the classes
 */
function labelsFor({ outputShape }: Model, labels: string | undefined): string[] | null {
  if (labels === undefined) return null;
  const names = namesIn(labels);
  const C = outputShape.at(-1);
  // A probability alone is that of the second of two classes.
  const count = C === 1 ? 2 : C;
  if (names.length !== count || names.includes(''))
    throw new ArgumentError(`--labels must be ${count} names with commas between, one of each class of the output, got '${labels}'`);
  return names;
}

/**
 * The names of the flag `--columns`.
 * @throws {ArgumentError} when they are not as many as the numbers of a sample
 */
function columnsFor({ inputShape: [, ...shape], metadata }: Model, columns: string): string[] {
  if (TASK_NAMES.some((task) => task === metadata.task))
    throw new ArgumentError('--columns is for models of other programs: "backtime train" has written the names into this one');
  const names = namesIn(columns);
  const isOfRows = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  const [count] = shape;
  if (!isOfRows || names.includes('') || (count !== null && names.length !== count))
    throw new ArgumentError(
      `--columns must be a name for each number of a sample, with commas between, and samples have the shape [${shape.map((size) => size ?? '?').join(', ')}], got '${columns}'`,
    );
  return names;
}
