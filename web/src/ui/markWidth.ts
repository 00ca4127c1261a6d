/** Pixels of a letter of an axis, and the room between two marks. */
const LETTER = 7;
const GAP = 12;

/** The least that the axis of values takes. */
const LEAST = 56;

/** Pixels of the axis of values: as many as its longest number takes. */
export function axisWidth(marks: readonly string[] | null): number {
  return Math.max(LEAST, 2 * GAP + LETTER * (marks ?? []).reduce((longest, { length }) => Math.max(longest, length), 0));
}

/**
 * Pixels for each mark of an axis, so that texts of dates do not run into each other: as many as
 * the longest text takes, since a time of day is written only where it is not midnight.
 * @param xs where marks may stand
 */
export function markWidth(xs: ArrayLike<number>, xText: (x: number) => string): number {
  let longest = 0;
  for (let index = 0; index < xs.length; index++) longest = Math.max(longest, xText(xs[index] as number).length);
  return GAP + LETTER * longest;
}
