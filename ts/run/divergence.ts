import { LARGEST_FLOAT32 } from '../core/float32.ts';
import { type Column, type Dataset, valuesOf } from '../feed/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';

/** A training step whose loss is not finite. */
export interface Divergence {
  /** NaN or an infinity. */
  readonly loss: number;
  /** Steps that the optimizer had done before. */
  readonly iteration: number;
  /** Whether it is the first step of its run. */
  readonly first: boolean;
  /**
   * `x[3]`: a sample of the batch that is not finite, although it was when it was checked; null
   * when all are.
   */
  readonly changed: string | null;
  /** Whether the trainable weights are finite after the step. */
  readonly finiteWeights: boolean;
}

/**
 * The first sample of a batch that has a value which is not finite: `x[3]`; null when there is
 * none.
 * @param rows the batch's samples
 */
export function changedSample({ inputNames, outputNames, feeds }: Graph, dataset: Dataset, rows: Int32Array): string | null {
  const nameOf = (input: number) => (inputNames.length > 1 ? `x.${inputNames[input]}` : 'x');
  const nameOfOutput = (base: string, output: number) => (outputNames.length > 1 ? `${base}.${outputNames[output]}` : base);
  const columns: [string, Column | null][] = [
    ...dataset.x.map((column, index): [string, Column] => [nameOf(feeds[index]?.input ?? 0), column]),
    ...dataset.y.map((column, index): [string, Column] => [nameOfOutput('y', index), column]),
    ...dataset.weight.map((column, index): [string, Column | null] => [nameOfOutput('sampleWeight', index), column]),
  ];
  for (const [name, column] of columns) {
    if (!column) continue;
    for (const sample of rows) {
      for (const value of valuesOf(column, sample)) if (!(Math.abs(value) <= LARGEST_FLOAT32)) return `${name}[${sample}]`;
    }
  }
  return null;
}

/** The warning about a step. @param method the call that trains */
export function stepWarning(method: string, divergence: Divergence, optimizer: Optimizer): string {
  const { loss, iteration, first, changed, finiteWeights } = divergence;
  const found = `${method}: the loss ${first ? 'is' : 'became'} ${loss} in step ${iteration + 1}`;
  const weights = finiteWeights ? 'The weights are still finite' : `The weights are not finite any more: ${RENEW}`;
  if (changed !== null)
    return `${found}, because ${changed} is no longer finite. Data must not change while ${method} runs: pass a copy. ${weights}.`;
  const cause = first ? 'this first step had weights that were not finite, or numbers that are too large' : 'training diverged';
  return `${found}: ${cause}. ${weights}. Train ${remedies(optimizer)}.`;
}

/**
 * The warning about results that are not finite.
 * @param what `evaluate: the loss is NaN`
 * @param notFinite the weight that has such values, null when all weights are finite
 */
export function resultWarning(what: string, notFinite: string | null): string {
  return notFinite === null
    ? `${what}, although all weights are finite: the numbers became too large. Scale inputs and targets to about -1 to 1.`
    : `${what}, because ${notFinite} is not finite: training diverged before. To train anew, ${RENEW}, and train ${remedies(null)}.`;
}

/**
 * The warning after training, if no loss showed the divergence.
 * @param notFinite the weight, or the optimizer's values for one
 */
export function weightWarning(notFinite: string, optimizer: Optimizer): string {
  return `fit: ${notFinite} is not finite after the last step: training diverged. To train anew, ${RENEW}, and train ${remedies(optimizer)}.`;
}

const RENEW = 'make a new model or set all weights';

function remedies(optimizer: Optimizer | null): string {
  const rate = typeof optimizer?.learningRate === 'number' ? ` than ${optimizer.learningRate}` : '';
  const clips = optimizer && (optimizer.clipsByNorm || optimizer.clipvalue !== null);
  return `with a lower learningRate${rate}${clips ? '' : ', with clipnorm: 1 in the optimizer'}, or with inputs and targets scaled to about -1 to 1`;
}
