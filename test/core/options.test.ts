import { expect, test } from 'vitest';
import { Adam, ArgumentError, Dense, LSTM, Sequential, SGD } from '../../ts/index.ts';

const model = new Sequential([new Dense(1, { inputShape: [2] })]);
const compile = (options: object) => model.compile({ loss: 'mse', ...options } as never);

test.each<[string, () => unknown, string]>([
  [
    'an optimizer’s option, misspelt',
    () => new Adam({ clipNorm: 1 } as never),
    "Adam: unknown option 'clipNorm' (did you mean 'clipnorm'?);",
  ],
  [
    'the same in snake_case',
    () => new SGD({ global_clipnorm: 1 } as never),
    "unknown option 'global_clipnorm' (did you mean 'globalClipnorm'?);",
  ],
  [
    'an optimizer’s option given to compile',
    () => compile({ clipNorm: 1 }),
    "compile: unknown option 'clipNorm': 'clipnorm' is an option of an optimizer, as in new Adam({ … }); the options are optimizer, loss, lossWeights, metrics",
  ],
  ['an option of fit given to compile', () => compile({ batch_size: 8 }), "unknown option 'batch_size': 'batchSize' is an option of fit;"],
  ['an option of compile given to a layer', () => new Dense(1, { loss: 'mse' } as never), "'loss' is an option of compile;"],
  [
    'TF.js’s batchInputShape',
    () => new LSTM(1, { batchInputShape: [2, null, 3] } as never),
    "'batchInputShape': inputShape takes the shape",
  ],
  ['Keras’s return_state', () => new LSTM(1, { return_state: true } as never), "'return_state' (did you mean 'returnState'?)"],
  ['what nothing takes', () => new LSTM(1, { unheardOf: true } as never), "LSTM: unknown option 'unheardOf'; the options are"],
])('%s', (_what, call, message) => {
  expect(call).toThrow(ArgumentError);
  expect(call).toThrow(message);
});

test('an option of fit given to evaluate', async () => {
  model.compile({ loss: 'mse' });
  await expect(model.evaluate([[1, 2]], [[1]], { epochs: 2 } as never)).rejects.toThrow(
    "evaluate: unknown option 'epochs': 'epochs' is an option of fit;",
  );
  await expect(model.fit([[1, 2]], [[1]], { clipNorm: 1 } as never)).rejects.toThrow("'clipNorm': 'clipnorm' is an option of an optimizer");
});
