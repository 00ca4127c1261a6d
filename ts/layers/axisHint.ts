import { formatShape } from '../core/shape.ts';

/**
 * What is likely meant by samples that have fewer axes than a layer or model takes; empty when they have enough.
 * @param sample the samples' shape
 * @param least the shape of samples that are taken, that of fewest axes; null where a length is free or not known yet
 */
export function axisHint(sample: readonly unknown[], least: readonly (number | null)[]): string {
  if (sample.length >= least.length) return '';
  const features = least.at(-1) ?? null;
  if (sample.length > 0 && (features === null || features === 1)) {
    const below = features === null ? ', and a recurrent layer below another gives its steps with returnSequences: true' : '';
    return `: a series of one feature is [samples, steps, 1]${below}`;
  }
  if (sample.length === 0 && least.length > 1) {
    const axes = ['samples', least[0] ?? 'steps', features ?? 'features'];
    return `: values in one array are given with their shape, { shape: [${axes.join(', ')}], data }`;
  }
  const example = least.length === 1 ? ', as in [[1, 2, 3]]' : `: shape ${formatShape([1, ...least])}`;
  return `: the first axis counts samples, so one alone is wrapped${example}`;
}
