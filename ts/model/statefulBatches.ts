import { ArgumentError, ShapeError } from '../core/errors.ts';
import { type Graph, layerOf } from '../graph/graph.ts';
import { InputLayer } from '../layers/input.ts';
import { BatchStates } from '../program/batchStates.ts';
import type { Engine } from '../run/engine.ts';
import type { Session } from './session.ts';

/**
 * Checks that `fit` keeps the order of the samples if a layer carries states from batch to batch.
 * @throws {ArgumentError}
 */
export function requireOrder(graph: Graph, shuffle: boolean): void {
  const [layer] = graph.statefulLayers;
  if (!layer || !shuffle) return;
  throw new ArgumentError(
    `fit: ${layer.title} is stateful: it continues the sequences of the batch before, so fit must keep the order of the samples. ` +
      'Give shuffle: false (the default is true)',
  );
}

/**
 * Checks that stateful layers can carry their states through the batches of a call: all have one
 * size, that of the batches before.
 * @param count number of samples
 * @param kept number of sequences whose states are kept; null for none
 * @param what the call, for the message: `fit`, `fit: validationData`
 * @throws {ShapeError}
 */
export function requireBatches(graph: Graph, count: number, batchSize: number, kept: number | null, what: string): void {
  const [layer] = graph.statefulLayers;
  if (!layer || count === 0) return;
  const size = Math.min(batchSize, count);
  const rest = count % size;
  if (rest > 0)
    throw new ShapeError(
      `${what}: ${count} samples in batches of ${size} leave a last batch of ${rest}, but ${layer.title} is stateful and takes batches ` +
        `of one size: give a batchSize that divides ${count}, or leave out ${rest} samples`,
    );
  const fixed = fixedBatchSize(graph);
  if (fixed !== null && fixed !== size)
    throw new ShapeError(
      `${what}: the batches have ${size} samples, but Input({ batchSize: ${fixed} }) sets ${fixed} for ${layer.title}, which is stateful: ` +
        `give batches of ${fixed}, or copy the weights to a model with another batchSize`,
    );
  if (kept !== null && kept !== size)
    throw new ShapeError(
      `${what}: the batches have ${size} samples, but ${layer.title} is stateful and keeps the states of ${kept} sequences: ` +
        `give batches of ${kept}, or call model.resetStates() before new sequences`,
    );
}

/** The option `batchSize` of the graph's inputs; null when no input has it. */
function fixedBatchSize({ inputs }: Graph): number | null {
  for (const { node } of inputs) {
    const layer = layerOf(node);
    if (layer instanceof InputLayer && layer.batchSize !== null) return layer.batchSize;
  }
  return null;
}

/**
 * The states that a call of `evaluate` or `predict` continues. Calls during `fit` begin with zeros,
 * so they do not disturb the states of training.
 */
export function keptStates(session: Session, engine: Engine): BatchStates {
  return session.fitting ? new BatchStates() : engine.states;
}
