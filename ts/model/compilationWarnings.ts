import { warn } from '../core/warnings.ts';
import { type Graph, layerOf } from '../graph/graph.ts';
import type { Layer } from '../layers/layer.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { Compilation } from '../objective/compilationTypes.ts';
import type { Loss } from '../objective/loss.ts';
import type { Session } from './session.ts';

/**
 * Warns of activations with which training cannot work, whatever the data.
 * @param graph built
 * @param model the subject of the warnings
 */
function warnOfOutputs(graph: Graph, losses: readonly Loss[], model: object): void {
  for (const node of graph.nodes) {
    const layer = layerOf(node);
    if (activationOf(layer) === 'softmax' && node.outputs[0]?.shape.at(-1) === 1) warnOfConstant(layer, model);
  }
  for (const [index, loss] of losses.entries()) {
    const last = outputLayer(graph, index);
    const message = mismatch(loss, `layer ${last.name} (${last.className})`, activationOf(last));
    if (message !== null) warn('LOSS_AND_ACTIVATION', message, model, message);
  }
}

/** The compilations whose activations were checked. */
const lookedAt = new WeakSet<Compilation>();

/** Warns of activations, once for each `compile`. @param session built and compiled */
export function warnOfCompilation(session: Session): void {
  const compilation = session.requireCompilation();
  if (lookedAt.has(compilation)) return;
  const losses = compilation.outputs.map(({ loss }) => loss);
  warnOfOutputs(session.builtGraph('compile'), losses, session);
  lookedAt.add(compilation);
}

/** The layer whose activation gives the output. */
export function outputLayer(graph: Graph, index: number): Layer {
  let { node } = graph.outputs[index] as SymbolicTensor;
  while (PASSING.includes(layerOf(node).className)) ({ node } = node.inputs[0] as SymbolicTensor);
  return layerOf(node);
}

/** Layers whose outputs are their inputs, but for some that are left out. */
const PASSING: readonly string[] = ['Dropout'];

/** The option `activation` of a layer; undefined when it has none. */
export function activationOf(layer: Layer): unknown {
  return 'activation' in layer ? layer.activation : undefined;
}

function warnOfConstant({ name, className }: Layer, model: object): void {
  warn(
    'CONSTANT_OUTPUT',
    `layer ${name} (${className}) has a softmax over one value, which is always 1, so nothing is learned. ` +
      "For one yes-or-no output use activation 'sigmoid' and loss 'binaryCrossentropy'; for classes, one unit for each.",
    model,
    name,
  );
}

/** The mismatch of a loss and an activation; null if they fit. */
function mismatch({ name, fromLogits, activation: expected }: Loss, layer: string, activation: unknown): string | null {
  if (expected === null) return null;
  const isBinary = expected === 'sigmoid';
  if (fromLogits) {
    if (activation === 'sigmoid' || activation === 'softmax')
      return (
        `loss '${name}' with fromLogits: true takes scores, but ${layer} already applies activation '${activation}', so no prediction can be ` +
        'sure. Remove the activation, or fromLogits.'
      );
    if (isBinary && activation === 'relu')
      return (
        `loss '${name}' with fromLogits: true takes scores of any sign, but ${layer} has activation 'relu', so no probability can be ` +
        'below one half. Remove the activation.'
      );
    return null;
  }
  if (activation !== 'linear' && activation !== 'relu' && activation !== 'tanh') return null;
  return (
    `loss '${name}' takes probabilities, but ${layer} has activation '${activation}', and outputs outside of 0 to 1 have no gradient. ` +
    `End the model in a layer with activation '${expected}', or in one with activation 'linear' and use ` +
    `${name}({ fromLogits: true }).`
  );
}
