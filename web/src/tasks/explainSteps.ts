import type { Sequential, Tensor } from 'backtime';
import { answerWorkers } from '../model/answerWorkers.ts';
import type { SeriesNotes } from './classifySeries.ts';
import type { Series } from './series.ts';
import { encodeSeries } from './seriesInput.ts';

/** Parts that a series is looked at in. */
const PARTS = 12;

/** What a part of a series does to the answer. */
export interface PartEffect {
  /** Its first step, and the one after its last. */
  readonly from: number;
  readonly to: number;
  /**
   * How much more probable the named class is with the part than with means in its place, -1 to 1.
   */
  readonly effect: number;
}

export interface SeriesJudgement {
  /** Probability of each class. */
  readonly probabilities: readonly number[];
  /** Number of the most probable class, which the effects are about. */
  readonly best: number;
  readonly parts: readonly PartEffect[];
}

/**
 * What a model makes of a series, and which steps moved it: the series is read once whole, and once
 * with means in place of each of its parts, in one batch.
 */
export async function judgeWithSteps(model: Sequential, notes: SeriesNotes, series: Series): Promise<SeriesJudgement> {
  const { shape, data } = encodeSeries(notes, [series]);
  const [, length, width] = shape;
  // Only the last steps of a long series are read, and a short one begins with means.
  const read = Math.min(series.length, length);
  const offset = length - read;
  const parts = partsOf(read);
  const variants = new Float32Array((parts.length + 1) * data.length);
  for (let variant = 0; variant <= parts.length; variant++) variants.set(data, variant * data.length);
  for (const [index, { from, to }] of parts.entries())
    variants.fill(0, (index + 1) * data.length + (offset + from) * width, (index + 1) * data.length + (offset + to) * width);
  const x: Tensor = { shape: [parts.length + 1, length, width], data: variants };
  const { data: outputs } = await model.predict(x, { batchSize: parts.length + 1, ...answerWorkers(model, parts.length + 1, length) });
  const classes = notes.classes.length;
  const probabilities = Array.from(outputs.subarray(0, classes));
  const best = probabilities.indexOf(Math.max(...probabilities));
  const skipped = series.length - read;
  return {
    probabilities,
    best,
    parts: parts.map(({ from, to }, index) => ({
      from: skipped + from,
      to: skipped + to,
      effect: probabilities[best] - outputs[(index + 1) * classes + best],
    })),
  };
}

function partsOf(length: number): { from: number; to: number }[] {
  const count = Math.min(PARTS, length);
  return Array.from({ length: count }, (_, part) => ({
    from: Math.floor((part * length) / count),
    to: Math.floor(((part + 1) * length) / count),
  }));
}
