/** The fewest errors that an interval of a coverage needs: with fewer it is too narrow. */
export function leastResiduals(coverage: number): number {
  return Math.ceil(2 / (1 - coverage) - 1e-9);
}
