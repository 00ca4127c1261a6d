// Forecasts the carbon dioxide in the air over Hawaii for the next half year from the two years
// before, and compares the errors with those of two forecasts that learn nothing.
//   node examples/forecast-co2.js [epochs]
import { readFileSync } from 'node:fs';
import { Dense, GRU, Sequential, setRandomSeed } from 'backtime';

const epochs = Number(process.argv[2] ?? 40);
setRandomSeed(1);
const [YEAR, PAST, HORIZON] = [52, 104, 26];

/** The weekly values, gaps filled in along a straight line. */
function readSeries() {
  const file = new URL('data/co2-weekly/co2-weekly.csv', import.meta.url);
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const series = lines.map((line) => (line.endsWith(',') ? Number.NaN : Number(line.split(',')[1])));
  for (const [week, value] of series.entries()) {
    if (!Number.isNaN(value)) continue;
    const next = series.findIndex((later, at) => at > week && !Number.isNaN(later));
    series[week] = series[week - 1] + (series[next] - series[week - 1]) / (next - week + 1);
  }
  return series;
}

const series = readSeries();
// A window is known by the week of its last known value. The last ten years test, and no window
// reaches from one set into the other.
const firstTest = series.length - 10 * YEAR;
/** @param {number} from @param {number} to */
const weeks = (from, to) => Array.from({ length: to - from }, (_, index) => from + index);
const trainWeeks = weeks(PAST - 1, firstTest - HORIZON);
const testWeeks = weeks(firstTest + PAST - 1, series.length - HORIZON);

// The network sees and forecasts differences to the window's last value, in units of 5 ppm, so that
// the level does not matter.
const UNIT = 5;
/** @param {number[]} ends */
const inputsOf = (ends) => ends.map((end) => series.slice(end - PAST + 1, end + 1).map((value) => [(value - series[end]) / UNIT]));
/** @param {number[]} ends */
const targetsOf = (ends) => ends.map((end) => series.slice(end + 1, end + 1 + HORIZON).map((value) => (value - series[end]) / UNIT));

const model = new Sequential([new GRU(32), new Dense(HORIZON)]);
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
await model.fit(inputsOf(trainWeeks), targetsOf(trainWeeks), { epochs });

const { data } = await model.predict(inputsOf(testWeeks));
/**
 * Root of the mean squared error over all test windows and weeks ahead, in ppm.
 * @param {(end: number, ahead: number, row: number) => number} forecast
 */
function error(forecast) {
  let sum = 0;
  for (const [row, end] of testWeeks.entries())
    for (let ahead = 1; ahead <= HORIZON; ahead++) sum += (forecast(end, ahead, row) - series[end + ahead]) ** 2;
  return Math.sqrt(sum / (testWeeks.length * HORIZON));
}

console.log(`error over the next ${HORIZON} weeks, ${testWeeks.length} windows that were not trained on:`);
const report = {
  network: error((end, ahead, row) => series[end] + UNIT * data[row * HORIZON + ahead - 1]),
  'as last year, with its growth': error((end, ahead) => series[end] + series[end + ahead - YEAR] - series[end - YEAR]),
  'stays as it is': error((end) => series[end]),
};
for (const [name, ppm] of Object.entries(report)) console.log(`  ${ppm.toFixed(2)} ppm  ${name}`);
