import type { Logs } from '../callbacks/callback.ts';
import { warn } from '../core/warnings.ts';
import type { Column, Dataset } from '../feed/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import type { Layer } from '../layers/layer.ts';
import type { Loss } from '../objective/loss.ts';
import { resultWarning } from '../run/divergence.ts';
import type { Compiled } from './compilation.ts';
import { activationOf, outputLayer } from './compilationWarnings.ts';
import type { FitChoices } from './fitOptions.ts';
import type { Session } from './session.ts';

/** The compilations whose trainable layers were checked. A new `compile` makes a new one. */
const settled = new WeakSet<Compiled>();

/** Warns when training updates no weight. @param session built */
export function warnOfFrozen(compiled: Compiled, session: Session): void {
  if (settled.has(compiled)) return;
  if (session.builtGraph('compile').weightsOf(compiled.trainable).length === 0) warnOfNothing(session);
  settled.add(compiled);
}

function warnOfNothing(model: Session): void {
  warn(
    'NOTHING_TRAINED',
    `model ${model.name} has no trainable weights. Set trainable = true on a layer with weights, and compile again.`,
    model,
  );
}

/**
 * Warns when `trainable` of a layer changed after `compile`, which decides what is trained.
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
      `fit: initialEpoch ${initialEpoch} is not below epochs ${epochs}, so no epoch is trained: epochs is the one to stop at.`,
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
    warn('NOTHING_TRAINED', 'every sample weighs 0, by sampleWeight or classWeight.', model, 'weights');
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
  // A few may be noise, or mark steps that do not count.
  if (2 * outside <= y.data.length) return;
  warn(
    'TARGETS_OUT_OF_RANGE',
    `${outside} of ${y.data.length} targets, such as ${example}, are outside of ${low} to ${high}, the outputs of layer ${last.name} ` +
      `(${last.className}) with activation '${activationOf(last)}', so none is reached. Scale the targets, or end the model in a ` +
      "Dense layer with activation 'linear'.",
    model,
    last.name,
  );
}

/** The ranges of activations. */
const RANGES: Readonly<Record<string, readonly [low: number, high: number]>> = {
  sigmoid: [0, 1],
  softmax: [0, 1],
  tanh: [-1, 1],
  relu: [0, Number.POSITIVE_INFINITY],
};

/** Warns of results that are not finite. @param what `evaluate: the loss is NaN` */
export async function warnOfResult(session: Session, what: string): Promise<void> {
  session.warnOfDivergence(resultWarning(what, await session.memory.firstNotFinite(null)));
}

/** Warns when a loss is not finite. @param what `evaluate: the loss` */
export async function warnOfLoss(session: Session, what: string, { loss }: Logs): Promise<void> {
  if (!Number.isFinite(loss)) await warnOfResult(session, `${what} is ${loss}`);
}
