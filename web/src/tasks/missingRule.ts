/** What takes the place of missing numbers, in all tasks alike. */
export interface MissingRule {
  readonly fill: 'line' | 'previous' | 'zero';
  /** Whether marks such as -999, far from all other numbers, are missing numbers. */
  readonly sentinels: boolean;
}

export const DEFAULT_RULE: MissingRule = { fill: 'line', sentinels: true };

/** The ways to fill in, in the words of the page. */
export const FILLS: Readonly<Record<MissingRule['fill'], string>> = {
  line: 'one between its neighbours',
  previous: 'the number before it',
  zero: '0',
};

/** How a message calls what is filled in. */
export const FILLED: Readonly<Record<MissingRule['fill'], string>> = {
  line: 'filled in from its neighbours',
  previous: 'the number before it is repeated',
  zero: '0 is put there',
};

/** How a message calls what is filled in where a row has no neighbours. */
export const FILLED_ALONE: Readonly<Record<MissingRule['fill'], string>> = {
  line: 'the mean of its column is put there',
  previous: 'the mean of its column is put there',
  zero: '0 is put there',
};

/** What the rule counts as missing, for the user. */
export const MISSING_RULE =
  'A number is missing where a cell is empty, holds NA, n/a, null, none, nan, -, ? or the like, or anything else that is no number. A series that begins or ends with missing numbers is that much shorter; nowhere else is a step left out, so time never shifts.';

/** The steps of a series that stay: from the first with a number to the last. */
export interface KeptSteps {
  readonly from: number;
  /** After the last. */
  readonly to: number;
}

/**
 * Fills in what is missing of a series, in place, by the rule. Where only some of the first or last
 * step's numbers are missing, the nearest of the same channel is repeated.
 * @param steps one number for each channel a step, NaN where it is missing
 * @returns null when a channel has no number at all
 */
export function fillMissing(steps: readonly number[][], fill: MissingRule['fill'] = 'line'): KeptSteps | null {
  const isKept = (step: readonly number[]) => step.some((number) => !Number.isNaN(number));
  const from = steps.findIndex(isKept);
  const to = steps.findLastIndex(isKept) + 1;
  if (from === -1) return null;
  for (let channel = 0; channel < steps[from].length; channel++) if (!fillChannel(steps, channel, from, to, fill)) return null;
  return { from, to };
}

/**
 * Fills in what is missing of a row that is one step, in place: the mean of its column, unless the
 * rule says 0. @returns null when the row has no number at all
 */
export function fillFromColumns(row: number[], means: readonly number[], fill: MissingRule['fill']): KeptSteps | null {
  if (row.every(Number.isNaN)) return null;
  for (const [place, number] of row.entries()) if (Number.isNaN(number)) row[place] = fill === 'zero' ? 0 : (means[place] as number);
  return { from: 0, to: 1 };
}

function fillChannel(steps: readonly number[][], channel: number, from: number, to: number, fill: MissingRule['fill']): boolean {
  /** The last step with a number; -1 before there is one. */
  let before = -1;
  const between = (start: number, end: number, part: number) => {
    if (fill === 'zero') return 0;
    return fill === 'previous' ? start : start + (end - start) * part;
  };
  for (let step = from; step < to; step++) {
    const number = steps[step][channel];
    if (Number.isNaN(number)) continue;
    const start = before === -1 ? number : steps[before][channel];
    const origin = before === -1 ? from - 1 : before;
    for (let gap = origin + 1; gap < step; gap++) steps[gap][channel] = between(start, number, (gap - origin) / (step - origin));
    before = step;
  }
  if (before === -1) return false;
  const last = steps[before][channel];
  for (let gap = before + 1; gap < to; gap++) steps[gap][channel] = between(last, last, 0);
  return true;
}
