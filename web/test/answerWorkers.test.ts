import { Dense, Embedding, LSTM, Sequential } from 'backtime';
import { expect, test } from 'vitest';
import { answerWorkers } from '../src/model/answerWorkers.ts';

test('a small network answers in the page, many samples or a large one in a worker', () => {
  const small = new Sequential([new LSTM(32), new Dense(4)]);
  small.build([null, 100, 6]);
  expect(answerWorkers(small, 1, 100)).toEqual({ workers: 0 });
  expect(answerWorkers(small, 100, 100)).toEqual({});
  const large = new Sequential([new LSTM(512), new Dense(4)]);
  large.build([null, 100, 6]);
  expect(answerWorkers(large, 1, 100)).toEqual({});
});

test('words that are only looked up cost nothing', () => {
  const model = new Sequential([new Embedding(50_000, 32), new LSTM(8), new Dense(2)]);
  model.build([null, 40]);
  expect(answerWorkers(model, 1, 40)).toEqual({ workers: 0 });
});
