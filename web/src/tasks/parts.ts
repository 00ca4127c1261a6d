import { trainValidationSplit } from 'backtime';

/**
 * Parts of the examples, or of a series, that are kept from training. The settings that the page
 * begins with (defaults.ts) were chosen by validation, so the test examples are taken from the
 * others: from those that were learnt from then.
 */
export const VALIDATION = 0.2;
export const TEST = 0.15;

/** Examples to learn from, and two sets to judge by. */
export interface Parts<Example> {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly test: readonly Example[];
}

/**
 * Divides examples at random. The others of validation are divided in the order in which they are,
 * which is drawn by then.
 */
export function divideAtRandom<Example>(examples: readonly Example[]): Parts<Example> {
  const { train: others, validation } = trainValidationSplit([...examples], { validationSplit: VALIDATION });
  const { train, validation: test } = trainValidationSplit(others, { validationSplit: TEST / (1 - VALIDATION), shuffle: false });
  return { train, validation, test };
}
