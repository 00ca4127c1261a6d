/** Mean and standard deviation of each channel, to bring numbers of any unit to about -2 … 2. */
export interface Scaling {
  readonly means: readonly number[];
  readonly deviations: readonly number[];
}

/** @param steps rows of one number a channel */
export function scalingOf(steps: readonly (readonly number[])[], channels: number): Scaling {
  const means = Array.from({ length: channels }, (_, channel) => mean(steps.map((step) => step[channel])));
  const deviations = means.map((center, channel) => Math.sqrt(mean(steps.map((step) => (step[channel] - center) ** 2))) || 1);
  return { means, deviations };
}

/** Writes one step's scaled numbers into `target` from `offset` on. */
export function writeScaled({ means, deviations }: Scaling, step: readonly number[], target: Float32Array, offset: number): void {
  for (let channel = 0; channel < means.length; channel++)
    target[offset + channel] = (step[channel] - means[channel]) / deviations[channel];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
