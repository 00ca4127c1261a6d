import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { checkFinite } from '../core/finite.ts';
import { checkOptions } from '../core/options.ts';
import { RandomSequence, seedWords } from '../core/random.ts';
import { drawSeed, joinSeed } from '../core/seed.ts';
import { formatShape, positiveInteger, sizeOf } from '../core/shape.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';
import { warn } from '../core/warnings.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import { Model } from '../model/model.ts';
import { QuantileLoss } from '../objective/rowLosses.ts';
import { leastResiduals } from './leastResiduals.ts';
import { type Series, seriesOf, stepsAs } from './series.ts';

/** Options of {@link forecast}. */
export interface ForecastOptions {
  /**
   * Known features of every step besides the series, `[T + n, K]` from the first step of the
   * history on: the model's inputs are the C channels, then these K features. If the model predicts
   * all n steps at once, T rows are enough, so features that are known only for the past may be
   * among them.
   *
   * A model of two inputs also gets the features that are known ahead: the first input takes the
   * window, the second `[H, K2]` the last K2 features at the steps that the model predicts. The
   * rows after the history are not read for the other features. Default: none.
   */
  futureCovariates?: TensorLike;
  /**
   * The number of last steps that the model gets. Default: the length of its input; if that is
   * free, the length of the samples it was trained with (`model.trainedSteps`), or all steps if
   * there are fewer or that length is not known. `Infinity`: all steps.
   */
  windowLength?: number;
  /**
   * The quantiles that the model predicts for each step of one channel, as `QuantileLoss` trains
   * them, in increasing order. The one nearest to 0.5 is the forecast, the first and the last one
   * are the interval. Default: those of the `QuantileLoss` that the model was compiled with; none
   * of a model with another loss.
   */
  quantiles?: readonly number[];
  /**
   * Errors of the model (actual minus predicted) on data that it was not trained on, `[R]`, `[R,
   * C]`, or for a model of H steps whole rows of them. The interval is computed from simulated
   * futures, to which errors drawn from these are added. At least `2 / (1 - coverage)` rows are
   * needed, 20 for the default: with fewer the interval is too narrow, and a warning
   * `FEW_RESIDUALS` says so. With some hundred its ends vary little. A mean other than 0 moves the
   * interval, not the forecast; a warning `BIASED_RESIDUALS` says where that matters.
   */
  residuals?: TensorLike;
  /** With residuals: the fraction of the futures that the interval covers. Default 0.9. */
  coverage?: number;
  /** With residuals: the number of futures. Default 500. */
  numSamples?: number;
  /**
   * With residuals: the same seed gives the same interval. Default: the next seed of the sequence
   * that `setRandomSeed` began.
   */
  seed?: number | bigint;
}

/** A forecast of n steps. */
export interface Forecast {
  /** `[n]`, or `[n, C]` where the history has an axis of channels. */
  readonly values: Tensor<Float64Array>;
  /** The lower end of the interval of each value; null without quantiles and `residuals`. */
  readonly lower: Tensor<Float64Array> | null;
  /** The upper end. */
  readonly upper: Tensor<Float64Array> | null;
  /** `[n, Q]`: the predicted quantiles; null without quantiles. */
  readonly quantiles: Tensor<Float64Array> | null;
}

const OPTIONS = ['futureCovariates', 'windowLength', 'quantiles', 'residuals', 'coverage', 'numSamples', 'seed'];

/** The random stream of the drawn errors. */
const FORECAST_STREAM = 0x666f7265;

/** See `forecast` of lazyForecast.ts. */
export async function forecast(model: Model, history: TensorLike, n: number, options: ForecastOptions = {}): Promise<Forecast> {
  if (!(model instanceof Model)) throw new ArgumentError(`forecast takes a model, got ${describe(model)}`);
  checkOptions(options, OPTIONS, 'forecast');
  const series = seriesOf(history, 'history');
  const count = positiveInteger(n, 'forecast: n');
  const plan = planOf(model, series, count, options);
  const random = residualsOf(options, plan);
  const { values, quantiles } = await follow(plan, 1, null);
  const asTensor = (data: Float64Array) => stepsAs(series, data);
  if (quantiles) {
    const { levels } = plan;
    const column = (index: number) =>
      asTensor(Float64Array.from({ length: count }, (_, step) => quantiles[step * levels + index] as number));
    return { values: asTensor(values), lower: column(0), upper: column(levels - 1), quantiles: tensorOf([count, levels], quantiles) };
  }
  if (!random) return { values: asTensor(values), lower: null, upper: null, quantiles: null };
  const { values: futures } = await follow(plan, random.samples, random.draw);
  const [lower, upper] = endsOf(futures, random.samples, random.coverage);
  return { values: asTensor(values), lower: asTensor(lower), upper: asTensor(upper), quantiles: null };
}

/** The checked arguments of a forecast. */
interface Plan {
  readonly model: Model;
  readonly series: Series;
  /** n */
  readonly count: number;
  /** H */
  readonly block: number;
  /** Q; 1 without quantiles. */
  readonly levels: number;
  /** The quantile that is the forecast. */
  readonly middle: number;
  /** Steps of a window; null for all. */
  readonly window: number | null;
  readonly covariates: Series | null;
  /** K2: features that a second input takes at the steps that are predicted; 0 without one. */
  readonly ahead: number;
}

function planOf(model: Model, series: Series, count: number, options: ForecastOptions): Plan {
  const { futureCovariates, windowLength } = options;
  const quantiles = quantilesOf(model, options);
  const [, steps, features, ...others] = model.inputShape;
  const input = formatShape(model.inputShape.slice(1));
  const inputCount = model.inputNames.length;
  if (inputCount > 2 || model.outputs.length !== 1)
    throw new ShapeError(
      `forecast: model ${model.name} has ${inputCount} inputs and ${model.outputs.length} outputs, expected one output, one input and maybe a second for what is known ahead`,
    );
  if (steps === undefined || typeof features !== 'number' || others.length > 0)
    throw new ShapeError(`forecast: model ${model.name} takes samples of shape ${input}, expected [steps, features]`);
  const covariates = futureCovariates === undefined ? null : seriesOf(futureCovariates, 'futureCovariates');
  const [channels, known] = [series.channels, covariates?.channels ?? 0];
  if (features !== channels + known)
    throw new ShapeError(
      `forecast: model ${model.name} takes ${features} features, but history has ${channels} channels and futureCovariates ${known}: give ` +
        'what the model predicts as history, and its other features, which come after these, as futureCovariates',
    );
  const levels = quantiles === undefined ? 1 : checkQuantiles(quantiles, series);
  const distances = (quantiles ?? [0.5]).map((quantile) => Math.abs(quantile - 0.5));
  const middle = distances.indexOf(Math.min(...distances));
  const block = blockOf(model, channels * levels, features);
  const ahead = inputCount === 1 ? 0 : aheadOf(model, block, known);
  // The steps that are predicted last are never an input, but of what is known ahead.
  const needed = series.steps + block * (Math.ceil(count / block) - (ahead > 0 ? 0 : 1));
  if (covariates && covariates.steps < needed)
    throw new ShapeError(
      `forecast: futureCovariates has ${covariates.steps} steps, but ${needed} are needed: ${series.steps} of the history and ${needed - series.steps} after it`,
    );
  return { model, series, count, block, levels, middle, window: windowOf(model, series, windowLength), covariates, ahead };
}

/** The features that a second input takes of the steps that are predicted. */
function aheadOf(model: Model, block: number, known: number): number {
  const { shape } = model.inputs[1] as SymbolicTensor;
  const [steps, features] = shape;
  const fits = shape.length === 2 && (steps === block || steps === null) && typeof features === 'number' && features <= known;
  if (fits) return features;
  throw new ShapeError(
    `forecast: input '${model.inputNames[1]}' of model ${model.name} takes samples of shape ${formatShape(shape)}, expected [${block}, K] for what is known of the ${block} steps that it predicts at once, K being at most the ${known} features of futureCovariates`,
  );
}

/** The steps that the model is given; null for all. */
function windowOf(model: Model, series: Series, windowLength: number | undefined): number | null {
  const steps = model.inputShape[1] ?? null;
  const isAll = windowLength === Number.POSITIVE_INFINITY;
  if (isAll && steps !== null)
    throw new ArgumentError(
      `forecast: windowLength is Infinity, which means all steps, but model ${model.name} takes exactly ${steps}: leave windowLength out, or build the model with a free number of steps, inputShape: [null, ${model.inputShape[2]}]`,
    );
  const asked = windowLength === undefined || isAll ? null : positiveInteger(windowLength, 'forecast: windowLength');
  if (asked !== null && steps !== null && asked !== steps)
    throw new ArgumentError(
      `forecast: windowLength is ${asked}, but model ${model.name} takes exactly ${steps} steps: leave windowLength out`,
    );
  const window = steps ?? asked;
  if (window !== null && series.steps < window)
    throw new ShapeError(`forecast: history has ${series.steps} steps, but a window has ${window}`);
  if (window !== null || isAll) return window;
  return model.trainedSteps === null ? null : Math.min(model.trainedSteps, series.steps);
}

/**
 * The quantiles that a model predicts: those of the option, else those of its loss.
 * @throws {ArgumentError} when both are given and differ, or the loss has them in another order
 */
function quantilesOf({ name, loss }: Model, { quantiles }: ForecastOptions): ForecastOptions['quantiles'] {
  const trained = loss instanceof QuantileLoss && typeof loss.quantile !== 'number' ? loss.quantile : undefined;
  if (!trained || String(trained) === String(quantiles)) return quantiles ?? trained;
  const compiled = `model ${name} was compiled with QuantileLoss of [${trained.join(', ')}]`;
  if (quantiles !== undefined)
    throw new ArgumentError(`forecast: quantiles is [${quantiles}], but ${compiled}: leave quantiles out, which takes these`);
  if (trained.some((quantile, index) => index > 0 && quantile <= (trained[index - 1] as number)))
    throw new ArgumentError(
      `forecast: ${compiled}, and quantiles of a forecast must be in increasing order: train the model with them in that order`,
    );
  return trained;
}

function checkQuantiles(quantiles: unknown, { channels }: Series): number {
  const rises = (values: readonly unknown[]) =>
    values.every(
      (value, index) => typeof value === 'number' && value > 0 && value < 1 && (index === 0 || value > (values[index - 1] as number)),
    );
  if (!Array.isArray(quantiles) || quantiles.length === 0 || !rises(quantiles))
    throw new ArgumentError(`forecast: quantiles must be numbers between 0 and 1 in increasing order, got ${describe(quantiles)}`);
  if (channels > 1) throw new ArgumentError(`forecast: quantiles are for one channel, but history has ${channels}`);
  return quantiles.length;
}

/** H: the steps that a model predicts at once. @param width values of a step */
function blockOf({ name, outputShape }: Model, width: number, features: number): number {
  const sample = outputShape.slice(1);
  const hasFixedSize = sample.every((size) => size !== null);
  const size = hasFixedSize ? sizeOf(sample as readonly number[]) : 0;
  const fits = sample.length === 1 ? width === 1 || size === width : sample.length === 2 && sample[1] === width;
  if (!fits || size === 0) {
    const forms = width === 1 ? '[1], [H] or [H, 1]' : `[${width}] or [H, ${width}]`;
    const hint = !hasFixedSize
      ? ': a last layer with returnSequences: false predicts what comes next'
      : width === features && size < width
        ? ': give what it predicts as history, and its other features as futureCovariates'
        : '';
    throw new ShapeError(`forecast: model ${name} gives ${formatShape(sample)}, expected ${forms} for the next H steps${hint}`);
  }
  return size / width;
}

/** The drawing of errors; null without residuals. */
function residualsOf(options: ForecastOptions, { model, series: { channels }, block, levels }: Plan) {
  const { residuals, coverage = 0.9, numSamples = 500, seed, quantiles } = options;
  if (residuals === undefined) {
    const given = (['coverage', 'numSamples', 'seed'] as const).find((name) => options[name] !== undefined);
    if (given) throw new ArgumentError(`forecast: ${given} is for an interval from residuals: give residuals`);
    return null;
  }
  if (quantiles !== undefined) throw new ArgumentError('forecast: both quantiles and residuals make an interval: give one of them');
  if (levels > 1)
    throw new ArgumentError(
      `forecast: residuals make an interval, but model ${model.name} was compiled with QuantileLoss and predicts one: leave residuals out`,
    );
  if (typeof coverage !== 'number' || !(coverage > 0 && coverage < 1))
    throw new ArgumentError(`forecast: coverage must be a number between 0 and 1, got ${describe(coverage)}`);
  const samples = positiveInteger(numSamples, 'forecast: numSamples');
  const { shape, data } = toTensor(residuals, 'residuals');
  checkFinite({ shape, data }, 'residuals');
  const rows = shape[0] ?? 0;
  const width = data.length / rows;
  if (rows === 0 || (width !== channels && width !== channels * block))
    throw new ShapeError(
      `forecast: residuals has shape ${formatShape(shape)}, expected at least one row, and rows of ${channels} values, a step${block > 1 ? `, or ${channels * block}, the model's output` : ''}`,
    );
  // With fewer, the ends of the interval are the smallest and the largest error.
  const least = leastResiduals(coverage);
  if (rows < least)
    warn(
      'FEW_RESIDUALS',
      `forecast: residuals has ${rows} rows, but an interval that covers ${coverage} needs at least ${least}, and better ten times as many: with fewer it is too narrow. Give the errors of more steps that the model was not trained on, or a smaller coverage.`,
      model,
    );
  else warnOfBias(Float64Array.from(data), rows, coverage, model);
  const random = new RandomSequence(joinSeed(seed === undefined ? drawSeed() : seedWords(seed)), FORECAST_STREAM);
  /** Adds an error to the predicted steps `[H, C]`. */
  const draw = (steps: Float64Array) => {
    for (let start = 0; start < steps.length; start += width) {
      const from = Math.floor(random.uniform() * rows) * width;
      for (let index = 0; index < width; index++) steps[start + index] = (steps[start + index] as number) + (data[from + index] as number);
    }
  };
  return { coverage, samples, draw };
}

/**
 * Warns of errors that lie on one side of 0: they move the interval, not the forecast.
 * @param residuals `[R, …]`
 */
function warnOfBias(residuals: Float64Array, rows: number, coverage: number, model: Model): void {
  const [lower, upper] = endsOf(residuals, rows, coverage);
  const place = lower.findIndex((low, index) => low > 0 || (upper[index] as number) < 0);
  if (place < 0) return;
  const [low, high] = [lower, upper].map((ends) => (ends[place] as number).toPrecision(3));
  warn(
    'BIASED_RESIDUALS',
    `forecast: the fraction ${coverage} of residuals${lower.length > 1 ? `, value ${place} of each row,` : ''} is between ${low} and ${high}, without 0: the model predicts too ${Number(low) > 0 ? 'low' : 'high'}, so its forecast may lie outside of the interval. Train it longer or on later data, or, in a program, add the mean of the residuals to its predictions and subtract it from the residuals.`,
    model,
  );
}

/**
 * Predicts P futures, each from its own predictions.
 * @param disturb changes the predicted steps `[H, C]` of each future; null for none
 * @returns the values `[P, n, C]`, and of one future the quantiles `[n, Q]`
 */
async function follow(
  { model, series, count, block, levels, middle, window, covariates, ahead }: Plan,
  paths: number,
  disturb: ((steps: Float64Array) => void) | null,
): Promise<{ values: Float64Array; quantiles: Float64Array | null }> {
  const { steps, channels: C, data } = series;
  const D = C + (covariates?.channels ?? 0);
  const values = new Float64Array(paths * count * C);
  const quantiles = levels > 1 ? new Float64Array(count * levels) : null;
  const next = new Float64Array(block * C);
  for (let done = 0; done < count; done += block) {
    const first = window === null ? 0 : steps + done - window;
    const length = steps + done - first;
    const x = new Float64Array(paths * length * D);
    for (let path = 0; path < paths; path++)
      for (let t = 0; t < length; t++) {
        const step = first + t;
        const to = (path * length + t) * D;
        for (let c = 0; c < C; c++)
          x[to + c] = step < steps ? (data[step * C + c] as number) : (values[(path * count + step - steps) * C + c] as number);
        for (let k = C; k < D; k++) x[to + k] = covariates?.data[step * (D - C) + k - C] as number;
      }
    const given = { shape: [paths, length, D], data: x };
    const predicted = (await model.predict(
      covariates && ahead > 0 ? [given, following(covariates, steps + done, block, ahead, paths)] : given,
    )) as unknown as Tensor;
    const wanted = Math.min(block, count - done);
    for (let path = 0; path < paths; path++) {
      for (let index = 0; index < next.length; index++)
        next[index] = predicted.data[(path * next.length + index) * levels + middle] as number;
      disturb?.(next);
      values.set(next.subarray(0, wanted * C), (path * count + done) * C);
    }
    for (let index = 0; quantiles && index < wanted * levels; index++) quantiles[done * levels + index] = predicted.data[index] as number;
  }
  return { values, quantiles };
}

/** The last `width` features of some steps from `from` on, for each path, `[P, steps, width]`. */
function following({ channels, data }: Series, from: number, steps: number, width: number, paths: number): Tensor<Float64Array> {
  const x = new Float64Array(paths * steps * width);
  for (let place = 0; place < x.length; place++) {
    const step = from + (Math.floor(place / width) % steps);
    x[place] = data[step * channels + channels - width + (place % width)] as number;
  }
  return tensorOf([paths, steps, width], x);
}

/** The ends of the interval of each value over the futures `[P, …]`. */
function endsOf(futures: Float64Array, paths: number, coverage: number): readonly [Float64Array, Float64Array] {
  return [quantileOf(futures, paths, (1 - coverage) / 2), quantileOf(futures, paths, (1 + coverage) / 2)];
}

/** The quantile of each value over the futures `[P, …]`, between neighbours along a line. */
function quantileOf(futures: Float64Array, paths: number, level: number): Float64Array {
  const length = futures.length / paths;
  return Float64Array.from({ length }, (_, index) => {
    const sorted = Float64Array.from({ length: paths }, (_unused, path) => futures[path * length + index] as number).sort();
    const place = level * (paths - 1);
    const below = sorted[Math.floor(place)] as number;
    return below + (place % 1) * ((sorted[Math.ceil(place)] as number) - below);
  });
}
