import type { FloatArray } from '../backend/backend.ts';
import type { NumericArray } from '../core/numericArray.ts';
import { readScores } from './chooseId.ts';
import type { IdStream } from './idStream.ts';

/** Options of a beam search, checked. */
export interface BeamOptions {
  readonly length: number;
  readonly minLength: number;
  readonly stopIds: readonly number[];
  readonly lengthPenalty: number;
}

/** The beginning of a sequence, or a whole one. */
interface Beam {
  readonly ids: readonly number[];
  /** The logarithm of its probability; of one that has ended, over its length. */
  readonly score: number;
}

interface Candidate {
  readonly row: number;
  readonly id: number;
  readonly score: number;
}

/**
 * Searches the most probable sequence that continues a prompt: at each step the R most probable
 * beginnings are kept, one in each row of the stream. Yields null after each step.
 * @returns the ids, without the prompt and the id that stops
 */
export function* searchBeams(stream: IdStream, prompt: NumericArray, options: BeamOptions): Generator<null, readonly number[]> {
  const { length, minLength, stopIds, lengthPenalty } = options;
  const { rows } = stream;
  const next = new Int32Array(rows);
  for (const id of prompt) {
    stream.step(next.fill(id));
    yield null;
  }
  let beams: readonly Beam[] = [{ ids: [], score: 0 }];
  let best: Beam = { ids: [], score: Number.NEGATIVE_INFINITY };
  for (let count = 1; ; count++) {
    const candidates = mostProbable(stream, beams, count <= minLength ? stopIds : [], rows * (1 + stopIds.length));
    const goOn = candidates.filter(({ id }) => !stopIds.includes(id)).slice(0, rows);
    // Sequences that end are compared with those that continue at the same step.
    const stopped = candidates.slice(0, rows).filter(({ id }) => stopIds.includes(id));
    const penalty = count ** lengthPenalty;
    const before = beams;
    const ended = stopped.map(({ row, score }) => ({ ids: (before[row] as Beam).ids, score: score / penalty }));
    beams = goOn.map(({ row, id, score }) => ({ ids: [...(before[row] as Beam).ids, id], score }));
    if (count === length) ended.push(...beams.map(({ ids, score }) => ({ ids, score: score / penalty })));
    for (const whole of ended) if (whole.score > best.score) best = whole;
    // The best score that a beginning can still reach, because each id lowers its probability.
    const most = (beams[0]?.score ?? Number.NEGATIVE_INFINITY) / (lengthPenalty > 0 ? length : count) ** lengthPenalty;
    if (count === length || most <= best.score) return best.ids;
    stream.gather(Array.from(next, (_, row) => goOn[row]?.row ?? 0));
    for (let row = 0; row < rows; row++) next[row] = goOn[row]?.id ?? 0;
    stream.step(next);
    yield null;
  }
}

/** The best continuations of all beginnings by one id, best first. */
function mostProbable(stream: IdStream, beams: readonly Beam[], excluded: readonly number[], count: number): Candidate[] {
  const best: Candidate[] = [];
  for (const [row, beam] of beams.entries()) {
    const values = stream.outputs[row] as FloatArray;
    readScores(values, stream.fromLogits, excluded);
    const normalizer = stream.fromLogits ? logSumExp(values) : 0;
    for (let id = 0; id < values.length; id++) {
      const score = beam.score + (values[id] as number) - normalizer;
      if (score === Number.NEGATIVE_INFINITY || (best.length === count && score <= (best[count - 1] as Candidate).score)) continue;
      let place = best.length;
      while (place > 0 && (best[place - 1] as Candidate).score < score) place--;
      best.splice(place, 0, { row, id, score });
      if (best.length > count) best.pop();
    }
  }
  return best;
}

function logSumExp(values: FloatArray): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) largest = Math.max(largest, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
