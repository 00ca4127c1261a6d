// Series with labelled anomalies, of the Numenta Anomaly Benchmark.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Its path in the shared folder. */
export const ANOMALIES = 'anomaly/nab';
export const ANOMALIES_SOURCE =
  'series of the Numenta Anomaly Benchmark (https://github.com/numenta/NAB, folder data) and windows.json: for each series its labelled windows';

const DAY = 24 * 3600 * 1000;

/**
 * @typedef {object} LabelledSeries
 * @property {number[][]} steps `[rows, 5]`: the value, scaled by the mean and the deviation of the
 *   training part; the time of the day as sine and cosine; whether it is a Saturday or a Sunday
 * @property {number} trained the rows of the training part
 * @property {[number, number][]} windows the first and the last row of each labelled window
 */

/**
 * Reads a series.
 * @param {string} folder
 * @param {string} name such as `realKnownCause/nyc_taxi.csv`
 * @param {number} share the training part's share of the rows
 * @returns {LabelledSeries}
 */
export function readAnomalies(folder, name, share) {
  const bytes = readFileSync(join(folder, name));
  const [, ...lines] = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().trimEnd().split('\n');
  const rows = lines.map((line) => line.split(','));
  const times = rows.map(([time]) => Date.parse(`${time.replace(' ', 'T')}Z`));
  const values = rows.map(([, value]) => Number(value));
  const trained = Math.floor(share * rows.length);
  const part = values.slice(0, trained);
  const mean = part.reduce((sum, value) => sum + value, 0) / trained;
  const deviation = Math.sqrt(part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / trained);
  const steps = values.map((value, row) => {
    const angle = (2 * Math.PI * times[row]) / DAY;
    const weekday = new Date(times[row]).getUTCDay();
    return [(value - mean) / deviation, Math.sin(angle), Math.cos(angle), Number(weekday === 6), Number(weekday === 0)];
  });
  const { windows } = JSON.parse(readFileSync(join(folder, 'windows.json'), 'utf8'))[name.replace(/\.gz$/, '')];
  /** @param {string} time */
  const rowOf = (time) => times.findIndex((other) => other >= Date.parse(`${time.slice(0, 19).replace(' ', 'T')}Z`));
  return { steps, trained, windows: windows.map((/** @type {[string, string]} */ [first, last]) => [rowOf(first), rowOf(last)]) };
}

/**
 * The samples for a forecast of one value.
 * @param {number[][]} steps
 * @param {number} length the steps that are known
 * @param {number} ahead how many rows after the last known step the value is
 * @returns `x`: at each step the value, and the time `ahead` rows later, `[samples, length, 5]`;
 *   `y`: the values, `[samples, 1]`. The first value is that of row `length + ahead - 1`
 */
export function forecastSamples(steps, length, ahead) {
  const known = steps.slice(ahead).map(([, ...time], row) => [steps[row][0], ...time]);
  const starts = Array.from({ length: known.length - length + 1 }, (_, start) => start);
  return { x: starts.map((start) => known.slice(start, start + length)), y: starts.map((start) => [steps[start + length + ahead - 1][0]]) };
}

/**
 * Raises an alarm where the mean error of `span` forecasts is more than `factor` times its greatest
 * value in the training part. Alarms less than `span` rows apart are one.
 * @param {ArrayLike<number>} errors the error of each row's forecast
 * @param {number} trained rows of the training part
 * @param {{ factor: number, span: number }} options
 * @returns {[number, number][]} the first and the last row of each alarm
 */
export function alarmsOf(errors, trained, { factor, span }) {
  const means = Array.from(errors, (_, row) => {
    let sum = 0;
    for (let back = 0; back < span; back++) sum += errors[Math.max(0, row - back)] / span;
    return sum;
  });
  const limit = factor * Math.max(...means.slice(span, trained));
  /** @type {[number, number][]} */
  const alarms = [];
  means.forEach((mean, row) => {
    if (row < trained || mean <= limit) return;
    const last = alarms.at(-1);
    if (last && row - last[1] <= span) last[1] = row;
    else alarms.push([row, row]);
  });
  return alarms;
}

/**
 * Counts the windows that an alarm touches, and the alarms that touch no window.
 * @param {[number, number][]} alarms
 * @param {[number, number][]} windows
 */
export function scoreOf(alarms, windows) {
  /** @param {[number, number]} one @param {[number, number]} other */
  const meet = (one, other) => one[0] <= other[1] && other[0] <= one[1];
  return {
    found: windows.filter((window) => alarms.some((alarm) => meet(alarm, window))).length,
    windows: windows.length,
    falseAlarms: alarms.filter((alarm) => !windows.some((window) => meet(alarm, window))).length,
  };
}
