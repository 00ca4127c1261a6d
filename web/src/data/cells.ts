/**
 * What stands in files for something that is missing, beside an empty cell; in any case of letters.
 */
export const MISSING_MARKS = ['NA', 'N/A', '#N/A', 'NaN', 'null', 'none', '-', '--', '–', '—', '?', '.', '..'] as const;

const MARKS: ReadonlySet<string> = new Set(MISSING_MARKS.map((mark) => mark.toLowerCase()));
const LONGEST_MARK = Math.max(...MISSING_MARKS.map(({ length }) => length));

/** Whether a cell is a number: `1.5`, `-2e3`; not empty, not `12 kg`. */
export function isNumber(cell: string): boolean {
  return cell !== '' && Number.isFinite(Number(cell));
}

/** Whether a cell is empty or holds one of {@link MISSING_MARKS}. */
export function isMissing(cell: string): boolean {
  return cell === '' || (cell.length <= LONGEST_MARK && MARKS.has(cell.toLowerCase()));
}

const TIME = String.raw`\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[ap]\.?m\.?)?( ?(z|utc|gmt)?([-+]\d{1,2}(:?\d{2})?)?)?`;
const DAY = String.raw`(\d{4}(?<ymd>[-/.])\d{1,2}(\k<ymd>\d{1,2})?|\d{1,2}(?<dmy>[-/.])\d{1,2}\k<dmy>(\d{4}|\d{2}))`;
const DATE = new RegExp(`^(${DAY}\\.?([ t,]+${TIME})?|${TIME})$`, 'i');
const PERIOD = /^(\d{4}[- ]?[qw]\d{1,2}|[qw]\d{1,2}[- /]\d{4})$/i;
const MONTH = /^(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)$/i;
const PART_OF_DATE =
  /^(\d{1,4}(st|nd|rd|th)?|(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?|\d{1,2}:\d{2}(:\d{2})?|[ap]m|utc|gmt)$/i;
const LONGEST_DATE = 40;

/**
 * Whether a cell is a day, a time of day, a month or a quarter as files write them; numbers such as
 * 20240131 are none here.
 */
export function isDate(cell: string): boolean {
  if (cell.length > LONGEST_DATE || !/\d/.test(cell) || isNumber(cell)) return false;
  return DATE.test(cell) || PERIOD.test(cell) || namesMonth(cell);
}

/**
 * `5 Jan 2024`, `January 2024`, `Jan-24`, `Fri, Jan 5th 2024 10:30`: a month beside numbers, and
 * nothing else.
 */
function namesMonth(cell: string): boolean {
  const parts = cell.split(/[\s,./-]+/).filter((part) => part !== '');
  return (
    parts.length >= 2 &&
    parts.filter((part) => MONTH.test(part)).length === 1 &&
    parts.every((part) => MONTH.test(part) || PART_OF_DATE.test(part))
  );
}
