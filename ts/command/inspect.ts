import { loadAnyModel } from './openModel.ts';
import type { CommandReport } from './report.ts';

/** `backtime inspect`: prints the layers and the metadata of a model. */
export async function inspect(file: string, _flags: unknown, report: CommandReport): Promise<void> {
  const model = await loadAnyModel(file);
  let summary = '';
  model.summary((text) => {
    summary += `${text}\n`;
  });
  const { inputShape, outputShape, metadata } = model;
  const layers = model.layers.map((layer) => ({ name: layer.name, className: layer.className }));
  const fields = { file, inputShape, outputShape, parameters: model.countParams(), layers, metadata };
  const lines = Object.entries(metadata).map(([name, value]) => {
    const text = JSON.stringify(value);
    return `  ${name}: ${text.length > 100 ? `${text.slice(0, 97)}...` : text}`;
  });
  report.answer('model', fields, [summary.trimEnd(), ...(lines.length > 0 ? ['metadata:', ...lines] : [])].join('\n'));
}
