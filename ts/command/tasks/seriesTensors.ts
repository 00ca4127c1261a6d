import { type Model, Normalization, type Tensor } from '../../node.ts';

/**
 * Learns the mean and the variance of each channel, over all steps; a missing value is the mean.
 * @param kept the channels that stay as they are: a category may be in no row to train on
 */
export function normalizationOf(
  sequences: readonly Float64Array[],
  channels: number,
  kept: ReadonlySet<number> = new Set(),
): Normalization {
  const [sums, counts] = [new Float64Array(channels), new Float64Array(channels)];
  for (const steps of sequences)
    for (const [index, value] of steps.entries()) {
      if (Number.isNaN(value)) continue;
      const channel = index % channels;
      sums[channel] = (sums[channel] as number) + value;
      counts[channel] = (counts[channel] as number) + 1;
    }
  // A column may have no value in the rows to train on.
  const means = Array.from(sums, (sum, channel) => sum / Math.max(1, counts[channel] as number));
  const normalization = new Normalization();
  const data = Float64Array.from(sequences.flatMap((steps) => Array.from(steps, (value, index) => orMean(value, means[index % channels]))));
  normalization.adapt({ shape: [data.length / channels, channels], data });
  const { mean, variance } = normalization;
  if (kept.size === 0 || !mean || !variance) return normalization;
  const orKept = (values: readonly number[], instead: number) => values.map((value, channel) => (kept.has(channel) ? instead : value));
  return new Normalization({ mean: orKept(mean, 0), variance: orKept(variance, 1) });
}

const orMean = (value: number, mean = 0) => (Number.isNaN(value) ? mean : value);

/**
 * Puts series of different lengths side by side, `[N, T, C]`. Shorter ones begin with the means,
 * which become zeros, the steps that a Masking after the normalization leaves out. Missing values
 * become the means, too.
 * @param areRows whether each is a row of features, `[N, C]`
 */
export function padded(sequences: readonly Float64Array[], channels: number, means: readonly number[], areRows: boolean): Tensor {
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  const data = new Float64Array(sequences.length * longest);
  for (const [row, steps] of sequences.entries()) {
    const free = longest - steps.length;
    for (let index = 0; index < longest; index++)
      data[row * longest + index] = orMean(index < free ? Number.NaN : (steps[index - free] as number), means[index % channels]);
  }
  return { shape: areRows ? [sequences.length, channels] : [sequences.length, longest / channels, channels], data };
}

/** Whether a model takes rows of features, `[N, C]`: of earlier versions they are series. */
export function takesRows({ inputShape }: Model): boolean {
  return inputShape.length === 2;
}
