// Forecasts the carbon dioxide in the air over Hawaii half a year ahead, with intervals, and
// compares the errors with those of forecasts that learn nothing.
//   node examples/forecast-co2.js [seed]
import { Adam, backtest, Dense, forecast, GRU, Input, Model, ops, readCSV, setRandomSeed, timesAfter } from 'backtime';

setRandomSeed(Number(process.argv[2] ?? 1));
const [YEAR, PAST, HORIZON] = [52, 104, 26];

// Weeks without a value get one on the line between their neighbours.
const table = await readCSV(new URL('data/co2-weekly/co2-weekly.csv', import.meta.url));
const measured = table.numbers('co2', { missing: 'linear' });
const series = Array.from(measured);

// The last ten years test. The five years before them say how large the errors are.
const [firstKept, firstTest] = [series.length - 15 * YEAR, series.length - 10 * YEAR];
/** Windows whose forecasts lie between two weeks. @param {number} from @param {number} to */
const windows = (from, to) => {
  const firsts = Array.from({ length: to - HORIZON - from + 1 }, (_, week) => from + week);
  return {
    x: firsts.map((week) => series.slice(week - PAST, week).map((value) => [value])),
    y: firsts.map((week) => series.slice(week, week + HORIZON)),
  };
};

// The network sees and gives differences to the window's last value, in units of 5 ppm, so that the
// level does not matter.
const UNIT = 5;
const past = Input({ shape: [PAST, 1] });
const last = ops.slice(past, [0, PAST - 1, 0], [-1, 1, 1]);
const change = new Dense(HORIZON).apply(new GRU(24).apply(ops.divide(ops.subtract(past, last), UNIT)));
const next = ops.add(ops.multiply(change, UNIT), ops.squeeze(last, 2));
const model = new Model({ inputs: past, outputs: next });
model.compile({ optimizer: new Adam({ learningRate: 0.003 }), loss: 'meanSquaredError' });
const train = windows(PAST, firstKept);
await model.fit(train.x, train.y, { epochs: 20 });

const kept = windows(firstKept, firstTest);
const predicted = await model.predict(kept.x);
const residuals = kept.y.map((weeks, row) => weeks.map((value, ahead) => value - predicted.data[row * HORIZON + ahead]));

const options = { horizon: HORIZON, start: firstTest, stride: 4, seasonLength: YEAR, residuals, coverage: 0.9, seed: 1 };
const { errors, coverage } = await backtest(model, series, options);
// As last year, with the growth since: the best forecast that one may think of without learning.
const grown = await backtest(
  ({ data }, weeks) =>
    Array.from({ length: weeks }, (_, ahead) => {
      const end = data.length - 1;
      return data[end] + data[end + 1 + ahead - YEAR] - data[end - YEAR];
    }),
  series,
  { horizon: HORIZON, start: firstTest, stride: 4, seasonLength: YEAR },
);
const report = {
  network: errors.model,
  'as last year, with its growth': grown.errors.model,
  'as last year': errors.seasonalNaive,
  'stays as it is': errors.lastValue,
};
console.log(`root of the mean squared error over the next ${HORIZON} weeks, in ten years that were not trained on:`);
for (const [name, error] of Object.entries(report)) console.log(`  ${error?.rmse.toFixed(2)} ppm  ${name}`);
console.log(`the intervals of 90 % hold ${(100 * (coverage ?? 0)).toFixed(0)} % of the values`);

// The half year after the end of the data.
const future = await forecast(model, series, HORIZON, { residuals, coverage: 0.9, seed: 1 });
const times = await timesAfter(table.dates('date'), HORIZON);
for (const week of [0, 12, 25]) {
  const date = times ? new Date(times[week]).toISOString().slice(0, 10) : `week ${week + 1}`;
  const [low, value, high] = [future.lower, future.values, future.upper].map((part) => part?.data[week].toFixed(1));
  console.log(`${date}: ${value} ppm, between ${low} and ${high}`);
}
export const result = { series, future };
