import { expect, test } from 'vitest';
import { sentenceSplitter } from '../../ts/command/tasks/splitSentence.ts';

test('sentences are split as the words of the training data are', () => {
  const split = sentenceSplitter(['Eva', 'lives', 'in', 'Oslo', '.', ',', "n't", "'s", 'Mr.', 'do', '(']);
  expect(split("  Mr. Lee does n't  live (in Oslo), Eva's sister does.")).toEqual(
    "Mr.|Lee|does|n't|live|(|in|Oslo|)|,|Eva|'s|sister|does|.".split('|'),
  );
  expect(split("They don't.")).toEqual(['They', 'do', "n't", '.']);
  expect(split("it'll e-mail ...")).toEqual(["it'll", 'e-mail', '.', '.', '.']);
});

test.each<[string, readonly string[], string]>([
  ['Oslo😀 costs $5', ['.'], 'Oslo|😀|costs|$|5'],
  ["Don’t, DO N’T, DON'T", ['.', 'n’t', "N'T"], "Do|n’t|,|DO|N’T|,|DO|N'T"],
  ["in 2019's Inc.'s", ['.', "'s", 'Inc.'], "in|2019|'s|Inc.|'s"],
  ["shouldn't've", ['.', "n't", "'ve"], "should|n't|'ve"],
  ["it's I'm you'd we're I've it'll", ['.', "'s", "'m", "'d", "'re", "'ve", "'ll"], "it|'s|I|'m|you|'d|we|'re|I|'ve|it|'ll"],
])('%s', (sentence, words, parts) => {
  expect(sentenceSplitter(words)(sentence)).toEqual(parts.split('|'));
});

test('data without signs of their own keeps them with the words', () => {
  const split = sentenceSplitter(['Oslo.', 'Eva']);
  expect(split("Eva's cat, in Oslo.")).toEqual(["Eva's", 'cat,', 'in', 'Oslo.']);
});
