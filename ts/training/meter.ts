import type { Logs } from './callback.ts';
import type { CompiledProgram } from './engine.ts';
import type { Metric } from './metrics.ts';

/** The results of one step: the loss, then for each metric its value and its weight. */
export type StepResults = Float64Array;

/** Makes an array for the results of a step. */
export function makeResults(metrics: readonly Metric[]): StepResults {
  return new Float64Array(1 + 2 * metrics.length);
}

/** Copies the results of a program's last step. */
export function readResults({ program, objective }: CompiledProgram, results: StepResults): void {
  if (!objective) return;
  results[0] = program.floats(objective.loss)[0] as number;
  for (const [index, { result }] of objective.metrics.entries()) {
    const computed = program.floats(result);
    results[1 + 2 * index] = computed[0] as number;
    results[2 + 2 * index] = computed[1] as number;
  }
}

/**
 * Adds the results of a part of a batch to those of the whole.
 * @param share the part's fraction of the counted rows of the whole batch
 */
export function addPart(whole: StepResults, part: StepResults, share: number, metrics: readonly Metric[]): void {
  const add = (index: number, factor: number) => {
    whole[index] = (whole[index] as number) + factor * (part[index] as number);
  };
  add(0, share);
  for (const [index, { kind }] of metrics.entries()) {
    // Accuracies are sums. The other metrics are means, as the loss is.
    add(1 + 2 * index, kind === 'accuracy' ? 1 : share);
    add(2 + 2 * index, 1);
  }
}

/**
 * Running means of loss and metrics over the batches of an epoch, as in Keras: the loss is weighted by the batch size, a metric by
 * the number of samples (or steps of sequences) that count.
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
    for (const [index, { kind }] of this.#metrics.entries()) {
      const value = results[1 + 2 * index] as number;
      const weight = results[2 + 2 * index] as number;
      this.#add(1 + index, kind === 'accuracy' ? value : value * weight, weight);
    }
  }

  /** The means so far; empty before the first step. */
  get logs(): Logs {
    if (this.#weights[0] === 0) return {};
    const mean = (index: number) => (this.#weights[index] === 0 ? 0 : (this.#totals[index] as number) / (this.#weights[index] as number));
    return Object.fromEntries([['loss', mean(0)], ...this.#metrics.map(({ name }, index) => [name, mean(1 + index)])]);
  }

  #add(index: number, total: number, weight: number): void {
    this.#totals[index] = (this.#totals[index] as number) + total;
    this.#weights[index] = (this.#weights[index] as number) + weight;
  }
}
