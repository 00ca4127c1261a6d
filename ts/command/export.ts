import { writeFileSync } from 'node:fs';
import { ArgumentError, modelToHTML } from '../node.ts';
import { loadAnyModel } from './openModel.ts';
import type { CommandReport } from './report.ts';
import { requireWritable } from './train.ts';

/** The flags of `backtime export`. */
export interface ExportFlags {
  readonly out: string;
  readonly title?: string;
}

/**
 * `backtime export`: writes a model as a page that runs it, or in another format.
 * @throws {ArgumentError} for another ending, and when the format cannot hold the model
 * @throws {FileError} when a file cannot be read or written
 */
export async function exportModel(file: string, { out, title }: ExportFlags, report: CommandReport): Promise<void> {
  const isPage = out.endsWith('.html');
  if (!isPage && !/\.(safetensors|keras|onnx)$/.test(out))
    throw new ArgumentError(`--out must end in .html, .keras, .onnx or .safetensors, got '${out}'`);
  if (title !== undefined && !isPage)
    throw new ArgumentError('--title is the heading of a page: leave it out, or give an --out that ends in .html');
  await requireWritable(out);
  const model = await loadAnyModel(file);
  if (isPage) writeFileSync(out, await modelToHTML(model, title === undefined ? {} : { title }));
  else await model.save(out);
  report.tell('written', { out }, isPage ? `${out} runs the model in any browser: open it by a double click` : `written to ${out}`);
}
