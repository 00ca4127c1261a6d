import type { Logs } from '../callbacks/callback.ts';
import { warn } from '../core/warnings.ts';
import type { Column, Dataset } from '../feed/dataset.ts';
import { type Graph, layerOf } from '../graph/graph.ts';
import type { Layer } from '../layers/layer.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { Compilation } from '../objective/compilationTypes.ts';
import type { Loss } from '../objective/loss.ts';
import type { Compiled } from './compilation.ts';
import type { FitChoices } from './fitOptions.ts';
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

/** The compilations whose activations were looked at. */
const lookedAt = new WeakSet<Compilation>();

/** Warns of activations, once for each `compile`. @param session built and compiled */
export function warnOfCompilation(session: Session): void {
  const compilation = session.requireCompilation();
  if (lookedAt.has(compilation)) return;
  const losses = compilation.outputs.map(({ loss }) => loss);
  warnOfOutputs(session.builtGraph('compile'), losses, session);
  lookedAt.add(compilation);
}

/** What models train, where it was looked at. Another `compile` settles it anew. */
const settled = new WeakSet<Compiled>();

/** Warns when training has no weight to move. @param session built */
export function warnOfFrozen(compiled: Compiled, session: Session): void {
  if (settled.has(compiled)) return;
  if (session.builtGraph('compile').weightsOf(compiled.trainable).length === 0) warnOfNothing(session);
  settled.add(compiled);
}

function warnOfNothing(model: Session): void {
  warn(
    'NOTHING_TRAINED',
    `model ${model.name} has no trainable weights, so training changes nothing. Set trainable = true on a layer with weights, and compile again.`,
    model,
  );
}

/**
 * Warns when a layer is frozen, or not any more, since `compile`, which alone settles what is
 * trained.
 * @param layers the model's, with those inside others
 */
export function warnOfTrainable(compiled: Compiled, layers: readonly Layer[]): void {
  const changed = layers.find((layer) => layer.trainable !== compiled.trainable.has(layer) && layer.weights.length > 0);
  if (!changed) return;
  const { name, className, trainable } = changed;
  const happens = trainable ? 'is not trained, although it is trainable now' : 'is trained, although it is frozen now';
  const message = `layer ${name} (${className}) ${happens}: a change of trainable counts from the next compile.`;
  warn('TRAINABLE_CHANGED', message, compiled);
}

/**
 * Warns of options of `fit` that keep it from doing what they say.
 * @param model the subject of the warnings
 */
export function warnOfOptions({ given, epochs, initialEpoch, validationSplit }: FitChoices, model: object): void {
  if (initialEpoch >= epochs)
    warn(
      'NOTHING_TRAINED',
      `fit: initialEpoch ${initialEpoch} is not below epochs ${epochs}, so no epoch is trained: epochs is the epoch to stop at, as in Keras, not ` +
        'the number of epochs that are trained.',
      model,
      'epochs',
    );
  if (given.validationFreq !== undefined && validationSplit === 0 && given.validationData == null)
    warn('NO_VALIDATION', 'fit: validationFreq has no effect without validationData or validationSplit.', model);
}

/** Warns of data from which a model can learn nothing. @param model the subject of the warnings */
export function warnOfData(graph: Graph, losses: readonly Loss[], { y, weight }: Dataset, model: object): void {
  for (const [index, loss] of losses.entries()) warnOfTargets(outputLayer(graph, index), loss, y[index], model);
  if (weight.length > 0 && weight.every((column) => column?.data.every((value) => value === 0)))
    warn('NOTHING_TRAINED', 'every sample weighs 0, by sampleWeight or classWeight, so training changes nothing.', model, 'weights');
}

/** Warns of targets that the last layer's activation cannot reach. */
function warnOfTargets(last: Layer, loss: Loss, y: Column | undefined, model: object): void {
  const range = RANGES[String(activationOf(last))];
  const isLimited = !('recurrentActivation' in last) || last.recurrentActivation === 'sigmoid';
  const compares = loss.activation === null && loss.targetKind === 'floats' && loss.targetUnits === null;
  if (!y || !range || !isLimited || !compares) return;
  const [low, high] = range;
  let outside = 0;
  let example = 0;
  for (const value of y.data) {
    if (value >= low && value <= high) continue;
    if (outside++ === 0) example = value;
  }
  // A few are noise, or marks of steps that do not count.
  if (2 * outside <= y.data.length) return;
  warn(
    'TARGETS_OUT_OF_RANGE',
    `${outside} of ${y.data.length} targets, such as ${example}, are outside of ${low} to ${high}, the outputs of layer ${last.name} ` +
      `(${last.className}) by its activation '${activationOf(last)}', so no training can reach them. Scale the targets, or end the model in a ` +
      "Dense layer with activation 'linear'.",
    model,
    last.name,
  );
}

/** The values that activations give. */
const RANGES: Readonly<Record<string, readonly [low: number, high: number]>> = {
  sigmoid: [0, 1],
  softmax: [0, 1],
  tanh: [-1, 1],
  relu: [0, Number.POSITIVE_INFINITY],
};

/** The layer whose activation gives the output. */
function outputLayer(graph: Graph, index: number): Layer {
  let { node } = graph.outputs[index] as SymbolicTensor;
  while (PASSING.includes(layerOf(node).className)) ({ node } = node.inputs[0] as SymbolicTensor);
  return layerOf(node);
}

/** Layers whose outputs are their inputs, but for some that are left out. */
const PASSING: readonly string[] = ['Dropout'];

function activationOf(layer: Layer): unknown {
  return 'activation' in layer ? layer.activation : undefined;
}

function warnOfConstant({ name, className }: Layer, model: object): void {
  warn(
    'CONSTANT_OUTPUT',
    `layer ${name} (${className}) has a softmax over one value, which is always 1, so neither it nor a layer before it learns anything. ` +
      "For one yes-or-no output use activation 'sigmoid' and loss 'binaryCrossentropy'; for classes, one unit for each.",
    model,
    name,
  );
}

/** What is wrong with a loss after an activation; null when nothing is. */
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
    `loss '${name}' takes probabilities, but ${layer} has activation '${activation}', and outputs outside of 0 to 1 have no gradient, so ` +
    `training may not begin. End the model in a layer with activation '${expected}', or in one with activation 'linear' and use ` +
    `${name}({ fromLogits: true }).`
  );
}

/** Warns when a loss is not finite. @param what `evaluate: the loss` */
export function warnOfLoss(session: Session, what: string, { loss }: Logs): void {
  if (!Number.isFinite(loss)) session.warnOfResult(`${what} is ${loss}`);
}
