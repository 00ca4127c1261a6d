// What a program of Node does with the package under the permission model: node … program.js
// <workers> [the model's file].
import { Dense, LSTM, loadModel, Sequential } from 'backtime';

const [workers, file] = process.argv.slice(2);
const model = new Sequential([new LSTM(4), new Dense(1)]);
model.compile({ optimizer: 'adam', loss: 'mse' });
const x = { shape: [16, 5, 2], data: Float32Array.from({ length: 160 }, (_, index) => Math.sin(index)) };
const y = Float32Array.from({ length: 16 }, (_, index) => Math.cos(index));
try {
  await model.fit(x, y, { epochs: 2, verbose: 0, workers: Number(workers) });
  if (file !== undefined) {
    await model.save(file);
    // Over the file that is there, too.
    await model.save(file);
    await (await loadModel(file)).predict(x);
  }
  console.log('OK');
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
