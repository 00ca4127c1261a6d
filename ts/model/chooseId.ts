import type { FloatArray } from '../backend/backend.ts';
import { DataError } from '../core/errors.ts';
import type { RandomSequence } from '../core/random.ts';

/** How an id is drawn from what a model predicts. */
export interface Choice {
  /** Divisor of the logits; 0: the most probable id. */
  readonly temperature: number;
  /** Draw only from this number of ids, the most probable ones. */
  readonly topK: number;
  /** Draw from the fewest ids whose probabilities add up to this. */
  readonly topP: number;
}

/**
 * Makes scores of what a model predicts, and excludes ids.
 * @param values `[V]`, overwritten by logits or log probabilities
 * @param excluded ids that get no probability
 * @throws {DataError} when a value is NaN
 */
export function readScores(values: FloatArray, fromLogits: boolean, excluded: readonly number[]): void {
  for (let id = 0; id < values.length; id++) {
    const value = values[id] as number;
    if (Number.isNaN(value)) throw new DataError(`generate: the model's output for id ${id} is NaN`);
    if (!fromLogits) values[id] = Math.log(value);
  }
  for (const id of excluded) values[id] = Number.NEGATIVE_INFINITY;
}

/**
 * Draws an id with the probabilities softmax(scores / temperature), among the ids that `topK`
 * and then `topP` leave. Overwrites the scores.
 */
export function chooseId(scores: FloatArray, { temperature, topK, topP }: Choice, random: RandomSequence): number {
  let best = 0;
  for (let id = 1; id < scores.length; id++) if ((scores[id] as number) > (scores[best] as number)) best = id;
  if (temperature === 0) return best;
  const highest = scores[best] as number;
  for (let id = 0; id < scores.length; id++) scores[id] = Math.exp(((scores[id] as number) - highest) / temperature);
  if (topK < scores.length || topP < 1) keepLikely(scores, topK, topP);
  let total = 0;
  for (let id = 0; id < scores.length; id++) total += scores[id] as number;
  let rest = random.uniform() * total;
  for (let id = 0; id < scores.length; id++) {
    rest -= scores[id] as number;
    if (rest < 0) return id;
  }
  // Only rounding leads here.
  return best;
}

/**
 * Sets the probabilities of all but the most probable ids to 0. Among equal ones the first ids are
 * kept.
 */
function keepLikely(powers: FloatArray, topK: number, topP: number): void {
  const order = Int32Array.from(powers.keys()).sort((a, b) => (powers[b] as number) - (powers[a] as number) || a - b);
  const most = Math.min(topK, order.length);
  let total = 0;
  for (let place = 0; place < most; place++) total += powers[order[place] as number] as number;
  let sum = 0;
  for (let place = 0; place < order.length; place++) {
    const id = order[place] as number;
    if (place >= most || (place > 0 && sum >= topP * total)) powers[id] = 0;
    else sum += powers[id] as number;
  }
}
