import type { FloatArray } from '../core/numericArray.ts';
import type { LossBatch } from './batchLoss.ts';

const NEVER = Number.NEGATIVE_INFINITY;

/** `log(exp(a) + exp(b) + exp(c))` */
function logSum(a: number, b: number, c: number): number {
  const largest = Math.max(a, b, c);
  if (largest === NEVER) return NEVER;
  return largest + Math.log(share(a - largest) + share(b - largest) + share(c - largest));
}

/** `exp(x)` of a number that is not positive. */
function share(x: number): number {
  // Terms that do not change a sum with 1 are skipped.
  return x === 0 ? 1 : x < -40 ? 0 : Math.exp(x);
}

/**
 * All readings of one sample: S = 2 L + 1 states, a blank before, between and after its L labels,
 * at each of its T steps. All numbers are logarithms, because the probability of a long sequence is
 * smaller than any float.
 */
export class CTCLattice {
  /** T: steps that are not masked. */
  steps = 0;
  /** L */
  labelCount = 0;
  logProbability = 0;
  #repeats = 0;
  /** `[T]`: the rows of the batch that are the sample's steps. */
  #rows = new Int32Array(0);
  /** `[L]` */
  #labels = new Int32Array(0);
  #blank = 0;
  /** `[T, 1 + L]`: the log probability of the blank and of each label. */
  #scores = new Float64Array(0);
  /** `[T]`: what the scores of a row are normalized by. */
  #normalizers = new Float64Array(0);
  /** `[T, S]`: of all beginnings of readings that are in a state after a step. */
  #alpha = new Float64Array(0);
  /** `[S]`: of all ends of readings after a state and a step. */
  #beta = new Float64Array(0);

  /** Takes the labels and the steps of sample b of B. */
  take(b: number, rows: number, samples: number, yTrue: LossBatch['yTrue'], mask: Int32Array | null, blank: number): void {
    if (this.#rows.length * samples < rows) {
      this.#rows = new Int32Array(rows / samples);
      this.#labels = new Int32Array(rows / samples);
      this.#normalizers = new Float64Array(rows / samples);
    }
    this.#blank = blank;
    this.steps = 0;
    this.labelCount = 0;
    this.#repeats = 0;
    for (let row = b; row < rows; row += samples) {
      if (mask === null || mask[row] !== 0) this.#rows[this.steps++] = row;
      const label = yTrue[row] as number;
      if (label === blank) continue;
      if (this.labelCount > 0 && label === this.#labels[this.labelCount - 1]) this.#repeats++;
      this.#labels[this.labelCount++] = label;
    }
    const states = 2 * this.labelCount + 1;
    if (this.#alpha.length < this.steps * states) {
      this.#alpha = new Float64Array(this.steps * states);
      this.#scores = new Float64Array(this.steps * (this.labelCount + 1));
    }
    if (this.#beta.length < states) this.#beta = new Float64Array(states);
  }

  /** Whether the steps can hold the labels, with a blank between equal neighbours. */
  get isPossible(): boolean {
    return this.labelCount + this.#repeats <= this.steps;
  }

  /** Reads the log softmax `[N, C]` of the classes that the sample needs. */
  readScores(yPred: FloatArray, units: number): void {
    const width = this.labelCount + 1;
    for (let t = 0; t < this.steps; t++) {
      const start = (this.#rows[t] as number) * units;
      let largest = NEVER;
      for (let k = start; k < start + units; k++) largest = Math.max(largest, yPred[k] as number);
      let sum = 0;
      for (let k = start; k < start + units; k++) sum += Math.exp((yPred[k] as number) - largest);
      const normalizer = largest + Math.log(sum);
      this.#normalizers[t] = normalizer;
      this.#scores[t * width] = (yPred[start + this.#blank] as number) - normalizer;
      for (let j = 1; j < width; j++) this.#scores[t * width + j] = (yPred[start + (this.#labels[j - 1] as number)] as number) - normalizer;
    }
  }

  forward(): void {
    const { steps } = this;
    const states = 2 * this.labelCount + 1;
    const alpha = this.#alpha;
    for (let t = 0; t < steps; t++) {
      const now = t * states;
      const before = now - states;
      // From a state before the first one the steps that are left do not reach the end.
      for (let s = Math.max(states - 2 * (steps - t), 0); s < states; s++) {
        let sum = s <= 1 ? 0 : NEVER;
        if (t > 0)
          sum = logSum(
            alpha[before + s] as number,
            s > 0 ? (alpha[before + s - 1] as number) : NEVER,
            this.#followsLabel(s) ? (alpha[before + s - 2] as number) : NEVER,
          );
        alpha[now + s] = sum + this.#score(t, s);
      }
    }
    const end = steps * states - 1;
    this.logProbability = logSum(alpha[end] as number, states > 1 ? (alpha[end - 1] as number) : NEVER, NEVER);
  }

  /**
   * Writes the gradient `[N, C]` for the scores before the softmax: the softmax, less the share of
   * the readings that have the class at the step.
   */
  backward(yPred: FloatArray, units: number, factor: number, gradients: FloatArray): void {
    const { steps } = this;
    const states = 2 * this.labelCount + 1;
    const beta = this.#beta;
    for (let t = steps - 1; t >= 0; t--) {
      const start = (this.#rows[t] as number) * units;
      const normalizer = this.#normalizers[t] as number;
      for (let k = start; k < start + units; k++) gradients[k] = factor * Math.exp((yPred[k] as number) - normalizer);
      let blankShare = 0;
      // In this order, so that the states after s still are those of the next step.
      for (let s = 0; s < states; s++) {
        let sum = s >= states - 2 ? 0 : NEVER;
        if (t < steps - 1)
          sum = logSum(
            (beta[s] as number) + this.#score(t + 1, s),
            s + 1 < states ? (beta[s + 1] as number) + this.#score(t + 1, s + 1) : NEVER,
            s + 2 < states && this.#followsLabel(s + 2) ? (beta[s + 2] as number) + this.#score(t + 1, s + 2) : NEVER,
          );
        beta[s] = sum;
        if (sum === NEVER) continue;
        const ofReadings = Math.exp((this.#alpha[t * states + s] as number) + sum - this.logProbability);
        if (s % 2 === 0) blankShare += ofReadings;
        else {
          const k = start + (this.#labels[(s - 1) / 2] as number);
          gradients[k] = (gradients[k] as number) - factor * ofReadings;
        }
      }
      const k = start + this.#blank;
      gradients[k] = (gradients[k] as number) - factor * blankShare;
    }
  }

  /** The log probability of a state's class at a step. */
  #score(t: number, state: number): number {
    return this.#scores[t * (this.labelCount + 1) + (state % 2 === 0 ? 0 : (state + 1) / 2)] as number;
  }

  /** Whether a state is a label that may come after the one before it without a blank between. */
  #followsLabel(state: number): boolean {
    const label = (state - 1) / 2;
    return state % 2 === 1 && label > 0 && this.#labels[label] !== this.#labels[label - 1];
  }
}
