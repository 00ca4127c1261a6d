import { ArgumentError, ShapeError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { formatShape, positiveInteger } from '../core/shape.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';
import { Model } from '../model/model.ts';
import { type Forecast, type ForecastOptions, forecast } from './forecast.ts';
import { errorsOf, type ForecastErrors, naiveErrors } from './forecastErrors.ts';
import { naiveSteps } from './naiveForecast.ts';
import { firstSteps, seriesOf, stepsAs } from './series.ts';

/**
 * Forecasts n steps after a history: `[n]` or `[n, C]`, as the history, or what `forecast` returns.
 */
export type Forecaster = (history: Tensor<Float64Array>, n: number) => TensorLike | Forecast | Promise<TensorLike | Forecast>;

/** Options of `backtest`. The others are those of `forecast`, for a model. */
export interface BacktestOptions extends ForecastOptions {
  /** The number of steps that are forecast from each origin. */
  horizon: number;
  /** The first step that is forecast. Default: that in the middle of the series. */
  start?: number;
  /** Steps from one origin to the next. Default: the horizon, so each step is forecast once. */
  stride?: number;
  /** Steps of a season, for the seasonal baseline and `mase`. Default 1: no seasons. */
  seasonLength?: number;
}

/** The result of `backtest`. */
export interface Backtest {
  /** The first step of each forecast. */
  readonly origins: readonly number[];
  /** `[origins, horizon]`, or `[origins, horizon, C]`. */
  readonly predictions: Tensor<Float64Array>;
  /** The values of the series for them. */
  readonly actual: Tensor<Float64Array>;
  /**
   * The errors of the model and of naive forecasts: the last value, the line through the first and
   * the last value and, with `seasonLength`, the last season.
   */
  readonly errors: {
    readonly model: ForecastErrors;
    readonly lastValue: ForecastErrors;
    readonly drift: ForecastErrors;
    readonly seasonalNaive?: ForecastErrors;
  };
  /** The fraction of the values inside the intervals, from 0 to 1; null without intervals. */
  readonly coverage: number | null;
}

const OPTIONS = ['horizon', 'start', 'stride', 'seasonLength'];
const FORECAST_OPTIONS = ['futureCovariates', 'windowLength', 'quantiles', 'residuals', 'coverage', 'numSamples', 'seed'];

/** See `backtest` of lazyForecast.ts. */
export async function backtest(forecaster: Model | Forecaster, series: TensorLike, options: BacktestOptions): Promise<Backtest> {
  const isModel = forecaster instanceof Model;
  if (!isModel && typeof forecaster !== 'function') throw new ArgumentError('backtest takes a model or a function that forecasts');
  checkOptions(options, isModel ? [...OPTIONS, ...FORECAST_OPTIONS] : OPTIONS, 'backtest');
  const whole = seriesOf(series, 'series');
  const { steps, channels: C, data } = whole;
  const horizon = positiveInteger(options?.horizon, 'backtest: horizon');
  const stride = positiveInteger(options.stride ?? horizon, 'backtest: stride');
  const seasonLength = positiveInteger(options.seasonLength ?? 1, 'backtest: seasonLength');
  const start = positiveInteger(options.start ?? Math.ceil(steps / 2), 'backtest: start');
  const least = Math.max(2, seasonLength + 1);
  if (start < least || start + horizon > steps)
    throw new ShapeError(
      `backtest: series has ${steps} steps and start is ${start}: at least ${least} steps must come before it, and ${horizon} from it on`,
    );
  const origins: number[] = [];
  for (let origin = start; origin + horizon <= steps; origin += stride) origins.push(origin);
  const { horizon: _horizon, start: _start, stride: _stride, seasonLength: _season, futureCovariates, ...ofForecast } = options;
  const covariates = futureCovariates === undefined ? null : seriesOf(futureCovariates, 'futureCovariates');

  const length = horizon * C;
  const collect = () => new Float64Array(origins.length * length);
  const [actual, predicted, lastValue, drift, seasonal] = [collect(), collect(), collect(), collect(), collect()];
  let covered = 0;
  let hasIntervals = true;
  for (const [index, origin] of origins.entries()) {
    const history = firstSteps(whole, origin);
    const given = stepsAs(whole, history.data);
    // A model that takes what is known ahead reads it for all steps that it predicts at once.
    const readTo = isModel && forecaster.inputNames.length > 1 ? covariates?.steps : Math.min(covariates?.steps ?? 0, origin + horizon);
    const known = covariates && firstSteps(covariates, readTo as number);
    const made = isModel
      ? await forecast(forecaster, given, horizon, {
          ...ofForecast,
          ...(known ? { futureCovariates: stepsAs(known, known.data) } : {}),
        })
      : await forecaster(given, horizon);
    const { values, lower, upper } = asForecast(made);
    const { shape, data: forecastData } = toTensor(values, 'the forecast');
    if (forecastData.length !== length)
      throw new ShapeError(
        `backtest: the forecast from step ${origin} has shape ${formatShape(shape)}, expected ${formatShape(whole.isFlat ? [horizon] : [horizon, C])}`,
      );
    const place = index * length;
    for (let at = 0; at < length; at++) {
      const truth = data[origin * C + at] as number;
      actual[place + at] = truth;
      predicted[place + at] = forecastData[at] as number;
      if (lower && upper && truth >= (lower.data[at] as number) && truth <= (upper.data[at] as number)) covered++;
    }
    hasIntervals &&= lower !== null && upper !== null;
    lastValue.set(naiveSteps(history, horizon, 'last', 1), place);
    drift.set(naiveSteps(history, horizon, 'drift', 1), place);
    seasonal.set(naiveSteps(history, horizon, 'last', seasonLength), place);
  }
  const scales = naiveErrors(firstSteps(whole, start), seasonLength);
  const measure = (forecasts: Float64Array) => errorsOf(actual, forecasts, scales);
  const shape = [origins.length, horizon, ...(whole.isFlat ? [] : [C])];
  return {
    origins,
    predictions: tensorOf(shape, predicted),
    actual: tensorOf(shape, actual),
    errors: {
      model: measure(predicted),
      lastValue: measure(lastValue),
      drift: measure(drift),
      ...(seasonLength > 1 ? { seasonalNaive: measure(seasonal) } : {}),
    },
    coverage: hasIntervals ? covered / actual.length : null,
  };
}

/** A forecast, also where only values were given. */
function asForecast(made: TensorLike | Forecast): { values: TensorLike; lower: Tensor | null; upper: Tensor | null } {
  const isForecast = typeof made === 'object' && made !== null && 'values' in made && 'lower' in made;
  return isForecast ? made : { values: made as TensorLike, lower: null, upper: null };
}
