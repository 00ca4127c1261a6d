/** The part of the true values that is to lie in the interval. */
const COVERAGE = 0.9;
/** Fewer errors than this have no quantiles that are worth a word. */
const FEWEST_ERRORS = 10;

/** What the errors of one output lie between, in nine of ten cases. */
export function boundsOf(residuals: readonly (readonly number[])[] | null, output: number): readonly [number | null, number | null] {
  if (!residuals || residuals.length < FEWEST_ERRORS) return [null, null];
  const errors = residuals.map((row) => row[output]).sort((a, b) => a - b);
  return [quantile(errors, (1 - COVERAGE) / 2), quantile(errors, (1 + COVERAGE) / 2)];
}

/** A quantile of sorted numbers, between neighbours along a line. */
function quantile(sorted: readonly number[], level: number): number {
  const place = level * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  return below + (place % 1) * (sorted[Math.ceil(place)] - below);
}
