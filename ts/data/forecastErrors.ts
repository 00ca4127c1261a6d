import { ShapeError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { formatShape, positiveInteger, sameShape } from '../core/shape.ts';
import { type TensorLike, toTensor } from '../core/tensor.ts';
import { type Series, seriesOf } from './series.ts';

/** The errors of a forecast: means over all steps and channels. */
export interface ForecastErrors {
  /** Mean absolute error. */
  readonly mae: number;
  /** Root of the mean squared error. */
  readonly rmse: number;
  /** Mean absolute error in percent of the actual value, which counts as at least 1e-7. */
  readonly mape: number;
  /**
   * Mean absolute error in percent of the mean of the actual and the predicted size: 0 to 200.
   */
  readonly smape: number;
  /**
   * Mean absolute error over that of the naive forecast of one season ahead on the history. Below 1
   * the forecast is better than it. null without a history, and where it is constant. Hyndman &
   * Koehler 2006.
   */
  readonly mase: number | null;
}

/** Options of {@link forecastErrors}. */
export interface ForecastErrorsOptions {
  /** The series before the forecast, `[T]` or `[T, C]`, for `mase`. */
  history?: TensorLike;
  /** Steps of a season, for `mase`. Default 1. */
  seasonLength?: number;
}

/**
 * Measures a forecast.
 * @param actual `[n]` or `[n, C]`; more axes before count as more steps
 * @param predicted of the same shape
 * @throws {ShapeError} when the shapes differ
 * @throws {ArgumentError} for an unknown option or a value outside its range
 */
export function forecastErrors(actual: TensorLike, predicted: TensorLike, options?: ForecastErrorsOptions): ForecastErrors {
  checkOptions(options, ['history', 'seasonLength'], 'forecastErrors');
  const truth = toTensor(actual, 'actual');
  const forecast = toTensor(predicted, 'predicted');
  if (!sameShape(truth.shape, forecast.shape) || truth.data.length === 0)
    throw new ShapeError(
      `forecastErrors: actual has shape ${formatShape(truth.shape)} and predicted ${formatShape(forecast.shape)}: they must be the same, and not empty`,
    );
  const seasonLength = positiveInteger(options?.seasonLength ?? 1, 'forecastErrors: seasonLength');
  const history = options?.history === undefined ? null : seriesOf(options.history, 'history');
  const channels = history?.channels ?? 1;
  if (channels > 1 && (truth.shape.length < 2 || truth.shape.at(-1) !== channels))
    throw new ShapeError(`forecastErrors: history has ${channels} channels, but actual has shape ${formatShape(truth.shape)}`);
  return errorsOf(truth.data, forecast.data, history && naiveErrors(history, seasonLength));
}

/** @param scales for each channel what `mase` divides by; null for none */
export function errorsOf(actual: ArrayLike<number>, predicted: ArrayLike<number>, scales: readonly number[] | null): ForecastErrors {
  const sums = { absolute: 0, squared: 0, percent: 0, symmetric: 0, scaled: 0 };
  for (let index = 0; index < actual.length; index++) {
    const truth = actual[index] as number;
    const forecast = predicted[index] as number;
    const error = Math.abs(truth - forecast);
    sums.absolute += error;
    sums.squared += error ** 2;
    sums.percent += error / Math.max(Math.abs(truth), 1e-7);
    if (error > 0) sums.symmetric += error / (Math.abs(truth) + Math.abs(forecast));
    if (scales) sums.scaled += error / (scales[index % scales.length] as number);
  }
  const count = actual.length;
  return {
    mae: sums.absolute / count,
    rmse: Math.sqrt(sums.squared / count),
    mape: (100 * sums.percent) / count,
    smape: (200 * sums.symmetric) / count,
    mase: scales && Number.isFinite(sums.scaled) ? sums.scaled / count : null,
  };
}

/** For each channel the mean absolute error of the forecast of one season ahead. */
export function naiveErrors({ steps, channels, data }: Series, seasonLength: number): number[] {
  return Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let step = seasonLength; step < steps; step++)
      sum += Math.abs((data[step * channels + channel] as number) - (data[(step - seasonLength) * channels + channel] as number));
    return sum / (steps - seasonLength);
  });
}
