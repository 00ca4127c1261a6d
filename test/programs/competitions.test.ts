// Networks of well-known solutions of Kaggle's competitions.
import {
  Adam,
  Bidirectional,
  Concatenate,
  Dense,
  Embedding,
  Flatten,
  GlobalAveragePooling1D,
  GlobalMaxPooling1D,
  GRU,
  Input,
  LSTM,
  Model,
  RepeatVector,
  Sequential,
  SpatialDropout1D,
} from '../../ts/index.ts';
import { describeProgram } from './program.ts';

describeProgram({
  name: 'toxic comments by a GRU in both directions and two poolings',
  source: 'Toxic Comment Classification Challenge',
  published: { words: 30_000, features: 300, units: 80 },
  small: { words: 20, features: 8, units: 8 },
  network: ({ words, features, units }) => {
    const inputs = Input({ shape: [null] });
    const embedded = new SpatialDropout1D(0.2).apply(new Embedding(words, features).apply(inputs));
    const x = new Bidirectional(new GRU(units, { returnSequences: true })).apply(embedded);
    const pooled = new Concatenate().apply([new GlobalAveragePooling1D().apply(x), new GlobalMaxPooling1D().apply(x)]);
    const model = new Model({ inputs, outputs: new Dense(6, { activation: 'sigmoid' }).apply(pooled) });
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words }, made) => ({ x: made.ids([16, 12], words), y: made.ids([16, 6], 2) }),
  epochs: 60,
});

describeProgram({
  name: 'pressure of a ventilator at each step',
  source: 'Google Brain - Ventilator Pressure Prediction',
  published: { steps: 80, features: 25, units: 1024 },
  small: { steps: 10, features: 4, units: 16 },
  network: ({ steps, features, units }) => {
    const recurrent = [1, 2, 4, 8].map((part) => new Bidirectional(new LSTM(units / part, { returnSequences: true })));
    const dense = new Dense(units / 8, { activation: 'selu' });
    const model = new Sequential([Input({ shape: [steps, features] }), ...recurrent, dense, new Dense(1)]);
    model.compile({ optimizer: new Adam({ learningRate: 0.005 }), loss: 'mae' });
    return model;
  },
  data: ({ steps, features }, made) => {
    const x = made.waves(16, steps, features);
    return { x, y: { shape: [16, steps, 1], data: x.data.filter((_, index) => index % features === 0) } };
  },
});

describeProgram({
  name: 'sales of shops and products, embedded, with what is known of each day',
  source: 'Store Sales - Time Series Forecasting',
  published: { shops: 54, products: 33, steps: 30, units: 64 },
  small: { shops: 4, products: 5, steps: 8, units: 8 },
  network: ({ shops, products, steps, units }) => {
    const inputs = {
      sales: Input({ shape: [steps, 4], name: 'sales' }),
      shop: Input({ shape: [1], name: 'shop' }),
      product: Input({ shape: [1], name: 'product' }),
    };
    const parts = [new Embedding(shops, 8).apply(inputs.shop), new Embedding(products, 8).apply(inputs.product)];
    const who = new Flatten().apply(new Concatenate().apply(parts));
    const x = new Concatenate().apply([inputs.sales, new RepeatVector(steps).apply(who)]);
    const last = new Concatenate().apply([new LSTM(units).apply(new LSTM(units, { returnSequences: true }).apply(x)), who]);
    const outputs = new Dense(16, { activation: 'softplus' }).apply(new Dense(units, { activation: 'relu' }).apply(last));
    const model = new Model({ inputs, outputs });
    model.compile({ optimizer: new Adam({ learningRate: 0.003 }), loss: 'meanSquaredLogarithmicError' });
    return model;
  },
  data: ({ shops, products, steps }, made) => ({
    x: { sales: made.waves(20, steps, 4), shop: made.ids([20, 1], shops), product: made.ids([20, 1], products) },
    y: made.floats([20, 16], 0, 3),
  }),
});
