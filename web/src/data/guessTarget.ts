import type { ColumnFacts } from './columnFacts.ts';

/** Names that numbers have which are to be predicted. */
const TARGET =
  /^(target|y|output|outcome|response|result|price|cost|fare|salary|income|rating|score|grade|quality|yield|rul|remaining( useful)? (life|cycles|time|hours|days)|time to failure)$/i;
/** Fewer different numbers are rather classes. */
const FEWEST_NUMBERS = 10;

/** The number that other columns would be asked for, and how sure that is. */
export interface GuessedTarget {
  readonly target: number;
  /** Whether its name says so, or it alone is no step of a series. */
  readonly isNamed: boolean;
}

/** @returns null where no column holds numbers enough to be predicted */
export function guessTarget(facts: readonly ColumnFacts[]): GuessedTarget | null {
  const numbers = facts.filter(({ kind, order, distinct }) => kind === 'number' && !order && distinct > FEWEST_NUMBERS);
  const named = numbers.findLast(({ name }) => TARGET.test(name.replace(/[_\s]+/g, ' ').trim()));
  if (named) return { target: named.index, isNamed: true };
  // x1, x2, x3, …, and another: that is what is told of them.
  const others = numbers.filter(({ name }) => !/\d/.test(name));
  const isAlone = others.length === 1 && numbers.length > MANY_STEPS;
  const last = isAlone ? others[0] : numbers.at(-1);
  return last ? { target: last.index, isNamed: isAlone } : null;
}

/** Columns whose names count that make a series. */
const MANY_STEPS = 8;
