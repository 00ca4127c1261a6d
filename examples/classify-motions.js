// Learns from the acceleration and rotation of a smart watch whether its owner stands, walks, runs
// or plays badminton: 40 recordings to learn from, 40 to test with, 100 steps of 6 numbers each.
//   node examples/classify-motions.js [seed]
import { Adam, classificationReport, Dense, GlobalAveragePooling1D, GRU, readCSV, Sequential, setRandomSeed } from 'backtime';

setRandomSeed(Number(process.argv[2] ?? 1));

// A row is a step; the column `recording` says to which recording it belongs.
const table = await readCSV(new URL('../web/data/basic-motions.csv', import.meta.url));
const channels = table.names.filter((name) => /^(acceleration|rotation)/.test(name));
const recordings = [...table.groupBy('recording').values()].map((rows) => {
  const columns = channels.map((name) => rows.numbers(name));
  const steps = Array.from({ length: rows.rowCount }, (_, step) => columns.map((column) => column[step] / 5));
  return { steps, activity: rows.texts('activity')[0] };
});
const activities = [...new Set(recordings.map(({ activity }) => activity))];
const [train, test] = [recordings.slice(0, 40), recordings.slice(40)];

/** @typedef {(typeof recordings)[number]} Recording */
/** @param {Recording[]} some */
const inputsOf = (some) => some.map(({ steps }) => steps);
/** @param {Recording[]} some */
const labelsOf = (some) => some.map(({ activity }) => activities.indexOf(activity));

const model = new Sequential([
  new GRU(32, { returnSequences: true }),
  new GlobalAveragePooling1D(),
  new Dense(activities.length, { activation: 'softmax' }),
]);
model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
await model.fit(inputsOf(train), labelsOf(train), { epochs: 40, batchSize: 10 });

const report = classificationReport(labelsOf(test), await model.predict(inputsOf(test)), { targetNames: activities });
console.log(report.text);

// The usual baseline: the activity of the recording whose numbers are nearest.
/** @param {Recording} one @param {Recording} other */
const distance = (one, other) => {
  const b = other.steps.flat();
  return one.steps.flat().reduce((sum, value, index) => sum + (value - b[index]) ** 2, 0);
};
/** @param {Recording} one */
const nearest = (one) => train.reduce((best, other) => (distance(one, other) < distance(one, best) ? other : best));
const right = test.filter((one) => nearest(one).activity === one.activity).length;
console.log(`right activities: ${report.accuracy.toFixed(3)} of ${test.length} recordings that were not trained on`);
console.log(`right with the activity of the nearest recording: ${(right / test.length).toFixed(3)}`);

export const result = { recordings: activities.map((activity) => test.find((one) => one.activity === activity)), report };
