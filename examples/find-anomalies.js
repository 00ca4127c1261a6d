// Finds faults of a pump from its pressure. A network learns from strokes without faults to
// forecast the next value; where its errors are larger than they ever were, something is wrong.
//   node examples/find-anomalies.js [seed]
import { Adam, Dense, GRU, Sequential, setRandomSeed, timeseriesDatasetFromArray } from 'backtime';
import { alarmsOf, scoreOf } from './datasets/anomalies.js';
import { makePressure } from './datasets/pump.js';

setRandomSeed(Number(process.argv[2] ?? 1));

const usual = makePressure(300, 0, 1);
const watched = makePressure(300, 12, 2);

// From 40 steps the network forecasts the next one.
const PAST = 40;
/** @param {number[]} pressure @param {boolean} shuffle */
const windowsOf = (pressure, shuffle) =>
  timeseriesDatasetFromArray(
    pressure.map((value) => [value]),
    pressure.slice(PAST),
    { sequenceLength: PAST, batchSize: 64, shuffle },
  );
const model = new Sequential([new GRU(24), new Dense(1)]);
model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'meanSquaredError' });
await model.fit(windowsOf(usual.pressure, true), { epochs: 8 });

/** How far each value is from its forecast; the first ones have none. @param {number[]} pressure */
async function errorsOf(pressure) {
  const { data } = await model.predict(windowsOf(pressure, false));
  return pressure.map((value, step) => (step < PAST ? 0 : Math.abs(value - data[step - PAST])));
}
const known = await errorsOf(usual.pressure);
const errors = await errorsOf(watched.pressure);
// An alarm is where the mean of three errors is a quarter larger than it ever was in the strokes
// without faults.
const found = alarmsOf([...known, ...errors], known.length, { factor: 1.25, span: 3 });
const alarms = found.map(([first, last]) => /** @type {[number, number]} */ ([first - known.length, last - known.length]));
const score = scoreOf(alarms, watched.windows);

// What a limit finds: values that are higher or lower than any before.
const [lowest, highest] = [Math.min(...usual.pressure), Math.max(...usual.pressure)];
const beyond = watched.windows.filter(([first, last]) =>
  watched.pressure.slice(first, last + 1).some((value) => value < lowest || value > highest),
);
console.log(`found: ${score.found} of ${score.windows} faults, with ${score.falseAlarms} false alarms`);
console.log(`found by the highest and the lowest usual value: ${beyond.length}`);
export const result = { ...watched, errors, alarms };
