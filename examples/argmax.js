/**
 * The class with the highest score, for each row of scores.
 * @param {{ shape: readonly number[], data: ArrayLike<number> }} scores the last axis has the
 *   classes
 * @returns {number[]} a class for each row: all axes but the last, one row after the other
 */
export function argmax({ shape, data }) {
  const classes = shape[shape.length - 1];
  return Array.from({ length: data.length / classes }, (_, row) => {
    let best = 0;
    for (let index = 1; index < classes; index++) if (data[row * classes + index] > data[row * classes + best]) best = index;
    return best;
  });
}
