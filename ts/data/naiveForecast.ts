import { ArgumentError, ShapeError } from '../core/errors.ts';
import { checkOptions, oneOf } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import type { Tensor, TensorLike } from '../core/tensor.ts';
import { type Series, seriesOf, stepsAs } from './series.ts';

/** Options of {@link naiveForecast}. */
export interface NaiveForecastOptions {
  /**
   * 'last': the last value, or that of the last season. 'drift': the line through the first and the
   * last value. Default 'last'.
   */
  strategy?: 'last' | 'drift';
  /** Steps of a season: 12 for months. Default 1: no seasons. */
  seasonLength?: number;
}

/**
 * Naive forecasts, as baselines for others. The names are those of sktime's `NaiveForecaster`.
 * @param history `[T]` or `[T, C]`
 * @param n the number of steps
 * @returns `[n]` or `[n, C]`
 * @throws {ArgumentError} for an unknown option or a value outside its range
 * @throws {ShapeError} for a history of another shape, or of less than a season or two steps
 * @throws {DataError} for a value that is not finite
 */
export function naiveForecast(history: TensorLike, n: number, options?: NaiveForecastOptions): Tensor<Float64Array> {
  checkOptions(options, ['strategy', 'seasonLength'], 'naiveForecast');
  const strategy = oneOf(options?.strategy ?? 'last', ['last', 'drift'] as const, 'naiveForecast: strategy');
  const seasonLength = positiveInteger(options?.seasonLength ?? 1, 'naiveForecast: seasonLength');
  if (strategy === 'drift' && seasonLength > 1)
    throw new ArgumentError(`naiveForecast: strategy 'drift' has no seasons, got seasonLength ${seasonLength}`);
  const series = seriesOf(history, 'history');
  const least = strategy === 'drift' ? 2 : seasonLength;
  if (series.steps < least) throw new ShapeError(`naiveForecast: history has ${series.steps} steps, but ${least} are needed`);
  return stepsAs(series, naiveSteps(series, positiveInteger(n, 'naiveForecast: n'), strategy, seasonLength));
}

/** `[n, C]` */
export function naiveSteps({ steps, channels, data }: Series, n: number, strategy: 'last' | 'drift', seasonLength: number): Float64Array {
  return Float64Array.from({ length: n * channels }, (_, index) => {
    const ahead = Math.floor(index / channels);
    const channel = index % channels;
    const at = (step: number) => data[step * channels + channel] as number;
    if (strategy === 'last') return at(steps - seasonLength + (ahead % seasonLength));
    return at(steps - 1) + ((ahead + 1) * (at(steps - 1) - at(0))) / (steps - 1);
  });
}
