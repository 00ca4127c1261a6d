/**
 * Parts of the examples, or of a series, that are kept from training. The settings that the page
 * begins with (defaults.ts) were chosen by validation, so the test examples are taken from the
 * others: from those that were learnt from then.
 */
export const VALIDATION = 0.2;
export const TEST = 0.15;
