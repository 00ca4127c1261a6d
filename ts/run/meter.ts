import { type Logs, noLogs } from '../callbacks/callback.ts';
import type { ResolvedMetric } from '../objective/metrics.ts';
import type { BatchProgram } from './engine.ts';

/**
 * The results of one step: the loss, then for each metric its numbers. A custom metric has
 * its state, the others the sum of their weighted row values and the sum of the row weights.
 */
export type StepResults = Float64Array;

/** The place of the loss in the results of a step. The numbers of the metrics follow. */
export const LOSS = 0;

/** The place of the number of samples in the sums of a {@link Meter}. The results follow. */
const SAMPLES = 0;

/** How many numbers a metric has in the results of a step. */
const lengthOf = (metric: ResolvedMetric) => (metric.kind === 'own' ? metric.metric.state.length : 2);

/** Makes an array for the results of a step. */
export function makeResults(metrics: readonly ResolvedMetric[]): StepResults {
  return new Float64Array(metrics.reduce((sum, metric) => sum + lengthOf(metric), LOSS + 1));
}

/** Sets the results to those of no samples. */
export function clearResults(metrics: readonly ResolvedMetric[], results: StepResults): void {
  results.fill(0);
  let next = LOSS + 1;
  for (const metric of metrics) {
    if (metric.kind === 'own') {
      metric.metric.reset();
      results.set(metric.metric.state, next);
    }
    next += lengthOf(metric);
  }
}

/** Copies the results of a program's last step. */
export function readResults({ program, objectives, penalties, batch }: BatchProgram, results: StepResults): void {
  results[LOSS] = 0;
  for (const { loss, lossWeight } of objectives) {
    // The loss was multiplied by a weight that is neither 1 nor 0.
    const value = program.floats(loss)[0] as number;
    if (lossWeight !== 0) results[LOSS] += value;
  }
  for (const penalty of penalties) results[LOSS] += program.floats(penalty)[0] as number;
  let next = LOSS + 1;
  const put = (value: number, weight: number) => {
    results[next++] = value;
    results[next++] = weight;
  };
  if (objectives.length > 1)
    for (const { loss, lossWeight } of objectives) put(((program.floats(loss)[0] as number) / (lossWeight || 1)) * batch, batch);
  for (const metric of objectives.flatMap(({ metrics }) => metrics)) {
    if ('state' in metric) {
      results.set(metric.state, next);
      next += metric.state.length;
      continue;
    }
    const { result, meanOver } = metric;
    const computed = program.floats(result);
    const value = computed[0] as number;
    const weight = computed[1] as number;
    put(meanOver === null ? value : value * (meanOver === 'weight' ? weight : meanOver), weight);
  }
}

/**
 * Adds the results of a part of a batch, or of a batch, to others.
 * @param share the factor of the loss of the part
 */
export function addPart(metrics: readonly ResolvedMetric[], whole: StepResults, part: StepResults, share: number): void {
  whole[LOSS] = (whole[LOSS] as number) + share * (part[LOSS] as number);
  let next = LOSS + 1;
  for (const metric of metrics) {
    const end = next + lengthOf(metric);
    if (metric.kind === 'own') {
      const { state } = metric.metric;
      state.set(whole.subarray(next, end));
      metric.metric.merge(part.subarray(next, end));
      whole.set(state, next);
    } else for (let index = next; index < end; index++) whole[index] = (whole[index] as number) + (part[index] as number);
    next = end;
  }
}

/**
 * Running means of loss and metrics over the batches of an epoch, as in Keras: the loss is weighted
 * by the batch size, a metric by the number of samples (or steps of sequences) that count, a
 * weighted metric by their weights.
 */
export class Meter {
  /** The number of samples, then the sums over them, with which another meter can continue. */
  readonly sums: Float64Array;
  readonly #metrics: readonly ResolvedMetric[];
  readonly #totals: StepResults;

  /** @param sums the sums of the batches before; null at the beginning */
  constructor(metrics: readonly ResolvedMetric[], sums: Float64Array | null = null) {
    this.#metrics = metrics;
    this.sums = sums ?? new Float64Array(SAMPLES + 1 + makeResults(metrics).length);
    this.#totals = this.sums.subarray(SAMPLES + 1);
    if (!sums) clearResults(metrics, this.#totals);
  }

  get #samples(): number {
    return this.sums[SAMPLES] as number;
  }

  /** Adds the results of a step on `batch` samples. */
  add(results: StepResults, batch: number): void {
    addPart(this.#metrics, this.#totals, results, batch);
    this.sums[SAMPLES] = this.#samples + batch;
  }

  /** The means so far; empty before the first step. */
  get logs(): Logs {
    if (this.#samples === 0) return noLogs();
    const logs: Logs = { loss: (this.#totals[LOSS] as number) / this.#samples };
    let next = LOSS + 1;
    for (const metric of this.#metrics) {
      logs[metric.name] = this.#valueOf(metric, next);
      next += lengthOf(metric);
    }
    return logs;
  }

  #valueOf(metric: ResolvedMetric, start: number): number {
    if (metric.kind === 'own') {
      metric.metric.state.set(this.#totals.subarray(start, start + lengthOf(metric)));
      return metric.metric.result();
    }
    const total = this.#totals[start] as number;
    const weight = this.#totals[start + 1] as number;
    const mean = weight === 0 ? 0 : total / weight;
    return metric.kind === 'loss' && metric.root ? Math.sqrt(mean) : mean;
  }
}
