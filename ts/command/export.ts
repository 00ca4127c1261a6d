import { writeFileSync } from 'node:fs';
import { ArgumentError, type Model, modelToHTML } from '../node.ts';
import { loadAnyModel } from './openModel.ts';
import type { CommandReport } from './report.ts';
import { requireWritable } from './train.ts';

/** The flags of `backtime export`. */
export interface ExportFlags {
  readonly out: string;
  readonly title?: string;
  /** The names of the classes, with commas between. */
  readonly labels?: string;
}

/**
 * `backtime export`: writes a model as a page that runs it, or in another format.
 * @throws {ArgumentError} for another ending, and when the format cannot hold the model
 * @throws {FileError} when a file cannot be read or written
 */
export async function exportModel(file: string, { out, title, labels }: ExportFlags, report: CommandReport): Promise<void> {
  const isPage = out.endsWith('.html');
  if (!isPage && !/\.(safetensors|keras|onnx)$/.test(out))
    throw new ArgumentError(`--out must end in .html, .keras, .onnx or .safetensors, got '${out}'`);
  if (title !== undefined && !isPage)
    throw new ArgumentError('--title is the heading of a page: leave it out, or give an --out that ends in .html');
  await requireWritable(out);
  const model = await loadAnyModel(file);
  const names = labelsFor(model, labels);
  const classNames = names && { classNames: names };
  if (isPage) writeFileSync(out, await modelToHTML(model, { ...(title === undefined ? {} : { title }), ...classNames }));
  else await model.save(out, names ? { metadata: { ...model.metadata, labels: names } } : {});
  report.tell('written', { out }, isPage ? `${out} runs the model in any browser: open it by a double click` : `written to ${out}`);
}

/**
 * The names of the flag `--labels`.
 * @returns null without the flag
 * @throws {ArgumentError} when they are not as many as the classes
 */
function labelsFor({ outputShape }: Model, labels: string | undefined): string[] | null {
  if (labels === undefined) return null;
  const names = labels.split(',').map((name) => name.trim());
  const C = outputShape.at(-1);
  // A probability alone is that of the second of two classes.
  const count = C === 1 ? 2 : C;
  if (names.length !== count || names.includes(''))
    throw new ArgumentError(`--labels must be ${count} names with commas between, one of each class of the output, got '${labels}'`);
  return names;
}
