// Dates as people write them, and as ISO 8601 does.
import { randomNumbers } from './randomNumbers.js';

/**
 * @typedef {{ written: string, iso: string }} WrittenDate such as `Thursday, May 10, 1956` and
 *   `1956-05-10`
 */

const [FIRST, LAST] = [Date.UTC(1950, 0, 1), Date.UTC(2009, 11, 31)];
const DAY = 24 * 60 * 60 * 1000;

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** @typedef {{ day: string, month: number, year: string, weekday: string }} Parts */
/** The ways in which dates are written. @type {((parts: Parts) => string)[]} */
const FORMATS = [
  ({ day, month, year }) => `${day}/${twoDigits(month)}/${year.slice(2)}`,
  ({ day, month, year }) => `${day}.${twoDigits(month)}.${year}`,
  ({ day, month, year }) => `${day} ${MONTHS[month - 1].slice(0, 3)} ${year}`,
  ({ day, month, year }) => `${MONTHS[month - 1]} ${day}, ${year}`,
  ({ day, month, year, weekday }) => `${weekday}, ${MONTHS[month - 1]} ${day}, ${year}`,
];

/** @param {number} number */
const twoDigits = (number) => String(number).padStart(2, '0');

/**
 * Makes dates from 1950 to 2009, each once, in one of five formats, half of them in small letters.
 * @param {number} count
 * @param {number} seed
 * @returns {WrittenDate[]}
 */
export function makeDates(count, seed) {
  const random = randomNumbers(seed);
  const days = new Set();
  while (days.size < count) days.add(random((LAST - FIRST) / DAY + 1));
  return [...days].map((number) => {
    const date = new Date(FIRST + number * DAY);
    const parts = {
      day: twoDigits(date.getUTCDate()),
      month: date.getUTCMonth() + 1,
      year: String(date.getUTCFullYear()),
      weekday: WEEKDAYS[date.getUTCDay()],
    };
    const written = FORMATS[random(FORMATS.length)](parts);
    return { written: random(2) === 0 ? written : written.toLowerCase(), iso: date.toISOString().slice(0, 10) };
  });
}
