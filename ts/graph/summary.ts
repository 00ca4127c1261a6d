import { formatShape, sizeOf } from '../core/shape.ts';
import type { Layer } from '../layers/layer.ts';
import type { Node, SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { Graph } from './graph.ts';
import { layerOf } from './graph.ts';
import type { Structure } from './structure.ts';

/**
 * The table of `summary`: for each layer a row with its output shape (`?` for the batch and free
 * lengths), its parameters and, in a graph that is not a chain, its inputs.
 */
export function summarize({ graph, layers: computing, preprocessing }: Structure, modelName: string): string {
  const layers = [...new Set([...preprocessing.flat(), ...computing])];
  const nodes: readonly Node[] = graph ? [...graph.inputs.map(({ node }) => node), ...graph.nodes] : [];
  // The shape after preprocessing layers is known for the last one: it is that of the graph's
  // input.
  const prepared = new Map<Layer | undefined, SymbolicTensor | undefined>(
    preprocessing.map((ofInput, index) => [ofInput.at(-1), graph?.inputs[index]]),
  );
  const usesOf = (layer: Layer) => nodes.filter((node) => node.layer === layer);
  const isChain = nodes.every(
    ({ inputs, outputs }, index) => inputs.length <= 1 && outputs.length === 1 && (index === 0 || inputs[0]?.node === nodes[index - 1]),
  );
  const header = ['Layer (type)', 'Output shape', 'Parameters', ...(isChain ? [] : ['Connected to'])];
  const rows = layers.map((layer) => {
    const uses = usesOf(layer);
    const parameters = layer.weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0);
    const outputs = uses[0]?.outputs ?? [prepared.get(layer)].filter((tensor) => tensor !== undefined);
    const shapes = outputs.map(({ shape }) => formatShape([null, ...shape])).join(', ');
    const integers = layer.weights.find(({ quantised }) => quantised)?.quantised?.values;
    const row = [
      `${layer.name} (${layer.className})${integers ? `, ${integers.type}` : layer.trainable ? '' : ', frozen'}`,
      shapes || '?',
      graph ? count(parameters) : '?',
    ];
    return isChain ? row : [...row, uses.map(({ inputs }) => inputs.map(sourceName).join(', ')).join('; ')];
  });
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => (row[column] as string).length)));
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => (column === 2 ? text.padStart(widths[column] as number) : text.padEnd(widths[column] as number)))
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1)));
  return [`Model: ${modelName}`, rule, line(header), rule, ...rows.map(line), rule, totals(graph)].join('\n');
}

function totals(graph: Graph | null): string {
  if (!graph) return 'Parameters: not built yet';
  const total = graph.countParameters();
  const trainable = graph.countParameters('trainable');
  return `Parameters: ${count(total)} (${count(trainable)} trainable, ${count(total - trainable)} frozen)`;
}

/** `lstm`, or `lstm[1]` for an output after the first. */
function sourceName({ node, port }: SymbolicTensor): string {
  return port === 0 ? layerOf(node).name : `${layerOf(node).name}[${port}]`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
