import type { Weight } from '../layers/weight.ts';

/** When some weights were last changed. */
interface Mark {
  at: number;
}

/** The mark of each weight; weights that came together have one. */
const marks = new WeakMap<Weight, Mark>();
/** The arrays of weights at the last check. Setting a weight makes a new array. */
const seen = new WeakSet<object>();
let clock = 0;

/**
 * Notes that programs change weights, so that copies of the weights in workers are known to be old.
 */
export class WeightChanges {
  readonly #marks: ReadonlySet<Mark>;

  constructor(weights: readonly Weight[]) {
    const fresh: Mark = { at: 0 };
    for (const weight of weights) if (!marks.has(weight)) marks.set(weight, fresh);
    this.#marks = new Set(weights.map((weight) => marks.get(weight) as Mark));
  }

  /** Notes that all the weights may change now. */
  note(): void {
    clock++;
    for (const mark of this.#marks) mark.at = clock;
  }
}

/**
 * A number that increases when any weight in a backend's memory changes. It is cheaper than
 * `lastChange`.
 */
export function changesSoFar(): number {
  return clock;
}

/** Notes that a weight is set. */
export function noteChange(weight: Weight): void {
  const mark = marks.get(weight);
  clock++;
  if (mark) mark.at = clock;
  else marks.set(weight, { at: clock });
}

/** Notes that a weight was set, if its array is another one than before. */
export function noteArray(weight: Weight): void {
  if (!weight.values || seen.has(weight.values)) return;
  seen.add(weight.values);
  noteChange(weight);
}

/**
 * A number that increases when one of the weights changes, whether by programs of any model, by a
 * user or by a file.
 */
export function lastChange(weights: readonly Weight[]): number {
  for (const weight of weights) noteArray(weight);
  return weights.reduce((last, weight) => Math.max(last, marks.get(weight)?.at ?? 0), 0);
}
