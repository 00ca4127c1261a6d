import type { FloatArray } from '../core/numericArray.ts';

/**
 * The smallest logarithm of a factor: steps and transitions that are less probable than the most
 * probable one by more count as if they were not less, so that no product of three underflows.
 */
const FLOOR = -200;

const power = (difference: number) => Math.exp(Math.max(difference, FLOOR));

/**
 * One sequence of a linear chain: U tags at each of its T steps, with an energy for each tag at
 * each step, `energies [N, U]`, and for each pair of neighbours, `transitions [U, U]`, from row to
 * column. The score of a sequence of tags is the sum of their energies. Its probability is the
 * exponential of the score over the sum of the exponentials of all scores, the partition function.
 *
 * Sums over all sequences are products of matrices, scaled at each step (Rabiner 1989, V.A), so
 * that they need no logarithm for each pair.
 */
export class LinearChain {
  readonly #units: number;
  /** T: steps of the present sequence. */
  #steps = 0;
  /** `[T]`: the rows of the batch that are its steps. */
  readonly #rows: Int32Array;
  /** `[U, U]`: exponentials of the transitions over that of the largest. */
  readonly #pairs: Float64Array;
  #largestPair = 0;
  /** `[T, U]`: exponentials of the energies over that of the step's largest. */
  readonly #singles: Float64Array;
  /** `[T, U]`: the shares of all beginnings that have a tag at a step; each row sums to 1. */
  readonly #alpha: Float64Array;
  /** `[T]`: what the rows of alpha were divided by. */
  readonly #scales: Float64Array;
  /** `[U]`: of the ends after the present step and after the next one. */
  #beta: Float64Array;
  #nextBeta: Float64Array;
  /** `[U]`, `[U]`: the best scores of beginnings up to a step and up to the next one. */
  #best: Float64Array;
  #nextBest: Float64Array;
  /** `[T, U]`: the tag before on the best path. */
  readonly #before: Int32Array;

  /** @param steps the most that a sequence has */
  constructor(steps: number, units: number) {
    const row = () => new Float64Array(units);
    this.#units = units;
    this.#rows = new Int32Array(steps);
    this.#pairs = new Float64Array(units * units);
    this.#singles = new Float64Array(steps * units);
    this.#alpha = new Float64Array(steps * units);
    this.#scales = new Float64Array(steps);
    this.#before = new Int32Array(steps * units);
    [this.#beta, this.#nextBeta, this.#best, this.#nextBest] = [row(), row(), row(), row()];
  }

  /** Takes the transitions of all sequences of a batch. */
  takeTransitions(transitions: FloatArray): void {
    let largest = Number.NEGATIVE_INFINITY;
    for (let pair = 0; pair < transitions.length; pair++) largest = Math.max(largest, transitions[pair] as number);
    for (let pair = 0; pair < transitions.length; pair++) this.#pairs[pair] = power((transitions[pair] as number) - largest);
    this.#largestPair = largest;
  }

  /**
   * Takes the steps of sample b of B that are not masked.
   * @returns whether there are any
   */
  takeSteps(b: number, rows: number, samples: number, mask: Int32Array | null): boolean {
    this.#steps = 0;
    for (let row = b; row < rows; row += samples) if (mask === null || mask[row] !== 0) this.#rows[this.#steps++] = row;
    return this.#steps > 0;
  }

  /** The row of the sequence's first step. */
  get firstRow(): number {
    return this.#rows[0] as number;
  }

  /** The row of the sequence's last step. */
  get lastRow(): number {
    return this.#rows[this.#steps - 1] as number;
  }

  /** The logarithm of the partition function. */
  logPartition(energies: FloatArray): number {
    const units = this.#units;
    const alpha = this.#alpha;
    let logarithm = (this.#steps - 1) * this.#largestPair;
    for (let t = 0; t < this.#steps; t++) {
      const from = (this.#rows[t] as number) * units;
      const now = t * units;
      let largest = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < units; j++) largest = Math.max(largest, energies[from + j] as number);
      for (let j = 0; j < units; j++) {
        this.#singles[now + j] = power((energies[from + j] as number) - largest);
        alpha[now + j] = t === 0 ? 1 : 0;
      }
      for (let i = 0; t > 0 && i < units; i++) {
        const share = alpha[now - units + i] as number;
        for (let j = 0; j < units; j++) alpha[now + j] = (alpha[now + j] as number) + share * (this.#pairs[i * units + j] as number);
      }
      let scale = 0;
      for (let j = 0; j < units; j++) scale += alpha[now + j] = (alpha[now + j] as number) * (this.#singles[now + j] as number);
      for (let j = 0; j < units; j++) alpha[now + j] = (alpha[now + j] as number) / scale;
      this.#scales[t] = scale;
      logarithm += largest + Math.log(scale);
    }
    return logarithm;
  }

  /** The score of tags `[N]`. */
  score(energies: FloatArray, transitions: FloatArray, tags: Int32Array): number {
    let sum = 0;
    for (let t = 0; t < this.#steps; t++) {
      const row = this.#rows[t] as number;
      const tag = tags[row] as number;
      sum += energies[row * this.#units + tag] as number;
      if (t > 0) sum += transitions[(tags[this.#rows[t - 1] as number] as number) * this.#units + tag] as number;
    }
    return sum;
  }

  /**
   * Writes the probability of each tag at each step `[N, U]`, times a factor, and adds those of the
   * pairs to `pairs` `[U, U]`. After {@link logPartition}.
   */
  marginals(factor: number, singles: FloatArray, pairs: Float64Array | null): void {
    const units = this.#units;
    let beta = this.#beta.fill(1);
    let before = this.#nextBeta;
    for (let t = this.#steps - 1; t >= 0; t--) {
      const now = t * units;
      const to = (this.#rows[t] as number) * units;
      for (let j = 0; j < units; j++) singles[to + j] = factor * (this.#alpha[now + j] as number) * (beta[j] as number);
      if (t === 0) break;
      // The sums from this step on, for each of its tags.
      for (let j = 0; j < units; j++) beta[j] = ((beta[j] as number) * (this.#singles[now + j] as number)) / (this.#scales[t] as number);
      for (let i = 0; i < units; i++) {
        const share = factor * (this.#alpha[now - units + i] as number);
        let sum = 0;
        for (let j = 0; j < units; j++) {
          const comes = (this.#pairs[i * units + j] as number) * (beta[j] as number);
          sum += comes;
          if (pairs) pairs[i * units + j] = (pairs[i * units + j] as number) + share * comes;
        }
        before[i] = sum;
      }
      [beta, before] = [before, beta];
    }
    [this.#beta, this.#nextBeta] = [beta, before];
  }

  /** Takes the tags away from what {@link marginals} has written: the gradient of the score. */
  subtractTags(factor: number, tags: Int32Array, singles: FloatArray, pairs: Float64Array): void {
    for (let t = 0; t < this.#steps; t++) {
      const row = this.#rows[t] as number;
      const tag = tags[row] as number;
      const at = row * this.#units + tag;
      singles[at] = (singles[at] as number) - factor;
      if (t === 0) continue;
      const pair = (tags[this.#rows[t - 1] as number] as number) * this.#units + tag;
      pairs[pair] = (pairs[pair] as number) - factor;
    }
  }

  /** Writes the tags with the highest score (Viterbi 1967) as one-hot rows `[N, U]` of zeros. */
  bestPath(energies: FloatArray, transitions: FloatArray, oneHot: FloatArray): void {
    const units = this.#units;
    let best = this.#best;
    let next = this.#nextBest;
    for (let t = 0; t < this.#steps; t++) {
      const from = (this.#rows[t] as number) * units;
      for (let j = 0; j < units; j++) {
        let highest = t === 0 ? 0 : Number.NEGATIVE_INFINITY;
        for (let i = 0; t > 0 && i < units; i++) {
          const score = (best[i] as number) + (transitions[i * units + j] as number);
          if (score <= highest) continue;
          highest = score;
          this.#before[t * units + j] = i;
        }
        next[j] = highest + (energies[from + j] as number);
      }
      [best, next] = [next, best];
    }
    [this.#best, this.#nextBest] = [best, next];
    let tag = 0;
    for (let j = 1; j < units; j++) if ((best[j] as number) > (best[tag] as number)) tag = j;
    for (let t = this.#steps - 1; t >= 0; t--) {
      oneHot[(this.#rows[t] as number) * units + tag] = 1;
      tag = this.#before[t * units + tag] as number;
    }
  }
}
