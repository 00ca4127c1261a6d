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

test('data without signs of their own keeps them with the words', () => {
  const split = sentenceSplitter(['Oslo.', 'Eva']);
  expect(split("Eva's cat, in Oslo.")).toEqual(["Eva's", 'cat,', 'in', 'Oslo.']);
});
