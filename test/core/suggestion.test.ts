import { expect, test } from 'vitest';
import { suggest } from '../../ts/core/suggestion.ts';

const choices = ['returnSequences', 'goBackwards', 'tanh', 'adam'];

test.each([
  ['return_sequences', 'returnSequences'],
  ['RETURNSEQUENCES', 'returnSequences'],
  ['returnSequence', 'returnSequences'],
  ['goBackward', 'goBackwards'],
  ['goBakcwards', 'goBackwards'],
  ['tahn', null],
  ['tan', 'tanh'],
  ['Adam', 'adam'],
  ['returnState', null],
  ['', null],
  [5, null],
])('%s: %s', (given, meant) => {
  expect(suggest(given, choices)).toBe(meant === null ? '' : ` (did you mean '${meant}'?)`);
});

test.each([
  ['lr', 'learningRate'],
  ['learn_rate', 'learningRate'],
  ['maxlen', 'maxLength'],
  ['beta', null],
  ['b', null],
  ['max', null],
  ['lengthMax', null],
  ['lrx', null],
])('shortened: %s: %s', (given, meant) => {
  const options = ['learningRate', 'maxLength', 'betaOne', 'betaTwo'];
  expect(suggest(given, options)).toBe(meant === null ? '' : ` (did you mean '${meant}'?)`);
});

test('the nearest is suggested, whatever the order', () => {
  expect(suggest('onTrainEnds', ['onTrainBegin', 'onTrainEnd', 'onTestEnd'])).toBe(" (did you mean 'onTrainEnd'?)");
  expect(suggest('onTrainEnds', ['onTestEnd', 'onTrainEnd'])).toBe(" (did you mean 'onTrainEnd'?)");
});

test('nothing is suggested for signs alone', () => {
  expect(suggest(';', ['.', ','])).toBe('');
});
