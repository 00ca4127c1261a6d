// Approximate quantiles, in the float32 and the order of Keras's, so that the same data has the
// same boundaries: layers/preprocessing/discretization.py of Keras 3.

/** Values in rising order, and how many values of the data each stands for. */
interface Summary {
  readonly values: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** The boundaries between bins that have about as many of the values each. */
export function binBoundaries(values: ArrayLike<number>, numBins: number, epsilon: number): number[] {
  const summary = compressed(summaryOf(values, epsilon), epsilon);
  return Array.from(compressed(summary, 1 / numBins).values).slice(0, -1);
}

/** Values at equal distances in order of size, at most one for each `epsilon`. */
function summaryOf(given: ArrayLike<number>, epsilon: number): Summary {
  const sorted = Float32Array.from(given).sort();
  const step = Math.max(sorted.length / (1 / epsilon), 1);
  const stride = Math.floor(step);
  const values: number[] = [];
  for (let place = Math.floor(step - 1); place < sorted.length; place += stride) values.push(sorted[place] as number);
  return { values, weights: new Float32Array(values.length).fill(step) };
}

/** The values at every `epsilon` of the weights, on lines between those that are there. */
function compressed(summary: Summary, epsilon: number): Summary {
  const { values, weights } = summary;
  if (values.length * epsilon < 1) return summary;
  const sums = new Float32Array(values.length);
  for (let place = 0, sum = 0; place < sums.length; place++) {
    sum = Math.fround(sum + (weights[place] as number));
    sums[place] = sum;
  }
  const total = sums.at(-1) as number;
  const shares = sums.map((sum) => sum / total);
  const places = Array.from({ length: Math.ceil(1 / epsilon) }, (_, place) => epsilon + place * epsilon);
  const reached = places.map((place) => onLine(place, shares, sums));
  return {
    values: Float32Array.from(places, (place) => onLine(place, shares, values)),
    weights: Float32Array.from(reached, (sum, place) => sum - (reached[place - 1] ?? 0)),
  };
}

/** The value at x of the lines between points, whose x rise; beyond them that of the last one. */
function onLine(x: number, xs: ArrayLike<number>, ys: ArrayLike<number>): number {
  const last = xs.length - 1;
  if (x >= (xs[last] as number)) return ys[last] as number;
  if (x < (xs[0] as number)) return ys[0] as number;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((xs[middle] as number) <= x) low = middle;
    else high = middle;
  }
  const [x0, y0] = [xs[low] as number, ys[low] as number];
  if (x === x0) return y0;
  return (((ys[high] as number) - y0) / ((xs[high] as number) - x0)) * (x - x0) + y0;
}
