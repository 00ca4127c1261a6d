import { formatShape, sizeOf } from '../core/shape.ts';
import type { Graph } from './graph.ts';

/** The table that `summary` prints: a row a layer with its output shape (batch and free lengths as ?) and parameters. */
export function summarize(graph: Graph, modelName: string): string {
  const rows: [string, string, string][] = [['Layer (type)', 'Output shape', 'Parameters']];
  let shape: readonly (number | null)[] | null = graph.built ? graph.inputShape : null;
  for (const layer of graph.layers) {
    shape = shape && layer.outputShape(shape);
    const parameters = layer.weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0);
    rows.push([
      `${layer.name} (${layer.className})${layer.trainable ? '' : ', frozen'}`,
      shape ? formatShape([null, ...shape]) : '?',
      shape ? parameters.toLocaleString('en-US') : '?',
    ]);
  }
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const line = (row: readonly string[]) =>
    `${(row[0] as string).padEnd(widths[0] as number)}  ${(row[1] as string).padEnd(widths[1] as number)}  ${(row[2] as string).padStart(widths[2] as number)}`;
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width, 4));
  const total = graph.countParameters();
  const trainable = graph.countParameters('trainable');
  const count = (value: number) => value.toLocaleString('en-US');
  return [
    `Model: ${modelName}`,
    rule,
    line(rows[0] as string[]),
    rule,
    ...rows.slice(1).map(line),
    rule,
    graph.built
      ? `Parameters: ${count(total)} (${count(trainable)} trainable, ${count(total - trainable)} frozen)`
      : 'Parameters: not built yet',
  ].join('\n');
}
