// Networks of "Hands-On Machine Learning" by A. Géron, third edition.
import { Dense, GRU, Input, type Layer, LSTM, RepeatVector, Sequential, SGD, SimpleRNN, TimeDistributed } from '../../ts/index.ts';
import { describeProgram } from './program.ts';

const FORECASTS: [string, (units: number) => Layer, number][] = [
  ['SimpleRNN', (units) => new SimpleRNN(units, { returnSequences: true }), 1_678],
  ['LSTM', (units) => new LSTM(units, { returnSequences: true }), 5_326],
  ['GRU', (units) => new GRU(units, { returnSequences: true }), 4_206],
];
for (const [name, recurrent, parameters] of FORECASTS)
  describeProgram({
    name: `fourteen days ahead at every step, ${name}`,
    source: 'chapter 15',
    published: { steps: 56, features: 5, units: 32 },
    parameters,
    small: { steps: 8, features: 2, units: 12 },
    network: ({ features, units }) => {
      const model = new Sequential([Input({ shape: [null, features] }), recurrent(units), new Dense(14)]);
      model.compile({ optimizer: new SGD({ learningRate: 0.05, momentum: 0.9 }), loss: 'mse', metrics: ['mae'] });
      return model;
    },
    data: ({ steps, features }, made) => ({ x: made.waves(24, steps, features), y: made.floats([24, steps, 14], 0, 1) }),
  });

describeProgram({
  name: 'recurrent autoencoder of images',
  source: 'chapter 17',
  published: { rows: 28, columns: 28, units: 100, code: 30 },
  parameters: 122_548,
  small: { rows: 6, columns: 5, units: 16, code: 8 },
  network: ({ rows, columns, units, code }) => {
    const encoder = new Sequential([Input({ shape: [rows, columns] }), new LSTM(units, { returnSequences: true }), new LSTM(code)]);
    const decoder = new Sequential([
      Input({ shape: [code] }),
      new RepeatVector(rows),
      new LSTM(units, { returnSequences: true }),
      new TimeDistributed(new Dense(columns, { activation: 'sigmoid' })),
    ]);
    const model = new Sequential([Input({ shape: [rows, columns] }), encoder, decoder]);
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
    return model;
  },
  data: ({ rows, columns }, made) => {
    const x = made.ids([16, rows, columns], 2);
    return { x, y: x };
  },
  epochs: 150,
});
