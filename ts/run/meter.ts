import type { Logs } from '../callbacks/callback.ts';
import type { Metric } from '../objective/metrics.ts';
import type { CompiledProgram } from './engine.ts';

/**
 * The results of one step: the loss, then for each metric the sum of its weighted row values and
 * the sum of the row weights.
 */
export type StepResults = Float64Array;

/** Makes an array for the results of a step. */
export function makeResults(metrics: readonly Metric[]): StepResults {
  return new Float64Array(1 + 2 * metrics.length);
}

/** Copies the results of a program's last step. */
export function readResults({ program, objectives, batch }: CompiledProgram, results: StepResults): void {
  results[0] = 0;
  for (const { loss, lossWeight } of objectives) {
    // The kernel has multiplied by a weight that is neither 1 nor 0.
    const value = program.floats(loss)[0] as number;
    if (lossWeight !== 0) results[0] += value;
  }
  let next = 1;
  const put = (value: number, weight: number) => {
    results[next++] = value;
    results[next++] = weight;
  };
  if (objectives.length > 1)
    for (const { loss, lossWeight } of objectives) put(((program.floats(loss)[0] as number) / (lossWeight || 1)) * batch, batch);
  for (const { result, meanOver } of objectives.flatMap(({ metrics }) => metrics)) {
    const computed = program.floats(result);
    const value = computed[0] as number;
    const weight = computed[1] as number;
    put(meanOver === null ? value : value * (meanOver === 'weight' ? weight : meanOver), weight);
  }
}

/**
 * Adds the results of a part of a batch to those of the whole.
 * @param share the part's fraction of the counted rows of the whole batch
 */
export function addPart(whole: StepResults, part: StepResults, share: number): void {
  for (const [index, value] of part.entries()) whole[index] = (whole[index] as number) + (index === 0 ? share * value : value);
}

/**
 * Running means of loss and metrics over the batches of an epoch, as in Keras: the loss is weighted
 * by the batch size, a metric by the number of samples (or steps of sequences) that count, a
 * weighted metric by their weights.
 */
export class Meter {
  readonly #metrics: readonly Metric[];
  readonly #totals: Float64Array;
  readonly #weights: Float64Array;

  constructor(metrics: readonly Metric[]) {
    this.#metrics = metrics;
    this.#totals = new Float64Array(1 + metrics.length);
    this.#weights = new Float64Array(1 + metrics.length);
  }

  /** Adds the results of a step on `batch` samples. */
  add(results: StepResults, batch: number): void {
    this.#add(0, (results[0] as number) * batch, batch);
    for (let index = 1; index < this.#totals.length; index++)
      this.#add(index, results[2 * index - 1] as number, results[2 * index] as number);
  }

  /** The means so far; empty before the first step. */
  get logs(): Logs {
    if (this.#weights[0] === 0) return {};
    const mean = (index: number) => (this.#weights[index] === 0 ? 0 : (this.#totals[index] as number) / (this.#weights[index] as number));
    const value = (metric: Metric, mean: number) => (metric.kind === 'loss' && metric.root ? Math.sqrt(mean) : mean);
    return Object.fromEntries([['loss', mean(0)], ...this.#metrics.map((metric, index) => [metric.name, value(metric, mean(1 + index))])]);
  }

  #add(index: number, total: number, weight: number): void {
    this.#totals[index] = (this.#totals[index] as number) + total;
    this.#weights[index] = (this.#weights[index] as number) + weight;
  }
}
