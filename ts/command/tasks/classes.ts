import { classificationReport, type Model, type Tensor } from '../../node.ts';
import type { Evaluation, Samples } from './task.ts';

/** The most frequent class of labels. */
export function mostFrequent(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/**
 * Measures a classifier.
 * @param usual the class that the baseline always answers
 */
export async function evaluateClasses(model: Model, [x, y]: Samples, labels: readonly string[], usual: number): Promise<Evaluation> {
  const predicted = await model.predict(x);
  const { accuracy, macroAverage, text } = classificationReport(y, predicted, { targetNames: labels });
  const baseline = Array.from(y.data).filter((label) => label === usual).length / y.data.length;
  return {
    score: { name: 'accuracy', value: accuracy, baseline, baselineRule: `always '${labels[usual]}'`, isHigherBetter: true },
    scores: { accuracy, macroF1: macroAverage.f1Score, baselineAccuracy: baseline },
    text,
  };
}

/** The most probable class of each row `[N, C]`, and its probability. */
export function mostProbable({ data }: Tensor, labels: readonly string[]): ReadonlyMap<string, readonly unknown[]> {
  const C = labels.length;
  const rows = Array.from({ length: data.length / C }, (_, row) => data.subarray(row * C, (row + 1) * C));
  const best = rows.map((row) => row.indexOf(Math.max(...row)));
  return new Map<string, readonly unknown[]>([
    ['predicted', best.map((label) => labels[label] as string)],
    ['probability', best.map((label, row) => Number((data[row * C + label] as number).toFixed(4)))],
  ]);
}
