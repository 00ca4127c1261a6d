/** Which numbers a field takes. */
export interface NumberRule {
  readonly minimum: number;
  readonly maximum: number;
  /** Whether numbers must be greater than `minimum`. Default false: the minimum is allowed. */
  readonly above?: boolean;
  /**
   * How far an arrow key goes. Without it the field takes whole numbers, and an arrow key goes to
   * the next one. A number lets the field take decimals and go by this distance; `'decades'` goes
   * along 0.001, 0.002, 0.005, 0.01, …, for numbers of any size.
   */
  readonly step?: number | 'decades';
}

/** What a typed text says. */
export interface NumberReading {
  /** NaN for every text that is no number of the rule. */
  readonly value: number;
  /** What to type instead; null when there is a value. */
  readonly problem: string | null;
  /** Whether the text may be the beginning of a number of the rule: `0.` of `0.01`. */
  readonly unfinished: boolean;
}

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const BEGINNING = /^[-+]?\d*\.?\d*(e[-+]?)?$/i;
/** Thousands as the page writes them; between whole numbers a comma is no decimal sign. */
const GROUPED = /^\d{1,3}(,\d{3})+$/;

/** Reads what was typed; the decimal sign is a point or a comma. */
export function readNumber(text: string, rule: NumberRule): NumberReading {
  const typed = text.trim().replace('−', '-');
  const whole = rule.step === undefined;
  const plain = whole && GROUPED.test(typed) ? typed.replaceAll(',', '') : typed.replace(',', '.');
  const number = NUMBER.test(plain) ? Number(plain) : Number.NaN;
  const problem = `Type ${describeRule(rule)}${typed === '' ? '' : `, not “${typed}”`}.`;
  if (Number.isNaN(number)) return { value: Number.NaN, problem, unfinished: BEGINNING.test(plain) };
  // A point between groups of thousands, as others write them, must not make ten of ten thousand.
  if (whole && (!Number.isInteger(number) || /^\d{1,3}(\.\d{3})+$/.test(typed))) {
    return { value: Number.NaN, problem, unfinished: false };
  }
  const { minimum, maximum, above = false } = rule;
  if (number >= minimum && number <= maximum && !(above && number === minimum)) return { value: number, problem: null, unfinished: false };
  return { value: Number.NaN, problem, unfinished: !(whole && number > maximum) };
}

function describeRule({ minimum, maximum, above, step }: NumberRule): string {
  const range = `${above ? `above ${format(minimum)} and at most` : `from ${format(minimum)} to`} ${format(maximum)}`;
  return `a ${step === undefined ? 'whole ' : ''}number ${range}`;
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 10 });
}

/** The text of a number that was not typed. */
export function numberText(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

/** The number some steps up, or down for negative `steps`; stays within the rule. */
export function stepNumber(value: number, { minimum, maximum, step = 1 }: NumberRule, steps: number): number {
  let next = value;
  for (let done = 0; done < Math.abs(steps); done++)
    next = step === 'decades' ? nextInDecades(next, steps > 0) : nextMultiple(next, step, steps > 0);
  return Math.min(maximum, Math.max(minimum, next));
}

/** Decimal fractions have no exact binary ones: what differs by less than this part is the same. */
const SAME = 1e-9;

function nextMultiple(value: number, step: number, up: boolean): number {
  const place = value / step;
  const next = up ? Math.floor(place + SAME) + 1 : Math.ceil(place - SAME) - 1;
  return Number((next * step).toPrecision(12));
}

/** The next of … 0.1, 0.2, 0.5, 1, 2, 5 …; a value that is not positive stays. */
function nextInDecades(value: number, up: boolean): number {
  if (!(value > 0)) return value;
  const exponent = Math.floor(Math.log10(value));
  const near = [exponent - 1, exponent, exponent + 1].flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  const next = up ? near.find((other) => other > value) : near.findLast((other) => other < value);
  return next ?? value;
}
