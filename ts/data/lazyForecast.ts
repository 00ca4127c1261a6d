import type { TensorLike } from '../core/tensor.ts';
import type { Model } from '../model/model.ts';
import type { Backtest, BacktestOptions, Forecaster } from './backtest.ts';
import type { Forecast, ForecastOptions } from './forecast.ts';
import { FORECASTS } from './forecastPart.ts';
import type { TimesAfterOptions } from './timesAfter.ts';

/**
 * Forecasts the next n steps of a series, with a model that predicts the next H steps from a window
 * of the last ones. The model's output is `[C]` (H is 1) or `[H, C]`; of one channel also `[H]`.
 * Where n is above H, the model continues from its own predictions; with H of at least n it
 * predicts directly. The numbers are those of the model: scale the history as the training data
 * was, and the result back. (Not in Keras; the rule is that of darts.)
 *
 *     const { values, lower, upper } = await forecast(model, series, 24, { residuals });
 *
 * @param history `[T]` or `[T, C]`
 * @throws {ArgumentError} for an unknown option or a value outside its range
 * @throws {ShapeError} when history, covariates, residuals and model do not fit each other
 * @throws {DataError} for a value that is not finite
 * @throws {StateError} before the model is built
 */
export async function forecast(model: Model, history: TensorLike, n: number, options?: ForecastOptions): Promise<Forecast> {
  return (await FORECASTS.load()).forecast(model, history, n, options);
}

/**
 * Measures forecasts from several origins of a series, each made of the steps before it alone. A
 * model is not trained again: train it on steps before `start`. A function may train.
 *
 *     const { errors } = await backtest(model, series, { horizon: 24, start: 8000, seasonLength: 24 });
 *     console.table(errors);
 *
 * @param forecaster a model, as for `forecast`, or a function
 * @param series `[T]` or `[T, C]`
 * @throws {ArgumentError} for an unknown option or a value outside its range
 * @throws {ShapeError} when the series is too short, and when a forecast has another shape
 * @throws the errors of `forecast`, and what the function throws
 */
export async function backtest(forecaster: Model | Forecaster, series: TensorLike, options: BacktestOptions): Promise<Backtest> {
  return (await FORECASTS.load()).backtest(forecaster, series, options);
}

/**
 * The times of the steps after a series: the dates of a forecast. By default its step is that of
 * the last twelve times: of one length, of whole months on one day or on the last, or of working
 * days (Monday to Friday, at least six times). Years and quarters are months.
 *
 *     const times = table.dates('day');
 *     const next = await timesAfter(times, 24);
 *     const texts = Array.from(next ?? [], (time) => new Date(time).toISOString());
 *
 * @param times milliseconds since 1970 in UTC, as `table.dates` gives them, or `Date`s, ascending
 * @param n the number of steps
 * @returns `[n]` milliseconds since 1970 in UTC; null where the times are not evenly spaced and
 *   `every` does not tell the step
 * @throws {ArgumentError} for an unknown option or a value outside its range
 * @throws {DataError} for times that are not ascending
 */
export async function timesAfter(times: ArrayLike<number | Date>, n: number, options?: TimesAfterOptions): Promise<Float64Array | null> {
  return (await FORECASTS.load()).timesAfter(times, n, options);
}
