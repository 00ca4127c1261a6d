import { formatShape } from '../core/shape.ts';

/**
 * A hint for an error about samples that have too few axes: what the user probably has to change.
 * Empty when there are enough.
 * @param sample the shape of the samples
 * @param least of the shapes that the layer or model takes, the one with the fewest axes; null
 *   where a size is free or unknown
 */
export function axisHint(sample: readonly unknown[], least: readonly (number | null)[]): string {
  if (sample.length >= least.length) return '';
  const features = least.at(-1) ?? null;
  if (sample.length > 0 && (features === null || features === 1)) {
    const below = features === null ? '; a recurrent layer below another one needs returnSequences: true' : '';
    return `: a series of one feature is [samples, steps, 1]${below}`;
  }
  if (sample.length === 0 && least.length > 1) {
    const axes = ['samples', least[0] ?? 'steps', features ?? 'features'];
    return `: give the values of a flat array with their shape, { shape: [${axes.join(', ')}], data }`;
  }
  const example = least.length === 1 ? ', as in [[1, 2, 3]]' : `: shape ${formatShape([1, ...least])}`;
  return `: the first axis counts the samples, so wrap a single sample in an array${example}`;
}
