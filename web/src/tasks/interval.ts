/** The part of the true values that is to lie in the interval. */
const COVERAGE = 0.9;
/** Fewer errors than this have no quantiles that are worth a word. */
const FEWEST_ERRORS = 10;

/** The bounds of errors, by output, so that a slider need not sort them for each forecast. */
const known = new WeakMap<object, (readonly [number, number])[]>();

/**
 * What the errors of one output lie between, in nine of ten cases. `forecast` of the package draws
 * whole futures, because errors add up where a model goes on from its own answers; a model of the
 * page gives all steps at once, so that the quantiles of its errors are what those futures come to,
 * without 500 of them for each move of a slider.
 */
export function boundsOf(residuals: readonly (readonly number[])[] | null, output: number): readonly [number | null, number | null] {
  if (!residuals || residuals.length < FEWEST_ERRORS) return [null, null];
  const bounds = known.get(residuals) ?? [];
  known.set(residuals, bounds);
  bounds[output] ??= quantilesOf(residuals, output);
  return bounds[output];
}

function quantilesOf(residuals: readonly (readonly number[])[], output: number): readonly [number, number] {
  const errors = residuals.map((row) => row[output]).sort((a, b) => a - b);
  return [quantile(errors, (1 - COVERAGE) / 2), quantile(errors, (1 + COVERAGE) / 2)];
}

/** A quantile of sorted numbers, between neighbours along a line. */
function quantile(sorted: readonly number[], level: number): number {
  const place = level * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  return below + (place % 1) * (sorted[Math.ceil(place)] - below);
}
