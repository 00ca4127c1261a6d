import { ArgumentError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import type { InitializerName, MakeStart, RandomPlace, ScalingDistribution, ScalingMode } from './initializers.ts';

/** The same value everywhere. */
export function constant(value: number): MakeStart {
  return () => ({ value });
}

/** A uniform distribution from `low` to `high`. */
export function uniform(low: number, high: number): MakeStart {
  return (shape, random) => ({ kernel: 'randomUniform', args: { count: sizeOf(shape), low, high, ...placed(random) } });
}

/** A normal distribution; a truncated one has no number beyond two standard deviations. */
export function normal(mean: number, standardDeviation: number, truncated: boolean): MakeStart {
  return (shape, random) => ({
    kernel: 'randomNormal',
    args: { count: sizeOf(shape), mean, standardDeviation, truncated: Number(truncated), ...placed(random) },
  });
}

/** A truncated normal distribution has this share of the standard deviation (Keras). */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/**
 * A distribution with the mean 0 and the variance `scale / n`, with `n` the fan in, the fan out or
 * their mean. The fans are those of Keras, the rows and columns of the fused matrix: those of an
 * LSTM kernel `[D, 4H]` are D and 4H. Those of a convolution `[taps, D, F]` are `taps * D` and
 * `taps * F`.
 */
export function scaled(scale: number, mode: ScalingMode, distribution: ScalingDistribution): MakeStart {
  return (shape, random, path) => {
    const columns = shape[shape.length - 1] ?? 1;
    const fanIn = shape.length < 2 ? columns : sizeOf(shape.slice(0, -1));
    const fanOut = columns * sizeOf(shape.slice(0, -2));
    const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode];
    const isTruncated = distribution === 'truncatedNormal';
    if (distribution !== 'uniform')
      return normal(0, Math.sqrt(scale / fan) / (isTruncated ? TRUNCATED_DEVIATION : 1), isTruncated)(shape, random, path);
    const limit = Math.sqrt((3 * scale) / fan);
    return uniform(-limit, limit)(shape, random, path);
  };
}

/** Orthogonal rows or columns, whichever are fewer, times `gain`. */
export function orthogonal(gain: number): MakeStart {
  return (shape, random) => {
    const [rows, columns] = [sizeOf(shape.slice(0, -1)), shape[shape.length - 1] ?? 1];
    return { kernel: 'orthogonal', args: { rows, columns, gain, ...placed(random) } };
  };
}

/** `gain` on the diagonal of a matrix, 0 elsewhere. */
export function identity(gain: number): MakeStart {
  return (shape, _random, path) => {
    const [rows = 0, columns = 0] = shape;
    if (shape.length !== 2)
      throw new ArgumentError(`the initializer Identity makes matrices, but the weight ${path} has shape ${formatShape(shape)}`);
    const values = new Float64Array(rows * columns);
    for (let place = 0; place < Math.min(rows, columns); place++) values[place * columns + place] = gain;
    return { values };
  };
}

function placed({ seed: [seedLow, seedHigh], subsequence }: RandomPlace) {
  return { seedLow, seedHigh, subsequence };
}

/** The start values that have a name. */
export const STARTS = {
  zeros: constant(0),
  ones: constant(1),
  uniform: uniform(-0.05, 0.05),
  randomUniform: uniform(-0.05, 0.05),
  randomNormal: normal(0, 0.05, false),
  truncatedNormal: normal(0, 0.05, true),
  glorotUniform: scaled(1, 'fanAvg', 'uniform'),
  glorotNormal: scaled(1, 'fanAvg', 'truncatedNormal'),
  heUniform: scaled(2, 'fanIn', 'uniform'),
  heNormal: scaled(2, 'fanIn', 'truncatedNormal'),
  lecunUniform: scaled(1, 'fanIn', 'uniform'),
  lecunNormal: scaled(1, 'fanIn', 'truncatedNormal'),
  orthogonal: orthogonal(1),
  identity: identity(1),
} satisfies Record<InitializerName, MakeStart>;
