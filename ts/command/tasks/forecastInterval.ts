import { leastResiduals } from '../../data/leastResiduals.ts';
import type { Tensor } from '../../node.ts';

/** The part of the values that the interval is to cover: the default of `forecast --coverage`. */
export const COVERAGE = 0.9;
/** Errors that are saved. */
const MOST = 200;
/** Fewer errors than this have no quantiles that are worth a measurement. */
const LEAST = 10;

/** What makes an interval better. */
const REMEDY = 'train on more rows, or with a larger --validation-split';

/**
 * Why there is no interval: of few errors its ends are the least and the greatest one, and it is
 * too narrow.
 * @param errors of how many forecasts the errors are known
 * @returns null where they are enough, as many as `forecast` of the package needs
 */
export function whyNoInterval(errors: number, coverage: number): string | null {
  const least = leastResiduals(coverage);
  const percent = Number((100 * coverage).toPrecision(3));
  return errors < least
    ? `there is no interval: one of ${percent} % takes the errors of ${least} forecasts of validation data, and the model has ${errors}: ${REMEDY}`
    : null;
}

/**
 * Why an interval was not measured in training: the errors of one half of the validation data make
 * it, and forecasts that begin one horizon apart must begin in the other half.
 * @param steps of the validation data
 * @returns null where it was
 */
export function whyNotMeasured(steps: number, horizon: number): string | null {
  const least = 2 * Math.max(LEAST + horizon - 1, 2 * horizon - 1);
  return steps < least
    ? `the interval was not measured, and may be too narrow: that takes ${least} steps of validation data, and there were ${steps}: ${REMEDY}`
    : null;
}

/**
 * The errors of forecasts, `[R][width]` of six digits: at most some hundred, evenly spaced.
 * @param width the values of a forecast
 */
export function residualsOf(actual: Tensor, predicted: Tensor, width: number): number[][] {
  const count = actual.data.length / width;
  const R = Math.min(MOST, count);
  return Array.from({ length: R }, (_, index) => {
    const from = Math.floor((index * count) / R) * width;
    return Array.from({ length: width }, (_unused, at) =>
      Number(((actual.data[from + at] as number) - (predicted.data[from + at] as number)).toPrecision(6)),
    );
  });
}

/**
 * The part of the values that the interval around forecasts covers. It goes from the lower to the
 * upper quantile of the errors of each step and column, as that of `forecast` does.
 * @param predictions `[N, H, C]`, beside `actual`
 * @param residuals `[R][H * C]`
 * @param from the first forecast that is measured; -1 for none
 * @returns null where there is none to measure, or too few errors
 */
export function coverageOf(predictions: Tensor, actual: Tensor, residuals: readonly (readonly number[])[], from: number): number | null {
  const width = predictions.data.length / (predictions.shape[0] as number);
  if (from < 0 || residuals.length < LEAST) return null;
  const bounds = Array.from({ length: width }, (_, at) => {
    const sorted = residuals.map((row) => row[at] as number).sort((a, b) => a - b);
    return [quantile(sorted, (1 - COVERAGE) / 2), quantile(sorted, (1 + COVERAGE) / 2)] as const;
  });
  let covered = 0;
  for (let index = from * width; index < predictions.data.length; index++) {
    const [lower, upper] = bounds[index % width] as readonly [number, number];
    const error = (actual.data[index] as number) - (predictions.data[index] as number);
    if (lower <= error && error <= upper) covered++;
  }
  return covered / (predictions.data.length - from * width);
}

/** A quantile, between neighbours along a line. */
function quantile(sorted: readonly number[], level: number): number {
  const place = level * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  return below + (place % 1) * ((sorted[Math.ceil(place)] as number) - below);
}
